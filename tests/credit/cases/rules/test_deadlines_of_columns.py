"""A case's clocks and its end, read off dated columns alone, are those of the case itself [5.1.4] [5.1.5]."""

# ruff: noqa: E501 - one row of a table is one line

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import shipped
from credit.cases.rules.deadlines import ClockName, ClockState, of_step
from credit.cases.status import RestraintDates, UnrectifiedPolicy, period_end

CALENDAR = shipped()
CASE = UUID(int=1)
NEVER = dict.fromkeys(("published_on", "ends_on", "rectified_on", "removed_on", "dropped_on", "referred_on"))
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))


def on(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("case", "columns", "unrectified", "free"),
    [
        ("[5.1.5] nothing has ended it", {}, "stays", None),
        ("[5.1.4] dropped", {"dropped_on": "2026-03-02"}, "stays", "2026-03-02"),
        ("[5.1.2] referred before it was removed", {"referred_on": "2026-03-02", "removed_on": "2026-03-04"}, "stays", "2026-03-02"),
        ("[5.1.5] rectified within the period: the day after its last", {"published_on": "2026-03-02", "ends_on": "2026-09-02", "rectified_on": "2026-04-01"}, "stays", "2026-09-03"),
        ("[5.1.5] rectified after it: the day of confirmation", {"published_on": "2026-03-02", "ends_on": "2026-09-02", "rectified_on": "2026-10-12"}, "stays", "2026-10-12"),
        ("[5.1.5] not rectified: no end in sight", {"published_on": "2026-03-02", "ends_on": "2026-09-02"}, "stays", None),
        ("[5.1.5] not rectified, where such lapse", {"published_on": "2026-03-02", "ends_on": "2026-09-02"}, "lapse", "2026-09-03"),
        ("[5.1.5] claimed within it and rectified after it: the day after its last", {"published_on": "2026-03-02", "ends_on": "2026-09-02", "timely_claim_on": "2026-08-31", "timely_claim_answered_on": "2026-10-12", "rectified_on": "2026-10-12"}, "stays", "2026-09-03"),
        ("[5.1.5] claimed within it, refused after it, rectified later: the day of confirmation", {"published_on": "2026-03-02", "ends_on": "2026-09-02", "timely_claim_on": "2026-08-31", "timely_claim_answered_on": "2026-10-12", "rectified_on": "2026-10-14"}, "stays", "2026-10-14"),
        ("[5.1.5] claimed within it, not answered: no end in sight", {"published_on": "2026-03-02", "ends_on": "2026-09-02", "timely_claim_on": "2026-08-31"}, "stays", None),
        ("[5.1.4(6)] removed within the period", {"published_on": "2026-03-02", "ends_on": "2026-09-02", "rectified_on": "2026-04-01", "removed_on": "2026-05-06"}, "stays", "2026-05-06"),
    ],
)  # fmt: skip
def test_a_case_binds_nobody_any_more_from_a_day(case, columns, unrectified, free):
    given = NEVER | {name: on(day) for name, day in columns.items()}
    assert RestraintDates(**given).free_on(UnrectifiedPolicy(unrectified)) == (free and on(free)), case


@given(
    st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    DAYS,
    DAYS,
    DAYS,
    st.integers(0, 500),
    st.sampled_from(UnrectifiedPolicy),
)
def test_from_that_day_on_it_is_not_in_force_and_before_it_was(
    published, rectified, removed, referred, after, unrectified
):
    """[5.1.5] The end and the state of a published restraint never contradict each other."""
    dates = RestraintDates(**NEVER | {
        "published_on": published, "ends_on": period_end(published), "rectified_on": rectified,
        "removed_on": removed, "referred_on": referred,
    })  # fmt: skip
    today = published + timedelta(days=after)
    free = dates.free_on(unrectified)
    assert dates.is_in_force(today, unrectified) is (free is None or today < free)


@pytest.mark.parametrize(
    ("case", "name", "started", "due", "met", "ended", "state"),
    [
        ("[5.1.4(2)] 3 working days", ClockName.NOTICE, "2026-03-02", "2026-03-05", None, None, ClockState.OVERDUE),
        ("[5.1.4(3)] 3 working days", ClockName.STATEMENT, "2026-03-02", "2026-03-05", None, None, ClockState.FORGONE),
        ("[5.1.4(4)] 15 working days", ClockName.REVIEW, "2026-03-02", "2026-03-23", None, None, ClockState.OVERDUE),
        ("[5.1.4(2)] met", ClockName.NOTICE, "2026-03-02", "2026-03-05", "2026-03-05", None, ClockState.MET),
        ("[5.1.4(2)] met late, and the case ended later", ClockName.NOTICE, "2026-03-02", "2026-03-05", "2026-03-06", "2026-03-09", ClockState.MET_LATE),
        ("[5.1.4(4)] ended in time without it", ClockName.REVIEW, "2026-03-02", "2026-03-23", None, "2026-03-20", ClockState.MOOT),
        ("[5.1.4(4)] ended too late without it", ClockName.REVIEW, "2026-03-02", "2026-03-23", None, "2026-03-24", ClockState.MISSED),
    ],
)  # fmt: skip
def test_the_clock_of_a_step_needs_only_its_days(case, name, started, due, met, ended, state):
    clock = of_step(name, CASE, on(started), CALENDAR, met_on=met and on(met), ended_on=ended and on(ended))
    assert (clock.due.on, clock.state(on("2026-04-01"))) == (on(due), state), case


@pytest.mark.parametrize(
    ("case", "today", "last", "left"),
    [
        ("[5.1.4] the last day itself", "2026-03-05", "2026-03-05", 0),
        ("[5.1.4] over a weekend", "2026-03-06", "2026-03-10", 2),
        ("[5.1.4] from a Saturday", "2026-03-07", "2026-03-10", 2),
        ("[5.1.4] over Spring Festival, with its make-up Saturday", "2026-02-13", "2026-02-24", 2),
        ("[5.1.4] into a year without a table, by weekdays", "2026-12-31", "2027-01-04", 2),
        ("[5.1.4] nothing is left after it", "2026-03-06", "2026-03-05", 0),
    ],
)
def test_working_days_left_are_counted_from_tomorrow(case, today, last, left):
    assert CALENDAR.working_days_left(on(last), on(today)) == left, case
