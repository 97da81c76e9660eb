"""What has to be there before each of the five circumstances is a case, and against whom it is [5.1.2] [3.2]."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from credit.cases.refusals import (
    BASIC_INFORMATION_MISSING,
    COMMITMENT_MET,
    COMMITMENT_NOT_VERIFIED,
    DOCUMENTS_SUPPLIED,
    NOT_REMINDED,
    OWN_FACTS_MISSING,
    REMINDER_PERIOD_OPEN,
    VICTIM_OF_IMPERSONATION,
)
from credit.cases.rules.grounds import CommitmentCheck, DeferredDocuments, Impersonation
from credit.cases.rules.term import SIX_MONTHS
from credit.cases.rules.transitions import collect, determine, verify
from credit.cases.status import CaseStatus, Circumstance
from credit.core.errors import InconsistentFacts
from tests.credit.cases.one_case import CALENDAR, HANDLER, HEAD, LATER, SHORT, a_case, by, collected, day, served
from tests.refusals import decisive_day, refuses

APPLICATION = UUID(int=77)
DOCUMENTS, COMMITMENT = Circumstance.DOCUMENTS_NOT_SUPPLIED, Circumstance.COMMITMENT_NOT_MET


def documents(promised="Thu 02-05", reminded="Mon 02-09", supplied=None):
    """Return documents promised for 5 February, reminded of on the 9th: they may come until the 12th."""
    days = (None if text is None else day(text) for text in (promised, reminded, supplied))
    return DeferredDocuments(*days)


def commitment(verified="02-24", *, met=False):
    return CommitmentCheck(day("01-12"), None if verified is None else day(verified), met)


def on(text, circumstance, grounds, application=APPLICATION):
    """Collect a case of *circumstance* on a day."""
    case = a_case(circumstance=circumstance, grounds=grounds, application_id=application, collected=by(HANDLER, text))
    return collect(case, calendar=CALENDAR, today=LATER)


ALLOWED = [
    ("[5.1.2a] somebody else's identity", lambda: on("03-02", "IMPERSONATION", Impersonation(UUID(int=2)))),
    ("[5.1.2a] whose identity is not known", lambda: on("03-02", "IMPERSONATION", Impersonation())),
    ("[5.1.2a] nothing known but the evidence", lambda: on("03-02", "IMPERSONATION", None, None)),
    ("[5.1.2b] false material", lambda: on("03-02", "FALSE_MATERIAL", None, None)),
    ("[5.1.2c] the first day after the three", lambda: on("Fri 02-13", DOCUMENTS, documents())),
    ("[5.1.2c] supplied, but too late", lambda: on("Fri 02-13", DOCUMENTS, documents(supplied="Fri 02-13"))),
    ("[5.1.2c] a make-up Saturday is a working day", lambda: on("02-24", DOCUMENTS, documents(reminded="02-11"))),
    ("[5.1.2d] verified and not met", lambda: on("Tue 02-24", COMMITMENT, commitment())),
    ("[5.1.2e] another breach", lambda: on("03-02", "OTHER", None, None)),
]
REFUSED = [
    (
        "[5.1.2a] the victim",
        lambda: on("03-02", "IMPERSONATION", Impersonation(UUID(int=1))),
        VICTIM_OF_IMPERSONATION,
        None,
    ),
    ("[5.1.2c] no reminder at all", lambda: on("03-02", DOCUMENTS, None), NOT_REMINDED, None),
    ("[5.1.2c] not reminded", lambda: on("03-02", DOCUMENTS, documents(reminded=None)), NOT_REMINDED, None),
    (
        "[5.1.2c] reminded on the promised day",
        lambda: on("03-02", DOCUMENTS, documents(reminded="02-05")),
        NOT_REMINDED,
        None,
    ),
    ("[5.1.2c] the day of the reminder", lambda: on("02-09", DOCUMENTS, documents()), REMINDER_PERIOD_OPEN, "02-12"),
    ("[5.1.2c] the third working day", lambda: on("02-12", DOCUMENTS, documents()), REMINDER_PERIOD_OPEN, "02-12"),
    (
        "[5.1.2c] Spring Festival stands still",
        lambda: on("02-23", DOCUMENTS, documents(reminded="Thu 02-12")),
        REMINDER_PERIOD_OPEN,
        "02-24",
    ),
    (
        "[5.1.2c] supplied on the last day",
        lambda: on("02-13", DOCUMENTS, documents(supplied="02-12")),
        DOCUMENTS_SUPPLIED,
        "02-12",
    ),
    (
        "[5.1.2c] supplied before any reminder",
        lambda: on("02-13", DOCUMENTS, documents(supplied="02-06")),
        DOCUMENTS_SUPPLIED,
        "02-06",
    ),
    ("[5.1.2c] no application", lambda: on("02-13", DOCUMENTS, documents(), None), BASIC_INFORMATION_MISSING, None),
    ("[5.1.2d] never verified", lambda: on("03-02", COMMITMENT, None), COMMITMENT_NOT_VERIFIED, None),
    (
        "[5.1.2d] not verified yet",
        lambda: on("03-02", COMMITMENT, commitment(None, met=None)),
        COMMITMENT_NOT_VERIFIED,
        None,
    ),
    (
        "[5.1.2d] an outcome without its day",
        lambda: on("03-02", COMMITMENT, commitment(None)),
        COMMITMENT_NOT_VERIFIED,
        None,
    ),
    ("[5.1.2d] before its verification", lambda: on("02-23", COMMITMENT, commitment()), COMMITMENT_NOT_VERIFIED, None),
    ("[5.1.2d] met", lambda: on("03-02", COMMITMENT, commitment(met=True)), COMMITMENT_MET, None),
    ("[5.1.2d] no application", lambda: on("03-02", COMMITMENT, commitment(), None), BASIC_INFORMATION_MISSING, None),
    (
        "[5.1.2] grounds of another circumstance",
        lambda: on("03-02", "FALSE_MATERIAL", documents()),
        InconsistentFacts,
        None,
    ),
    ("[5.1.2] documents for a commitment", lambda: on("03-02", COMMITMENT, documents()), InconsistentFacts, None),
]


@pytest.mark.parametrize(("case", "step"), ALLOWED, ids=[name for name, _ in ALLOWED])
def test_the_circumstance_is_there(case, step):
    assert step().status(LATER) is CaseStatus.COLLECTED


@pytest.mark.parametrize(("case", "step", "refusal", "decides"), REFUSED, ids=[row[0] for row in REFUSED])
def test_the_circumstance_is_not_there(case, step, refusal, decides):
    with refuses(refusal) as refused:
        step()
    if decides is not None:
        assert decisive_day(refused.value) == day(decides)


def test_what_verification_finds_out_replaces_the_grounds():
    """[5.1.2c] The documents had come after all, and the handler did not know it."""
    case = on("Fri 02-13", DOCUMENTS, documents())
    with refuses(DOCUMENTS_SUPPLIED):
        verify(
            case, by(HANDLER, "03-03"), SHORT, calendar=CALENDAR, today=LATER, grounds=documents(supplied="Thu 02-12")
        )
    assert verify(case, by(HANDLER, "03-03"), SHORT, calendar=CALENDAR, today=LATER).grounds == documents()


def test_the_circumstance_is_looked_at_again_when_it_is_determined():
    """[5.1.2d]"""
    case = replace(served(), circumstance=COMMITMENT, application_id=APPLICATION, grounds=commitment(met=True))
    with refuses(COMMITMENT_MET):
        determine(case, by(HEAD, "03-17"), SHORT, "文书", SIX_MONTHS, calendar=CALENDAR, today=LATER)


def test_a_reminder_whose_last_day_is_a_guess_is_still_open():
    """[5.1.2c]"""
    late = date(2027, 3, 1)
    case = a_case(
        circumstance=DOCUMENTS,
        application_id=APPLICATION,
        grounds=DeferredDocuments(date(2026, 12, 1), date(2026, 12, 30)),
        collected=by(HANDLER, late),
    )
    with refuses(REMINDER_PERIOD_OPEN) as refused:
        collect(case, calendar=CALENDAR, today=late)
    assert refused.value.provisional


AGENT = collected(collected=by(HANDLER, "03-02", "the agent's file"))


@pytest.mark.parametrize(
    ("case", "evidence", "refusal"),
    [
        ("[3.2] with facts of its own", ("the principal's letter",), None),
        ("[3.2] with the agent's and its own", ("the agent's file", "the principal's letter"), None),
        ("[3.2] with nothing but the agent's", ("the agent's file",), OWN_FACTS_MISSING),
    ],
)
def test_a_principal_answers_only_for_its_own_facts(case, evidence, refusal):
    against = a_case(2, subject=2, collected=by(HANDLER, "03-02", *evidence))
    if refusal is None:
        assert collect(against, calendar=CALENDAR, today=LATER, agents_case=AGENT).agents_case_id == AGENT.case_id
        return
    with refuses(refusal):
        collect(against, calendar=CALENDAR, today=LATER, agents_case=AGENT)


def test_nobody_is_its_own_agent():
    """[3.2]"""
    with pytest.raises(InconsistentFacts):
        collect(a_case(2), calendar=CALENDAR, today=LATER, agents_case=AGENT)


def test_a_case_is_against_one_subject_only():
    """[3.2] The agent's case names the agent, and no case against the principal comes with it."""
    assert AGENT.subject_id == UUID(int=1)
    assert AGENT.agents_case_id is None
