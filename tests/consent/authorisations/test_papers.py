"""An authorisation on paper: its evidence, its day, its contest and the second person [5.1.6]."""

import pytest

from consent import rules
from consent.authorisation import ContestFinding, Status
from consent.errors import (
    ALREADY_ANSWERED,
    ALREADY_CONTESTED,
    CONTEST_ALREADY_DECIDED,
    CONTEST_OPEN,
    EVIDENCE_MISSING,
    EVIDENCE_NOT_A_REFERENCE,
    NOT_CONTESTED,
    NOT_LIVE,
    NOT_ON_PAPER,
    NOT_WAITING,
    PERIOD_TOO_LONG,
    RECORDER_CANNOT_CONFIRM,
    RECORDER_CANNOT_DECIDE,
    REQUEST_LAPSED,
    SIGNED_IN_FUTURE,
    SIGNED_TOO_LONG_AGO,
)
from consent.rules import PAPER_DAYS, Bounds
from tests.consent.authorisations.rule_calls import (
    ask,
    confirm,
    contest,
    decide,
    grant,
    narrow,
    record_paper,
    refuse,
    withdraw,
)
from tests.consent.samples import CLERK, CREDIT_CHECK, NOW, TODAY, day, live, on_paper, requested, used
from tests.refusals import refuses

# --- paper ---------------------------------------------------------------------------------------------------------


def test_consent_on_paper_is_live_at_once_and_names_its_evidence():
    recorded = on_paper()
    assert recorded.is_live(TODAY)
    assert (recorded.paper_evidence, recorded.granted_by, recorded.starts_on) == ("LZ-2026-0012", CLERK.ref, TODAY)


@pytest.mark.parametrize(
    ("case", "evidence", "expected"),
    [
        ("trimmed", "  LZ-2026-0012 ", "LZ-2026-0012"),
        ("full width", "LZ-2026-0012", "LZ-2026-0012"),
        ("in Chinese", "临政授〔2026〕12号", "临政授〔2026〕12号"),
        ("a time stamp of fourteen digits", "scan-20260305093000", "scan-20260305093000"),
    ],
)
def test_evidence_taken(case, evidence, expected):
    assert record_paper(requested(), evidence).paper_evidence == expected


@pytest.mark.parametrize(
    ("case", "evidence", "refused"),
    [
        ("none", "", EVIDENCE_MISSING),
        ("blank", "  \t", EVIDENCE_MISSING),
        ("blank in full width", "\u3000", EVIDENCE_MISSING),
        ("more than a line", "LZ\n12", EVIDENCE_NOT_A_REFERENCE),
        ("a letter instead of its number", "x" * 101, EVIDENCE_NOT_A_REFERENCE),
    ],
)
def test_evidence_refused_without_echoing_it(case, evidence, refused):
    with refuses(refused) as refusal:
        record_paper(requested(), evidence)
    assert not evidence.strip() or evidence not in refusal.value.message + refusal.value.message_zh


@pytest.mark.parametrize(
    ("case", "authorisation", "today", "refused"),
    [
        ("refused by the subject", refuse(requested()), TODAY, ALREADY_ANSWERED),
        ("withdrawn by the subject", withdraw(live()), TODAY, ALREADY_ANSWERED),
        ("lapsed", requested(), day(31), REQUEST_LAPSED),
    ],
)
def test_paper_does_not_override_an_answer(case, authorisation, today, refused):
    with refuses(refused):
        record_paper(authorisation, today=today)


@pytest.mark.parametrize(
    ("case", "authorisation", "status"),
    [
        ("while live", on_paper(), Status.CONTESTED),
        ("when used up", used(on_paper(), 3), Status.CONTESTED),
        ("after narrowing", narrow(on_paper(), Bounds(uses=1)), Status.CONTESTED),
        ("after withdrawing", withdraw(on_paper()), Status.WITHDRAWN),
    ],
)
def test_paper_consent_can_be_contested_at_any_time(case, authorisation, status):
    contested = contest(authorisation)
    assert contested.contested_at == NOW
    assert contested.status(TODAY) is status
    assert not contested.is_live(TODAY)


@pytest.mark.parametrize(
    ("case", "authorisation", "refused"),
    [
        ("twice", contest(on_paper()), ALREADY_CONTESTED),
        ("not on paper", live(), NOT_ON_PAPER),
        ("only asked", requested(), NOT_ON_PAPER),
    ],
)
def test_contesting_refused(case, authorisation, refused):
    with refuses(refused):
        contest(authorisation)


@pytest.mark.parametrize(
    ("case", "signed_on", "refused"),
    [
        ("today", TODAY, None),
        ("on the first day that still counts", day(-PAPER_DAYS), None),
        ("a day earlier", day(-PAPER_DAYS - 1), SIGNED_TOO_LONG_AGO),
        ("tomorrow", day(1), SIGNED_IN_FUTURE),
    ],
)
def test_a_paper_has_its_day(case, signed_on, refused):
    if refused is None:
        assert record_paper(requested(), signed_on=signed_on).signed_on == signed_on, case
        return
    with refuses(refused):
        record_paper(requested(), signed_on=signed_on)


def test_the_longest_period_counts_from_the_day_of_the_paper():
    asked = ask(CREDIT_CHECK, Bounds(expires_on=day(366), uses=2))
    assert record_paper(asked).expires_on == day(366)
    with refuses(PERIOD_TOO_LONG):
        record_paper(asked, signed_on=day(-1))


# --- after a contest -----------------------------------------------------------------------------------------------

CONTESTED = contest(on_paper())
DECIDED = decide(CONTESTED)
HELD = on_paper(CONTESTED)


@pytest.mark.parametrize("before", [CONTESTED, DECIDED, decide(CONTESTED, ContestFinding.GIVEN)])
def test_no_paper_after_a_contest_is_live_without_a_second_person(before):
    waiting = on_paper(live(), before)
    assert waiting.status(TODAY) is Status.UNCONFIRMED
    assert on_paper(live(), on_paper()).is_live(TODAY)
    with refuses(NOT_LIVE):
        narrow(waiting, Bounds(uses=1))
    with refuses(ALREADY_ANSWERED):
        grant(waiting)
    assert withdraw(waiting).status(TODAY) is Status.WITHDRAWN
    assert contest(waiting).status(TODAY) is Status.CONTESTED


def test_a_second_person_confirms_once_the_contest_is_decided():
    confirmed = confirm(HELD, (DECIDED,))
    assert confirmed.is_live(TODAY)
    assert (confirmed.confirmed_by, confirmed.granted_by) == ("head-1", CLERK.ref)


@pytest.mark.parametrize(
    ("case", "waiting", "others", "by", "today", "refused"),
    [
        ("who recorded it", HELD, (DECIDED,), CLERK.ref, TODAY, RECORDER_CANNOT_CONFIRM),
        ("before the contest is decided", HELD, (CONTESTED,), "head-1", TODAY, CONTEST_OPEN),
        ("twice", confirm(HELD, (DECIDED,)), (DECIDED,), "head-1", TODAY, NOT_WAITING),
        ("one that never waited", on_paper(), (), "head-1", TODAY, NOT_WAITING),
        ("one that the subject withdrew", withdraw(HELD), (DECIDED,), "head-1", TODAY, NOT_WAITING),
        ("one that the subject contested", contest(HELD), (DECIDED,), "head-1", TODAY, NOT_WAITING),
        ("after its last day", HELD, (DECIDED,), "head-1", day(31), NOT_WAITING),
    ],
)
def test_confirming_refused(case, waiting, others, by, today, refused):
    with refuses(refused):
        confirm(waiting, others, by, today)


@pytest.mark.parametrize(
    ("case", "held", "is_held"),
    [
        ("a paper in force", on_paper(), True),
        ("a paper that is used up: more uses are not given again", used(on_paper(), 3), True),
        ("one that waits already", HELD, False),
        ("one that a second person confirmed", confirm(HELD, (DECIDED,)), False),
        ("what the subject granted itself", live(), False),
        ("a withdrawn paper", withdraw(on_paper()), False),
    ],
)
def test_a_contest_holds_the_other_papers_of_one_person(case, held, is_held):
    assert rules.can_be_held(held, TODAY) is is_held, case


@pytest.mark.parametrize("finding", ContestFinding)
def test_a_decided_contest_revives_nothing(finding):
    decided = decide(CONTESTED, finding)
    assert (decided.contest_finding, decided.contest_decided_by) == (finding, "head-1")
    assert decided.status(TODAY) is Status.CONTESTED


@pytest.mark.parametrize(
    ("case", "contested", "by", "evidence", "refused"),
    [
        ("who recorded it", CONTESTED, CLERK.ref, "finding-1", RECORDER_CANNOT_DECIDE),
        ("who confirmed it", contest(confirm(HELD, (DECIDED,))), "head-1", "finding-1", RECORDER_CANNOT_DECIDE),
        ("one that was not contested", on_paper(), "head-1", "finding-1", NOT_CONTESTED),
        ("twice", DECIDED, "head-1", "finding-1", CONTEST_ALREADY_DECIDED),
        ("without reasons", CONTESTED, "head-1", " ", EVIDENCE_MISSING),
    ],
)
def test_deciding_refused(case, contested, by, evidence, refused):
    with refuses(refused):
        decide(contested, evidence=evidence, by=by)
