"""Records of before the cut-over date: which may be taken over, who confirms them, what they do [5.1.4] [5.1.5]."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from credit.cases.actions.take_step import LIST, messages_of
from credit.cases.case import Fact, FormerRecord, Severity
from credit.cases.refusals import DayOutOfOrder, Lacking, NotTheirs, NotYet, TooLate
from credit.cases.rules import taking_over, transitions
from credit.cases.rules.closing import drop, rectify
from credit.cases.rules.next_steps import Task, todo
from credit.cases.rules.taking_over import flaw_of_former_record
from credit.cases.rules.term import Term
from credit.cases.status import CaseStatus
from credit.cases.steps import StepName
from credit.policy_texts.publicity_rules import shipped as publicity_rules
from tests.credit.cases.one_case import CALENDAR, DEPARTMENT, HANDLER, by, collected, published
from tests.credit.cases.one_case import day as on

HEAD = "head-1"
CUT_OVER = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("why", "determined_on", "published_on", "cut_over", "flaw"),
    [
        ("before it, both days", "2026-02-27", "2026-02-28", CUT_OVER, None),
        ("determined on it", "2026-03-01", "2026-03-01", CUT_OVER, "AFTER_CUT_OVER"),
        ("determined before, published on it", "2026-02-28", "2026-03-01", CUT_OVER, "AFTER_CUT_OVER"),
        ("never published", "2026-02-27", None, CUT_OVER, "NEVER_PUBLISHED"),
        ("without a cut-over date nothing is", "2020-02-27", "2020-02-28", None, "NO_CUT_OVER"),
    ],
)
def test_what_may_be_taken_over(why, determined_on, published_on, cut_over, flaw):
    """[5.1.4] Only what was completed before the cut-over date."""
    days = [None if text is None else date.fromisoformat(text) for text in (determined_on, published_on)]
    assert flaw_of_former_record(*days, cut_over) == flaw


def former(case=None, published_on="2026-01-15", ends_on="2026-07-15"):
    """Return a case taken over on the day of its collection."""
    case = case or collected()
    published_on, ends_on = date.fromisoformat(published_on), date.fromisoformat(ends_on)
    return replace(case, taken_over=FormerRecord(case.collected.on, published_on, published_on, ends_on))


def of_head(text="03-10", *evidence):
    return Fact(on(text), HEAD, DEPARTMENT, evidence or ("old-file-1",))


def confirm(case, fact=None, others=(), today="03-10"):
    return taking_over.confirm(case, fact or of_head(today), (case, *others), today=on(today))


def test_before_the_confirmation_it_restrains_nobody_and_only_the_head_has_a_task():
    case = former()
    assert (case.status(on("03-10")), case.is_in_force(on("03-10"))) == (CaseStatus.COLLECTED, False)
    assert [(one.task, one.side, one.since) for one in todo(case, CALENDAR, on("03-10"))] == [
        (Task.CONFIRM_TAKEN_OVER, "HEAD", case.collected.on)
    ]
    with pytest.raises(NotYet) as refused:
        transitions.verify(case, by(HANDLER, "03-10"), Severity.SHORT_OF_PENALTY, calendar=CALENDAR, today=on("03-10"))
    assert refused.value.code == "NOT_CONFIRMED"
    assert drop(case, by(HANDLER, "03-10"), today=on("03-10")).status(on("03-10")) is CaseStatus.DROPPED


def test_confirmed_it_counts_by_its_own_days():
    case = confirm(former()).case
    assert (case.dates.determined_on, case.dates.published_on, case.ends_on) == (
        date(2026, 1, 15), date(2026, 1, 15), date(2026, 7, 15),
    )  # fmt: skip
    assert (case.status(on("03-10")), case.term.months) == (CaseStatus.PUBLISHED, 6)
    assert case.confirmed == of_head()


@pytest.mark.parametrize(
    ("rectified_on", "ends_on", "status", "free_from"),
    [
        (None, "2026-03-01", CaseStatus.OVERDUE_FOR_RECTIFICATION, None),
        ("2026-02-10", "2026-03-01", CaseStatus.ENDED, "2026-03-02"),
        ("2026-02-20", "2026-02-15", CaseStatus.ENDED, "2026-02-20"),
        ("2026-02-10", "2026-07-15", CaseStatus.PUBLISHED, "2026-07-16"),
        ("2026-01-14", "2026-03-01", "2026-01-15", None),
        ("2026-03-10", "2026-03-01", "2026-03-02", None),
    ],
)
def test_what_was_rectified_before_is_not_overdue(rectified_on, ends_on, status, free_from):
    """[5.1.5] Determined on 15 January, taken over on 2 March; a day outside is refused, with the nearest one."""
    case, rectified = former(ends_on=ends_on), rectified_on and date.fromisoformat(rectified_on)
    given = {"today": on("03-10"), "rectified_on": rectified}
    if not isinstance(status, CaseStatus):
        with pytest.raises(DayOutOfOrder) as refused:
            taking_over.confirm(case, of_head(), (), **given)
        assert refused.value.nearest == date.fromisoformat(status)
        return
    found = taking_over.confirm(case, of_head(), (), **given).case
    assert (found.status(on("03-10")), found.free_on()) == (status, free_from and date.fromisoformat(free_from))
    if rectified:
        assert found.rectified == Fact(rectified, HEAD, DEPARTMENT, ("old-file-1",))


def test_the_rule_of_publicity_holds_for_a_former_record():
    """[5.1.5] The rule of the day of its publication: not listed, counted from the determination, repaired at once."""
    rules = publicity_rules("national")
    case = former(published_on="2026-06-15", ends_on="2026-12-15")
    assert case.taken_over
    case = replace(case, taken_over=replace(case.taken_over, determined_on=date(2026, 6, 8)))
    found = taking_over.confirm(case, of_head("07-10"), (case,), today=on("07-10"), rules=rules).case
    assert (found.is_in_force(on("07-10")), found.is_public(on("07-10"))) == (True, False)
    assert (found.ends_on, found.term.months) == (date(2026, 12, 8), 6)
    repaired = rectify(found, by(HANDLER, "07-13"), today=on("07-13"))
    assert repaired.status(on("07-13")) is CaseStatus.ENDED
    longer = replace(case, term=Term(12, citation="某某条例"))
    assert taking_over.confirm(longer, of_head("07-10"), (), today=on("07-10"), rules=rules).case.ends_on == (
        date(2026, 12, 15)
    )
    before = taking_over.confirm(former(), of_head(), (), today=on("03-10"), rules=rules).case
    assert before.is_public(on("03-10")), "published before the national rule began"


REFUSED = [
    ("another department's head", former(), replace(of_head(), department="LZ-OTHER"), NotTheirs, "NOT_THE_AUTHORITY"),
    ("without the papers", former(), replace(of_head(), evidence=()), Lacking, "EVIDENCE_MISSING"),
    ("backdated", former(), of_head("03-09"), DayOutOfOrder, "DAY_OUT_OF_ORDER"),
    ("a case of this system", collected(), of_head(), NotYet, "NOT_TAKEN_OVER"),
    ("twice", confirm(former()).case, of_head(), TooLate, "ALREADY_TAKEN"),
    ("one that was dropped", replace(former(), dropped=by(HANDLER, "03-09")), of_head(), TooLate, "ALREADY_ENDED"),
]


@pytest.mark.parametrize(("why", "case", "fact", "branch", "code"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_is_not_confirmed(why, case, fact, branch, code):
    """[5.1.1] [5.1.4]"""
    with pytest.raises(branch) as refused:
        confirm(case, fact)
    assert refused.value.code == code


def test_a_newer_breach_restarts_the_period_of_a_former_record():
    """[5.1.5] As if both had been published here; days that have passed stay as they were."""
    newer = replace(published(), case_id=UUID(int=99), occurred_on=on("02-20"))
    case = former(published_on="2026-02-15", ends_on="2026-08-15")
    found = confirm(case, others=(newer,), today="04-10").case
    assert [each.by_case_id for each in found.restarts] == [newer.case_id]
    assert found.ends_on == newer.ends_on


@pytest.mark.parametrize(
    ("why", "ends_on", "told"),
    [
        ("in force", "2026-07-15", (*LIST, "subject")),
        ("rectified and over: nobody else hears of it", "2026-03-09", ("subject",)),
    ],
)
def test_who_is_notified_of_a_confirmation(why, ends_on, told):
    """[5.1.4] [5.1.5] The subject always; the lists only of what is in force."""
    case = replace(former(ends_on=ends_on), rectified=by(HANDLER, "03-09"))
    case = replace(case, determined=Fact(on("01-15")), published=Fact(on("01-15")), ends_on=date.fromisoformat(ends_on))
    found = messages_of(StepName.TAKEN_OVER_CONFIRMED, case, on("03-10"))
    assert tuple(recipient for _, recipient in found) == told
