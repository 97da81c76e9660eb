"""Focused checks: what was found at a target, and what becomes of it [5.2.2]."""

from datetime import date
from uuid import UUID

import pytest

from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import CreditError, InvalidItem
from credit.focused_checks.focused_check import CheckOutcome, Restraint, Target, new_case_of, record
from tests.credit.subjects.synthetic_numbers import PERSON, TODAY

A = UUID(int=1)
CASE = Restraint(UUID(int=11), Circumstance.FALSE_MATERIAL, date(2026, 9, 5))
TARGET = Target(A, frozenset({CASE}))


def visited(outcome=CheckOutcome.NOTHING_FOUND, target=TARGET, on=TODAY, **changed):
    facts = {
        "check_id": UUID(int=7),
        "department_code": "LZ-SCJG",
        "sector_code": "MARKET",
        "checked_on": on,
        "by": "regulator-1",
        "today": TODAY,
    }
    return record(outcome, target, **facts | changed)


BREACH = {"facts_zh": " 现场另有未申报的分支。 ", "evidence": ("检查-0001",)}


@pytest.mark.parametrize(
    ("case", "outcome", "given"),
    [
        ("nothing found", "NOTHING_FOUND", {}),
        ("rectified, as seen", "RECTIFIED", {"evidence": ("检查-0002",)}),
        ("a new breach", "NEW_BREACH", BREACH),
        ("written down a week later", "NOTHING_FOUND", {"on": date(2026, 2, 26)}),
    ],
)
def test_an_outcome_is_recorded(case, outcome, given):
    """[5.2.2]"""
    found = visited(CheckOutcome(outcome), **given)
    assert (found.subject_id, found.outcome, found.by) == (A, outcome, "regulator-1")
    assert "分支" not in repr(found)


@pytest.mark.parametrize(
    ("clause", "given", "refusal"),
    [
        ("[5.2.2] not restrained on that day", {"target": None}, "NOT_A_TARGET"),
        ("[5.2.2] a target without restraint is none", {"target": Target(A, frozenset())}, "NOT_A_TARGET"),
        ("[5.2.2] tomorrow", {"on": date(2026, 3, 6)}, "STEP_MISDATED"),
        ("[5.1.1] no facts", {"outcome": CheckOutcome.NEW_BREACH, "evidence": ("检查-1",)}, "FINDING_UNSUPPORTED"),
        ("[5.1.1] no evidence", {"outcome": CheckOutcome.NEW_BREACH, "facts_zh": "事实"}, "FINDING_UNSUPPORTED"),
    ],
)
def test_every_refusal_has_a_name(clause, given, refusal):
    with pytest.raises(CreditError) as refused:
        visited(**given)
    assert refused.value.code == refusal
    assert refused.value.remedy_zh


def test_evidence_is_a_reference_without_numbers():
    """[5.1.6]"""
    with pytest.raises(InvalidItem):
        visited(CheckOutcome.RECTIFIED, evidence=(PERSON,))


def test_a_new_breach_can_become_a_case_of_the_authority():
    """[5.2.2] [5.1.3] [5.1.1]"""
    breach = new_case_of(visited(CheckOutcome.NEW_BREACH, **BREACH), Circumstance.OTHER, "LZ-SPFW")
    assert (breach.channel, breach.circumstance) == (CollectionChannel.SUPERVISION_PUSH, Circumstance.OTHER)
    assert (breach.subject_id, breach.application_id, breach.department_code) == (A, None, "LZ-SPFW")
    assert (breach.facts_zh, breach.evidence) == ("现场另有未申报的分支。", ("检查-0001",))
    assert breach.established_on == TODAY


@pytest.mark.parametrize("outcome", [CheckOutcome.NOTHING_FOUND, CheckOutcome.RECTIFIED])
def test_nothing_else_becomes_one(outcome):
    """[5.2.2]"""
    with pytest.raises(CreditError) as refused:
        new_case_of(visited(outcome), Circumstance.OTHER, "LZ-SPFW")
    assert refused.value.code == "NO_NEW_BREACH"
