"""The due days that are stored with open tasks: written with the facts, and counted again when the calendar changes.

Three things can leave a stored day behind its rule: another calendar (`chengxin calendar add`, a release with another
year, another reading of "promptly"), a transaction that counted by the earlier calendar and was committed later, and
rows that the previous release writes while both run. `recount` finds them all: it compares the stored days with the
rule once for each different pair of days, so that its cost grows with the days and not with the records.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, or_, select, update
from sqlalchemy.sql.dml import Update

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import correction_due, deletion_due, objection_due
from credit.cases.rules.deadlines import ClockName, due_of
from credit.cases.rules.next_steps import Task, sorts_on, waits_since
from credit.promises.due_days import commitment_days, deferral_days
from credit.subjects.areas import TOWNSHIP_DIGITS
from storage.database.database import Database
from storage.database.session import Session
from storage.repositories.case_row import due_day_columns, from_columns
from storage.repositories.deadlines.working_days import CalendarInForce
from storage.repositories.rows import AT_ONCE, SqlRepository, named, select_named, unsealed_names
from storage.tables import commitments, corrections, deferrals, deletion_duties, objections, restraint_cases, subjects

_CASE: Final = ("subject_id", "case_id", "step_version")
_STORED: Final = ("clock", "clock_started_on", "clock_due_on", "waits_for", "waits_since_on", "waits_sorts_on")


class CountingRepository(SqlRepository):
    """A repository that writes due days, by the calendar in force in its transaction."""

    def __init__(self, session: Session, calendar: CalendarInForce | None = None) -> None:
        super().__init__(session)
        self._calendar = calendar or CalendarInForce(session)


@dataclass(frozen=True, slots=True)
class StoredDays:
    """Columns of open records that follow from other columns of theirs, and the *rule* that gives them."""

    table: Table
    which: ColumnElement[bool]
    given: tuple[str, ...]
    stored: tuple[str, ...]
    rule: Callable[..., Sequence[date | None]]

    async def outdated(self, session: Session, calendar: Calendar) -> list[Update]:
        """Return the statements that bring what is stored up to the rule; each changes only what it has compared."""
        names = tuple(dict.fromkeys((*self.given, *self.stored)))
        rows = await session.fetch(select(*(self.table.c[name] for name in names)).where(self.which).distinct())
        changes: list[Update] = []
        for row in rows:
            values = dict(zip(names, row, strict=True))
            right = dict(zip(self.stored, self.rule(*row[: len(self.given)], calendar), strict=True))
            if right != {name: values[name] for name in self.stored}:
                same = (self.table.c[name] == value for name, value in values.items())
                changes.append(update(self.table).where(self.which, *same).values(right))
        return changes


def _case_days(
    clock: str | None, started_on: date | None, task: str | None, since: date | None, calendar: Calendar
) -> Sequence[date | None]:
    due_on = None
    if clock is not None and started_on is not None:
        due_on = due_of(ClockName(clock), started_on, calendar).on
        if task is not None and since is not None:
            since = waits_since(ClockName(clock), started_on, Task(task), since, calendar)
    return due_on, since, None if since is None else sorts_on(since, calendar)


def _commitment_days(
    committed_on: date, limit: int, completed_on: date | None, verify: int, verified_on: date | None, calendar: Calendar
) -> Sequence[date | None]:
    return astuple(commitment_days(committed_on, limit, completed_on, verify, verified_on, calendar))


_TABLES: Final = (
    StoredDays(
        restraint_cases,
        or_(restraint_cases.c.clock.is_not(None), restraint_cases.c.waits_for.is_not(None)),
        ("clock", "clock_started_on", "waits_for", "waits_since_on"),
        ("clock_due_on", "waits_since_on", "waits_sorts_on"),
        _case_days,
    ),
    StoredDays(
        corrections,
        corrections.c.completed_on.is_(None),
        ("discovered_on",),
        ("due_on",),
        lambda found_on, calendar: (correction_due(found_on, calendar).on,),
    ),
    StoredDays(
        objections,
        objections.c.answered_on.is_(None),
        ("raised_on",),
        ("due_on",),
        lambda raised_on, calendar: (objection_due(raised_on, calendar).on,),
    ),
    StoredDays(
        deletion_duties,
        deletion_duties.c.acknowledged_on.is_(None),
        ("counts_from_on",),
        ("due_on",),
        lambda since_on, calendar: (deletion_due(since_on, calendar).on,),
    ),
    StoredDays(
        deferrals,
        and_(deferrals.c.supplied_on.is_(None), deferrals.c.ended_on.is_(None)),
        ("due_on", "served_on"),
        ("last_on", "waits_since_on", "waits_sorts_on"),
        lambda promised_on, served_on, calendar: astuple(deferral_days(promised_on, served_on, calendar)),
    ),
    StoredDays(
        commitments,
        and_(
            commitments.c.case_id.is_(None),
            or_(
                and_(commitments.c.verified_on.is_(None), commitments.c.ended_on.is_(None)),
                commitments.c.outcome == "NOT_MET",
            ),
        ),
        ("committed_on", "limit_days", "completed_on", "verify_days", "verified_on"),
        ("waits_since_on", "waits_sorts_on"),
        _commitment_days,
    ),
)
_UNCOUNTED: Final = or_(
    restraint_cases.c.counted_version.is_(None),
    restraint_cases.c.counted_version != restraint_cases.c.step_version,
    restraint_cases.c.township_code.is_(None),
)
"""Cases of which a step was written without its due days, or that were written without their township."""
_TOWNSHIP: Final = (
    select(func.substr(subjects.c.area_code, 1, TOWNSHIP_DIGITS))
    .where(subjects.c.subject_id == restraint_cases.c.subject_id)
    .scalar_subquery()
)


async def count_uncounted(session: Session, calendar: Calendar) -> int:
    """Write the due days, and the township, of all cases that were written without them; return how many cases."""
    counted = 0
    while some := await _count_some(session, calendar):
        counted += some
    return counted


async def _count_some(session: Session, calendar: Calendar) -> int:
    columns = unsealed_names(restraint_cases)
    row = restraint_cases.c
    own = (row[name] == bindparam(f"of_{name}") for name in _CASE)
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*_STORED, "counted_version")}
    values["township_code"] = _TOWNSHIP
    write = update(restraint_cases).where(*own).values(values)
    wanted = select_named(restraint_cases, columns).where(_UNCOUNTED).limit(AT_ONCE)
    rows = named(columns, await session.fetch(wanted))
    if rows:
        await session.execute(write, [_counted(each, calendar) for each in rows])
    return len(rows)


def _counted(row: dict[str, Any], calendar: Calendar) -> dict[str, object]:
    days = due_day_columns(from_columns(row | {"version": row["step_version"]}), calendar) | {
        "counted_version": row["step_version"]
    }
    own = {f"of_{name}": row[name] for name in _CASE}
    return own | {f"new_{name}": value for name, value in days.items()}


async def recount(session: Session, calendar: Calendar) -> int:
    """Bring every stored due day up to its rule, in the transaction of *session*; return how many changes it took."""
    counted = await count_uncounted(session, calendar)
    changes = [change for stored in _TABLES for change in await stored.outdated(session, calendar)]
    for change in changes:
        await session.execute(change)
    return counted + len(changes)


async def keep_counted(database: Database) -> None:
    """Bring every stored due day up to its rule. It writes nothing where none is behind, and few rows at a time."""
    while await _is_behind(database):
        async with database.writing() as session:
            calendar = await CalendarInForce(session, database.periods).get()
            if await _count_some(session, calendar) == 0:
                await recount(session, calendar)


async def _is_behind(database: Database) -> bool:
    async with database.snapshot() as session:
        if await session.fetch(select(restraint_cases.c.case_id).where(_UNCOUNTED).limit(1)):
            return True
        calendar = await CalendarInForce(session, database.periods).get()
        return any([await stored.outdated(session, calendar) for stored in _TABLES])
