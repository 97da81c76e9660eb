"""Commitments: taken by the matter's own document, handled, verified afterwards, met or not [4.2.3] [5.1.2d]."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import Calendar, shipped
from credit.cases.rules import grounds
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import CreditError, InvalidItem
from credit.core.late_entries import ActDays
from credit.incentives.incentive import MatterTerms
from credit.promises import commitment as promises_commitment
from credit.promises.commitment import (
    Commitment,
    Verification,
    VerificationOutcome,
    commit,
    complete,
    completion_due,
    is_kept,
    state,
    unmet,
    verification_due,
    verify,
)
from credit.promises.refusals import NOT_VERIFIED_AS_UNMET
from tests.refusals import refuses

CALENDAR = shipped()
APPLICATION, SUBJECT = UUID(int=2), UUID(int=3)
MET, NOT_MET = VerificationOutcome.MET, VerificationOutcome.NOT_MET
TERMS = MatterTerms(
    "M-1", frozenset({"COMMITMENT"}), "临审〔2026〕示例1号", commitment_limit_days=2, commitment_verify_days=10
)
ON_THE_SPOT = replace(TERMS, commitment_limit_days=0)


def day(text):
    return date.fromisoformat(f"2026-{text}")


def made(terms=TERMS, today="02-13", paper="承诺-0001"):
    return commit(
        terms,
        application_id=APPLICATION,
        subject_id=SUBJECT,
        department_code="LZ-SPFW",
        commitment_ref=paper,
        today=day(today),
    )


def done(on="02-14", terms=TERMS):
    return complete(made(terms), on=ActDays(day(on)), today=day(on))


def verified(outcome, on="03-02", facts_zh="现场无承诺所称的消防设施。", evidence=("核验-0001",), of=None):
    return verify(
        of or done(), outcome, on=ActDays(day(on)), by="handler-1", today=day(on), facts_zh=facts_zh, evidence=evidence
    )


@pytest.mark.parametrize(
    ("case", "commitment", "on", "expected"),
    [
        ("made", made(), "02-13", "MADE"),
        ("the limit: a make-up Saturday, then a holiday", made(), "02-24", "MADE"),
        ("past the limit", made(), "02-25", "COMPLETION_OVERDUE"),
        ("on the spot means today", made(ON_THE_SPOT), "02-13", "MADE"),
        ("and not tomorrow", made(ON_THE_SPOT), "02-14", "COMPLETION_OVERDUE"),
        ("completed", done(), "02-14", "TO_BE_VERIFIED"),
        ("the last day to verify", done(), "03-06", "TO_BE_VERIFIED"),
        ("past it", done(), "03-07", "VERIFICATION_OVERDUE"),
        ("verified as met", verified(MET), "03-02", "MET"),
        ("verified as not met", verified(NOT_MET), "03-02", "NOT_MET"),
        ("the day before, nobody knew", verified(NOT_MET), "03-01", "TO_BE_VERIFIED"),
        (
            "withdrawn before completion",
            promises_commitment.end(made(), on=day("02-14"), today=day("02-14")),
            "03-30",
            "ENDED",
        ),
    ],
)
def test_the_state_is_read_off_the_facts(case, commitment, on, expected):
    """[4.2.3] [5.1.2d]"""
    assert state(commitment, day(on), CALENDAR) == expected


@pytest.mark.parametrize(
    ("case", "clock", "last"),
    [
        ("on the spot", completion_due(made(ON_THE_SPOT), CALENDAR), "02-13"),
        ("within two working days", completion_due(made(), CALENDAR), "02-24"),
        ("verified within ten of completion", verification_due(done(), CALENDAR), "03-06"),
    ],
)
def test_clocks_count_working_days_from_the_day_after(case, clock, last):
    """[4.2.3]"""
    assert (clock.on, clock.provisional) == (day(last), False)


def test_there_is_nothing_to_verify_before_completion():
    """[4.2.3]"""
    assert verification_due(made(), CALENDAR) is None


def test_a_year_without_its_table_gives_a_provisional_day():
    assert completion_due(made(), Calendar(frozenset(), frozenset(), frozenset())).provisional


@pytest.mark.parametrize(
    ("clause", "act", "refusal"),
    [
        ("[4.2.3] the matter has no terms", lambda: made(None), "NOT_ELIGIBLE"),
        ("[4.2.3] no document of its own", lambda: made(replace(TERMS, document=" ")), "NOT_ELIGIBLE"),
        ("[4.2.3] not allowed by it", lambda: made(replace(TERMS, allows=frozenset())), "NOT_ELIGIBLE"),
        ("[4.2.3] no limit to complete", lambda: made(replace(TERMS, commitment_limit_days=None)), "NOT_ELIGIBLE"),
        ("[4.2.3] no limit to verify", lambda: made(replace(TERMS, commitment_verify_days=None)), "NOT_ELIGIBLE"),
        (
            "[4.2.3] completed twice",
            lambda: complete(done(), on=ActDays(day("02-14")), today=day("02-14")),
            "PROMISE_CLOSED",
        ),
        (
            "[4.2.3] completed tomorrow",
            lambda: complete(made(), on=ActDays(day("02-15")), today=day("02-14")),
            "STEP_MISDATED",
        ),
        ("[4.2.3] completed before it was made", lambda: done("02-12"), "STEP_MISDATED"),
        ("[4.2.3] verified before completion", lambda: verified(MET, of=made()), "NOT_HANDLED_YET"),
        ("[4.2.3] verified twice", lambda: verified(MET, of=verified(MET)), "PROMISE_CLOSED"),
        ("[4.2.3] verified before that day", lambda: verified(MET, on="02-13"), "STEP_MISDATED"),
        ("[5.1.1] not met, without facts", lambda: verified(NOT_MET, facts_zh=" "), "FINDING_UNSUPPORTED"),
        ("[5.1.1] not met, without evidence", lambda: verified(NOT_MET, evidence=()), "FINDING_UNSUPPORTED"),
        (
            "[4.2.3] withdrawn after completion",
            lambda: promises_commitment.end(done(), on=day("02-14"), today=day("02-14")),
            "PROMISE_CLOSED",
        ),
        (
            "[4.2.3] completed after a withdrawal",
            lambda: complete(
                promises_commitment.end(made(), on=day("02-14"), today=day("02-14")),
                on=ActDays(day("02-14")),
                today=day("02-14"),
            ),
            "PROMISE_CLOSED",
        ),
    ],
)
def test_every_refusal_has_a_name(clause, act, refusal):
    with pytest.raises(CreditError) as refused:
        act()
    assert refused.value.code == refusal
    assert "{" not in refused.value.message + refused.value.message_zh


def test_the_commitment_is_on_paper():
    """[4.2.3]"""
    with pytest.raises(InvalidItem):
        made(paper="")


def test_an_unmet_commitment_is_what_a_case_starts_from():
    """[5.1.2d] [5.1.3]"""
    breach = unmet(verified(NOT_MET))
    assert (breach.circumstance, breach.channel) == (Circumstance.COMMITMENT_NOT_MET, CollectionChannel.FACT_FINDING)
    assert (breach.subject_id, breach.application_id, breach.established_on) == (SUBJECT, APPLICATION, day("03-02"))
    assert breach.evidence == ("承诺-0001", "核验-0001")
    assert "消防" in breach.facts_zh
    assert "消防" not in repr(breach) + repr(verified(NOT_MET))
    grounds.require(
        breach.circumstance,
        breach.grounds,
        subject_id=SUBJECT,
        application_id=APPLICATION,
        on=day("03-02"),
        calendar=CALENDAR,
    )


@pytest.mark.parametrize(
    ("case", "commitment"), [("made", made()), ("completed", done()), ("met", verified(MET, facts_zh="", evidence=()))]
)
def test_nothing_else_starts_one(case, commitment):
    """[5.1.2d]"""
    with refuses(NOT_VERIFIED_AS_UNMET) as refused:
        unmet(commitment)
    assert refused.value.remedy_zh


@pytest.mark.parametrize(
    ("commitment", "on", "expected"),
    [
        (done(), "03-30", None),
        (verified(MET), "03-01", None),
        (verified(MET), "03-02", True),
        (verified(NOT_MET), "03-02", False),
    ],
)
def test_whether_the_commitment_was_met(commitment, on, expected):
    """[6.3]"""
    assert is_kept(commitment, day(on)) is expected


days = st.dates(date(2026, 1, 5), date(2026, 3, 30))


@given(
    days,
    st.integers(0, 5),
    st.integers(0, 5),
    st.none() | days,
    st.none() | days,
    st.sampled_from(VerificationOutcome),
    days,
)
def test_only_an_unmet_one_is_ever_a_breach(on, limit, verify_days, completed, found, outcome, today):
    """[5.1.2d] Being late is the department's failure, never the applicant's."""
    verification = None if found is None else Verification(found, "h", outcome, "事实", ("核验-1",))
    one = Commitment(APPLICATION, SUBJECT, "D", "文件", "承诺-1", on, limit, verify_days, completed, verification)
    breached = found is not None and outcome is NOT_MET
    assert (state(one, date.max, CALENDAR) == "NOT_MET") is breached
    if not breached:
        with refuses(NOT_VERIFIED_AS_UNMET):
            unmet(one)
