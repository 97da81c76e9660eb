"""The credit check: two sources, what both amount to, and nothing at all without an authorisation [4.1] [3.3]."""

from datetime import UTC, date, datetime
from itertools import product
from uuid import UUID

import pytest

from credit.core.errors import InconsistentFacts
from credit.credit_checks.credit_check import PURPOSE, CreditCheck, combine
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, SourceAnswer

LIST, JOINT = Source.RESTRAINT_LIST, Source.JOINT_MEASURES
CLEAN, ADVERSE, UNKNOWN, GOVERNED = Finding.CLEAN, Finding.ADVERSE, Finding.UNKNOWN, Finding.GOVERNED
MEMORANDUM = "关于对示例领域失信主体实施联合惩戒的合作备忘录"
NIGHT = datetime(2026, 3, 4, 17, tzinfo=UTC)  # already the 5th in Shanghai


def answer(source, finding, memorandum=MEMORANDUM):
    return SourceAnswer(source, finding, memorandum if finding is GOVERNED else None)


def check(*answers, **changed):
    facts = {
        "check_id": UUID(int=1),
        "application_id": UUID(int=2),
        "subject_id": UUID(int=3),
        "by": "clerk-1",
        "department_code": "LZ-SPFW",
        "at": NIGHT,
        "purpose": PURPOSE,
        "authorisation_id": UUID(int=4),
        "answers": answers,
    }
    return CreditCheck(**facts | changed)


@pytest.mark.parametrize(
    ("clause", "own", "joint", "expected", "because"),
    [
        ("[4.1] clean in both", CLEAN, CLEAN, CLEAN, (LIST, JOINT)),
        ("[4.1] on the restraint list", ADVERSE, CLEAN, ADVERSE, (LIST,)),
        ("[4.1] known to the joint module", CLEAN, ADVERSE, ADVERSE, (JOINT,)),
        ("[4.1] adverse in both", ADVERSE, ADVERSE, ADVERSE, (LIST, JOINT)),
        ("[4.1] unknown is never clean", CLEAN, UNKNOWN, UNKNOWN, (JOINT,)),
        ("[4.1] nor on our side", UNKNOWN, CLEAN, UNKNOWN, (LIST,)),
        ("[4.1] nobody answered", UNKNOWN, UNKNOWN, UNKNOWN, (LIST, JOINT)),
        ("[4.1] what is known to be adverse stays so", ADVERSE, UNKNOWN, ADVERSE, (LIST,)),
        ("[3.3] governed and otherwise clean", CLEAN, GOVERNED, GOVERNED, (JOINT,)),
        ("[3.3] governed: the local list adds nothing", ADVERSE, GOVERNED, GOVERNED, (JOINT,)),
        ("[3.3] governed, whatever the other would say", UNKNOWN, GOVERNED, GOVERNED, (JOINT,)),
    ],
)
def test_what_two_answers_amount_to(clause, own, joint, expected, because):
    found = combine([answer(LIST, own), answer(JOINT, joint)])
    assert (found.finding, found.sources) == (expected, because)
    assert found.memoranda == ((MEMORANDUM,) if expected is GOVERNED else ())


@pytest.mark.parametrize("answers", [[], [answer(LIST, CLEAN)], [answer(JOINT, CLEAN)]])
def test_a_source_that_was_not_asked_is_unknown(answers):
    """[4.1]"""
    assert combine(answers).finding is UNKNOWN


def test_clean_is_one_of_sixteen():
    """[4.1] Only who is clean in both."""
    clean = [pair for pair in product(Finding, Finding) if combine(list(map(answer, Source, pair))).finding is CLEAN]
    assert clean == [(CLEAN, CLEAN)]


@pytest.mark.parametrize(
    ("clause", "own", "expected"),
    [
        ("[3.3] a reward memorandum is no adverse record", CLEAN, CLEAN),
        ("[3.3] and softens none", ADVERSE, ADVERSE),
        ("[4.1] nor does it answer for the other source", UNKNOWN, UNKNOWN),
    ],
)
def test_a_reward_memorandum_bars_nothing(clause, own, expected):
    rewarded = SourceAnswer(JOINT, GOVERNED, "守信激励备忘录", kind=MemorandumKind.REWARD)
    found = combine([answer(LIST, own), rewarded])
    assert (found.finding, found.memoranda) == (expected, ())


def test_every_memorandum_is_named_once():
    """[3.3]"""
    found = combine([answer(LIST, GOVERNED, "甲备忘录"), answer(JOINT, GOVERNED, "乙备忘录")])
    assert found.memoranda == ("甲备忘录", "乙备忘录")
    assert combine([answer(LIST, GOVERNED), answer(JOINT, GOVERNED)]).memoranda == (MEMORANDUM,)


@pytest.mark.parametrize(
    ("case", "make"),
    [
        ("governed by nothing named", lambda: SourceAnswer(JOINT, GOVERNED)),
        ("governed by a blank", lambda: SourceAnswer(JOINT, GOVERNED, " ")),
        ("a memorandum named for the clean", lambda: SourceAnswer(JOINT, CLEAN, MEMORANDUM)),
        ("a kind of no memorandum", lambda: SourceAnswer(JOINT, CLEAN, kind=MemorandumKind.REWARD)),
        ("one source answering twice", lambda: combine([answer(LIST, CLEAN), answer(LIST, ADVERSE)])),
        ("the same in a check", lambda: check(answer(LIST, CLEAN), answer(LIST, CLEAN))),
        ("a check for another purpose", lambda: check(purpose="CONSULTATION")),
    ],
)
def test_answers_that_contradict_themselves_are_refused(case, make):
    with pytest.raises(InconsistentFacts):
        make()


@pytest.mark.parametrize(
    ("case", "on", "valid_days", "expected"),
    [
        ("the day of the check, in Shanghai", "2026-03-05", 0, True),
        ("the day before", "2026-03-04", 0, False),
        ("the next day, by default", "2026-03-06", 0, False),
        ("the next day, where the deployment allows it", "2026-03-06", 1, True),
        ("one day too late", "2026-03-07", 1, False),
    ],
)
def test_a_check_is_of_its_day(case, on, valid_days, expected):
    """[5.2.1]"""
    assert check().is_fresh(date.fromisoformat(on), valid_days) is expected
