"""Objections: at any time, answered in 15 working days by somebody else, granted through a correction [5.1.4(6)]."""

from dataclasses import replace
from uuid import UUID

import pytest

from credit.calendar.calendar import Deadline
from credit.cases.case import RemovalCause
from credit.cases.refusals import (
    ALREADY_TAKEN,
    EVIDENCE_MISSING,
    NOT_THE_AUTHORITY,
    OBJECTION_OPEN,
    REVIEWER_HANDLED_THE_CASE,
    DayOutOfOrder,
)
from credit.cases.rules.deadlines import ClockState, clocks
from credit.cases.status import CaseStatus
from credit.core.errors import InconsistentFacts
from credit.corrections.correction import RecordItem, Remedy, remove
from credit.corrections.deadlines import of_correction
from credit.objections.deadlines import of_objection
from credit.objections.objection import (
    Objection,
    ObjectionAnswer,
    RecordKind,
    answer_objection,
    correction_for,
    handled,
    raise_objection,
)
from tests.credit.cases.one_case import (
    CALENDAR,
    DEPARTMENT,
    ELSEWHERE,
    HANDLER,
    HEAD,
    LATER,
    REVIEWER,
    SUBJECT,
    bare,
    by,
    day,
    determined,
    published,
    reviewed,
)
from tests.refusals import decisive_day, refuses

REJECTED, CORRECT, REMOVE = ObjectionAnswer.REJECTED, ObjectionAnswer.CORRECT, ObjectionAnswer.REMOVE
CASE = published(reviewed())
RAISED = "Wed 2026-04-01"
"""Due on Thu 23 April: Tomb-Sweeping Day takes a Monday."""


def objection(number=1, on=RAISED, record_id=None, **changes):
    raised = bare(by(SUBJECT, on, department=None))
    kind = RecordKind.RESTRAINT_CASE
    made = Objection(UUID(int=number), CASE.subject_id, kind, record_id or CASE.case_id, DEPARTMENT, raised)
    return replace(made, **changes)


def to_raise(made, earlier=(), owner=None):
    return raise_objection(made, owner or CASE.subject_id, earlier, calendar=CALENDAR, today=LATER)


def to_answer(made, fact, answer=CORRECT):
    return answer_objection(made, fact, answer, handled(CASE), today=LATER)


def answered(answer=REMOVE, on="04-20"):
    return to_answer(objection(), by("reviewer-2", on), answer)


@pytest.mark.parametrize(
    ("case", "step"),
    [
        ("at any time, without evidence", lambda: to_raise(objection())),
        ("again, once the last is answered", lambda: to_raise(objection(2, "04-29"), [answered(REJECTED)])),
        ("to another record meanwhile", lambda: to_raise(objection(2, record_id=UUID(int=3)), [objection()])),
        ("entered again, it is the same one", lambda: to_raise(objection(), [objection()])),
        ("to an access entry", lambda: to_raise(objection(record=RecordKind.ACCESS_ENTRY))),
        ("answered late is a miss, not a refusal", lambda: answered(on="04-29")),
        ("granted without more evidence", lambda: to_answer(objection(), bare(by("reviewer-2", "04-20")))),
    ],
)
def test_an_objection_is_taken_and_answered(case, step):
    assert step().subject_id == CASE.subject_id


@pytest.mark.parametrize(
    ("case", "step", "refusal", "on"),
    [
        ("to somebody else's record", lambda: to_raise(objection(), owner=UUID(int=2)), InconsistentFacts, None),
        ("in the future", lambda: to_raise(objection(on="05-06")), DayOutOfOrder, "04-30"),
        ("while the last is open", lambda: to_raise(objection(2), [objection()]), OBJECTION_OPEN, "04-23"),
        ("answered already when raised", lambda: to_raise(answered()), InconsistentFacts, None),
        (
            "answered by the handler",
            lambda: to_answer(objection(), by(HANDLER, "04-20")),
            REVIEWER_HANDLED_THE_CASE,
            None,
        ),
        (
            "by the reviewer of the case",
            lambda: to_answer(objection(), by(REVIEWER, "04-20")),
            REVIEWER_HANDLED_THE_CASE,
            None,
        ),
        ("by who determined it", lambda: to_answer(objection(), by(HEAD, "04-20")), REVIEWER_HANDLED_THE_CASE, None),
        (
            "by another department",
            lambda: to_answer(objection(), by("x", "04-20", department=ELSEWHERE)),
            NOT_THE_AUTHORITY,
            None,
        ),
        ("before it was raised", lambda: to_answer(objection(), by("reviewer-2", "03-31")), DayOutOfOrder, "04-01"),
        ("in the future, too", lambda: to_answer(objection(), by("reviewer-2", "05-06")), DayOutOfOrder, "04-30"),
        ("twice", lambda: to_answer(answered(), by("reviewer-2", "04-21")), ALREADY_TAKEN, "04-20"),
        (
            "turned down without a reason",
            lambda: to_answer(objection(), bare(by("reviewer-2", "04-20")), REJECTED),
            EVIDENCE_MISSING,
            None,
        ),
        ("mended though it was turned down", lambda: mended(answered(REJECTED)), InconsistentFacts, None),
        ("mended before it was answered", lambda: mended(objection()), InconsistentFacts, None),
        ("mended in another case", lambda: mended(replace(answered(), record_id=UUID(int=3))), InconsistentFacts, None),
    ],
)
def test_an_objection_is_refused_by_name(case, step, refusal, on):
    with refuses(refusal) as refused:
        step()
    if on is not None:
        assert decisive_day(refused.value) == day(on)


def mended(made):
    return correction_for(made, CASE, correction_id=UUID(int=5), items=frozenset({RecordItem.FACTS}), today=LATER)


def test_its_clock_is_counted_like_that_of_a_review():
    """[5.1.4(4)] A reading."""
    clock = of_objection(objection(), CALENDAR)
    assert clock.due == Deadline(day("Thu 04-23"))
    assert clock.state(day("04-24")) is ClockState.OVERDUE
    assert of_objection(answered(), CALENDAR).state(LATER) is ClockState.MET
    assert of_objection(answered(on="04-24"), CALENDAR).state(LATER) is ClockState.MET_LATE
    (shown,) = [each for each in clocks(CASE, CALENDAR, LATER, others=[clock]) if each.name == "OBJECTION"]
    assert shown == clock


def test_a_granted_objection_starts_the_clock_of_corrections():
    """[5.1.4(6)] From the day of the answer."""
    correction = mended(answered())
    assert (correction.remedy, correction.cause) == (Remedy.REMOVE, RemovalCause.WRONG)
    assert of_correction(correction, (), CALENDAR).due == Deadline(day("Wed 04-22"))
    done = remove(CASE, correction, by(HEAD, "04-21"), (), today=day("04-21"))
    assert done.case.status(LATER) is CaseStatus.REMOVED
    assert mended(answered(CORRECT)).remedy is Remedy.CORRECT


def test_an_objection_suspends_nothing():
    """[5.1.5] A reading."""
    assert CASE.is_in_force(day(RAISED))


def test_who_had_a_hand_in_the_case_does_not_decide_about_it():
    assert handled(CASE) == {HANDLER, REVIEWER, HEAD}
    assert handled(replace(determined(), determined=None)) == {HANDLER}
