"""What waits to be done, read off the dated facts where they are kept [5.1.4] [6.1]. Nothing of it is stored.

One SELECT for each task, in the order of the procedure; together they say what `credit.procedure.todo` says of one
case, and a test compares the two. A task that cannot be taken yet is not among them, nor a chance that is forgone.
"""

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
    literal_column,
    not_,
    null,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from credit.procedure import SIDES, Side, Task
from credit.restraint import Unrectified
from storage.civil import civil_day, due, next_day
from storage.scopes import Condition, bind, in_force
from storage.tables import restraint_cases

work_items = Table(
    # What a task looks like, whatever it is about; a table of no database.
    "work_items",
    MetaData(),
    Column("subject_id", Uuid, primary_key=True),
    Column("about_id", Uuid, primary_key=True),  # the case, or whatever else it is about
    Column("step", String(24), primary_key=True),
    Column("side", String(16), nullable=False),
    Column("case_id", Uuid),
    Column("department_code", String(32), nullable=False),
    Column("handler_ref", String(64)),
    Column("reviewer_ref", String(64)),
    Column("assignee_ref", String(64)),  # who has to do it, where that is settled
    Column("since_on", Date, nullable=False),  # from when it can be done, and the day on which its clock started
    Column("due_on", Date),
    Column("sorts_on", Date, nullable=False),  # due, or waiting since: what has waited long rises among the late
    Column("is_late", Boolean, nullable=False),
)

_TODAY = bind("today")


def working(unrectified: Unrectified, alias: str) -> FromClause:
    """Give back the reading of all tables in which something waits."""
    rows = restraint_cases
    verified, stated, reviewed = rows.c.verified_at, rows.c.stated_on, rows.c.reviewed_on
    noticed, served, determined = rows.c.noticed_on, rows.c.served_on, rows.c.determined_on
    pending = and_(determined.is_(None), *_running(rows))
    heard = and_(pending, verified.is_not(None), noticed.is_not(None))
    review = and_(heard, stated.is_not(None), reviewed.is_(None))
    closes = due(served, 3)
    silent = and_(heard, served.is_not(None), stated.is_(None), reviewed.is_(None))
    wrong = and_(in_force(rows, unrectified), rows.c.rectified_on.is_(None))
    claimed = and_(rows.c.claimed_on.is_not(None), rows.c.claim_answered_on.is_(None))
    later = case((reviewed >= served, reviewed), else_=served)
    tasks = (
        _task(rows, Task.VERIFY, civil_day(rows.c.collected_at), pending, verified.is_(None)),
        _task(rows, Task.NOTIFY, civil_day(verified), pending, verified.is_not(None), noticed.is_(None), days=3),
        _task(rows, Task.PROVE_SERVICE, noticed, heard, served.is_(None)),
        _task(rows, Task.STATE, served, silent, closes >= _TODAY, days=3),
        _task(rows, Task.ASSIGN_REVIEWER, stated, review, rows.c.reviewer_ref.is_(None), days=15),
        _task(rows, Task.REVIEW, stated, review, days=15),
        _task(rows, Task.DETERMINE, later, heard, served.is_not(None), reviewed.is_not(None)),
        _task(rows, Task.DETERMINE, next_day(closes), silent, closes < _TODAY),
        _task(rows, Task.PUBLISH, determined, determined.is_not(None), *_running(rows)),
        _task(rows, Task.RECTIFY, rows.c.published_on, wrong, not_(claimed), until=rows.c.ends_on),
        _task(rows, Task.ANSWER_CLAIM, rows.c.claimed_on, wrong, claimed, days=15),
    )
    return union_all(*tasks).subquery(alias)


def _running(rows: FromClause) -> tuple[Condition, ...]:
    """Say of a case that it has neither been published nor ended otherwise: the words of its partial indexes."""
    return tuple(rows.c[name].is_(None) for name in ("published_on", "removed_on", "dropped_on", "referred_on"))


def _task(
    rows: FromClause,
    task: Task,
    since: ColumnElement[Any],
    *conditions: Condition,
    days: int | None = None,
    until: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """Give back the rows in which *task* waits since a day, and is due after so many working *days*, or *until* one."""
    side = SIDES[task]
    due_on = until if days is None else due(since, days)
    assignee = {Side.HANDLER: rows.c.handler_ref, Side.REVIEWER: rows.c.reviewer_ref}.get(side)
    values: dict[str, ColumnElement[Any]] = {
        "subject_id": rows.c.subject_id,
        "about_id": rows.c.case_id,
        "step": _word(task.value),
        "side": _word(side.value),
        "case_id": rows.c.case_id,
        "department_code": rows.c.department_code,
        "handler_ref": rows.c.handler_ref,
        "reviewer_ref": rows.c.reviewer_ref,
        "assignee_ref": _nothing(String()) if assignee is None else assignee,
        "since_on": since,
        "due_on": _nothing(Date()) if due_on is None else due_on,
        "sorts_on": since if due_on is None else due_on,
        "is_late": literal_column("false", Boolean()) if due_on is None else due_on < _TODAY,
    }
    return select(*(values[column.name].label(column.name) for column in work_items.c)).where(
        rows.c.confidential.is_(False), since <= _TODAY, *conditions
    )


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String())


def _nothing(kind: TypeEngine[Any]) -> ColumnElement[Any]:
    # PostgreSQL takes the type of a column of a UNION from its first SELECT, and an untyped NULL for text.
    return cast(null(), kind)
