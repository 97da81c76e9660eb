"""The working days of years that were entered here, and the clocks that were recounted because of them [5.1.4]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import insert, or_, select, union
from sqlalchemy.dialects.postgresql import insert as insert_or_change

from consent.leaves.clock_recounts import clock_recount_bytes
from consent.leaves.provenance import Provenance
from credit.calendar.calendar import PROMPTLY, Calendar, YearNotice, calendar_of, shipped_notices
from storage.database.session import Session
from storage.repositories.ledger_leaves import append_committed, ledger_of
from storage.repositories.rows import SqlRepository, attributes, field_names
from storage.tables import calendar_years, clock_recounts, corrections, objections, restraint_cases

_NOTICES = select(calendar_years.c.year, calendar_years.c.source, calendar_years.c.off, calendar_years.c.work)


class CalendarInForce:
    """The calendar by which one transaction counts: an entered year takes precedence over one of this release.

    It is read in the transaction that writes a due day, because a server adopts an entered year up to a minute later.
    *promptly* is the number of working days that the deployment sets [5.1.4(5)].
    """

    def __init__(self, session: Session, promptly: int = PROMPTLY) -> None:
        self._session = session
        self._promptly = promptly
        self._calendar: Calendar | None = None

    async def get(self) -> Calendar:
        """Return it; read once."""
        if self._calendar is None:
            rows = await self._session.fetch(_NOTICES)
            entered = tuple((year, source, tuple(off), tuple(work)) for year, source, off, work in rows)
            self._calendar = _calendar(entered, self._promptly)
        return self._calendar


@dataclass(frozen=True, slots=True)
class RecountRow:
    """A clock that the table of a year has moved or confirmed: its record, and both last days."""

    subject_id: UUID
    recount_id: UUID
    about: UUID
    clock: str
    started_on: date
    due_before: date
    due_after: date
    year: int
    at: datetime
    salt: bytes = field(repr=False)


class CalendarYearRepository(SqlRepository):
    """The tables `calendar_years` and `clock_recounts`."""

    async def notices(self) -> Mapping[int, YearNotice]:
        """Return the notices that were entered here, by year."""
        return {row[0]: _notice(*row) for row in await self._session.fetch(_NOTICES)}

    async def enter(self, notice: YearNotice, by: str, at: datetime) -> None:
        """Enter a notice; it replaces an earlier one of that year."""
        row = {
            "source": notice.source,
            "off": sorted(day.isoformat() for day in notice.off),
            "work": sorted(day.isoformat() for day in notice.work),
            "added_at": at,
            "added_by": by,
        }
        entered = insert_or_change(calendar_years).values(year=notice.year, **row)
        await self._session.execute(entered.on_conflict_do_update(index_elements=["year"], set_=row))

    async def cases_since(self, since: date, at_least: datetime) -> Sequence[tuple[UUID, UUID]]:
        """Return the (subject, case) of every case with a clock that may have started on *since* or later.

        A step is never recorded before its day, so the cases changed since *at_least* include all of them, but for
        claims, which do not change a case in force.
        """
        case = restraint_cases.c
        days = case.served_on, case.stated_on, case.claimed_on
        started = or_(*(day >= since for day in days), case.changed_at >= at_least)
        found = select(case.subject_id, case.case_id).where(started, case.confidential.is_(False))
        return [(subject_id, case_id) for subject_id, case_id in await self._session.fetch(found)]

    async def heard_since(self, since: date) -> Sequence[UUID]:
        """Return the subjects with a correction or an objection whose clock started on *since* or later."""
        mended = select(corrections.c.subject_id).where(corrections.c.discovered_on >= since)
        contested = select(objections.c.subject_id).where(objections.c.raised_on >= since)
        return [subject_id for (subject_id,) in await self._session.fetch(union(mended, contested))]

    async def append(self, rows: Sequence[RecountRow]) -> None:
        """Append recounts, each with its leaf; the database itself refuses to change them later."""
        if not rows:
            return
        ledger, names = ledger_of(self._session), field_names(RecountRow)
        recounts = [attributes(row, names) | ledger.provenance_columns for row in rows]
        await self._session.execute(insert(clock_recounts), recounts)
        for row, written in zip(rows, recounts, strict=True):
            entry = _entry(row, ledger.provenance)
            append_committed(self._session, clock_recounts, written, row.recount_id, entry)


def _entry(row: RecountRow, request: Provenance | None) -> bytes:
    return clock_recount_bytes(
        request,
        subject_id=row.subject_id,
        recount_id=row.recount_id,
        about=row.about,
        clock=row.clock,
        started_on=row.started_on,
        due_before=row.due_before,
        due_after=row.due_after,
        year=row.year,
        at=row.at,
    )


@lru_cache(maxsize=8)
def _calendar(entered: Sequence[tuple[int, str, Sequence[str], Sequence[str]]], promptly: int) -> Calendar:
    notices = {**shipped_notices(), **{row[0]: _notice(*row) for row in entered}}
    return replace(calendar_of(notices.values()), promptly=promptly)


def _notice(year: int, source: str, off: Sequence[str], work: Sequence[str]) -> YearNotice:
    return YearNotice(year, source, _days(off), _days(work))


def _days(written_days: Sequence[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in written_days)
