"""How a clock stands on a day: warned, late, missed, moot; and what a new table of working days moves [5.1.4] [6.1]."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import Calendar, Deadline
from credit.cases.case import Case, Claim, ReviewOutcome
from credit.cases.rules.closing import drop, refer
from credit.cases.rules.deadlines import (
    LATE,
    RUNNING,
    SUBJECTS_OWN,
    Clock,
    ClockName,
    ClockState,
    clocks,
    recounted,
    warned_from,
)
from credit.cases.rules.grounds import DeferredDocuments
from credit.cases.rules.transitions import notice
from credit.cases.status import UnrectifiedPolicy
from tests.credit.cases.one_case import (
    CALENDAR,
    HANDLER,
    HEAD,
    LATER,
    SUBJECT,
    by,
    collected,
    day,
    determined,
    noticed,
    published,
    reviewed,
    served,
    stated,
    verified,
)


def clock(case: Case, name: str, today: date = LATER) -> Clock:
    (found,) = [each for each in clocks(case, CALENDAR, today) if each.name == name]
    return found


def late_notice():
    return notice(verified(), by(HANDLER, "Mon 03-09"), today=LATER)


def dropped(case, on):
    return drop(case, by(HEAD, on), today=LATER)


STATES = [
    # Verified Tue 3 March: the notice is due on Fri 6.
    ("[5.1.4(2)] the day it starts", verified, "NOTICE", "Tue 03-03", "OPEN"),
    ("[5.1.4(2)] two working days ahead it warns", verified, "NOTICE", "Wed 03-04", "DUE_SOON"),
    ("[5.1.4(2)] on its last day it warns", verified, "NOTICE", "Fri 03-06", "DUE_SOON"),
    ("[5.1.4(2)] the day after it is overdue, Saturday or not", verified, "NOTICE", "Sat 03-07", "OVERDUE"),
    ("[5.1.4(2)] it stays overdue", verified, "NOTICE", "04-30", "OVERDUE"),
    ("[5.1.4(2)] met", noticed, "NOTICE", "Wed 03-04", "MET"),
    ("[5.1.4(2)] met, asked about the day before", noticed, "NOTICE", "Tue 03-03", "OPEN"),
    ("[5.1.4(2)] met, asked long after", noticed, "NOTICE", "04-30", "MET"),
    ("[5.1.4(2)] met late", late_notice, "NOTICE", "Mon 03-09", "MET_LATE"),
    ("[5.1.4(2)] met late: the day before it was overdue", late_notice, "NOTICE", "Sun 03-08", "OVERDUE"),
    ("[5.1.4(2)] dropped in time: moot", lambda: dropped(verified(), "03-06"), "NOTICE", "04-30", "MOOT"),
    ("[5.1.4(2)] dropped too late: missed", lambda: dropped(verified(), "03-09"), "NOTICE", "04-30", "MISSED"),
    # Served Thu 5: the statement period ends on Tue 10.
    ("[5.1.4(3)] the day of receipt", served, "STATEMENT", "Thu 03-05", "OPEN"),
    ("[5.1.4(3)] the Friday before a Tuesday warns", served, "STATEMENT", "Fri 03-06", "DUE_SOON"),
    ("[5.1.4(3)] its last day", served, "STATEMENT", "Tue 03-10", "DUE_SOON"),
    ("[5.1.4(3)] [A] silence is a waiver, and nobody's miss", served, "STATEMENT", "Wed 03-11", "FORGONE"),
    ("[5.1.4(3)] stated", stated, "STATEMENT", "Fri 03-06", "MET"),
    ("[5.1.4(3)] dropped while it was open", lambda: dropped(served(), "03-09"), "STATEMENT", "04-30", "MOOT"),
    ("[5.1.4(3)] dropped after silence", lambda: dropped(served(), "03-12"), "STATEMENT", "04-30", "FORGONE"),
    # Stated Fri 6: the review is due on Fri 27.
    ("[5.1.4(4)] the week before", stated, "REVIEW", "Fri 03-20", "OPEN"),
    ("[5.1.4(4)] two working days ahead", stated, "REVIEW", "Wed 03-25", "DUE_SOON"),
    ("[5.1.4(4)] overdue", stated, "REVIEW", "Sat 03-28", "OVERDUE"),
    ("[5.1.4(4)] upheld", reviewed, "REVIEW", "03-16", "MET"),
    (
        "[5.1.4(4)] dropped by the review: met, not moot",
        lambda: reviewed(ReviewOutcome.DROPPED),
        "REVIEW",
        "04-30",
        "MET",
    ),
]


@pytest.mark.parametrize(("case", "build", "name", "on", "expected"), STATES, ids=[row[0] for row in STATES])
def test_a_clock_stands_on_a_day(case, build, name, on, expected):
    found = clock(build(), name)
    assert found.state(day(on)) == expected
    assert found.is_late(day(on)) is (expected in LATE)
    assert found.is_running(day(on)) is (expected in RUNNING)


def test_documents_that_never_came_are_forgone_and_those_that_came_are_met():
    """[5.1.2c]"""
    promised = DeferredDocuments(day("02-05"), day("Mon 02-09"))
    case = collected(circumstance="DOCUMENTS_NOT_SUPPLIED", grounds=promised, application_id=UUID(int=7))
    assert clock(case, "DOCUMENTS").due == Deadline(day("Thu 02-12"))
    assert clock(case, "DOCUMENTS").state(LATER) is ClockState.FORGONE
    late = replace(case, grounds=replace(promised, supplied_on=day("02-24")))
    assert clock(late, "DOCUMENTS").state(LATER) is ClockState.FORGONE
    in_time = replace(case, grounds=replace(promised, supplied_on=day("02-12")))
    assert clock(in_time, "DOCUMENTS").state(LATER) is ClockState.MET
    unreminded = replace(case, grounds=DeferredDocuments(day("02-05")))
    assert clocks(unreminded, CALENDAR, LATER) == ()


@pytest.mark.parametrize(
    ("case", "due", "first"),
    [
        ("midweek", "Thu 2026-03-05", "Tue 2026-03-03"),
        ("a Tuesday is warned of from Friday", "Tue 2026-03-10", "Fri 2026-03-06"),
        ("a Monday from Thursday", "Mon 2026-03-09", "Thu 2026-03-05"),
        ("after Spring Festival, from before it", "Tue 2026-02-24", "Fri 2026-02-13"),
        ("the day after that, from the make-up Saturday", "Wed 2026-02-25", "Sat 2026-02-14"),
        ("after National Day, from before it", "Thu 2026-10-08", "Tue 2026-09-29"),
        ("a make-up Saturday", "Sat 2026-10-10", "Thu 2026-10-08"),
    ],
)
def test_a_clock_warns_two_working_days_ahead(case, due, first):
    assert warned_from(Deadline(day(due)), CALENDAR) == day(first)


@given(st.dates(date(2025, 1, 20), date(2026, 12, 20)))
def test_a_warning_leaves_two_working_days_to_act(start):
    due = CALENDAR.deadline(start, 3)
    first = warned_from(due, CALENDAR)
    assert CALENDAR.deadline(first, 2).on == due.on
    assert CALENDAR.deadline(first - timedelta(days=1), 2).on < due.on


def test_a_case_shows_the_clocks_that_have_started():
    """[5.1.4]"""
    case = determined(reviewed())
    assert [each.name for each in clocks(case, CALENDAR, LATER)] == ["NOTICE", "STATEMENT", "REVIEW", "PUBLICATION"]
    assert [each.name for each in clocks(case, CALENDAR, day("03-05"))] == ["NOTICE", "STATEMENT"]
    assert clocks(collected(), CALENDAR, LATER) == ()
    assert all(each.about == case.case_id for each in clocks(case, CALENDAR, LATER))


def test_a_state_secret_shows_none():
    """[5.1.6]"""
    assert clocks(replace(stated(), confidential=True), CALENDAR, LATER) == ()


def test_what_is_late_and_what_soon_will_be():
    """[6.1]"""
    running = [clock(verified(), "NOTICE"), clock(stated(), "REVIEW"), clock(served(), "STATEMENT")]

    def those(state, on):
        return [each.name for each in running if each.state(on) is state]

    assert those(ClockState.DUE_SOON, day("Fri 03-06")) == ["NOTICE", "STATEMENT"]
    assert those(ClockState.OVERDUE, day("Sat 03-07")) == ["NOTICE"]
    assert those(ClockState.OVERDUE, LATER) == ["NOTICE", "REVIEW"]


def test_a_referred_case_has_nothing_left_to_do():
    """[5.1.2]"""
    case = refer(verified(), by(HEAD, "03-05"), today=day("03-05"))
    assert clock(case, "NOTICE").state(LATER) is ClockState.MOOT


def test_a_claim_has_a_clock_until_it_is_answered_or_the_case_ends():
    """[5.1.5] A reading: fifteen working days, so that a restraint does not stay because nobody looks."""
    case = replace(published(), claims=(Claim(by(SUBJECT, "Mon 08-31", department=None)),))
    (claim,) = [each for each in clocks(case, CALENDAR, day("09-30")) if each.name is ClockName.RECTIFICATION]
    assert claim.due == Deadline(day("Sun 09-20"))
    assert claim.state(day("09-22")) is ClockState.OVERDUE
    lapsed = clocks(case, CALENDAR, day("09-30"), unrectified=UnrectifiedPolicy.LAPSE)
    assert [each.state(day("09-30")) for each in lapsed if each.name is ClockName.RECTIFICATION] == [ClockState.MOOT]


def test_clocks_say_whose_they_are():
    assert {"STATEMENT", "DOCUMENTS"} == SUBJECTS_OWN
    assert all(name.zh and name.clause for name in ClockName)
    assert all(state.zh for state in ClockState)


# --- a table arrives ----------------------------------------------------------------------------------------------

TABLE_2027 = Calendar(CALENDAR.years | {2027}, CALENDAR.off | {date(2027, 1, 1), date(2027, 1, 4)}, CALENDAR.work)
"""Made up for this test."""


def over_new_year():
    return replace(served(), served=by(HANDLER, "Wed 2026-12-30"), collected=by(HANDLER, "2026-12-21"))


def both(case, today):
    before, after = clocks(case, CALENDAR, today), clocks(case, TABLE_2027, today)
    return recounted(before, after, today)


def test_a_new_table_moves_the_open_clocks_and_says_from_where():
    (moved,) = both(over_new_year(), day("2026-12-31"))
    assert moved.clock.name is ClockName.STATEMENT
    assert moved.before == Deadline(date(2027, 1, 4), provisional=True)
    assert moved.clock.due == Deadline(date(2027, 1, 6))
    assert moved.has_moved


def test_a_day_that_becomes_certain_is_reported_though_it_does_not_move():
    calendar = replace(TABLE_2027, off=CALENDAR.off)
    case, today = over_new_year(), day("2026-12-31")
    (fixed,) = recounted(clocks(case, CALENDAR, today), clocks(case, calendar, today), today)
    assert not fixed.has_moved
    assert not fixed.clock.due.provisional


def test_what_was_met_either_way_is_left_alone():
    case = replace(over_new_year(), statements=(by(SUBJECT, "2026-12-31"),))
    names = [each.clock.name for each in both(case, day("2027-01-04"))]
    assert names == [ClockName.REVIEW], "the statement was in time by either count"


def test_a_state_that_changes_is_reported():
    """[6.1] Late by a guess, in time by the table."""
    verified_on, noticed_on = by(HANDLER, "Wed 2026-12-30"), by(HANDLER, "Tue 2027-01-05")
    case = replace(noticed(), collected=by(HANDLER, "2026-12-21"), verified=verified_on, noticed=noticed_on)
    today = date(2027, 1, 8)
    (turned,) = both(case, today)
    assert clock(case, "NOTICE", today).is_late(today)
    assert not turned.clock.is_late(today)


def test_without_a_guess_nothing_is_counted_anew():
    case = determined(reviewed())
    assert both(case, LATER) == ()
