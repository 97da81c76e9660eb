"""A claim of rectification that is made within the period and answered after it [5.1.5].

Published Wed 18 March 2026, so the last day in force is 18 September. Each line: what happened, and what a day shows.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import Deadline
from credit.cases.refusals import ALREADY_ENDED, TooLate
from credit.cases.rules.closing import claim_rectification, rectify, refuse_claim
from credit.cases.rules.deadlines import ClockName, clocks
from credit.cases.rules.next_steps import Task, todo
from credit.cases.status import UnrectifiedPolicy
from tests.credit.cases.one_case import CALENDAR, HANDLER, SUBJECT, by, day, published

STAYS, LAPSE = UnrectifiedPolicy.STAYS, UnrectifiedPolicy.LAPSE
LAST = day("2026-09-18")


def lived(*events):
    """Return the published case after claims, refusals and a confirmation on their days, as `claim 09-10`."""
    case = published()
    for event in events:
        what, on = event.split()
        fact = by(SUBJECT if what == "claim" else HANDLER, on, department=None) if what == "claim" else by(HANDLER, on)
        step = {"claim": claim_rectification, "refuse": refuse_claim, "confirm": rectify}[what]
        case = step(case, fact, today=fact.on)
    return case


@pytest.mark.parametrize(
    ("case", "events", "shown", "free_on"),
    [
        ("confirmed late: the restraint ended with the period", ["claim 09-10", "confirm 09-28"],
         {"09-18": "PUBLISHED", "09-19": "CLAIM_UNANSWERED", "09-27": "CLAIM_UNANSWERED", "09-28": "ENDED"}, "09-19"),
        ("claimed on the last day, and not answered yet", ["claim 09-18"],
         {"09-18": "PUBLISHED", "09-19": "CLAIM_UNANSWERED", "2027-03-01": "CLAIM_UNANSWERED"}, None),
        ("claimed a day too late: overdue until confirmed", ["claim 09-19", "confirm 09-28"],
         {"09-19": "OVERDUE_FOR_RECTIFICATION", "09-27": "OVERDUE_FOR_RECTIFICATION", "09-28": "ENDED"}, "09-28"),
        ("refused late: it stays from the refusal on", ["claim 09-10", "refuse 09-28"],
         {"09-19": "CLAIM_UNANSWERED", "09-27": "CLAIM_UNANSWERED", "09-28": "OVERDUE_FOR_RECTIFICATION"}, None),
        ("refused in time: overdue from the end on", ["claim 09-10", "refuse 09-17"],
         {"09-18": "PUBLISHED", "09-19": "OVERDUE_FOR_RECTIFICATION"}, None),
        ("refused late, and a second claim does not let it rest", ["claim 09-10", "refuse 09-28", "claim 10-09"],
         {"09-27": "CLAIM_UNANSWERED", "09-28": "OVERDUE_FOR_RECTIFICATION", "10-12": "OVERDUE_FOR_RECTIFICATION"},
         None),
        ("and ends with its own confirmation", ["claim 09-10", "refuse 09-28", "claim 10-09", "confirm 10-12"],
         {"09-27": "CLAIM_UNANSWERED", "10-10": "OVERDUE_FOR_RECTIFICATION", "10-12": "ENDED"}, "10-12"),
        ("refused, claimed again in time", ["claim 08-03", "refuse 08-10", "claim 09-10"],
         {"09-18": "PUBLISHED", "09-19": "CLAIM_UNANSWERED"}, None),
        ("confirmed in time", ["claim 09-10", "confirm 09-15"], {"09-18": "PUBLISHED", "09-19": "ENDED"}, "09-19"),
        ("confirmed late without a claim", ["confirm 09-28"],
         {"09-19": "OVERDUE_FOR_RECTIFICATION", "09-28": "ENDED"}, "09-28"),
    ],
)  # fmt: skip
def test_a_claim_made_in_time_is_not_the_subjects_delay(case, events, shown, free_on):
    found = lived(*events)
    for on, status in shown.items():
        today = day(on)
        assert found.status(today) == status, (case, on)
        assert found.is_in_force(today) is (status in {"PUBLISHED", "OVERDUE_FOR_RECTIFICATION"}), (case, on)
        assert found.dates.is_resting(today) is (status == "CLAIM_UNANSWERED"), (case, on)
    assert found.free_on() == (free_on and day(free_on)), case


def test_while_it_rests_the_authority_still_owes_the_answer():
    """[5.1.5] The clock runs on, the task stays, and both answers are possible; where such lapse, it is over."""
    case, today = lived("claim 09-10"), day("Mon 10-12")
    due = Deadline(day("Thu 10-08"))
    assert [(each.task, each.due) for each in todo(case, CALENDAR, today)] == [(Task.ANSWER_CLAIM, due)]
    (clock,) = (each for each in clocks(case, CALENDAR, today) if each.name is ClockName.RECTIFICATION)
    assert (clock.due, clock.state(today)) == (due, "OVERDUE")
    assert refuse_claim(case, by(HANDLER, today), today=today).is_in_force(today)
    assert not rectify(case, by(HANDLER, today), today=today).is_in_force(today)
    assert case.status(today, LAPSE) == "ENDED"
    with pytest.raises(TooLate) as refused:
        refuse_claim(case, by(HANDLER, today), today=today, unrectified=LAPSE)
    assert refused.value.reason == ALREADY_ENDED


def test_it_rests_from_the_end_that_the_case_has_in_the_end():
    """[5.1.5] A period that started anew outlasts the claim, and a claim made in the new one counts as in time."""
    case = lived("claim 09-10")
    longer = replace(case, ends_on=day("2027-01-11"))
    assert longer.status(day("09-19")) == "PUBLISHED"
    assert longer.status(day("2027-01-12")) == "CLAIM_UNANSWERED"


turns = st.lists(st.tuples(st.integers(1, 25), st.sampled_from(["claim", "refuse", "confirm"])), max_size=6)


@given(st.integers(-40, 10), turns)
def test_no_later_step_changes_what_a_past_day_showed(start, steps):
    """[5.1.5] On every day the list is what it was on that day, whatever is claimed and answered afterwards."""
    case, today = published(), LAST + timedelta(days=start)
    shown = {}
    for waited, what in steps:
        for passed in range(waited):
            on = today + timedelta(days=passed)
            shown[on] = case.is_in_force(on)
        today += timedelta(days=waited)
        is_open = case.open_claim is not None
        if case.rectified is not None or (what == "claim" and is_open) or (what == "refuse" and not is_open):
            continue
        fact = by(SUBJECT, today, department=None) if what == "claim" else by(HANDLER, today)
        case = {"claim": claim_rectification, "refuse": refuse_claim, "confirm": rectify}[what](case, fact, today=today)
    assert {on: case.is_in_force(on) for on in shown} == shown
