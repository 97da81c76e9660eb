"""Steps that are recorded late, and their clocks: nothing is in time, and nobody is heard, by dating back [5.1.4].

The case of `one_case`, in March 2026 without a holiday: each act has its own day and the day of its record.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cases.case import ReviewOutcome, ServiceMeans
from credit.cases.refusals import STATEMENT_PERIOD_OPEN, DayOutOfOrder, NotYet
from credit.cases.rules.closing import rectify
from credit.cases.rules.deadlines import ClockName, clocks
from credit.cases.rules.next_steps import Task, todo
from credit.cases.rules.term import SIX_MONTHS
from credit.cases.rules.transitions import determine, notice, publish, review, serve, state, verify
from credit.core.late_entries import LateEntry, days_of
from tests.credit.cases.one_case import (
    CALENDAR,
    DEPARTMENT,
    HANDLER,
    HEAD,
    REVIEWER,
    SHORT,
    SUBJECT,
    by,
    collected,
    day,
    determined,
    noticed,
    served,
    stated,
    verified,
)


def act(step, who, on, recorded_on, department=DEPARTMENT):
    """Return the fact of a step that was done *on* a day and recorded on another one."""
    days = days_of(step, day(on), day(recorded_on))
    return replace(by(who, days.counts_on, department=department), late=days.late)


def verify_on(on, recorded):
    fact = act("VERIFIED", HANDLER, on, recorded)
    return verify(collected(), fact, SHORT, calendar=CALENDAR, today=day(recorded))


def notice_on(on, recorded):
    return notice(verified(), act("NOTICED", HANDLER, on, recorded), today=day(recorded))


def serve_on(on, recorded, before=None, means=ServiceMeans.BY_POST):
    case = noticed() if before is None else before
    return serve(case, act("SERVED", HANDLER, on, recorded), means, today=day(recorded))


def state_on(on, recorded, before=None):
    case = served() if before is None else before
    fact = act("STATED", SUBJECT, on, recorded, department=None)
    return state(case, fact, calendar=CALENDAR, today=day(recorded))


def review_on(on, recorded):
    return review(stated(), act("REVIEWED", REVIEWER, on, recorded), ReviewOutcome.UPHELD, today=day(recorded))


def determine_on(on, recorded, before=None):
    case, fact = served() if before is None else before, act("DETERMINED", HEAD, on, recorded)
    return determine(case, fact, SHORT, "临审认字〔2026〕第1号", SIX_MONTHS, calendar=CALENDAR, today=day(recorded))


@pytest.mark.parametrize(
    ("case", "build", "name", "started", "due", "met", "state_then", "late"),
    [
        ("[5.1.4(2)] a notice of the last day in time, recorded the day after: missed",
         lambda: notice_on("Fri 03-06", "Mon 03-09"), "NOTICE", "03-03", "03-06", "03-09", "MET_LATE",
         ("03-06", "03-09")),
        ("[5.1.4(2)] a notice of the first day, recorded on the last: met",
         lambda: notice_on("Wed 03-04", "Fri 03-06"), "NOTICE", "03-03", "03-06", "03-06", "MET", ("03-04", "03-06")),
        ("[5.1.4(2)] verification recorded a week late: the notice has three working days from the record",
         lambda: verify_on("Tue 03-03", "Tue 03-10"), "NOTICE", "03-10", "03-13", None, "OPEN", ("03-03", "03-10")),
        ("[5.1.4(3)] served on the spot last Wednesday, recorded on Thursday week: the period begins then",
         lambda: serve_on("Wed 03-04", "Thu 03-12", means=ServiceMeans.ON_THE_SPOT), "STATEMENT", "03-12", "03-17",
         None, "OPEN", ("03-04", "03-12")),
        ("[5.1.4(3)] served by post, the receipt recorded a day later: one day more for the subject",
         lambda: serve_on("Thu 03-05", "Fri 03-06"), "STATEMENT", "03-06", "03-11", None, "OPEN", ("03-05", "03-06")),
        ("[5.1.4(3)] a letter posted on the last day counts from there, whenever it is recorded",
         lambda: state_on("Tue 03-10", "Mon 03-16"), "STATEMENT", "03-05", "03-10", "03-10", "MET",
         ("03-10", "03-16")),
        ("[5.1.4(4)] and its review is due fifteen working days after the posting",
         lambda: state_on("Tue 03-10", "Mon 03-16"), "REVIEW", "03-10", "03-31", None, "OPEN", ("03-10", "03-16")),
        ("[5.1.4(4)] a review of the last day, recorded the day after: missed",
         lambda: review_on("Fri 03-27", "Mon 03-30"), "REVIEW", "03-06", "03-27", "03-30", "MET_LATE",
         ("03-27", "03-30")),
    ],
)  # fmt: skip
def test_a_late_entry_keeps_both_days_and_its_clock_is_flagged(case, build, name, started, due, met, state_then, late):
    found = build()
    today = day(late[1])
    (clock,) = (each for each in clocks(found, CALENDAR, today) if each.name == name)
    assert (clock.started_on, clock.due.on, clock.met_on) == (day(started), day(due), met and day(met)), case
    assert (clock.state(today), clock.late) == (state_then, LateEntry(day(late[0]), day(late[1]))), case


@pytest.mark.parametrize(
    ("case", "recorded", "until"),
    [
        ("[5.1.4(3)] served last week, recorded and determined today: nobody has read it", "Thu 03-12", "03-17"),
        ("[5.1.4(3)] nor on its last working day", "Tue 03-17", "03-17"),
    ],
)  # fmt: skip
def test_nothing_is_determined_before_the_subject_could_have_read_it(case, recorded, until):
    late = serve_on("Wed 03-04", "Thu 03-12", means=ServiceMeans.ON_THE_SPOT)
    for dated in ("Wed 03-11", recorded):
        with pytest.raises(NotYet) as refused:
            determine_on(dated, recorded, late)
        assert (refused.value.reason, refused.value.until) == (STATEMENT_PERIOD_OPEN, day(until)), case
    assert determine_on("Wed 03-18", "Wed 03-18", late).determined.on == day("03-18")
    assert [(each.task, each.since) for each in todo(late, CALENDAR, day("03-12"))] == [
        (Task.STATE, day("03-12")),
        (Task.DETERMINE, day("03-18")),
    ]


def test_no_paper_dates_a_determination_into_the_statement_period():
    """[5.1.4(3)] Neither by its own day nor by that of its record; the papers have their own order, too."""
    with pytest.raises(DayOutOfOrder) as refused:
        determine_on("Mon 03-09", "Tue 03-17")
    assert refused.value.nearest == day("03-11")
    assert determine_on("Wed 03-11", "Tue 03-17").determined.own_day == day("03-11")
    late = serve_on("Wed 03-04", "Thu 03-12")  # by the papers its period ended on Mon 9
    assert determine_on("Tue 03-10", "Wed 03-18", late).determined.own_day == day("03-10")


def test_the_own_days_of_acts_have_an_order_whenever_they_are_recorded():
    """[5.1.4] A letter that answers the notice may be recorded before the notice's own record is complete."""
    late = notice_on("Wed 03-04", "Tue 03-10")
    assert state_on("Thu 03-05", "Tue 03-10", late).stated.on == day("03-05")
    with pytest.raises(DayOutOfOrder):
        state_on("Tue 03-03", "Tue 03-10", late)
    with pytest.raises(DayOutOfOrder):
        serve_on("Tue 03-03", "Wed 03-11", late)
    with pytest.raises(DayOutOfOrder):
        notice_on("Wed 03-11", "Tue 03-10")


def test_what_changes_the_list_is_never_dated_back():
    """[5.1.5] What a past day showed is never rewritten."""
    with pytest.raises(DayOutOfOrder):
        publish(
            determined(), act("PUBLISHED", HEAD, "Wed 03-18", "Thu 03-19"), (), calendar=CALENDAR, today=day("03-19")
        )
    with pytest.raises(DayOutOfOrder):
        rectify(verified(), act("RECTIFIED", HEAD, "Wed 03-18", "Thu 03-19"), today=day("03-19"))


back = st.integers(0, 30)
ahead = st.integers(0, 20)
FIRST = date(2026, 3, 2)


@given(st.lists(st.tuples(ahead, back), min_size=5, max_size=5), st.integers(0, 60))
def test_no_entry_of_the_authority_turns_a_missed_clock_into_one_in_time(steps, later):
    """[5.1.4] [6.1] Whatever days it writes: every clock is as if each act had been dated with its record."""
    honest, dated = collected(), collected()
    today = FIRST
    names = ("VERIFIED", "NOTICED", "SERVED", "REVIEWED", "DETERMINED")
    fields = ("verified", "noticed", "served", "reviewed", "determined")
    for name, field, (waited, earlier) in zip(names, fields, steps, strict=True):
        today += timedelta(days=waited)
        honest = replace(honest, **{field: act(name, HANDLER, str(today), str(today))})
        dated = replace(dated, **{field: act(name, HANDLER, str(today - timedelta(days=earlier)), str(today))})
    seen = today + timedelta(days=later)
    one, other = clocks(honest, CALENDAR, seen), clocks(dated, CALENDAR, seen)
    assert [(each.name, each.due, each.state(seen)) for each in one] == [
        (each.name, each.due, each.state(seen)) for each in other
    ]
    assert ClockName.NOTICE in {each.name for each in one}


@given(back, ahead, back)
def test_no_determination_before_the_working_days_after_the_record(earlier, waited, dated_back):
    """[5.1.4(3)] The subject has its three working days after the service is on record, whatever days are written."""
    recorded = day("03-05") + timedelta(days=waited)
    own = max(recorded - timedelta(days=earlier), day("03-04"))
    case = serve_on(str(own), str(recorded))
    last = CALENDAR.deadline(recorded, 3).on
    for after in range((last - recorded).days + 1):
        today = recorded + timedelta(days=after)
        with pytest.raises(NotYet):
            determine_on(str(max(today - timedelta(days=dated_back), own)), str(today), case)
    today = last + timedelta(days=1)
    assert determine_on(str(today), str(today), case).determined.on == today
