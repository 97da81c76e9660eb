"""A statement posted in time that arrives after the determination [5.1.4(3)]: the case rests until its review.

Served on Thu 5 March 2026, so that the statement period ends on Tue 10; determined Tue 17, published Wed 18 March.
"""

from dataclasses import replace
from datetime import date

import pytest

from credit.cases.actions.take_step import TAKEN_DOWN, messages_of
from credit.cases.case import Case, Pause, ReviewOutcome
from credit.cases.refusals import NEW_BREACH_OPEN, REVIEW_OPEN, DayOutOfOrder
from credit.cases.rules.deadlines import ClockName, clocks
from credit.cases.rules.next_steps import Task, todo
from credit.cases.rules.period import reckon, require_no_new_breach
from credit.cases.rules.term import Term
from credit.cases.rules.transitions import publish, review, state
from credit.cases.status import CaseStatus
from credit.cases.steps import StepName
from tests.credit.cases.one_case import (
    CALENDAR,
    HANDLER,
    HEAD,
    REVIEWER,
    SUBJECT,
    by,
    day,
    determined,
    listed,
    published,
    stated,
)
from tests.refusals import refuses

ARRIVED = day("Fri 03-20")
REVIEWED = day("Thu 04-02")
ROUNDS = date(2026, 9, 18)


def reopened(case: Case) -> Case:
    """Return *case* after a letter posted on 10 March, the last day, arrived on 20 March."""
    return state(case, by(HANDLER, "Tue 03-10"), calendar=CALENDAR, today=ARRIVED)


def closed(outcome: ReviewOutcome, case: Case | None = None, on: date = REVIEWED) -> Case:
    amended = {"facts"} if outcome is ReviewOutcome.AMENDED else ()
    found = reopened(published()) if case is None else case
    return review(found, by(REVIEWER, on), outcome, today=on, amended=amended)


def test_from_its_arrival_on_restraint_and_listing_rest():
    case = reopened(published())
    assert case.pauses == (Pause(ARRIVED),)
    assert [case.is_in_force(day(on)) for on in ("03-19", "03-20", "04-30")] == [True, False, False]
    assert [case.status(day(on)) for on in ("03-19", "03-20")] == [CaseStatus.PUBLISHED, CaseStatus.SUSPENDED]
    assert [each.task for each in todo(case, CALENDAR, ARRIVED)] == [Task.ASSIGN_REVIEWER, Task.REVIEW]


@pytest.mark.parametrize("outcome", [ReviewOutcome.UPHELD, ReviewOutcome.AMENDED])
def test_the_review_that_upholds_ends_the_pause_and_the_time_has_counted(outcome):
    case = closed(outcome)
    assert [case.is_in_force(day(on)) for on in ("04-01", "04-02", "09-18")] == [False, True, True]
    assert case.ends_on == ROUNDS, "the pause counts towards the period"
    assert case.status(day("04-01")) is CaseStatus.SUSPENDED, "asked later"


def test_the_review_that_drops_ends_the_case():
    case = closed(ReviewOutcome.DROPPED)
    assert case.status(REVIEWED) is CaseStatus.DROPPED
    assert not case.is_in_force(REVIEWED)


def test_a_dropped_case_restarts_no_other_period():
    """[5.1.5] The older period returns to its own end."""
    old = listed(9, "2026-01-05")
    newer = published(occurred_on=day("2026-02-02"))
    (restarted,) = reckon([old, newer], day("03-18"))
    assert restarted.ends_on == ROUNDS
    (freed,) = reckon([restarted, closed(ReviewOutcome.DROPPED, reopened(newer))], REVIEWED)
    assert freed.ends_on == day("2026-07-05")


def test_what_rests_restarts_no_other_period_meanwhile():
    """[5.1.5] Nobody is restrained by another case only because of a determination that rests."""
    old = listed(9, "2026-01-05", rectified=by(HEAD, "2026-02-02"), term=Term(2))  # ends on 5 March
    newer = published(occurred_on=day("2026-02-16"))
    (returned,) = reckon([old, newer], day("03-18"))
    assert [returned.is_in_force(day(on)) for on in ("03-05", "03-17", "03-18")] == [True, False, True]
    (freed,) = reckon([returned, reopened(newer)], ARRIVED)
    assert [freed.is_in_force(day(on)) for on in ("03-17", "03-19", "03-20")] == [False, True, False]
    with refuses(NEW_BREACH_OPEN):
        require_no_new_breach(freed, [reopened(newer)])
    (back,) = reckon([freed, closed(ReviewOutcome.UPHELD, reopened(newer))], REVIEWED)
    assert back.ends_on == day("05-18"), "the time has counted: two months from the publication"
    assert [back.is_in_force(day(on)) for on in ("03-17", "03-19", "04-01", "04-02")] == [False, True, False, True]
    assert [back.status(day(on)) for on in ("03-17", "04-01")] == [CaseStatus.ENDED] * 2, "asked later"
    assert reckon([back, closed(ReviewOutcome.UPHELD, reopened(newer))], REVIEWED) == ()


def test_the_period_of_the_review_begins_with_the_arrival():
    """[5.1.4(4)] 15 working days after 20 March; Qingming is on 5 April, with 6 April off."""
    case = reopened(published())
    (clock,) = (each for each in clocks(case, CALENDAR, ARRIVED) if each.name is ClockName.REVIEW)
    assert (clock.started_on, clock.due.on) == (ARRIVED, day("Mon 04-13"))


def test_before_publication_it_keeps_the_case_from_being_published():
    case = reopened(determined())
    assert case.status(ARRIVED) is CaseStatus.SUSPENDED
    with refuses(REVIEW_OPEN):
        publish(case, by(HEAD, ARRIVED), (), calendar=CALENDAR, today=ARRIVED)
    upheld = closed(ReviewOutcome.UPHELD, case)
    assert publish(upheld, by(HEAD, REVIEWED), (), calendar=CALENDAR, today=REVIEWED).case.is_in_force(REVIEWED)


def test_a_second_letter_adds_to_the_same_pause():
    case = state(reopened(published()), by(HANDLER, "Mon 03-09"), calendar=CALENDAR, today=day("03-23"))
    assert case.pauses == (Pause(ARRIVED),)
    assert len(case.statements) == 2


def test_a_letter_in_time_is_heard_after_a_review_too():
    """It rests once more, from the arrival of this letter on; what was decided on the first one stays in the steps."""
    again = day("Wed 04-08")
    case = state(closed(ReviewOutcome.UPHELD), by(HANDLER, "Tue 03-10"), calendar=CALENDAR, today=again)
    assert case.pauses == (Pause(ARRIVED, REVIEWED), Pause(again))
    assert [case.status(day(on)) for on in ("03-30", "04-02", "04-08")] == [
        CaseStatus.SUSPENDED, CaseStatus.PUBLISHED, CaseStatus.SUSPENDED,
    ]  # fmt: skip
    assert (case.review_from, case.dates.review_from) == (again, again)
    upheld = closed(ReviewOutcome.UPHELD, case, again)
    assert (upheld.status(day("03-30")), upheld.status(again)) == (CaseStatus.SUSPENDED, CaseStatus.PUBLISHED)
    assert upheld.review_from == again, "both on one day"
    assert closed(ReviewOutcome.DROPPED, case, day("Thu 04-09")).status(day("04-09")) is CaseStatus.DROPPED


def test_a_statement_in_time_needs_a_review_however_soon_the_first_one_was_closed():
    """[5.1.4(3)] [5.1.4(4)] Stated on Fri 6 March, reviewed on the same day; the period runs until Tue 10."""
    hasty = review(stated(), by(REVIEWER, "03-06"), ReviewOutcome.UPHELD, today=day("03-06"))
    case = state(hasty, by(SUBJECT, "Tue 03-10", department=None), calendar=CALENDAR, today=day("03-10"))
    assert (case.status(day("03-10")), len(case.statements), case.pauses) == (CaseStatus.STATED, 2, ())
    with refuses(REVIEW_OPEN):
        determined(case)
    assert determined(closed(ReviewOutcome.UPHELD, case, day("03-16"))).status(day("03-17")) is CaseStatus.DETERMINED


def test_a_review_that_changes_the_list_is_never_dated_back():
    with pytest.raises(DayOutOfOrder):
        review(reopened(published()), by(REVIEWER, "04-01"), ReviewOutcome.UPHELD, today=REVIEWED)


LISTS = ["platform", "supervisors"]


@pytest.mark.parametrize(
    ("case", "step", "expected"),
    [
        ("published, reopened", StepName.REOPENED, [(TAKEN_DOWN, each) for each in LISTS] + [("REOPENED", "subject")]),
        ("published, upheld", StepName.REVIEWED, [("REVIEWED", "subject")] + [("PUBLISHED", each) for each in LISTS]),
        ("determined, reopened", StepName.REOPENED, [(TAKEN_DOWN, "platform"), ("REOPENED", "subject")]),
        ("determined, upheld", StepName.REVIEWED, [("REVIEWED", "subject"), ("DETERMINED", "platform")]),
        ("published, dropped", StepName.REVIEWED, [("REVIEWED", "subject")]),
    ],
)
def test_who_is_told(case, step, expected):
    """[5.1.4(5)] The push rests with the restraint: recipients take the case down, and get it again."""
    before, _, outcome = case.partition(", ")
    found = reopened(published() if before == "published" else determined())
    if outcome != "reopened":
        found = closed(ReviewOutcome(outcome.upper()), found)
    assert messages_of(step, found, REVIEWED) == expected


def test_a_confidential_case_tells_nobody():
    """[5.1.6]"""
    assert messages_of(StepName.REOPENED, replace(reopened(published()), confidential=True), ARRIVED) == []
