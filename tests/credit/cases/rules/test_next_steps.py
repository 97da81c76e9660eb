"""What a case waits for: who has to do what, from when, and until when [5.1]."""

from dataclasses import replace

import pytest

from credit.calendar.calendar import Deadline
from credit.cases.case import ReviewOutcome
from credit.cases.rules.closing import claim_rectification, mark_confidential, rectify
from credit.cases.rules.next_steps import SIDES, Side, Task, todo
from credit.cases.rules.transitions import assign_reviewer, review, state
from credit.cases.status import UnrectifiedPolicy
from tests.credit.cases.one_case import (
    CALENDAR,
    HEAD,
    LATER,
    REVIEWER,
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


def assigned():
    return assign_reviewer(stated(), by(HEAD, "03-09"), REVIEWER, today=LATER)


def claimed():
    return claim_rectification(published(), by(SUBJECT, "Wed 04-01", department=None), today=day("04-01"))


def stated_before_proof():
    return state(noticed(), by(SUBJECT, "03-06", department=None), calendar=CALENDAR, today=LATER)


def reviewed_before_proof():
    return review(stated_before_proof(), by(REVIEWER, "03-16"), ReviewOutcome.UPHELD, today=LATER)


def fixed():
    return rectify(published(), by(HEAD, "04-01"), today=day("04-01"))


def secret():
    return mark_confidential(published(), by(HEAD, "04-01"), today=LATER)


@pytest.mark.parametrize(
    ("case", "build", "expected"),
    [
        ("[5.1.4(1)] verify", collected, [("VERIFY", "03-02", None)]),
        ("[5.1.4(2)] notify, with a clock", verified, [("NOTIFY", "03-03", "Fri 03-06")]),
        ("[5.1.4(2)] prove the service", noticed, [("PROVE_SERVICE", "03-04", None)]),
        ("[5.1.4(3)] wait", served, [("STATE", "03-05", "Tue 03-10"), ("DETERMINE", "Wed 03-11", None)]),
        ("[5.1.4(4)] who reviews?", stated, [("ASSIGN_REVIEWER", "03-06", "03-27"), ("REVIEW", "03-06", "03-27")]),
        ("[5.1.4(4)] review", assigned, [("REVIEW", "03-06", "03-27")]),
        (
            "[5.1.4(4)] stated before the proof is in",
            stated_before_proof,
            [("PROVE_SERVICE", "03-04", None), ("ASSIGN_REVIEWER", "03-06", "03-27"), ("REVIEW", "03-06", "03-27")],
        ),
        ("[5.1.4] reviewed, and no proof yet", reviewed_before_proof, [("PROVE_SERVICE", "03-04", None)]),
        ("[5.1.4] determine after the review", reviewed, [("DETERMINE", "03-16", None)]),
        ("[5.1.4(5)] publish promptly", determined, [("PUBLISH", "03-17", "Tue 03-24")]),
        ("[5.1.5] the subject rectifies", published, [("RECTIFY", "03-18", "2026-09-18")]),
        ("[5.1.5] somebody looks at the evidence", claimed, [("ANSWER_CLAIM", "04-01", "04-23")]),
        ("[5.1.5] rectified: the date does the rest", fixed, []),
        ("[5.1.4(4)] dropped: nothing", lambda: reviewed(ReviewOutcome.DROPPED), []),
        ("[5.1.6] a state secret: nothing here", secret, []),
    ],
)
def test_a_case_waits_for(case, build, expected):
    waits = todo(build(), CALENDAR, LATER)
    assert [(each.task, each.since, each.due) for each in waits] == [
        (task, day(since), None if due is None else Deadline(day(due))) for task, since, due in expected
    ]


def test_an_overdue_restraint_waits_for_its_rectification_unless_it_lapsed():
    """[5.1.5]"""
    late = day("2026-10-12")
    assert [each.task for each in todo(published(), CALENDAR, late)] == [Task.RECTIFY]
    assert todo(published(), CALENDAR, late, UnrectifiedPolicy.LAPSE) == ()


def test_everybody_finds_their_own():
    assert set(SIDES) == set(Task)
    sides = {each.task: each.side for each in todo(served(), CALENDAR, LATER)}
    assert sides == {Task.STATE: Side.SUBJECT, Task.DETERMINE: Side.HANDLER}
    assert todo(replace(stated(), reviewer_ref=REVIEWER), CALENDAR, LATER)[0].side is Side.REVIEWER
