"""The working days in force: those of this release, and the years that an operator has entered since [5.1.4].

A new table moves deadlines that were counted provisionally. Entering it counts them again and records each change in
the same transaction; running servers adopt it within a minute.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from hashlib import sha256
from uuid import UUID

import structlog

from consent.deletions.deletion_duty import DeletionDuty
from consent.leaves.canonical_form import SALT_BYTES, canonical_bytes
from consent.leaves.provenance import Provenance
from consent.ledger.system_entries import CalendarOfYear
from consent.vocabulary import Channel, KnownBy
from credit.calendar.calendar import PERIODS, Calendar, Periods, YearNotice, calendar_of, shipped_notices
from credit.cases.case import Case
from credit.cases.rules.deadlines import Clock, ClockName, Recount, clocks, of_step, recounted
from credit.cases.status import UnrectifiedPolicy
from credit.core.values.dates import SHANGHAI
from credit.corrections.correction import Correction, Delivery
from credit.corrections.deadlines import of_correction
from credit.objections.deadlines import of_objection
from credit.objections.objection import Objection
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.system_entries import state
from storage.repositories.cases import CaseRepository
from storage.repositories.corrections import CorrectionRepository
from storage.repositories.deadlines.due_days import keep_counted, recount
from storage.repositories.deadlines.working_days import CalendarInForce, CalendarYearRepository, RecountRow
from storage.repositories.objections import ObjectionRepository
from storage.repositories.subjects.deletion_duties import DeletionRepository
from storage.unit_of_work import SqlUnitOfWork

EVERY_SECONDS = 60.0
Counted = Callable[[Calendar], Sequence[Clock]]
LONGEST = (10, 20)
"""Month and day in the year before: a clock of 15 working days that starts earlier ends before the new year."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The result of entering a year: how many clocks have another last day, and how many only became certain."""

    year: int
    moved: int
    confirmed: int
    replaced: bool


@dataclass(frozen=True, slots=True)
class Entering:
    """Who enters a year's table, when, by which readings clocks count, and the sources of ids and randomness."""

    by: str
    now: datetime
    today: date
    unrectified: UnrectifiedPolicy
    new_id: Callable[[], UUID]
    random: Callable[[int], bytes]
    periods: Periods = PERIODS


class AlreadyEntered(Exception):
    """That year already has a table. *same* says whether it is this one."""

    def __init__(self, year: int, *, same: bool) -> None:
        super().__init__(f"{year} has a table of working days already")
        self.year = year
        self.same = same


async def in_force(database: Database) -> Calendar:
    """Return the calendar in force: an entered year takes precedence over a shipped one."""
    async with database.snapshot() as session:
        return await CalendarInForce(session, database.periods).get()


async def enter(database: Database, notice: YearNotice, entering: Entering, *, replace: bool = False) -> Entered:
    """Enter a year's table and recount its clocks, all in one transaction. Raises AlreadyEntered."""
    provenance = Provenance(Channel.COMMAND_LINE, KnownBy.OPERATOR, entering.new_id())
    async with SqlUnitOfWork(database, provenance) as work:
        session = work.session
        years = CalendarYearRepository(session)
        known = {**shipped_notices(), **await years.notices()}
        if notice.year in known and (known[notice.year] == notice or not replace):
            raise AlreadyEntered(notice.year, same=known[notice.year] == notice)
        tables = known, {**known, notice.year: notice}
        before, after = (entering.periods.applied_to(calendar_of(each.values())) for each in tables)
        await years.enter(notice, entering.by, entering.now)
        await state(session, CalendarOfYear(entering.now, notice.year, digest_of_notice(notice)), str(notice.year))
        found = await _recounts(session, notice.year, before, after, entering)
        await years.append([row for row, _ in found])
        await recount(session, after)
        await work.commit()
    moved = sum(recount.has_moved for _, recount in found)
    return Entered(notice.year, moved, len(found) - moved, notice.year in known)


def digest_of_notice(notice: YearNotice) -> bytes:
    """Return SHA-256 over a year's notice as JCS: year, source, days off and days of work, in order."""
    days = {"off": sorted(map(str, notice.off)), "work": sorted(map(str, notice.work))}
    return sha256(canonical_bytes({"year": notice.year, "source": notice.source, **days})).digest()


async def keep_up(database: Database, adopt: Callable[[Calendar], None]) -> None:
    """Give *adopt* the calendar in force every minute, and count what is behind it, until cancelled."""
    while True:
        adopt(await in_force(database))
        await keep_counted(database)
        await asyncio.sleep(EVERY_SECONDS)


@dataclass(slots=True)
class Alarm:
    """Logs, once a day, which required years have no table."""

    logged_on: date | None = None

    def __call__(self, calendar: Calendar, today: date) -> None:
        """Log the missing years for *today*, unless they were logged today."""
        missing = calendar.missing(today)
        if missing and self.logged_on != today:
            for year in missing:
                structlog.get_logger().warning("calendar.missing", year=year)
            self.logged_on = today


async def _recounts(
    session: Session, year: int, before: Calendar, after: Calendar, entering: Entering
) -> list[tuple[RecountRow, Recount]]:
    found: list[tuple[RecountRow, Recount]] = []
    async for subject_id, counted in _clocks_since(session, date(year - 1, *LONGEST), entering):
        changed = recounted(counted(before), counted(after), entering.today)
        found.extend((_row(subject_id, year, recount, entering), recount) for recount in changed)
    return found


async def _clocks_since(session: Session, since: date, entering: Entering) -> AsyncIterator[tuple[UUID, Counted]]:
    """Yield the clocks that may have started on *since* or later, by subject, as functions of a calendar."""
    years, procedure = CalendarYearRepository(session), CaseRepository(session)
    for subject_id, case_id in await years.cases_since(since, datetime.combine(since, time(), SHANGHAI)):
        case = await procedure.load(subject_id, case_id)
        if case is not None:
            yield subject_id, partial(_of_case, case, entering)
    corrections, objections = CorrectionRepository(session), ObjectionRepository(session)
    for subject_id in await years.heard_since(since):
        mended, contested = await corrections.of_subject(subject_id), await objections.of_subject(subject_id)
        sent = await corrections.deliveries_of(subject_id)
        owed = await DeletionRepository(session).of_subject(subject_id)
        yield subject_id, partial(_of_hearing, mended, contested, sent, owed)


def _of_case(case: Case, entering: Entering, calendar: Calendar) -> Sequence[Clock]:
    return clocks(case, calendar, entering.today, unrectified=entering.unrectified)


def _of_hearing(
    mended: Sequence[Correction],
    contested: Sequence[Objection],
    sent: Sequence[Delivery],
    owed: Sequence[DeletionDuty],
    calendar: Calendar,
) -> Sequence[Clock]:
    return (
        *(of_correction(each, sent, calendar) for each in mended),
        *(of_objection(each, calendar) for each in contested),
        *(
            of_step(ClockName.DELETION, each.duty_id, each.counts_from_on, calendar, met_on=each.acknowledged_on)
            for each in owed
        ),
    )


def _row(subject_id: UUID, year: int, recount: Recount, entering: Entering) -> RecountRow:
    return RecountRow(
        subject_id=subject_id,
        recount_id=entering.new_id(),
        about=recount.clock.about,
        clock=recount.clock.name.value,
        started_on=recount.clock.started_on,
        due_before=recount.before.on,
        due_after=recount.clock.due.on,
        year=year,
        at=entering.now,
        salt=entering.random(SALT_BYTES),
    )
