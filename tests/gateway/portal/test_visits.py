"""What the pages of a subject make of an answer: the visits of a log, and the steps that can be taken now [5.1.6]."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.portal.subjects.possible_steps import possible_steps
from gateway.portal.subjects.visits import visits_of

MARKET = {"name": "市场监管局", "nameEn": "Market"}


def entry(**given: object) -> Mapping[str, Any]:
    """Return an entry of a log, as the page asks it."""
    ground = {"basis": "STATUTE", "citation": "5.1.3"}
    shown = {"dataClass": "FACTS", "form": "CLEAR"}
    usual = {
        "at": "2026-03-05T01:00:00+00:00", "actor": "h-1", "operatorAct": None, "actingRole": "HANDLER",
        "department": MARKET, "purpose": "DETERMINATION", "subject": {"name": "甲"}, "grounds": [ground],
        "fieldsShown": [shown], "delay": None, "documentHash": "aa",
    }  # fmt: skip
    return usual | given


@pytest.mark.parametrize(
    ("case", "other", "visits"),
    [
        ("one request about two subjects", {"subject": {"name": "乙"}}, 1),
        ("another instant", {"at": "2026-03-05T01:00:01+00:00"}, 2),
        ("another account", {"actor": "h-2"}, 2),
        ("another purpose", {"purpose": "REVIEW"}, 2),
        ("another document", {"documentHash": "bb"}, 2),
    ],
)
def test_the_entries_of_one_request_are_one_visit(case: str, other: Mapping[str, Any], visits: int) -> None:
    assert len(visits_of([entry(), entry(**other)])) == visits, case


def test_a_visit_says_each_class_and_each_basis_once() -> None:
    shown = [("FACTS", "MASKED"), ("FACTS", "CLEAR"), ("PHONE", "MASKED"), ("PHONE", "MASKED")]
    grounds = [("STATUTE", "5.1.3"), ("CONSENT", "4.1"), ("STATUTE", "5.1.3 6.2")]
    (visit,) = visits_of(
        [
            entry(
                fieldsShown=[{"dataClass": name, "form": form} for name, form in shown],
                grounds=[{"basis": basis, "citation": citation} for basis, citation in grounds],
                delay={"opensOn": "2026-04-01"},
            )
        ]
    )
    assert (visit.clear, visit.masked) == (("FACTS",), ("PHONE",))
    assert visit.grounds == (("STATUTE", "5.1.3 6.2"), ("CONSENT", "4.1"))
    assert visit.opened_on == "2026-04-01"


def test_what_is_withheld_from_a_delegate_is_left_out() -> None:
    (visit,) = visits_of([entry(fieldsShown=None, grounds=None, subject=None, department=None, actor=None)])
    assert (visit.clear, visit.masked, visit.grounds, visit.subjects, visit.department) == ((), (), (), (), None)


def case_of(number: str, *allowed: str) -> Mapping[str, Any]:
    steps = [{"name": name, "allowed": name in allowed} for name in ("STATE_DEFENCE", "CLAIM_RECTIFICATION")]
    return {"number": number, "department": MARKET, "viewerCan": steps}


def work(step: str, number: str, on: str, of: str = "case") -> Mapping[str, Any]:
    record = {"number": number, "department": MARKET}
    due = {"on": on, "daysLeft": 2, "provisional": True}
    return {"step": step, "due": due, "case": None, "application": None} | {of: record}


def test_steps_have_the_clocks_of_the_list_of_work_and_the_next_last_day_is_first() -> None:
    """[5.1.4(3)] [5.1.5] [4.2.2]: what is owed to a window is there too; what this visitor may not do is not."""
    withdrawal = {"name": "WITHDRAW_APPLICATION", "allowed": True}
    steps = possible_steps(
        [case_of("1", "STATE_DEFENCE", "CLAIM_RECTIFICATION"), case_of("2")],
        [{"number": "a", "department": MARKET, "matter": None, "viewerCan": [withdrawal]}],
        [
            work("STATE", "1", "2026-03-10"),
            work("STATE", "2", "2026-03-09"),
            work("HAND_IN", "a", "2026-03-11", "application"),
        ],
    )  # fmt: skip
    assert [(each.name, each.record["number"], each.due and each.due["on"]) for each in steps] == [
        ("STATE_DEFENCE", "1", "2026-03-10"),
        ("HAND_IN", "a", "2026-03-11"),
        ("CLAIM_RECTIFICATION", "1", None),
        ("WITHDRAW_APPLICATION", "a", None),
    ]


def test_a_delegate_that_may_not_see_what_can_be_done_sees_nothing_of_it() -> None:
    assert possible_steps([case_of("1") | {"viewerCan": None}], [], []) == []
