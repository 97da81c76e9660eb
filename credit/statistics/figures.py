"""A year's figures by department: clocks, cases, incentives, time to decision; no personal data [6.1] [6.3].

The input records have no subject. A year's cases are those collected in it, its clocks those due in it, its incentives
those granted in it; their state is that of the day *as_of*. `credit.statistics.suppression` hides small counts, for
each population separately. So figures that can be derived from one another must be one dimension: a case has exactly
one state, because a repaired case has also been determined.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median_low
from typing import Any, Final, Self

from credit.cases.rules.deadlines import LATE, RUNNING, ClockState
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.labels import Labelled
from credit.statistics.suppression import Breakdown, Count, K, Record, Release, release


class ClockOutcome(Labelled):
    """The outcome of an authority's clock, as appraisal counts it [5.1.4] [6.1]."""

    MET = "MET", "按期", "6.1"
    MISSED = "MISSED", "逾期", "6.1"
    RUNNING = "RUNNING", "未到期", "6.1"

    @classmethod
    def of(cls, state: ClockState) -> "ClockOutcome | None":
        """Return the outcome of a clock in *state*; None for a subject's own clock that passed, or one moot in time."""
        if state in LATE:
            return cls.MISSED
        if state in RUNNING:
            return cls.RUNNING
        return cls.MET if state is ClockState.MET else None


class PromiseOutcome(Labelled):
    """The outcome of the promise that an incentive depends on [4.2.2] [4.2.3] [6.3]."""

    KEPT = "KEPT", "已履行", "6.3"
    BROKEN = "BROKEN", "未履行", "6.3"
    OPEN = "OPEN", "履行中", "6.3"
    NONE = "NONE", "无需承诺", "6.3"


class PeriodState(Labelled):
    """The state of a case: the last of these that has happened [6.1]."""

    PENDING = "PENDING", "尚未认定", "5.1.4"
    DETERMINED = "DETERMINED", "已认定", "5.1.4"
    REPAIRED = "REPAIRED", "已修复", "5.1.5"
    OVERTURNED = "OVERTURNED", "经复核或异议撤销", "5.1.4(4)"
    """Dropped on review, or removed because the listing was wrong."""


class Dimension(StrEnum):
    """The dimensions by which a population is broken down."""

    CIRCUMSTANCE = "CIRCUMSTANCE"
    CHANNEL = "CHANNEL"
    STANDING = "STANDING"
    INCENTIVE = "INCENTIVE"
    PROMISE = "PROMISE"
    CLOCK = "CLOCK"


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case, with the facts that the figures need. Each fact counts from its own day on."""

    department: str
    circumstance: Circumstance
    channel: CollectionChannel
    collected_on: date
    determined_on: date | None = None
    repaired_on: date | None = None
    overturned_on: date | None = None

    def state(self, as_of: date) -> PeriodState:
        """Return the state of the case on the day *as_of*."""
        for fact, state in (
            (self.overturned_on, PeriodState.OVERTURNED),
            (self.repaired_on, PeriodState.REPAIRED),
            (self.determined_on, PeriodState.DETERMINED),
        ):
            if fact is not None and fact <= as_of:
                return state
        return PeriodState.PENDING


@dataclass(frozen=True, slots=True)
class TakenOverRecord:
    """A confirmed record from before the cut-over date. It was not decided here, and so is counted apart [5.1.4]."""

    department: str
    taken_over_on: date


@dataclass(frozen=True, slots=True)
class CorrectionRecord:
    """Information corrected or removed through the channel it came by [5.1.4(6)]."""

    department: str
    corrected_on: date


@dataclass(frozen=True, slots=True)
class LateEntryRecord:
    """A step that a department recorded on a later day than the step's own [5.1.4]."""

    department: str
    recorded_on: date


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """One run of an authority's clock: its name, its last day, and its state on the day of the figures."""

    department: str
    clock: str
    due_on: date
    outcome: ClockOutcome


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A granted incentive, and the outcome of its promise by `is_kept` of deferrals and commitments."""

    department: str
    incentive: str
    granted_on: date
    promise: PromiseOutcome = PromiseOutcome.NONE


@dataclass(frozen=True, slots=True)
class Lateness:
    """One handler's open clocks today: all, those due within two working days, and those that are late [6.1]."""

    department: str
    handler: str
    waiting: int
    due_soon: int
    late: int


def promise_outcome(*, is_kept: bool | None) -> PromiseOutcome:
    """Return the outcome for the result of `deferral.is_kept` or `commitment.is_kept`."""
    if is_kept is None:
        return PromiseOutcome.OPEN
    return PromiseOutcome.KEPT if is_kept else PromiseOutcome.BROKEN


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a year that may be disclosed [6.1]."""

    year: int
    as_of: date
    cases: Release
    clocks: Mapping[str, Release]
    """By clock; each broken down by its outcome."""
    taken_over: Release
    """Confirmed records from before the cut-over date, which no other figure contains."""
    corrections: Release
    late_entries: Release
    incentives: Release
    days_to_decision: Mapping[str, int | None]
    """The median of days from collection to determination, by department. None: too few."""
    days_to_decision_of_all: int | None


def figures(
    *,
    year: int,
    as_of: date,
    departments: Sequence[str],
    incentives: Sequence[str],
    clocks: Sequence[str],
    cases: Iterable[CaseRecord],
    taken_over: Iterable[TakenOverRecord] = (),
    clock_records: Iterable[ClockRecord],
    corrections: Iterable[CorrectionRecord],
    late_entries: Iterable[LateEntryRecord] = (),
    grants: Iterable[GrantRecord],
    k: int = K,
) -> Figures:
    """Count a year. *departments*, *incentives* and *clocks* are complete, including those without records.

    Give the departments in an order that is not published (see `suppression.release`). Publish the figures of a year
    once, when it is over: two releases of one year can be subtracted from each other.
    """
    counted = [case for case in cases if case.collected_on.year == year and case.collected_on <= as_of]
    due = [record for record in clock_records if record.due_on.year == year]
    former = [one for one in taken_over if one.taken_over_on.year == year and one.taken_over_on <= as_of]
    mended = [one for one in corrections if one.corrected_on.year == year and one.corrected_on <= as_of]
    late = [one for one in late_entries if one.recorded_on.year == year and one.recorded_on <= as_of]
    given = [grant for grant in grants if grant.granted_on.year == year and grant.granted_on <= as_of]
    by_case = release([_of_case(case, as_of) for case in counted], departments, _CASE_DIMENSIONS, k)
    by_state = by_case.breakdowns[Dimension.STANDING]
    return Figures(
        year,
        as_of,
        by_case,
        {clock: _of_clock([record for record in due if record.clock == clock], departments, k) for clock in clocks},
        release([(one.department, {}) for one in former], departments, {}, k),
        release([(one.department, {}) for one in mended], departments, {}, k),
        release([(one.department, {}) for one in late], departments, {}, k),
        release(
            [(g.department, {Dimension.INCENTIVE: g.incentive, Dimension.PROMISE: g.promise}) for g in given],
            departments,
            {Dimension.INCENTIVE: tuple(incentives), Dimension.PROMISE: tuple(PromiseOutcome)},
            k,
        ),
        {
            department: _median(
                [case for case in counted if case.department == department],
                as_of,
                k,
                [by_state.cells.get((department, one)) for one in _DECIDED],
            )
            for department in departments
        },
        _median(counted, as_of, k, [by_state.totals[one] for one in _DECIDED]),
    )


@dataclass(frozen=True, slots=True)
class DepartmentSheet:
    """One department's yearly sheet [6.1]: the same figures, and no more than the release contains."""

    department: str
    year: int
    as_of: date
    cases: Count
    by: Mapping[Dimension, Mapping[str, Count]]
    clocks: Mapping[str, Mapping[str, Count]]
    taken_over: Count
    corrections: Count
    late_entries: Count
    incentives: Count
    days_to_decision: int | None


def sheet(found: Figures, department: str | None) -> DepartmentSheet:
    """Return the yearly sheet of *department*, or with None that of the whole district: all departments together."""

    def count(part: Release) -> Count:
        return part.total if department is None else part.groups[department]

    def row(breakdown: Breakdown) -> Mapping[str, Count]:
        if department is None:
            return dict(breakdown.totals)
        # A department in the pool has no cells of its own.
        return {category: breakdown.cells.get((department, category)) for category in breakdown.totals}

    return DepartmentSheet(
        department or "",
        found.year,
        found.as_of,
        count(found.cases),
        {
            Dimension(name): row(breakdown)
            for part in (found.cases, found.incentives)
            for name, breakdown in part.breakdowns.items()
        },
        {clock: row(part.breakdowns[Dimension.CLOCK]) for clock, part in found.clocks.items()},
        count(found.taken_over),
        count(found.corrections),
        count(found.late_entries),
        count(found.incentives),
        found.days_to_decision_of_all if department is None else found.days_to_decision[department],
    )


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A year's sheets with their names: departments and incentives by code, and the smallest count that is shown."""

    year: int
    as_of: date
    sheets: Mapping[str, DepartmentSheet]
    """By department; the whole district under an empty code."""
    departments: Mapping[str, str]
    incentives: Mapping[str, str]
    k: int

    @classmethod
    def of(cls, found: Figures, departments: Mapping[str, str], incentives: Mapping[str, str], k: int) -> Self:
        """Return the sheets of all *departments* and of the district."""
        sheets = {department or "": sheet(found, department) for department in (None, *departments)}
        return cls(found.year, found.as_of, sheets, departments, incentives, k)

    def sheet(self, department: str | None) -> DepartmentSheet:
        """Return the sheet of a department, or with None that of the whole district."""
        return self.sheets[department or ""]

    def written(self) -> dict[str, Any]:
        """Return the figures as they are stored once they are published [6.3]."""
        named = {"departments": dict(self.departments), "incentives": dict(self.incentives), "k": self.k}
        sheets = {code: _written(one) for code, one in self.sheets.items()}
        return {"year": self.year, "as_of": self.as_of.isoformat(), "sheets": sheets, **named}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """Read what was stored."""
        as_of = date.fromisoformat(written["as_of"])
        sheets = {code: _read(code, written["year"], as_of, one) for code, one in written["sheets"].items()}
        return cls(written["year"], as_of, sheets, written["departments"], written["incentives"], written["k"])


_SHEET: Final = ("cases", "taken_over", "corrections", "late_entries", "incentives", "days_to_decision")


def _written(one: DepartmentSheet) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in _SHEET}
    by = {dimension.value: dict(row) for dimension, row in one.by.items()}
    return {**counts, "by": by, "clocks": {clock: dict(row) for clock, row in one.clocks.items()}}


def _read(code: str, year: int, as_of: date, written: Mapping[str, Any]) -> DepartmentSheet:
    by = {Dimension(name): row for name, row in written["by"].items()}
    counts = {name: written[name] for name in _SHEET}
    return DepartmentSheet(code, year, as_of, by=by, clocks=written["clocks"], **counts)


_CASE_DIMENSIONS: Final[Mapping[str, Sequence[str]]] = {
    Dimension.CIRCUMSTANCE: tuple(Circumstance),
    Dimension.CHANNEL: tuple(CollectionChannel),
    Dimension.STANDING: tuple(PeriodState),
}
_DECIDED: Final = (PeriodState.DETERMINED, PeriodState.REPAIRED)


def _of_case(case: CaseRecord, as_of: date) -> Record:
    return case.department, {
        Dimension.CIRCUMSTANCE: case.circumstance,
        Dimension.CHANNEL: case.channel,
        Dimension.STANDING: case.state(as_of),
    }


def _of_clock(records: Iterable[ClockRecord], departments: Sequence[str], k: int) -> Release:
    counted: list[Record] = [(record.department, {Dimension.CLOCK: record.outcome}) for record in records]
    return release(counted, departments, {Dimension.CLOCK: tuple(ClockOutcome)}, k)


def _median(cases: Iterable[CaseRecord], as_of: date, k: int, decided: Iterable[Count]) -> int | None:
    """Return the median of whole days to determination, of the cases whose determination is valid.

    A median reveals that there are at least k cases. So it is given only if their counts, *decided*, are shown as well.
    """
    days = [
        (case.determined_on - case.collected_on).days
        for case in cases
        if case.determined_on is not None and case.state(as_of) in _DECIDED
    ]
    return None if None in decided or len(days) < max(k, 1) else median_low(days)
