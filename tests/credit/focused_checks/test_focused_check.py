"""Focused checks: what was found at a target, and what changed since the last visit [5.2.2]."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import CreditError, InvalidItem
from credit.focused_checks.focused_check import (
    Change,
    ChangeKind,
    CheckOutcome,
    Restraint,
    Target,
    changes,
    new_case_of,
    record,
)
from tests.credit.subjects.synthetic_numbers import PERSON, TODAY

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
CASE = Restraint(UUID(int=11), Circumstance.FALSE_MATERIAL, date(2026, 9, 5))
OTHER = Restraint(UUID(int=12), Circumstance.OTHER, date(2026, 10, 5))
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


def target(subject, *restraints):
    return Target(subject, frozenset(restraints))


LATE = Restraint(CASE.case_id, CASE.circumstance, CASE.ends_on, is_overdue=True)
LONGER = Restraint(CASE.case_id, CASE.circumstance, date(2027, 3, 5))


@pytest.mark.parametrize(
    ("case", "before", "after", "expected"),
    [
        ("nothing happened", [target(A, CASE)], [target(A, CASE)], []),
        ("a new target", [], [target(A, CASE)], [("ADDED", A)]),
        ("one has left", [target(A, CASE)], [], [("LEFT", A)]),
        ("another restraint", [target(A, CASE)], [target(A, CASE, OTHER)], [("CHANGED", A)]),
        ("one of two ended", [target(A, CASE, OTHER)], [target(A, OTHER)], [("CHANGED", A)]),
        ("overdue for rectification", [target(A, CASE)], [target(A, LATE)], [("CHANGED", A)]),
        ("its period began anew", [target(A, CASE)], [target(A, LONGER)], [("CHANGED", A)]),
        (
            "new ones first, then changed, then those that left",
            [target(A, CASE), target(B, CASE)],
            [target(B, OTHER), target(C, CASE)],
            [("ADDED", C), ("CHANGED", B), ("LEFT", A)],
        ),
        ("without restraint it is no target", [], [target(A)], []),
    ],
)
def test_what_changed_since_the_last_visit(case, before, after, expected):
    """[5.2.2]"""
    assert [(change.kind.value, change.subject_id) for change in changes(before, after)] == expected


def test_a_target_that_left_the_list_reveals_nothing():
    """[5.2.2] [5.1.5] Repaired credit leaves no particulars behind."""
    assert changes([TARGET], []) == (Change(ChangeKind.LEFT, A, None),)


some_targets = st.dictionaries(
    st.sampled_from([A, B, C]), st.frozensets(st.sampled_from([CASE, OTHER, LATE]), min_size=1)
).map(lambda found: [Target(subject, restraints) for subject, restraints in found.items()])


def applied(before, found):
    targets = {one.subject_id: one for one in before}
    for change in found:
        if change.target is None:
            del targets[change.subject_id]
        else:
            targets[change.subject_id] = change.target
    return set(targets.values())


@given(some_targets, some_targets)
def test_the_changes_lead_from_one_to_the_other(before, after):
    assert applied(before, changes(before, after)) == set(after)


@given(some_targets, some_targets)
def test_back_again_what_was_added_has_left(before, after):
    there, back = changes(before, after), changes(after, before)
    turned = {
        ChangeKind.ADDED: ChangeKind.LEFT,
        ChangeKind.LEFT: ChangeKind.ADDED,
        ChangeKind.CHANGED: ChangeKind.CHANGED,
    }
    assert {(turned[c.kind], c.subject_id) for c in there} == {(c.kind, c.subject_id) for c in back}


@given(some_targets)
def test_nothing_changes_by_itself(targets):
    assert changes(targets, reversed(targets)) == ()
