"""The lawful delay of access entries: its bounds, its extensions, and who may order it until when [5.1.6]."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from credit.cases.case import Case, Fact
from credit.cases.refusals import DayOutOfOrder, Lacking, NotTheirs, NotYet, TooLate
from credit.cases.rules import entry_delays
from tests.credit.cases.one_case import HANDLER, HEAD, by, collected, noticed, verified
from tests.credit.cases.one_case import day as on
from tests.credit.cases.test_taking_over import former

LAW = "个人信息保护法第十八条"
DELAY, OTHER = UUID(int=1), UUID(int=2)


def of_head(text: str) -> Fact:
    return by(HEAD, text, "order-1")


def order(case: Case, until: str, today: str = "03-04", **changes: object) -> Case:
    fact = replace(of_head(today), **changes)
    return entry_delays.order(case, fact, DELAY, LAW, on(until), today=on(today), longest_days=30)


def extend(case: Case, until: str, today: str) -> Case:
    return entry_delays.extend(case, of_head(today), LAW, on(until), today=on(today), longest_days=30)


@pytest.mark.parametrize("until", ["03-05", "04-03"], ids=["the next day", "30 days later"])
def test_it_runs_until_its_day_and_opens_by_the_date(until):
    """[5.1.6] On the day itself nothing is hidden any more; no job has to run."""
    (act,) = order(collected(), until).delays
    days = {offset: act.runs(date.fromordinal(on(until).toordinal() + offset)) for offset in (-1, 0, 1)}
    assert (days, act.citation, act.ordered.by) == ({-1: True, 0: False, 1: False}, LAW, HEAD)


def test_an_extension_is_another_act_of_the_same_delay_counted_from_its_own_day():
    case = extend(order(collected(), "04-03"), "05-02", "04-02")
    assert [(act.delay_id, act.opens_on) for act in case.delays] == [(DELAY, on("04-03")), (DELAY, on("05-02"))]


def test_a_delay_that_is_over_is_not_extended_and_what_opened_stays_open():
    over = order(collected(), "03-20")
    with pytest.raises(NotYet) as refused:
        extend(over, "04-10", "03-20")
    assert refused.value.code == "NOT_DELAYED"
    again = entry_delays.order(over, of_head("03-20"), OTHER, LAW, on("04-10"), today=on("03-20"), longest_days=30)
    assert [act.delay_id for act in again.delays] == [DELAY, OTHER]


REFUSED = [
    ("31 days", lambda: order(collected(), "04-04"), NotYet, "DELAY_TOO_LONG"),
    ("until today", lambda: order(collected(), "03-04"), DayOutOfOrder, "DAY_OUT_OF_ORDER"),
    ("an extension by nothing", lambda: extend(order(collected(), "04-03"), "04-03", "04-02"), DayOutOfOrder,
     "DAY_OUT_OF_ORDER"),
    ("an extension by 31 days", lambda: extend(order(collected(), "04-03"), "05-03", "04-02"), NotYet,
     "DELAY_TOO_LONG"),
    ("two at once", lambda: order(order(collected(), "04-03"), "04-03"), TooLate, "ALREADY_DELAYED"),
    ("after the notice", lambda: order(noticed(), "04-03"), TooLate, "ALREADY_TAKEN"),
    ("another department's head", lambda: order(collected(), "04-03", department="LZ-OTHER"), NotTheirs,
     "NOT_THE_AUTHORITY"),
    ("without papers", lambda: order(collected(), "04-03", evidence=()), Lacking, "EVIDENCE_MISSING"),
    ("without a law", lambda: entry_delays.order(collected(), of_head("03-04"), DELAY, " ", on("04-03"),
     today=on("03-04"), longest_days=30), Lacking, "LEGAL_GROUND_MISSING"),
    ("backdated", lambda: entry_delays.order(collected(), of_head("03-03"), DELAY, LAW, on("04-03"),
     today=on("03-04"), longest_days=30), DayOutOfOrder, "DAY_OUT_OF_ORDER"),
    ("a case that was dropped", lambda: order(replace(verified(), dropped=by(HANDLER, "03-03")), "04-03"), TooLate,
     "ALREADY_ENDED"),
    ("a former record", lambda: order(former(), "04-03"), NotYet, "NOT_CONFIRMED"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "act", "branch", "code"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_is_no_delay(why, act, branch, code):
    """[5.1.1] [5.1.6]"""
    with pytest.raises(branch) as refused:
        act()
    assert refused.value.code == code


def test_a_deployment_may_allow_less():
    with pytest.raises(NotYet) as refused:
        entry_delays.order(collected(), of_head("03-04"), DELAY, LAW, on("03-15"), today=on("03-04"), longest_days=10)
    assert refused.value.until == on("03-14")
