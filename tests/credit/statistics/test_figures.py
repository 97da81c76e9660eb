"""A year's figures and a department's sheet, and nobody in them [6.1] [6.3]."""

from dataclasses import fields
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.cases.rules.deadlines import ClockState
from credit.cases.status import Circumstance, CollectionChannel
from credit.statistics.figures import (
    CaseRecord,
    ClockOutcome,
    ClockRecord,
    CorrectionRecord,
    DepartmentSheet,
    Dimension,
    Figures,
    GrantRecord,
    PeriodState,
    PromiseOutcome,
    figures,
    promise_outcome,
    sheet,
)

DEPARTMENTS = ("A", "B", "C")
INCENTIVES = ("GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT")
CLOCKS = ("NOTICE", "REVIEW")
END = date(2026, 12, 31)


def day(text):
    return date.fromisoformat(f"2026-{text}")


def counted(cases=(), clocks=(), corrections=(), grants=(), k=5, as_of=END, year=2026) -> Figures:
    return figures(
        year=year,
        as_of=as_of,
        departments=DEPARTMENTS,
        incentives=INCENTIVES,
        clocks=CLOCKS,
        cases=cases,
        clock_records=clocks,
        corrections=corrections,
        grants=grants,
        k=k,
    )


def case(department="A", on="03-05", decided=None, repaired=None, overturned=None, what="FALSE_MATERIAL", way="OTHER"):
    dated = [None if text is None else day(text) for text in (decided, repaired, overturned)]
    return CaseRecord(department, Circumstance(what), CollectionChannel(way), day(on), *dated)


@pytest.mark.parametrize(
    ("clause", "one", "as_of", "expected"),
    [
        ("[5.1.4] collected", case(), "12-31", "PENDING"),
        ("[5.1.4] determined", case(decided="04-01"), "12-31", "DETERMINED"),
        ("[5.1.4] not yet on the day before", case(decided="04-01"), "03-31", "PENDING"),
        ("[5.1.5] repaired", case(decided="04-01", repaired="10-02"), "12-31", "REPAIRED"),
        ("[5.1.4(4)] overturned on review", case(overturned="03-20"), "12-31", "OVERTURNED"),
        ("[6.1] overturned afterwards", case(decided="04-01", overturned="05-01"), "12-31", "OVERTURNED"),
    ],
)
def test_a_case_stands_in_one_way(clause, one, as_of, expected):
    assert one.state(day(as_of)) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("OPEN", "RUNNING"),
        ("DUE_SOON", "RUNNING"),
        ("OVERDUE", "MISSED"),
        ("MET", "MET"),
        ("MET_LATE", "MISSED"),
        ("MISSED", "MISSED"),
        ("MOOT", None),
        ("FORGONE", None),
    ],
)
def test_what_a_clock_counts_as(state, expected):
    """[6.1] A subject's own chance is nobody's failure."""
    assert ClockOutcome.of(ClockState(state)) == expected


@pytest.mark.parametrize(("is_kept", "expected"), [(True, "KEPT"), (False, "BROKEN"), (None, "OPEN")])
def test_what_became_of_a_promise(is_kept, expected):
    """[6.3]"""
    assert promise_outcome(is_kept=is_kept) == expected


MANY = [
    *(case("A", "02-02", decided=f"02-{12 + n}") for n in range(9)),
    *(case("A", "02-02", decided="02-20", repaired="09-01", way="PUBLIC_REPORT") for _ in range(7)),
    *(case("B", what="OTHER", way="PUBLIC_REPORT", overturned="04-01") for _ in range(12)),
    *(case("C", what="OTHER", decided="05-05") for _ in range(20)),
]


def test_a_year_is_counted():
    """[6.1]"""
    found = counted(MANY)
    assert found.cases.total == 48
    assert found.cases.groups == {"A": 16, "B": 12, "C": 20}
    assert found.cases.breakdowns[Dimension.CIRCUMSTANCE].totals["OTHER"] == 32
    assert found.cases.breakdowns[Dimension.CHANNEL].totals == {
        "FACT_FINDING": 0,
        "PLATFORM_QUERY": 0,
        "SUPERVISION_PUSH": 0,
        "PUBLIC_REPORT": 19,
        "OTHER": 29,
    }
    assert found.cases.breakdowns[Dimension.STANDING].totals == {
        "PENDING": 0,
        "DETERMINED": 29,
        "REPAIRED": 7,
        "OVERTURNED": 12,
    }


def test_a_department_gets_its_yearly_sheet():
    """[6.1]"""
    clocks = [
        *(ClockRecord("A", "NOTICE", day("02-05"), ClockOutcome.MET) for _ in range(11)),
        *(ClockRecord("A", "NOTICE", day("02-05"), ClockOutcome.MISSED) for _ in range(6)),
        *(ClockRecord("B", "NOTICE", day("02-05"), ClockOutcome.MET) for _ in range(20)),
    ]
    grants = [
        *(GrantRecord("A", "DEFERRED_DOCUMENTS", day("03-01"), PromiseOutcome.KEPT) for _ in range(15)),
        *(GrantRecord("A", "GREEN_CHANNEL", day("03-01")) for _ in range(8)),
    ]
    found = sheet(counted(MANY, clocks, [CorrectionRecord("A", day("03-09"))] * 6, grants), "A")
    assert (found.department, found.year, found.cases, found.corrections, found.incentives) == ("A", 2026, 16, 6, 23)
    assert found.clocks["NOTICE"] == {"MET": 11, "MISSED": 6, "RUNNING": 0}
    assert found.clocks["REVIEW"] == {"MET": 0, "MISSED": 0, "RUNNING": 0}
    assert found.by[Dimension.STANDING] == {"PENDING": 0, "DETERMINED": 9, "REPAIRED": 7, "OVERTURNED": 0}
    assert found.by[Dimension.PROMISE] == {"KEPT": 15, "BROKEN": 0, "OPEN": 0, "NONE": 8}
    assert found.by[Dimension.INCENTIVE] == {"GREEN_CHANNEL": 8, "DEFERRED_DOCUMENTS": 15, "COMMITMENT": 0}
    assert found.days_to_decision == 17


LAST_YEARS = CaseRecord("A", Circumstance.OTHER, CollectionChannel.OTHER, date(2025, 12, 31))


@pytest.mark.parametrize(
    ("why", "record", "counts"),
    [
        ("collected this year", {"cases": [case(on="01-01")]}, 1),
        ("collected last year", {"cases": [LAST_YEARS]}, 0),
        ("collected after the day of the figures", {"cases": [case(on="07-01")], "as_of": day("06-30")}, 0),
    ],
)
def test_a_year_has_its_own_cases(why, record, counts):
    """[6.1]"""
    assert counted(**record, k=1).cases.total == counts


def test_clocks_corrections_and_grants_have_their_year_too():
    """[6.1]"""
    other = date(2025, 12, 31)
    found = counted(
        clocks=[ClockRecord("A", "NOTICE", when, ClockOutcome.MET) for when in (other, day("01-01"))],
        corrections=[CorrectionRecord("A", when) for when in (other, day("01-01"))],
        grants=[GrantRecord("A", "GREEN_CHANNEL", when) for when in (other, day("01-01"))],
        k=1,
    )
    assert [found.clocks["NOTICE"].total, found.corrections.total, found.incentives.total] == [1, 1, 1]


def test_a_department_with_few_cases_shows_none_of_them():
    """[6.1] [5.1.6] Nor does the district's total give it away."""
    found = counted(MANY[:16] + [case("B")] * 3 + [case("C")] * 30)
    small = sheet(found, "B")
    assert small.cases is None
    assert set(small.by[Dimension.STANDING].values()) == {None}
    assert small.days_to_decision is None
    assert found.cases.total == 49
    assert sum(count is None for count in found.cases.groups.values()) >= 2


@pytest.mark.parametrize(
    ("why", "decided", "pending", "expected"),
    [
        ("enough decided", 10, 5, 27),
        ("four are too few", 4, 20, None),
        ("five, but their number is hidden", 5, 2, None),
        ("none", 0, 20, None),
    ],
)
def test_a_median_is_shown_only_where_its_count_is_shown(why, decided, pending, expected):
    """[6.1] To show that there is one would reveal that there are five."""
    cases = [*[case(on="03-05", decided="04-01")] * decided, *[case()] * pending]
    found = counted([*cases, *[case("C")] * 20])
    assert found.days_to_decision["A"] == expected


def test_a_sheet_has_no_room_for_a_person():
    """[5.1.6] [6.3] Counts and one median of whole days; whoever adds more changes this test."""
    assert [field.name for field in fields(DepartmentSheet)] == [
        "department",
        "year",
        "as_of",
        "cases",
        "by",
        "clocks",
        "taken_over",
        "corrections",
        "late_entries",
        "incentives",
        "days_to_decision",
    ]


some_days = st.dates(date(2026, 1, 1), END)
some_cases = st.lists(
    st.builds(
        lambda department, what, way, on, later, repaired: CaseRecord(
            department,
            what,
            way,
            on,
            None if later is None else on + timedelta(days=later),
            None if later is None or repaired is None else on + timedelta(days=later + repaired),
        ),
        st.sampled_from(DEPARTMENTS),
        st.sampled_from(Circumstance),
        st.sampled_from(CollectionChannel),
        some_days,
        st.none() | st.integers(0, 90),
        st.none() | st.integers(0, 200),
    ),
    max_size=60,
)


def small(counts):
    return [count for count in counts if count is not None and 0 < count < 5]


@given(some_cases)
@settings(deadline=None)
def test_no_figure_points_at_one_person(cases):
    """[6.1] [6.3] [5.1.6]"""
    found = counted(cases)
    assert not small([found.cases.total, *found.cases.groups.values()])
    for breakdown in found.cases.breakdowns.values():
        assert not small([*breakdown.cells.values(), *breakdown.totals.values()])
    for department in DEPARTMENTS:
        one = sheet(found, department)
        assert not small([one.cases, *(count for row in one.by.values() for count in row.values())])
        decided = [one.by[Dimension.STANDING][standing] for standing in (PeriodState.DETERMINED, PeriodState.REPAIRED)]
        if one.days_to_decision is not None:
            assert sum(decided) >= 5


@given(some_cases)
@settings(deadline=None)
def test_unsuppressed_figures_add_up(cases):
    """[6.1]"""
    found = counted(cases, k=1).cases
    assert found.total == len(cases) == sum(found.groups.values())
    for breakdown in found.breakdowns.values():
        assert sum(breakdown.totals.values()) == sum(breakdown.cells.values()) == len(cases)
