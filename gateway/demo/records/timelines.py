"""The dates of a case's steps: drawn at random within the legal deadlines, then checked by the rules themselves.

A timeline is drawn from the day of collection on, and cut off after the wanted step. `CaseDates.status`
decides whether it has the wanted status today; if not, another one is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import civil_date, correction_due, notice_due, review_due, statement_closes
from credit.cases.status import CaseDates, CaseStatus, period_end
from gateway.demo.seed.seeded_random import in_opening_hours

AGES: Mapping[CaseStatus, tuple[int, int]] = {
    CaseStatus.COLLECTED: (1, 14),
    CaseStatus.VERIFIED: (2, 20),
    CaseStatus.NOTICED: (6, 25),
    CaseStatus.SERVED: (8, 30),
    CaseStatus.STATED: (12, 40),
    CaseStatus.REVIEWED: (30, 60),
    CaseStatus.DETERMINED: (30, 70),
    CaseStatus.PUBLISHED: (35, 190),
    CaseStatus.OVERDUE_FOR_RECTIFICATION: (230, 420),
    CaseStatus.ENDED: (230, 500),
    CaseStatus.REMOVED: (70, 220),
    CaseStatus.DROPPED: (45, 220),
    CaseStatus.REFERRED: (25, 220),
}
"""How many days ago a case of each status was collected. A claim that waits is a story: it needs its step."""
TRIES = 300
LATE = 0.06
"""The share of missed deadlines: supervision needs something to find [6.1]."""
RECTIFIED = 0.3
"""The share of cases in force that are rectified and wait for the end of their period."""
DISPUTED = 0.35
"""The share of subjects that submit a statement."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The dated facts of a case, by the names of their columns."""

    collected_at: datetime
    verified_at: datetime | None = None
    noticed_on: date | None = None
    served_on: date | None = None
    stated_on: date | None = None
    reviewed_on: date | None = None
    determined_on: date | None = None
    published_on: date | None = None
    ends_on: date | None = None
    rectified_on: date | None = None
    removed_on: date | None = None
    dropped_on: date | None = None
    referred_on: date | None = None

    def status(self, today: date) -> CaseStatus:
        """Return the status on a day, by the rule of `credit`."""
        facts = {name: getattr(self, name) for name in self.__slots__ if name != "collected_at"}
        return CaseDates(**facts).status(today)

    @property
    def last_on(self) -> date:
        """The latest date that is not a term."""
        facts = [getattr(self, name) for name in self.__slots__ if name != "ends_on"]
        return max(civil_date(fact) if isinstance(fact, datetime) else fact for fact in facts if fact is not None)


class NoTimeline(Exception):
    """So many tries gave no timeline of a wanted status."""


def timeline(
    chance: Random, calendar: Calendar, wanted: CaseStatus, today: date, age: tuple[int, int] | None = None
) -> Timeline:
    """Return a timeline that has the status *wanted* today."""
    for _ in range(TRIES):
        collected_on = today - timedelta(days=chance.randint(*(age or AGES[wanted])))
        found = _cut(
            chance, calendar, _full(chance, calendar, collected_on, disputed=_is_disputed(chance, wanted)), wanted
        )
        if found.status(today) is wanted and found.last_on < today:
            return found
    raise NoTimeline(wanted)


def _is_disputed(chance: Random, wanted: CaseStatus) -> bool:
    always = wanted in {CaseStatus.STATED, CaseStatus.REVIEWED, CaseStatus.DROPPED}
    return always or chance.random() < DISPUTED


def _full(chance: Random, calendar: Calendar, collected_on: date, *, disputed: bool) -> Timeline:
    """Draw every step from collection to publication, each in time but for the few late ones."""
    collected_on = _open(calendar, collected_on)
    verified_on = _open(calendar, collected_on + timedelta(days=chance.randint(0, 6)))
    noticed_on = _within(chance, calendar, verified_on, notice_due(verified_on, calendar).on)
    served_on = noticed_on + timedelta(days=chance.randint(0, 4))
    closes_on = statement_closes(served_on, calendar).on
    stated_on = served_on + timedelta(days=chance.randint(0, (closes_on - served_on).days)) if disputed else None
    reviewed_on = _within(chance, calendar, stated_on, review_due(stated_on, calendar).on) if stated_on else None
    determined_on = _open(calendar, (reviewed_on or closes_on) + timedelta(days=chance.randint(1, 4)))
    published_on = _open(calendar, determined_on + timedelta(days=chance.randint(0, 3)))
    return Timeline(
        collected_at=in_opening_hours(chance, collected_on),
        verified_at=in_opening_hours(chance, verified_on),
        noticed_on=noticed_on,
        served_on=served_on,
        stated_on=stated_on,
        reviewed_on=reviewed_on,
        determined_on=determined_on,
        published_on=published_on,
        ends_on=period_end(published_on),
    )


def _within(chance: Random, calendar: Calendar, start: date, due: date) -> date:
    """Return a working day from *start* to *due*, or sometimes a late one."""
    if chance.random() < LATE:
        return _open(calendar, due + timedelta(days=chance.randint(1, 5)))
    return _open(calendar, start + timedelta(days=chance.randint(0, (due - start).days)))


def _open(calendar: Calendar, day: date) -> date:
    """Return *day*, or the next working day."""
    return calendar.deadline(day - timedelta(days=1), 1).on


STEPS = (
    (CaseStatus.COLLECTED, "verified_at"),
    (CaseStatus.VERIFIED, "noticed_on"),
    (CaseStatus.NOTICED, "served_on"),
    (CaseStatus.SERVED, "stated_on"),
    (CaseStatus.STATED, "reviewed_on"),
    (CaseStatus.REVIEWED, "determined_on"),
    (CaseStatus.DETERMINED, "published_on"),
)
"""The last fact before the one that a status lacks."""
ORDER = (*(fact for _, fact in STEPS), "ends_on")
ENDED_BEFORE = {CaseStatus.DROPPED: "determined_on", CaseStatus.REFERRED: "noticed_on"}
"""The steps that a case no longer has once it has ended early."""


def _cut(chance: Random, calendar: Calendar, full: Timeline, wanted: CaseStatus) -> Timeline:
    """Remove what a case of the status *wanted* does not have, and add how it ended."""
    missing = next((fact for reached, fact in STEPS if reached is wanted), ENDED_BEFORE.get(wanted))
    left = () if missing is None else ORDER[ORDER.index(missing) :]
    changes: dict[str, Any] = {**dict.fromkeys(left), **_ending(chance, calendar, full, wanted)}
    return replace(full, **changes)


def _ending(chance: Random, calendar: Calendar, full: Timeline, wanted: CaseStatus) -> Mapping[str, date | None]:
    assert full.verified_at is not None  # noqa: S101 - a full timeline has all of these
    assert full.published_on is not None  # noqa: S101 - as above
    match wanted:
        case CaseStatus.DROPPED:
            # The review decided for the subject [5.1.4(4)].
            return {"dropped_on": full.reviewed_on}
        case CaseStatus.REFERRED:
            # Verification found a matter for a penalty: another procedure [5.1.2].
            return {"referred_on": civil_date(full.verified_at) + timedelta(days=chance.randint(1, 5))}
        case CaseStatus.REMOVED:
            found_wrong_on = full.published_on + timedelta(days=chance.randint(2, 40))
            return {"removed_on": correction_due(found_wrong_on, calendar).on}
        case CaseStatus.PUBLISHED if chance.random() < RECTIFIED:
            return {"rectified_on": full.published_on + timedelta(days=chance.randint(5, 90))}
        case CaseStatus.ENDED:
            # Within the period, or some days after it: then the rectification was overdue for that long.
            return {"rectified_on": full.published_on + timedelta(days=chance.randint(5, 200))}
    return {}
