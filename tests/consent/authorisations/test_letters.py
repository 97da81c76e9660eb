"""What the subject answers by letter has a day of its own [5.1.6]."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from consent import rules
from consent.authorisation import Status
from consent.errors import (
    EVIDENCE_MISSING,
    EVIDENCE_NOT_A_REFERENCE,
    POSTED_IN_FUTURE,
    POSTED_TOO_EARLY,
    RECORDER_CANNOT_DECIDE,
    REQUEST_LAPSED,
)
from consent.rules import Bounds, Letter
from tests.consent.authorisations.rule_calls import decide, grant
from tests.consent.samples import CREDIT_CHECK, NOW, TODAY, day, on_paper, requested
from tests.refusals import refuses

SINCE = TODAY - timedelta(days=3)
ASKED = replace(requested(), requested_at=NOW - timedelta(days=3))
GIVEN = replace(grant(requested()), starts_on=SINCE)
RECORDED = replace(on_paper(), starts_on=SINCE)
BY_LETTER = {
    "refuse": (ASKED, lambda a, letter: rules.refuse(a, at=NOW, today=TODAY, letter=letter)),
    "narrow": (GIVEN, lambda a, letter: rules.narrow(
        a, CREDIT_CHECK, Bounds(uses=1), at=NOW, today=TODAY, letter=letter)),
    "withdraw": (GIVEN, lambda a, letter: rules.withdraw(a, by="clerk-1", at=NOW, today=TODAY, letter=letter)),
    "contest": (RECORDED, lambda a, letter: rules.contest(a, by="clerk-1", at=NOW, today=TODAY, letter=letter)),
}  # fmt: skip
KEPT = {
    "refuse": ("refused_on", "refused_at", "refusal_evidence", Status.REFUSED),
    "narrow": ("narrowed_on", "narrowed_at", "narrowing_evidence", Status.LIVE),
    "withdraw": ("withdrawn_on", "withdrawn_at", "withdrawal_evidence", Status.WITHDRAWN),
    "contest": ("contested_on", "contested_at", "contest_paper", Status.CONTESTED),
}


@pytest.mark.parametrize(
    ("case", "on", "evidence", "refusal"),
    [
        ("of today", 0, "来信-1", None),
        ("of the day of what it answers", -3, "来信-1", None),
        ("of the future", 1, "来信-1", POSTED_IN_FUTURE),
        ("of before what it answers", -4, "来信-1", POSTED_TOO_EARLY),
        ("without a reference", 0, " ", EVIDENCE_MISSING),
        ("with a letter for a reference", 0, "x" * 101, EVIDENCE_NOT_A_REFERENCE),
    ],
)
@pytest.mark.parametrize("act", BY_LETTER)
def test_an_act_on_paper_has_its_own_day(act, case, on, evidence, refusal):
    """[5.1.6] 8.13: it keeps the day of posting beside the instant of its record; from the record on nothing opens."""
    before, take = BY_LETTER[act]
    letter = Letter(evidence, TODAY + timedelta(days=on))
    with nullcontext() if refusal is None else refuses(refusal):
        done = take(before, letter)
        own_day, at, reference, status = KEPT[act]
        kept = [getattr(done, name) for name in (own_day, at, reference)]
        assert (kept, done.status(TODAY)) == ([letter.on, NOW, evidence], status), case
        online = take(before, None)
        assert [getattr(online, name) for name in (own_day, reference)] == [None, None], case
        assert replace(done, **dict.fromkeys((own_day, reference)), contest_entered_by=None) == online, "one action"


@pytest.mark.parametrize(
    ("case", "asked"), [("unanswered", ASKED), ("refused by itself", replace(ASKED, refused_at=NOW, version=2))]
)
def test_a_refusal_on_paper_tells_nobody_of_an_earlier_one(case, asked):
    """[5.1.6] Whoever tries it finds no difference, and the instant of the subject's own refusal stays."""
    later = NOW + timedelta(hours=1)
    for letter, refusal in ((Letter("来信-1", TODAY), None), (Letter("来信-1", day(-9)), POSTED_TOO_EARLY)):
        with nullcontext() if refusal is None else refuses(refusal):
            refused = rules.refuse(asked, at=later, today=TODAY, letter=letter)
            assert refused.refused_at == (asked.refused_at or later), case
            assert (refused.refused_on, refused.version) == (TODAY, asked.version + 1), case
    with refuses(REQUEST_LAPSED):
        rules.refuse(asked, at=later, today=day(31), letter=Letter("来信-1", TODAY))


def test_what_was_refused_on_paper_can_be_granted_and_keeps_nothing_of_it():
    refused = rules.refuse(ASKED, at=NOW, today=TODAY, letter=Letter("来信-1", TODAY))
    assert replace(grant(refused), version=2) == grant(ASKED)


def test_who_entered_a_contest_does_not_decide_on_it():
    """[5.1.6] Who recorded the paper may enter it: a false contest takes nothing that cannot be given again."""
    contested = rules.contest(RECORDED, by=RECORDED.requested_by, at=NOW, today=TODAY, letter=Letter("来信-1", TODAY))
    with refuses(RECORDER_CANNOT_DECIDE):
        decide(contested, by=RECORDED.requested_by)
    by_head = rules.contest(RECORDED, by="head-1", at=NOW, today=TODAY, letter=Letter("来信-1", TODAY))
    with refuses(RECORDER_CANNOT_DECIDE):
        decide(by_head, by="head-1")
    assert decide(by_head, by="head-2").contest_decided_by == "head-2"
