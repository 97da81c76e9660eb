"""The rows that a year's figures are counted from: plain, and without a subject [6.1] [6.3].

Confidential records are not counted [5.1.6]. A clock is read off its dates like everywhere else. Of the claims of a
case only the last is counted, because the row stores only that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Column, and_, or_, select

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import civil_date
from credit.cases.rules.deadlines import Clock, ClockName, of_step, warned_from
from credit.cases.status import CaseDates, Circumstance, CollectionChannel, RestraintDates, UnrectifiedPolicy
from credit.statistics.figures import (
    CaseRecord,
    ClockOutcome,
    ClockRecord,
    CorrectionRecord,
    GrantRecord,
    LateEntryRecord,
    PromiseOutcome,
    TakenOverRecord,
    promise_outcome,
)
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.repositories.figures.conditions import first_instant, same_record
from storage.repositories.figures.lateness import late_entries
from storage.repositories.rows import named, select_named
from storage.tables import (
    applications,
    commitments,
    corrections,
    deferrals,
    deletion_duties,
    departments,
    incentive_grants,
    objections,
    published_figures,
    restraint_cases,
)

_ENDINGS: Final = (
    "published_on", "ends_on", "timely_claim_on", "timely_claim_answered_on", "rectified_on", "removed_on",
    "dropped_on", "referred_on",
)  # fmt: skip
_COLUMNS: Final = (
    "case_id", "department_code", "circumstance", "channel", "collected_at", "verified_at", "noticed_on", "stated_on",
    "reviewed_on", "determined_on", "reopened_on", "reopened_until", "taken_over_on", "claimed_on", "claim_answered_on",
    "removal", *_ENDINGS,
)  # fmt: skip
_REVIEW: Final = ("stated_on", "reviewed_on", "reopened_on", "reopened_until", "determined_on", "published_on")
_BEFORE: Final = timedelta(days=60)
"""A clock that is due in a year started at most this long before it: the longest has 15 working days."""


@dataclass(frozen=True, slots=True)
class YearRows:
    """All rows that are counted for one year."""

    departments: Mapping[str, str]
    """Code to Chinese name."""
    cases: Sequence[CaseRecord]
    taken_over: Sequence[TakenOverRecord]
    clocks: Sequence[ClockRecord]
    corrections: Sequence[CorrectionRecord]
    late_entries: Sequence[LateEntryRecord]
    grants: Sequence[GrantRecord]


async def year_rows(
    session: Session, year: int, as_of: date, calendar: Calendar, unrectified: UnrectifiedPolicy
) -> YearRows:
    """Return the rows that are counted for *year*, as of the day *as_of*."""
    names = await session.fetch(select(departments.c.code, departments.c.name_zh))
    cases, former, clocks = await _cases(session, year, as_of, calendar, unrectified)
    mended, more = await _corrections(session, year, as_of, calendar)
    return YearRows(
        {code: name for code, name in names},  # noqa: C416 - a row of the database is no pair for the types
        cases,
        former,
        [
            *clocks,
            *more,
            *await _objections(session, year, as_of, calendar),
            *await _commitments(session, year, as_of, calendar),
            *await _deletions(session, year, as_of, calendar),
        ],
        mended,
        await late_entries(session, year),
        await _grants(session, year, as_of),
    )


async def published(session: Session, year: int) -> Mapping[str, Any] | None:
    """Return the figures of *year* as they were published; None if they were not [6.3]."""
    found = await session.fetch(select(published_figures.c.figures).where(published_figures.c.year == year))
    return cast("Mapping[str, Any]", found[0][0]) if found else None


async def publish(session: Session, year: int, figures: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
    """Publish *figures*, unless others of that year were published; return those that are."""
    row = {"year": year, "figures": figures, "published_at": at}
    await session.execute(insert_once(published_figures).values(row))
    return await published(session, year) or figures


async def _cases(
    session: Session, year: int, as_of: date, calendar: Calendar, unrectified: UnrectifiedPolicy
) -> tuple[list[CaseRecord], list[TakenOverRecord], list[ClockRecord]]:
    row = restraint_cases.c
    begin, end = date(year, 1, 1) - _BEFORE, date(year, 12, 31)
    touched = or_(
        row.collected_at >= first_instant(year),
        row.verified_at >= first_instant(year) - _BEFORE,
        row.stated_on.between(begin, end),
        row.reopened_on.between(begin, end),
        row.determined_on.between(begin, end),
        row.claimed_on.between(begin, end),
    )
    asked = select_named(restraint_cases, _COLUMNS).where(
        row.confidential.is_(False), row.collected_at < first_instant(year + 1), touched
    )
    found = named(_COLUMNS, await session.fetch(asked))
    clocks = [clock for each in found for clock in _clocks(each, year, as_of, calendar, unrectified)]
    begun = [each for each in found if civil_date(each["collected_at"]).year == year]
    former = [each for each in begun if each["taken_over_on"] is not None and each["determined_on"] is not None]
    return (
        [_case(each) for each in begun if each["taken_over_on"] is None],
        [TakenOverRecord(each["department_code"], each["taken_over_on"]) for each in former],
        clocks,
    )


def _case(row: Mapping[str, Any]) -> CaseRecord:
    return CaseRecord(
        row["department_code"],
        Circumstance(row["circumstance"]),
        CollectionChannel(row["channel"]),
        civil_date(row["collected_at"]),
        row["determined_on"],
        _repaired_on(row),
        _overturned_on(row),
    )


def _overturned_on(row: Mapping[str, Any]) -> date | None:
    """Return the day on which a review dropped the case, or on which it left the list because it was wrong."""
    if row["reviewed_on"] is not None and row["dropped_on"] is not None:
        return cast("date", row["dropped_on"])
    return cast("date | None", row["removed_on"] if row["removal"] == "WRONG" else None)


def _repaired_on(row: Mapping[str, Any]) -> date | None:
    """Return the day from which the case counts as repaired: out of force, and its rectification confirmed [5.1.5].

    A confirmation after the period does not change the figures of the days before it.
    """
    if row["rectified_on"] is None or any(row[name] for name in ("removed_on", "dropped_on", "referred_on")):
        return None
    free_on = RestraintDates(**{name: row[name] for name in _ENDINGS}).free_on()
    return None if free_on is None else max(free_on, cast("date", row["rectified_on"]))


def _clocks(
    row: Mapping[str, Any], year: int, as_of: date, calendar: Calendar, unrectified: UnrectifiedPolicy
) -> Iterator[ClockRecord]:
    verified, dates = row["verified_at"], CaseDates(**{name: row[name] for name in _REVIEW})
    ended_on = RestraintDates(**{name: row[name] for name in _ENDINGS}).free_on(unrectified)
    for name, started, met in (
        (ClockName.NOTICE, None if verified is None else civil_date(verified), row["noticed_on"]),
        (ClockName.REVIEW, dates.review_from, row["reviewed_on"]),
        (ClockName.PUBLICATION, dates.publication_from, row["published_on"]),
        (ClockName.RECTIFICATION, row["claimed_on"], row["claim_answered_on"]),
    ):
        if started is not None and started <= as_of:
            clock = of_step(name, row["case_id"], started, calendar, met_on=met, ended_on=ended_on)
            yield from _counted(clock, row["department_code"], year, as_of)


def _counted(clock: Clock, department: str, year: int, as_of: date) -> Iterator[ClockRecord]:
    outcome = ClockOutcome.of(clock.state(as_of))
    if clock.due.on.year == year and outcome is not None:
        yield ClockRecord(department, clock.name.value, clock.due.on, outcome)


async def _corrections(
    session: Session, year: int, as_of: date, calendar: Calendar
) -> tuple[list[CorrectionRecord], list[ClockRecord]]:
    row, case = corrections.c, restraint_cases.c
    asked = (
        select(row.correction_id, row.department_code, row.discovered_on, row.done_on, row.completed_on)
        .join(restraint_cases, and_(case.subject_id == row.subject_id, case.case_id == row.case_id))
        .where(case.confidential.is_(False), row.discovered_on <= date(year, 12, 31))
        .where(or_(row.done_on.is_(None), row.completed_on.is_(None), row.done_on >= date(year, 1, 1) - _BEFORE))
    )
    mended: list[CorrectionRecord] = []
    clocks: list[ClockRecord] = []
    for about, department, discovered, done, completed in await session.fetch(asked):
        if done is not None and done.year == year:
            mended.append(CorrectionRecord(department, done))
        clocks += _due(
            of_step(ClockName.CORRECTION, about, discovered, calendar, met_on=completed), department, year, as_of
        )
    return mended, clocks


async def _objections(session: Session, year: int, as_of: date, calendar: Calendar) -> list[ClockRecord]:
    row = objections.c
    days = row.objection_id, row.department_code, row.raised_on, row.answered_on
    return await _of_steps(session, ClockName.OBJECTION, days, year, as_of, calendar)


async def _deletions(session: Session, year: int, as_of: date, calendar: Calendar) -> list[ClockRecord]:
    """Return the clocks of recipients that have to delete what they received on an authorisation [5.1.6]."""
    row = deletion_duties.c
    days = row.duty_id, row.recipient_code, row.counts_from_on, row.acknowledged_on
    return await _of_steps(session, ClockName.DELETION, days, year, as_of, calendar)


async def _of_steps(
    session: Session,
    clock: ClockName,
    columns: tuple[Column[Any], Column[Any], Column[Any], Column[Any]],
    year: int,
    as_of: date,
    calendar: Calendar,
) -> list[ClockRecord]:
    """Return the clocks of one step; *columns* say what it is about, whose it is, and the days of its start and end."""
    started_on = columns[2]
    asked = select(*columns).where(started_on.between(date(year, 1, 1) - _BEFORE, date(year, 12, 31)))
    return [
        record
        for about, department, since, met_on in await session.fetch(asked)
        for record in _due(of_step(clock, about, since, calendar, met_on=met_on), department, year, as_of)
    ]


async def _commitments(session: Session, year: int, as_of: date, calendar: Calendar) -> list[ClockRecord]:
    """Return the department's clocks for completing a matter and for verifying a commitment [4.2.3]."""
    row, application = commitments.c, applications.c
    names = ("department_code", "committed_on", "limit_days", "completed_on", "verify_days", "verified_on", "ended_on")
    asked = (
        select(row.application_id, *(row[name] for name in names))
        .join(applications, same_record(row, application))
        .where(application.confidential.is_(False), row.committed_on.between(date(year - 2, 1, 1), date(year, 12, 31)))
    )
    found: list[ClockRecord] = []
    for about, department, committed, limit, completed, verify, verified, ended in await session.fetch(asked):
        runs = [(ClockName.COMPLETION, committed, limit, completed)]
        if completed is not None:
            runs.append((ClockName.VERIFICATION, completed, verify, verified))
        for name, started, days, met in runs:
            due = calendar.deadline(started, days)
            moot = ended if met is None else None
            clock = Clock(name, about, started, due, warned_from(due, calendar), met_on=met, moot_on=moot)
            found += _due(clock, department, year, as_of)
    return found


def _due(clock: Clock, department: str, year: int, as_of: date) -> Iterator[ClockRecord]:
    if clock.started_on <= as_of:
        yield from _counted(clock, department, year, as_of)


async def _grants(session: Session, year: int, as_of: date) -> list[GrantRecord]:
    row, owed, promised, application = incentive_grants.c, deferrals.c, commitments.c, applications.c
    asked = (
        select(
            row.department_code, row.incentive, row.at, owed.due_on, owed.supplied_on, owed.ended_on,
            promised.committed_on, promised.verified_on, promised.outcome,
        )
        .join(applications, same_record(row, application))
        .outerjoin(deferrals, same_record(row, owed))
        .outerjoin(commitments, same_record(row, promised))
        .where(application.confidential.is_(False), row.at >= first_instant(year), row.at < first_instant(year + 1))
    )  # fmt: skip
    return [
        GrantRecord(department, incentive, civil_date(at), _promise(facts, as_of))
        for department, incentive, at, *facts in await session.fetch(asked)
    ]


def _promise(facts: Sequence[Any], as_of: date) -> PromiseOutcome:
    """Return the outcome of the promise, as `is_kept` of a deferral and of a commitment does."""
    due, supplied, ended, committed, verified, outcome = facts
    if due is not None:
        if supplied is not None and supplied <= min(as_of, due):
            return PromiseOutcome.KEPT
        moot = ended is not None and ended <= due
        return promise_outcome(is_kept=None if moot or as_of <= due else False)
    if committed is not None:
        known = verified is not None and verified <= as_of
        return promise_outcome(is_kept=outcome == "MET" if known else None)
    return PromiseOutcome.NONE
