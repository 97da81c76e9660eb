"""Worklists: the open tasks of the caller, since when and until when; late tasks first [5.1.4] [6.1]."""

from datetime import date
from uuid import UUID

import strawberry

from credit.calendar import calendar
from credit.cases.rules.deadlines import ClockState, of_step, warned_from
from credit.cases.rules.next_steps import CLOCKS, SIDES, Side, Task
from queryplan.entities import Entity
from queryplan.plan import Moving, Order
from schema.applications.types import Application
from schema.cases.deadline_types import Deadline, deadline_fields, shown
from schema.cases.types import RestraintCase
from schema.consent.deletion_types import DeletionDuty
from schema.consent.types import Authorisation, Delegation
from schema.core.connections import Connection
from schema.core.day import EvaluationDay
from schema.core.fields import FilterColumn, ManySource, column, function, one, planned
from schema.reference.types import Department, SubjectLink

_COUNTED = frozenset({Task.COMPLETE, Task.CHECK_COMMITMENT})
"""The tasks whose last day is counted in working days, as the document of the matter says."""
CHOICES = {
    "late": FilterColumn("is_late", "=", "WorkItem.isLate"),
    "dueBy": FilterColumn("due_on", "<=", "WorkItem.due"),
    "step": FilterColumn("step", "=", "WorkItem.step"),
    "side": FilterColumn("side", "=", "WorkItem.side"),
    "department": FilterColumn("department_code", "=", "WorkItem.department"),
    "handler": FilterColumn("handler_ref", "=", "WorkItem.handler"),
}
"""The filters of the list."""
ORDER = (Order("sorts_on"), Order("since_on"), Order("about_id"), Order("step"))
MOVING = Moving("changed_at", ("about_id", "step"), by_day=True)


def _label(step: str, _day: EvaluationDay) -> str:
    return Task(step).zh


def _clause(step: str, _day: EvaluationDay) -> str:
    return Task(step).clause


def _due(about: UUID, step: str, since: date, due: date | None, day: EvaluationDay) -> dict[str, object] | None:
    """Return the deadline of a task: its clock, or the day that was set for it."""
    task = Task(step)
    if task in CLOCKS:
        return shown(of_step(CLOCKS[task], about, since, day.calendar), day) | {"lateEntry": None}
    if due is None:
        return None
    years = range(since.year, due.year + 1) if task in _COUNTED else ()
    return _until(task, calendar.Deadline(due, any(year not in day.calendar.years for year in years)), day)


def _until(task: Task, due: calendar.Deadline, day: EvaluationDay) -> dict[str, object]:
    """Return the deadline of a task that is due on a promised day, or by a limit of the matter."""
    late = due.is_missed(day.today)
    soon = day.today >= warned_from(due, day.calendar)
    state = ClockState.OVERDUE if late else ClockState.DUE_SOON if soon else ClockState.OPEN
    return deadline_fields(due, state, task.clause, day, is_missed=None if SIDES[task] is Side.SUBJECT else late)


@strawberry.type(description="待办事项：an open step, who has to take it, and until when [5.1.4].")
class WorkItem:
    step: Task | None = column("step", "Which step is to be taken next.")
    label: str | None = function(_label, "step", description="待办：the step in Chinese, as a worklist says it.")
    clause: str | None = function(_clause, "step", description="The clause that requires the step.")
    side: Side | None = column("side", "Whose step it is.")
    assignee: str | None = column(
        "assignee_ref",
        "The staff reference of the officer who has to take it; null for a step of the head or the subject.",
    )
    handler: str | None = column("handler_ref", "经办人：the staff reference of the handler of the case [5.1.1].")
    since: date | None = column("since_on", "From when it can be taken; where a clock runs, the day that started it.")
    due: Deadline | None = function(
        _due,
        "about_id",
        "step",
        "since_on",
        "due_on",
        description="办理期限：until when, and the state of the clock today. It says `DUE_SOON` from two working days "
        "before the last. Null for a step without a clock.",
    )
    sorts_on: date | None = column(
        "sorts_on",
        "By which day the list is ordered: the last one; where no clock runs, the 15th working day of waiting.",
    )
    is_late: bool | None = column("is_late", "逾期：whether the last day is over.")
    case: RestraintCase | None = one("case", Entity.RESTRAINT_CASE, "The case in which it waits [5.1].")
    application: Application | None = one(
        "application", Entity.APPLICATION, "The application on which a promise rests [4.2.2] [4.2.3]."
    )
    authorisation: Authorisation | None = one(
        "authorisation", Entity.AUTHORISATION, "The paper authorisation that somebody has to decide on [5.1.6]."
    )
    delegation: Delegation | None = one(
        "delegation", Entity.DELEGATION, "The contested guardianship that somebody has to decide on [5.1.6]."
    )
    deletion: DeletionDuty | None = one(
        "deletion", Entity.DELETION_DUTY, "What has to be deleted, or not used any more [5.1.6] [PIPL 47]."
    )
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whom it is about.")
    department: Department | None = one("department", Entity.DEPARTMENT, "The department that answers for it [5.1.1].")


@strawberry.type
class WorklistQuery:
    """The roots of this topic."""

    @planned(
        ManySource(Entity.WORK_ITEM, ORDER, None, CHOICES, moving=MOVING),
        "待办清单：what the caller has to do today, and what is late: a handler's own cases, a reviewer's reviews, all "
        "of a department for its head, a subject's own chances. What is late comes first, then by the last day; what "
        "has none stands by the day since which it waits. Nothing is listed that cannot be done yet [5.1.4] [6.1].",
    )
    def worklist(
        self,
        late: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        due_by: date | None = None,
        step: Task | None = None,
        side: Side | None = None,
        department: strawberry.ID | None = None,
        handler: str | None = None,
    ) -> Connection[WorkItem]: ...
