"""The open tasks, read off the dated facts of their tables and the due days stored with them [5.1.4] [6.1].

There is one SELECT for each task, in the order of the procedure. Together they give what
`credit.cases.rules.next_steps.todo` gives for one case, and a test compares the two. A task that cannot be done yet is
not among them, nor one whose time has passed unused. Each SELECT has an index in the order of the worklists, so a page
reads a few rows of each (`storage.queries.page_query`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    FromClause,
    MetaData,
    Select,
    String,
    Table,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
)

from credit.cases.rules.next_steps import CLOCKS, SIDES, Side, Task
from credit.cases.status import UnrectifiedPolicy
from storage.database.column_types import Instant
from storage.database.sql_dates import civil_day, never, sorts_on
from storage.queries.conditions.row_conditions import Condition, bind, in_force, in_period, is_open, is_resting
from storage.queries.literals import word
from storage.tables import (
    authorisations,
    commitments,
    corrections,
    deferrals,
    delegations,
    deletion_duties,
    objections,
    restraint_cases,
)

work_items = Table(
    # The columns of a task; the database has no such table.
    "work_items",
    MetaData(),
    Column("subject_id", Uuid, primary_key=True),
    Column("about_id", Uuid, primary_key=True),  # the case, or the other record that it is about
    Column("step", String(24), primary_key=True),
    Column("side", String(16), nullable=False),
    Column("case_id", Uuid),
    Column("application_id", Uuid),
    Column("authorisation_id", Uuid),
    Column("delegation_id", Uuid),
    Column("duty_id", Uuid),
    Column("department_code", String(32), nullable=False),
    Column("handler_ref", String(64)),
    Column("reviewer_ref", String(64)),
    Column("assignee_ref", String(64)),  # the officer who has to do it, where one is assigned
    Column("since_on", Date, nullable=False),  # from when it can be done, and the day on which its clock started
    Column("due_on", Date),
    Column("sorts_on", Date, nullable=False),  # the due day; a task without a clock sorts as if it had the longest
    Column("is_late", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),  # since when the task has its place, calendar and today aside
    Column(
        "confidential", Boolean, nullable=False
    ),  # always false: no derived table lists confidential records [5.1.6]
)

Day = ColumnElement[Any]
Values = dict[str, ColumnElement[Any]]
_TODAY = bind("today")
_NEVER = never()
"""The last change of a record whose days are written once and never moved."""


@dataclass(frozen=True, slots=True)
class TaskRows:
    """The rows of the tasks of one SELECT, and the *side* that has to take them."""

    side: Side
    rows: Select[Any]


def task_rows(unrectified: UnrectifiedPolicy) -> Sequence[TaskRows]:
    """Return the open tasks; no task is in two of them."""
    return (
        *_of_cases(unrectified),
        *_of_corrections(),
        *_of_objections(),
        *_of_promises(),
        *_of_papers(),
        *_of_deletions(),
    )


def work_item_rows(unrectified: UnrectifiedPolicy, alias: str) -> FromClause:
    """Return the derived table of all open tasks."""
    return union_all(*(task.rows for task in task_rows(unrectified))).subquery(alias)


def _of_cases(unrectified: UnrectifiedPolicy) -> Iterator[TaskRows]:
    row = restraint_cases.c
    wrong = and_(in_force(restraint_cases, unrectified), row.rectified_on.is_(None))
    resting = and_(is_resting(restraint_cases, unrectified), row.rectified_on.is_(None))
    claimed = and_(row.claimed_on.is_not(None), row.claim_answered_on.is_(None))
    # A review outlasts the end of the period by no day.
    runs_on = or_(row.ends_on.is_(None), in_period(restraint_cases, unrectified), resting)
    yield _waiting(Task.CONFIRM_TAKEN_OVER)
    yield _waiting(Task.VERIFY)
    yield _by_clock(Task.NOTIFY)
    yield _waiting(Task.PROVE_SERVICE)
    yield _by_clock(Task.STATE, row.clock_due_on >= _TODAY)
    yield _by_clock(Task.ASSIGN_REVIEWER, row.reviewer_ref.is_(None), runs_on)
    yield _by_clock(Task.REVIEW, runs_on)
    yield _waiting(Task.DETERMINE)
    yield _by_clock(Task.PUBLISH)
    ended = (row[name].is_(None) for name in ("removed_on", "dropped_on", "referred_on"))
    yield _of_case(
        Task.RECTIFY, row.published_on, row.ends_on, row.ends_on, row.ends_on.is_not(None), *ended, wrong, not_(claimed)
    )
    yield _by_clock(Task.ANSWER_CLAIM, or_(wrong, resting))


def _by_clock(task: Task, *conditions: Condition) -> TaskRows:
    """Return the cases in which the clock of *task* runs."""
    row = restraint_cases.c
    runs = row.clock == word(CLOCKS[task].value)
    days = row.clock_started_on, row.clock_due_on, row.clock_due_on
    return _of_case(task, *days, runs, _is_counted(), *conditions)


def _waiting(task: Task) -> TaskRows:
    """Return the cases that wait for *task*, which has no clock."""
    row = restraint_cases.c
    waits = row.waits_for == word(task.value)
    return _of_case(task, row.waits_since_on, None, row.waits_sorts_on, waits, _is_counted())


def _is_counted() -> Condition:
    """Return the condition that the stored days are those of the last step: a previous release does not write them."""
    row = restraint_cases.c
    return row.counted_version == row.step_version


def _of_case(task: Task, since: Day, due_on: Day | None, sorted_on: Day, *conditions: Condition) -> TaskRows:
    row = restraint_cases.c
    about: Values = {"about_id": row.case_id, "case_id": row.case_id, **_officers(row, task)}
    about |= {"changed_at": row.changed_at}
    return _task(task, restraint_cases, about, since, due_on, sorted_on, row.confidential.is_(False), *conditions)


def _of_corrections() -> Iterator[TaskRows]:
    """Return the errors that are not corrected, or not yet notified to every recipient [5.1.4(6)]."""
    row, its = corrections.c, restraint_cases.c
    # As expressions, so that no index finds an error by its case: SQLite would begin with every case there is.
    subject_id, case_id = (func.coalesce(row[name], row[name]) for name in ("subject_id", "case_id"))
    source = corrections.join(restraint_cases, and_(its.subject_id == subject_id, its.case_id == case_id))
    about: Values = {"about_id": row.correction_id, "case_id": row.case_id, **_officers(its, Task.MEND)}
    about |= {"subject_id": row.subject_id, "department_code": row.department_code}
    days = row.discovered_on, row.due_on, row.due_on
    yield _task(Task.MEND, source, about, *days, row.completed_on.is_(None), its.confidential.is_(False))
    # Who somebody is was found wrong, and not through a case: no handler has it, the head sees it.
    about = {name: row[name] for name in ("subject_id", "department_code")} | {"about_id": row.correction_id}
    yield _task(Task.MEND, corrections, about, *days, row.completed_on.is_(None), row.case_id.is_(None))


def _of_objections() -> Iterator[TaskRows]:
    """Return the unanswered objections, and before them those that have no assignee."""
    row, its = objections.c, restraint_cases.alias("contested")
    secret = exists().where(
        its.c.subject_id == row.subject_id, its.c.case_id == row.record_id, its.c.confidential.is_(True)
    )
    about: Values = {
        "subject_id": row.subject_id,
        "about_id": row.objection_id,
        "case_id": case((row.record == word("RESTRAINT_CASE"), row.record_id)),
        "department_code": row.department_code,
        "reviewer_ref": row.assigned_ref,
    }
    days, waits = (row.raised_on, row.due_on, row.due_on), (row.answered_on.is_(None), not_(secret))
    yield _task(Task.ASSIGN_OBJECTION, objections, about, *days, *waits, row.assigned_ref.is_(None))
    about |= {"assignee_ref": row.assigned_ref}
    yield _task(Task.ANSWER_OBJECTION, objections, about, *days, *waits)


def _of_promises() -> Iterator[TaskRows]:
    """Return what an applicant still owes, and the tasks of the window about it [4.2.2] [4.2.3]."""
    owed = deferrals.c
    about: Values = {name: owed[name] for name in ("subject_id", "application_id", "department_code")}
    about |= {"about_id": owed.application_id}
    missing = (is_open(deferrals), *(owed[name].is_(None) for name in ("supplied_on", "ended_on", "case_id")))
    unserved, served = (*missing, owed.served_on.is_(None)), (*missing, owed.served_on.is_not(None))
    in_time = owed.last_on >= _TODAY
    yield _task(Task.HAND_IN, deferrals, about, owed.committed_on, owed.last_on, owed.last_on, *unserved, in_time)
    yield _task(Task.REMIND, deferrals, about, owed.waits_since_on, None, owed.waits_sorts_on, *unserved)
    yield _task(Task.SUPPLY, deferrals, about, owed.served_on, owed.last_on, owed.last_on, *served, in_time)
    yield _task(Task.COLLECT_DEFAULT, deferrals, about, owed.waits_since_on, None, owed.waits_sorts_on, *served)
    given = commitments.c
    about = {name: given[name] for name in ("subject_id", "application_id", "department_code")}
    about |= {"about_id": given.application_id}
    is_live = (is_open(commitments), *(given[name].is_(None) for name in ("case_id", "ended_on", "verified_on")))
    days = given.waits_since_on, given.waits_sorts_on, given.waits_sorts_on
    yield _task(Task.COMPLETE, commitments, about, *days, *is_live, given.completed_on.is_(None))
    yield _task(Task.CHECK_COMMITMENT, commitments, about, *days, *is_live, given.completed_on.is_not(None))
    unmet = is_open(commitments), given.outcome == word("NOT_MET"), given.case_id.is_(None)
    yield _task(Task.COLLECT_UNMET, commitments, about, given.waits_since_on, None, given.waits_sorts_on, *unmet)


def _of_papers() -> Iterator[TaskRows]:
    """Return the contests to decide, and the papers that wait for a second person [5.1.6].

    Only an office records a guardianship, so its contest has a department. There are few of them: the day by which they
    are sorted is not stored.
    """
    row = authorisations.c
    about: Values = {"subject_id": row.subject_id, "department_code": row.recipient_code}
    about |= {"about_id": row.authorisation_id, "authorisation_id": row.authorisation_id}
    undecided = row.contested_at.is_not(None), row.contest_decided_at.is_(None)
    yield _of_paper(Task.DECIDE_CONTEST, authorisations, about, row.contested_at, *undecided)
    waits = row.held_at.is_not(None), row.confirmed_at.is_(None), row.withdrawn_at.is_(None)
    in_time = row.contested_at.is_(None), row.expires_on >= _TODAY
    yield _of_paper(Task.CONFIRM_PAPER, authorisations, about, row.held_at, *waits, *in_time)
    its = delegations.c
    about = {"subject_id": its.subject_id, "department_code": its.department_code}
    about |= {"about_id": its.delegation_id, "delegation_id": its.delegation_id}
    disputed = its.contested_at.is_not(None), its.contest_decided_at.is_(None), its.withdrawn_at.is_(None)
    yield _of_paper(Task.DECIDE_GUARDIANSHIP, delegations, about, its.contested_at, *disputed)


def _of_deletions() -> Iterator[TaskRows]:
    """Return what recipients have to delete, or to stop using, and have not acknowledged [5.1.6] [PIPL 47]."""
    row = deletion_duties.c
    about: Values = {"subject_id": row.subject_id, "department_code": row.recipient_code}
    about |= {"about_id": row.duty_id, "duty_id": row.duty_id}
    days = row.counts_from_on, row.due_on, row.due_on
    yield _task(Task.ACKNOWLEDGE_DELETION, deletion_duties, about, *days, row.acknowledged_on.is_(None))


def _of_paper(
    task: Task, source: FromClause, about: Values, since_at: ColumnElement[Any], *conditions: Condition
) -> TaskRows:
    since = civil_day(since_at)
    return _task(task, source, about, since, None, sorts_on(since), *conditions)


def _officers(row: Any, task: Task) -> Values:  # noqa: ANN401 - SQLAlchemy's collection of columns
    assignee = {Side.HANDLER: row.handler_ref, Side.REVIEWER: row.reviewer_ref}.get(SIDES[task])
    names = ("subject_id", "department_code", "handler_ref", "reviewer_ref")
    return {name: row[name] for name in names} | ({} if assignee is None else {"assignee_ref": assignee})


def _task(
    task: Task,
    source: FromClause,
    about: Values,
    since: Day,
    due_on: Day | None,
    sorted_on: Day,
    *conditions: Condition,
) -> TaskRows:
    """Return the rows in which *task* is open *since* a day, with a due day where a clock runs.

    A row whose days are not counted yet has no place in the order, and is not listed [6.1].
    """
    late: Condition = literal_column("false", Boolean()) if due_on is None else due_on < _TODAY
    values: Values = {
        "step": word(task.value),
        "side": word(SIDES[task].value),
        "since_on": since,
        "sorts_on": sorted_on,
        "is_late": late,
        "confidential": literal_column("false", Boolean()),
        "changed_at": _NEVER,
        **about,
        **({} if due_on is None else {"due_on": due_on}),
    }
    # PostgreSQL takes the type of a column of a UNION from its first SELECT, and an untyped NULL for text.
    columns = (values.get(column.name, cast(null(), column.type)).label(column.name) for column in work_items.c)
    rows = select(*columns).select_from(source).where(since <= _TODAY, sorted_on.is_not(None), *conditions)
    return TaskRows(SIDES[task], rows)
