"""The open tasks, read off the dated facts of their tables [5.1.4] [6.1]. No task is stored.

There is one SELECT for each task, in the order of the procedure. Together they give what
`credit.cases.rules.next_steps.todo` gives for one case, and a test compares the two. A task that cannot be done yet is
not among them, nor one whose time has passed unused.
"""

from collections.abc import Iterator
from itertools import chain
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
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
)

from credit.calendar.due_days import COUNTS
from credit.cases.rules.next_steps import SIDES, Side, Task
from credit.cases.status import UnrectifiedPolicy
from storage.database.column_types import Instant
from storage.database.sql_dates import civil_day, due, due_after, next_day
from storage.queries.conditions.row_conditions import (
    Condition,
    bind,
    in_force,
    in_period,
    is_open,
    is_resting,
    publication_from,
)
from storage.queries.literals import word
from storage.tables import authorisations, commitments, corrections, deferrals, delegations, objections, restraint_cases

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

LONGEST = max(COUNTS)
"""A task without a clock sorts after those that are due sooner, and first when it has waited for the longest clock."""
Day = ColumnElement[Any]
Values = dict[str, ColumnElement[Any]]
_TODAY = bind("today")
_NEVER = literal_column("'1900-01-01 00:00:00.000000'", Instant())
"""The last change of a record whose days are written once and never moved."""


def work_item_rows(unrectified: UnrectifiedPolicy, alias: str) -> FromClause:
    """Return the derived table of all open tasks."""
    cases, others = _of_cases(unrectified), (_of_corrections(), _of_objections(), _of_promises(), _of_papers())
    return union_all(*cases, *chain.from_iterable(others)).subquery(alias)


def _of_cases(unrectified: UnrectifiedPolicy) -> Iterator[Select[Any]]:
    row = restraint_cases.c
    unconfirmed = and_(row.determined_on.is_(None), row.taken_over_on.is_not(None), *_running())
    pending = and_(row.determined_on.is_(None), row.taken_over_on.is_(None), *_running())
    heard = and_(pending, row.verified_at.is_not(None), row.noticed_on.is_not(None))
    review = and_(heard, row.stated_on.is_not(None), row.reviewed_on.is_(None))
    silent = and_(heard, row.served_on.is_not(None), row.stated_on.is_(None), row.reviewed_on.is_(None))
    closes = due(row.served_on, 3)
    later = case((row.reviewed_on >= row.served_on, row.reviewed_on), else_=row.served_on)
    wrong = and_(in_force(restraint_cases, unrectified), row.rectified_on.is_(None))
    resting = and_(is_resting(restraint_cases, unrectified), row.rectified_on.is_(None))
    claimed = and_(row.claimed_on.is_not(None), row.claim_answered_on.is_(None))
    verified_on = civil_day(row.verified_at)
    yield _of_case(Task.CONFIRM_TAKEN_OVER, row.taken_over_on, None, unconfirmed)
    yield _of_case(Task.VERIFY, civil_day(row.collected_at), None, pending, row.verified_at.is_(None))
    unnoticed = and_(pending, row.verified_at.is_not(None), row.noticed_on.is_(None))
    yield _of_case(Task.NOTIFY, verified_on, due(verified_on, 3), unnoticed)
    yield _of_case(Task.PROVE_SERVICE, row.noticed_on, None, heard, row.served_on.is_(None))
    yield _of_case(Task.STATE, row.served_on, closes, silent, closes >= _TODAY)
    reopened = and_(row.paused_on.is_not(None), row.resumed_on.is_(None))
    runs_on = or_(and_(*_running()), in_period(restraint_cases, unrectified), resting)
    for since, waits in ((row.stated_on, review), (row.paused_on, and_(reopened, runs_on))):
        unassigned = and_(waits, row.reviewer_ref.is_(None))
        yield _of_case(Task.ASSIGN_REVIEWER, since, due(since, 15), unassigned)
        yield _of_case(Task.REVIEW, since, due(since, 15), waits)
    yield _of_case(Task.DETERMINE, later, None, heard, row.served_on.is_not(None), row.reviewed_on.is_not(None))
    yield _of_case(Task.DETERMINE, next_day(closes), None, silent, closes < _TODAY)
    ready_on = publication_from(restraint_cases)
    unpublished = and_(row.determined_on.is_not(None), not_(reopened))
    yield _of_case(Task.PUBLISH, ready_on, due(ready_on, "promptly"), unpublished, *_running())
    yield _of_case(Task.RECTIFY, row.published_on, row.ends_on, wrong, not_(claimed))
    answerable = and_(or_(wrong, resting), claimed, not_(reopened))
    yield _of_case(Task.ANSWER_CLAIM, row.claimed_on, due(row.claimed_on, 15), answerable)


def _running() -> tuple[Condition, ...]:
    """Return the condition that a case is neither published nor ended otherwise, as its partial indexes have it."""
    return tuple(restraint_cases.c[name].is_(None) for name in ("ends_on", "removed_on", "dropped_on", "referred_on"))


def _of_case(task: Task, since: Day, due_on: Day | None, *conditions: Condition) -> Select[Any]:
    row = restraint_cases.c
    about: Values = {"about_id": row.case_id, "case_id": row.case_id, **_officers(row, task)}
    about |= {"changed_at": row.changed_at}
    return _task(task, restraint_cases, about, since, due_on, row.confidential.is_(False), *conditions)


def _of_corrections() -> Iterator[Select[Any]]:
    """Return the errors that are not corrected, or not yet notified to every recipient [5.1.4(6)]."""
    row, its = corrections.c, restraint_cases.c
    source = corrections.join(restraint_cases, and_(its.subject_id == row.subject_id, its.case_id == row.case_id))
    about: Values = {"about_id": row.correction_id, "case_id": row.case_id, **_officers(its, Task.MEND)}
    about |= {"subject_id": row.subject_id, "department_code": row.department_code}
    since = row.discovered_on
    yield _task(Task.MEND, source, about, since, due(since, 2), row.completed_on.is_(None), its.confidential.is_(False))
    # Who somebody is was found wrong, and not through a case: no handler has it, the head sees it.
    about = {name: row[name] for name in ("subject_id", "department_code")} | {"about_id": row.correction_id}
    yield _task(Task.MEND, corrections, about, since, due(since, 2), row.completed_on.is_(None), row.case_id.is_(None))


def _of_objections() -> Iterator[Select[Any]]:
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
    due_on = due(row.raised_on, 15)
    waits = and_(row.answered_on.is_(None), not_(secret))
    to_assign = and_(waits, row.assigned_ref.is_(None))
    yield _task(Task.ASSIGN_OBJECTION, objections, about, row.raised_on, due_on, to_assign)
    about |= {"assignee_ref": row.assigned_ref}
    yield _task(Task.ANSWER_OBJECTION, objections, about, row.raised_on, due_on, waits)


def _of_promises() -> Iterator[Select[Any]]:
    """Return what an applicant still owes, and the tasks of the window about it [4.2.2] [4.2.3]."""
    owed = deferrals.c
    about: Values = {name: owed[name] for name in ("subject_id", "application_id", "department_code")}
    about |= {"about_id": owed.application_id}
    missing = and_(is_open(deferrals), owed.supplied_on.is_(None), owed.ended_on.is_(None))
    unserved, served = and_(missing, owed.served_on.is_(None)), and_(missing, owed.served_on.is_not(None))
    last = due(owed.served_on, 3)
    yield _task(Task.HAND_IN, deferrals, about, owed.committed_on, owed.due_on, unserved, owed.due_on >= _TODAY)
    yield _task(Task.REMIND, deferrals, about, next_day(owed.due_on), None, unserved, owed.due_on < _TODAY)
    yield _task(Task.SUPPLY, deferrals, about, owed.served_on, last, served, last >= _TODAY)
    over = and_(served, last < _TODAY, owed.case_id.is_(None))
    yield _task(Task.COLLECT_DEFAULT, deferrals, about, next_day(last), None, over)
    given = commitments.c
    about = {name: given[name] for name in ("subject_id", "application_id", "department_code")}
    about |= {"about_id": given.application_id}
    is_live = and_(is_open(commitments), given.ended_on.is_(None), given.verified_on.is_(None))
    open_, done = and_(is_live, given.completed_on.is_(None)), and_(is_live, given.completed_on.is_not(None))
    complete, check = (
        due_after(given.committed_on, given.limit_days),
        due_after(given.completed_on, given.verify_days),
    )
    yield _task(Task.COMPLETE, commitments, about, given.committed_on, complete, open_)
    yield _task(Task.CHECK_COMMITMENT, commitments, about, given.completed_on, check, done)
    unmet = and_(is_open(commitments), given.outcome == word("NOT_MET"), given.case_id.is_(None))
    yield _task(Task.COLLECT_UNMET, commitments, about, given.verified_on, None, unmet)


def _of_papers() -> Iterator[Select[Any]]:
    """Return the contests to decide, and the papers that wait for a second person [5.1.6].

    Only an office records a guardianship, so its contest has a department.
    """
    row = authorisations.c
    about: Values = {"subject_id": row.subject_id, "department_code": row.recipient_code}
    about |= {"about_id": row.authorisation_id, "authorisation_id": row.authorisation_id}
    undecided = and_(row.contested_at.is_not(None), row.contest_decided_at.is_(None))
    yield _task(Task.DECIDE_CONTEST, authorisations, about, civil_day(row.contested_at), None, undecided)
    waits = and_(row.held_at.is_not(None), row.confirmed_at.is_(None), row.withdrawn_at.is_(None))
    in_time = and_(row.contested_at.is_(None), row.expires_on >= _TODAY)
    yield _task(Task.CONFIRM_PAPER, authorisations, about, civil_day(row.held_at), None, waits, in_time)
    its = delegations.c
    about = {"subject_id": its.subject_id, "department_code": its.department_code}
    about |= {"about_id": its.delegation_id, "delegation_id": its.delegation_id}
    disputed = and_(its.contested_at.is_not(None), its.contest_decided_at.is_(None), its.withdrawn_at.is_(None))
    yield _task(Task.DECIDE_GUARDIANSHIP, delegations, about, civil_day(its.contested_at), None, disputed)


def _officers(row: Any, task: Task) -> Values:  # noqa: ANN401 - SQLAlchemy's collection of columns
    assignee = {Side.HANDLER: row.handler_ref, Side.REVIEWER: row.reviewer_ref}.get(SIDES[task])
    names = ("subject_id", "department_code", "handler_ref", "reviewer_ref")
    return {name: row[name] for name in names} | ({} if assignee is None else {"assignee_ref": assignee})


def _task(
    task: Task, source: FromClause, about: Values, since: Day, due_on: Day | None, *conditions: Condition
) -> Select[Any]:
    """Return the rows in which *task* is open *since* a day, with a due day where a clock runs."""
    late: Condition = literal_column("false", Boolean()) if due_on is None else due_on < _TODAY
    values: Values = {
        "step": word(task.value),
        "side": word(SIDES[task].value),
        "since_on": since,
        "sorts_on": due(since, LONGEST) if due_on is None else due_on,
        "is_late": late,
        "confidential": literal_column("false", Boolean()),
        "changed_at": _NEVER,
        **about,
        **({} if due_on is None else {"due_on": due_on}),
    }
    # PostgreSQL takes the type of a column of a UNION from its first SELECT, and an untyped NULL for text.
    columns = (values.get(column.name, cast(null(), column.type)).label(column.name) for column in work_items.c)
    return select(*columns).select_from(source).where(since <= _TODAY, *conditions)
