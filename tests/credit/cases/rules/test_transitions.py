"""The procedure from collection to publication: every step, and every refusal by name [5.1.3] [5.1.4]."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from credit.cases.case import Fact
from credit.cases.refusals import (
    ALREADY_ENDED,
    ALREADY_TAKEN,
    AMENDMENT_MISSING,
    BASIC_INFORMATION_MISSING,
    DISCIPLINE_NOT_EXCLUDED,
    DISCIPLINE_REACHED,
    EVIDENCE_MISSING,
    NOT_DETERMINED,
    NOT_NOTICED,
    NOT_SERVED,
    NOT_STATED,
    NOT_THE_AUTHORITY,
    NOT_THE_COLLECTOR,
    NOT_THE_REVIEWER,
    NOT_VERIFIED,
    PERIOD_NEEDS_CITATION,
    PROOF_OF_SERVICE_MISSING,
    REVIEW_OPEN,
    REVIEWER_HANDLED_THE_CASE,
    STATEMENT_PERIOD_OPEN,
    WAIVED_BY_SILENCE,
    ConfidentialRecord,
    DayOutOfOrder,
    NotYet,
    PenaltyReached,
    TooLate,
)
from credit.cases.rules.term import SIX_MONTHS, Term
from credit.cases.rules.transitions import determine, publish, state
from credit.cases.status import CaseStatus
from credit.core.errors import InconsistentFacts, StepNotWellFormed
from tests.credit.cases.one_case import (
    CALENDAR,
    ELSEWHERE,
    HANDLER,
    HEAD,
    LATER,
    REVIEWER,
    SHORT,
    SUBJECT,
    bare,
    by,
    collected,
    day,
    determined,
    listed,
    noticed,
    published,
    reviewed,
    served,
    stated,
    verified,
)
from tests.credit.cases.rules.steps_taken import (
    AMENDED,
    DROPPED,
    UPHELD,
    assigned,
    given_on,
    given_up,
    handed_over,
    hasty,
    other,
    overturned,
    secret,
    to_assign,
    to_assign_handler,
    to_collect,
    to_determine,
    to_determine_a_year,
    to_determine_discipline,
    to_determine_penalty,
    to_determine_uncited,
    to_determine_until,
    to_determine_unwritten,
    to_hand_away,
    to_hand_to_reviewer,
    to_notice,
    to_publish,
    to_publish_a_day_later,
    to_review,
    to_serve,
    to_state,
    to_verify,
    to_verify_other,
    to_verify_penalty,
    unserved,
    until,
)
from tests.refusals import decisive_day, refuses


@pytest.mark.parametrize(
    ("clause", "case", "expected"),
    [
        ("[5.1.3] collected", collected, "COLLECTED"),
        ("[5.1.4(1)] verified by who collected", verified, "VERIFIED"),
        ("[5.1.4(2)] noticed by who collected", noticed, "NOTICED"),
        ("[5.1.4(2)] served, with proof", served, "SERVED"),
        ("[5.1.4(3)] the subject states and defends", stated, "STATED"),
        ("[5.1.4(4)] the review upholds", reviewed, "REVIEWED"),
        ("[5.1.4(4)] the review amends", lambda: reviewed(AMENDED), "REVIEWED"),
        ("[5.1.4(4)] the review drops", lambda: reviewed(DROPPED), "DROPPED"),
        ("[5.1.4] determined after silence", determined, "DETERMINED"),
        ("[5.1.4] determined after the review", lambda: determined(reviewed()), "DETERMINED"),
        ("[5.1.5] published", published, "PUBLISHED"),
    ],
)
def test_each_step_leads_to_its_status(clause, case, expected):
    assert case().status(LATER) == expected


ALLOWED = [
    ("[5.1.4(2)] a late notice is a missed clock, not a refusal", lambda: to_notice(verified(), by(HANDLER, "04-20"))),
    ("[5.1.4(2)] noticed on the day of verification", lambda: to_notice(verified(), by(HANDLER, "03-03"))),
    ("[5.1.4(2)] handed over on the day of the notice", lambda: to_serve(noticed(), by(HANDLER, "03-04"))),
    ("[5.1.4(3)] stated on the day of receipt", lambda: to_state(served(), by(SUBJECT, "03-05", department=None))),
    ("[5.1.4(3)] stated on the last day", lambda: to_state(served(), by(SUBJECT, "Tue 03-10", department=None))),
    ("[5.1.4(3)] stated before proof of service is in", lambda: to_state(noticed(), by(SUBJECT, "03-06"))),
    ("[5.1.4(3)] added to within the period", lambda: to_state(stated(), by(SUBJECT, "03-09"))),
    ("[5.1.4(3)] stated without evidence", lambda: to_state(served(), bare(by(SUBJECT, "03-06")))),
    ("[5.1.4(4)] a late review is a missed clock, not a refusal", lambda: to_review(stated(), by(REVIEWER, "04-29"))),
    ("[5.1.4(4)] reviewed on the day of the statement", lambda: to_review(stated(), by(REVIEWER, "03-06"))),
    ("[5.1.4(4)] the head may review what handlers did", lambda: to_review(stated(), by(HEAD, "03-09"))),
    ("[5.1.4] the first day after silence", lambda: to_determine(served(), by(HEAD, "Wed 03-11"))),
    ("[5.1.4] on the day the review closes", lambda: to_determine(reviewed(), by(HEAD, "03-16"))),
    (
        "[5.1.4] a closed review counts though the period is still open",
        lambda: to_determine(to_review(stated(), by(REVIEWER, "03-09")), by(HEAD, "03-09")),
    ),
    ("[5.1.1] the handler may determine", lambda: to_determine(served(), by(HANDLER, "03-11"))),
    ("[5.1.5] published on the day it was determined", lambda: to_publish(determined(), by(HEAD, "03-17"))),
    ("[5.1.5] a shorter period needs no law", lambda: to_determine(served(), by(HEAD, "03-11"), term=Term(3))),
    (
        "[5.1.5] a longer period by a law that is cited",
        lambda: to_determine(served(), by(HEAD, "03-11"), term=Term(12, citation="某某条例第三十条")),
    ),
    (
        "[5.1.3] of a push, the department that takes it in collects",
        lambda: collected(collected=by(None, "03-02", department=None)),
    ),
]


@pytest.mark.parametrize(("case", "step"), ALLOWED, ids=[name for name, _ in ALLOWED])
def test_the_procedure_allows(case, step):
    assert step() is not None


def no(name, step, before, fact, refusal, on=None):
    """Say that *step* with *fact* is refused after *before*, and by which day that is decided."""
    return pytest.param(step, before, fact, refusal, on, id=name)


AWAY = {"department": ELSEWHERE}
COLLECT = [
    no("[5.1.3] no basis", to_collect, {"basis": " "}, None, BASIC_INFORMATION_MISSING),
    no("[5.1.3] no handler", to_collect, {"handler_ref": ""}, None, BASIC_INFORMATION_MISSING),
    no("[5.1.1] by another department", to_collect, {}, by("x", "03-02", **AWAY), NOT_THE_AUTHORITY),
    no("[5.1.3] tomorrow", to_collect, {}, by(HANDLER, "05-01"), DayOutOfOrder, "04-30"),
    no("[5.1.3] committed after it", to_collect, {"occurred_on": day("03-03")}, None, DayOutOfOrder, "03-02"),
    no("[5.1.6] a state secret stays out", to_collect, {"confidential": True}, None, ConfidentialRecord),
]
VERIFY = [
    no("[5.1.4(1)] by somebody else", to_verify, collected, by("handler-2", "03-03"), NOT_THE_COLLECTOR),
    no("[5.1.4(1)] by another department", to_verify, collected, by(HANDLER, "03-03", **AWAY), NOT_THE_AUTHORITY),
    no("[5.1.4(1)] by nobody", to_verify, collected, by(None, "03-03"), NOT_THE_AUTHORITY),
    no("[5.1.1] without evidence", to_verify, collected, bare(by(HANDLER, "03-03")), EVIDENCE_MISSING),
    no("[5.1.1] blank evidence is none", to_verify, collected, by(HANDLER, "03-03", " "), EVIDENCE_MISSING),
    no("[5.1.4(1)] before collection", to_verify, collected, by(HANDLER, "03-01"), DayOutOfOrder, "03-02"),
    no("[5.1.4(1)] in the future", to_verify, collected, by(HANDLER, "05-01"), DayOutOfOrder, "04-30"),
    no("[5.1.4(1)] twice", to_verify, verified, by(HANDLER, "03-04"), ALREADY_TAKEN, "03-03"),
    no("[5.1.2] it deserves a penalty", to_verify_penalty, collected, by(HANDLER, "03-03"), PenaltyReached),
    no("[5.1.2e] discipline?", to_verify_other, other(collected), by(HANDLER, "03-03"), DISCIPLINE_NOT_EXCLUDED),
]
NOTICE = [
    no("[5.1.4(2)] before verification", to_notice, collected, by(HANDLER, "03-04"), NOT_VERIFIED),
    no("[5.1.4(2)] on a day before it", to_notice, verified, by(HANDLER, "03-02"), DayOutOfOrder, "03-03"),
    no("[5.1.4(2)] by another than the collector", to_notice, verified, by(HEAD, "03-04"), NOT_THE_COLLECTOR),
    no("[5.1.4(2)] twice", to_notice, noticed, by(HANDLER, "03-05"), ALREADY_TAKEN, "03-04"),
    no("[5.1.4(2)] service without a notice", to_serve, verified, by(HANDLER, "03-05"), NOT_NOTICED),
    no("[5.1.4(2)] service without proof", to_serve, noticed, bare(by(HANDLER, "03-05")), PROOF_OF_SERVICE_MISSING),
    no("[5.1.4(2)] service before the notice", to_serve, noticed, by(HANDLER, "03-03"), DayOutOfOrder, "03-04"),
    no("[5.1.4(2)] service by somebody else", to_serve, noticed, by("handler-2", "03-05"), NOT_THE_COLLECTOR),
    no("[5.1.4(2)] service after it was dropped", to_serve, given_up, by(HANDLER, "03-06"), ALREADY_ENDED, "03-05"),
    no("[5.1.4(2)] service twice", to_serve, served, by(HANDLER, "03-06"), ALREADY_TAKEN, "03-05"),
]
STATEMENT = [
    no("[5.1.4(3)] without a notice", to_state, verified, by(SUBJECT, "03-06"), NOT_NOTICED),
    no(
        "[5.1.4(3)] [A] silence to the end is a waiver",
        to_state,
        served,
        by(SUBJECT, "03-11"),
        WAIVED_BY_SILENCE,
        "03-10",
    ),
    no("[5.1.4(3)] added to after the period", to_state, stated, by(SUBJECT, "03-11"), WAIVED_BY_SILENCE, "03-10"),
    no("[5.1.4(3)] before the notice", to_state, served, by(SUBJECT, "03-03"), DayOutOfOrder, "03-04"),
    no("[5.1.4(3)] after period and review", to_state, reviewed, by(SUBJECT, "03-11"), WAIVED_BY_SILENCE, "03-10"),
    no(
        "[5.1.4(3)] posted too late, after the determination",
        to_state,
        determined,
        by(SUBJECT, "03-11"),
        WAIVED_BY_SILENCE,
        "03-10",
    ),
]
REVIEW = [
    no("[5.1.4(4)] nothing was stated", to_review, served, by(REVIEWER, "03-16"), NOT_STATED),
    no("[5.1.4(4)] nothing to give to a reviewer", to_assign, served, by(HEAD, "03-09"), NOT_STATED),
    no("[5.1.4(4)] by the handler", to_review, stated, by(HANDLER, "03-16"), REVIEWER_HANDLED_THE_CASE),
    no("[5.1.4(4)] given by another department", to_assign, stated, by(HEAD, "03-09", **AWAY), NOT_THE_AUTHORITY),
    no("[5.1.4(4)] given in the future", to_assign, stated, by(HEAD, "05-04"), DayOutOfOrder, "04-30"),
    no("[5.1.4(4)] determined without it", to_review, hasty, by(REVIEWER, "03-19"), ALREADY_TAKEN, "03-17"),
    no("[5.1.4(4)] given to the handler", to_assign_handler, stated, by(HEAD, "03-09"), REVIEWER_HANDLED_THE_CASE),
    no("[5.1.4(4)] by an earlier handler", to_review, given_on, by(HANDLER, "03-16"), REVIEWER_HANDLED_THE_CASE),
    no("[5.1.4(4)] by the present handler", to_review, given_on, by("handler-2", "03-16"), REVIEWER_HANDLED_THE_CASE),
    no(
        "[5.1.4(4)] handed to its reviewer", to_hand_to_reviewer, assigned, by(HEAD, "03-09"), REVIEWER_HANDLED_THE_CASE
    ),
    no("[5.1.4(4)] somebody else was to do it", to_review, assigned, by("reviewer-2", "03-16"), NOT_THE_REVIEWER),
    no("[5.1.4(4)] by another department", to_review, stated, by(REVIEWER, "03-16", **AWAY), NOT_THE_AUTHORITY),
    no("[5.1.4(4)] before the statement", to_review, stated, by(REVIEWER, "03-05"), DayOutOfOrder, "03-06"),
    no("[5.1.4(4)] twice", to_review, reviewed, by(REVIEWER, "03-17"), ALREADY_TAKEN, "03-16"),
    no("[5.1.4(4)] after it was dropped", to_review, overturned, by(REVIEWER, "03-17"), ALREADY_ENDED, "03-16"),
]
DETERMINE = [
    no("[5.1.4] unverified", to_determine, collected, by(HEAD, "03-17"), NOT_VERIFIED),
    no("[5.1.4] without a notice", to_determine, verified, by(HEAD, "03-17"), NOT_SERVED),
    no("[5.1.4] without proof of service", to_determine, noticed, by(HEAD, "03-17"), NOT_SERVED),
    no("[5.1.4] reviewed, but never served", to_determine, unserved, by(HEAD, "03-17"), NOT_SERVED),
    no("[5.1.4(3)] on the day of service", to_determine, served, by(HEAD, "03-05"), STATEMENT_PERIOD_OPEN, "03-10"),
    no("[5.1.4(3)] on the last day to state", to_determine, served, by(HEAD, "03-10"), STATEMENT_PERIOD_OPEN, "03-10"),
    no("[5.1.4(4)] while the review is open", to_determine, stated, by(HEAD, "03-17"), REVIEW_OPEN, "03-27"),
    no("[5.1.4(4)] an overdue review is open, too", to_determine, stated, by(HEAD, "04-30"), REVIEW_OPEN, "03-27"),
    no("[5.1.4(4)] after the review dropped it", to_determine, overturned, by(HEAD, "03-17"), ALREADY_ENDED, "03-16"),
    no("[5.1.4] before the review", to_determine, reviewed, by(HEAD, "03-15"), DayOutOfOrder, "03-16"),
    no("[5.1.1] by another department", to_determine, served, by(HEAD, "03-17", **AWAY), NOT_THE_AUTHORITY),
    no("[5.1.2] meanwhile it deserves a penalty", to_determine_penalty, served, by(HEAD, "03-17"), PenaltyReached),
    no("[5.1.2e] another measure", to_determine_discipline, other(served), by(HEAD, "03-17"), DISCIPLINE_REACHED),
    no("[5.1.3] no legal document", to_determine_unwritten, served, by(HEAD, "03-17"), BASIC_INFORMATION_MISSING),
    no("[5.1.5] a year without a law", to_determine_a_year, served, by(HEAD, "03-17"), PERIOD_NEEDS_CITATION),
    no("[5.1.5] until yesterday", to_determine_until("03-16"), served, by(HEAD, "03-17"), DayOutOfOrder, "03-17"),
    no("[5.1.5] beyond six months", to_determine_until("09-18"), served, by(HEAD, "03-17"), PERIOD_NEEDS_CITATION),
    no("[5.1.5] a blank citation is none", to_determine_uncited, served, by(HEAD, "03-17"), PERIOD_NEEDS_CITATION),
    no("[5.1.4] twice", to_determine, determined, by(HEAD, "03-18"), ALREADY_TAKEN, "03-17"),
]
PUBLISH = [
    no("[5.1.5] before it was determined", to_publish, served, by(HEAD, "03-18"), NOT_DETERMINED),
    no("[5.1.5] twice", to_publish, published, by(HEAD, "03-19"), ALREADY_TAKEN, "03-18"),
    no("[5.1.5] never dated back", to_publish_a_day_later, determined, by(HEAD, "03-18"), DayOutOfOrder, "03-19"),
    no("[5.1.1] by another department", to_publish, determined, by(HEAD, "03-18", **AWAY), NOT_THE_AUTHORITY),
    no("[5.1.6] a state secret", to_publish, secret, by(HEAD, "03-18"), ConfidentialRecord),
    no("[5.1.5] a last day beyond six months", to_publish, until("09-19"), by(HEAD, "03-18"), PERIOD_NEEDS_CITATION),
    no("[5.1.5] a last day before the first", to_publish, until("03-17"), by(HEAD, "03-18"), DayOutOfOrder, "03-18"),
]
HAND_OVER = [
    no("[5.1.4(1)] to another department", to_hand_away, collected, by(HEAD, "03-03"), NOT_THE_AUTHORITY),
    no("[5.1.4(1)] after it was dropped", handed_over, overturned, by(HEAD, "03-17"), ALREADY_ENDED, "03-16"),
    no("[5.1.4(1)] by another department", handed_over, collected, by(HEAD, "03-03", **AWAY), NOT_THE_AUTHORITY),
]
REFUSED = COLLECT + VERIFY + NOTICE + STATEMENT + REVIEW + DETERMINE + PUBLISH + HAND_OVER


@pytest.mark.parametrize(("step", "before", "fact", "refusal", "on"), REFUSED)
def test_the_procedure_refuses_by_name(step, before, fact, refusal, on):
    with refuses(refusal) as refused:
        step(before() if callable(before) else before, fact)
    assert decisive_day(refused.value) == (None if on is None else day(on))
    assert not getattr(refused.value, "provisional", False)


def test_the_day_that_decides_is_in_both_sentences():
    for each in (
        TooLate(WAIVED_BY_SILENCE, since=day("03-10")),
        NotYet(STATEMENT_PERIOD_OPEN, until=day("03-10")),
        TooLate(ALREADY_ENDED, since=day("03-10"), status="REMOVED"),
    ):
        assert "2026-03-10" in each.message
        assert "2026-03-10" in each.message_zh


def test_who_takes_a_case_over_is_who_collected_it():
    """[5.1.4(1)]"""
    case = handed_over(collected(), by(HEAD, "03-09"))
    with refuses(NOT_THE_COLLECTOR):
        to_verify(case, by(HANDLER, "03-10"))
    assert to_verify(case, by("handler-2", "03-10")).verified.by == "handler-2"
    assert case.handovers[0].from_ref == HANDLER
    assert case.handled_by == {HANDLER, "handler-2"}


FACTS, BASIS, BOTH = {"facts"}, {"basis"}, {"facts", "basis"}


@pytest.mark.parametrize(
    ("clause", "outcome", "amended", "basis", "refusal"),
    [
        ("[5.1.4(4)] amends the facts", AMENDED, FACTS, None, None),
        ("[5.1.4(4)] amends the basis", AMENDED, BASIS, "另一依据", None),
        ("[5.1.4(4)] amends both", AMENDED, BOTH, "另一依据", None),
        ("[5.1.4(4)] amends the facts on the same basis", AMENDED, BOTH, "临政管办发〔2022〕3号", None),
        ("[5.1.4(4)] amends nothing", AMENDED, (), None, AMENDMENT_MISSING),
        ("[5.1.4(4)] the same basis amends nothing", AMENDED, BASIS, "临政管办发〔2022〕3号", AMENDMENT_MISSING),
        ("[5.1.4(4)] upholds, and changes the facts", UPHELD, FACTS, None, StepNotWellFormed),
        ("[5.1.4(4)] upholds, and changes the basis", UPHELD, BASIS, "另一依据", StepNotWellFormed),
        ("[5.1.4(4)] drops what it changes", DROPPED, BOTH, "另一依据", StepNotWellFormed),
    ],
)
def test_a_review_amends_facts_or_basis_and_no_other_outcome_does(clause, outcome, amended, basis, refusal):
    """Not the circumstance: of another one the subject has not been notified [5.1.4(2)]."""
    if refusal is not None:
        with refuses(refusal) as refused:
            to_review(stated(), by(REVIEWER, "03-16"), outcome, amended=amended, basis=basis)
        problems = getattr(refused.value, "problems", ())
        assert [(one.field, one.code) for one in problems] == [
            (name, "NOT_AMENDED") for name in ("facts", "basis") if refusal is StepNotWellFormed and name in amended
        ]
        return
    case = to_review(stated(), by(REVIEWER, "03-16"), outcome, amended=amended, basis=basis)
    assert (case.basis, case.reviewer_ref) == (basis or stated().basis, REVIEWER)


def test_the_review_is_counted_from_the_first_statement():
    """[5.1.4(4)] Also where an earlier one is entered later."""
    case = to_state(to_state(served(), by(SUBJECT, "03-09")), by(SUBJECT, "03-06"))
    assert [fact.on for fact in case.statements] == [day("03-06"), day("03-09")]
    assert case.stated.on == day("03-06")


def test_a_guessed_day_ends_nobodys_right():
    """[5.1.4(3)] The working days of 2027 are not known: a statement is taken, and a determination waits."""
    late = date(2027, 3, 31)
    case = replace(served(), served=by(HANDLER, "2026-12-30"))
    with refuses(STATEMENT_PERIOD_OPEN) as refused:
        determine(case, by(HEAD, late), SHORT, "文书", SIX_MONTHS, calendar=CALENDAR, today=late)
    assert refused.value.provisional
    assert decisive_day(refused.value) == date(2027, 1, 4)
    assert "provisional" in refused.value.message
    assert "暂定" in refused.value.message_zh
    case = state(case, by(SUBJECT, late - timedelta(days=1)), calendar=CALENDAR, today=late)
    assert case.stated is not None


def test_publication_of_cases_of_two_subjects_at_once_is_a_mistake():
    with pytest.raises(InconsistentFacts):
        publish(
            determined(), by(HEAD, "03-18"), [listed(9, "2026-01-05", subject=2)], calendar=CALENDAR, today=day("03-18")
        )


def test_a_step_leaves_the_case_before_it_alone():
    before = served()
    after = to_determine(before, by(HEAD, "03-17"))
    assert before.determined is None
    assert after.status(day("03-16")) is CaseStatus.SERVED, "a fact counts from its own day on"
    assert after.status(day("03-17")) is CaseStatus.DETERMINED


def test_facts_do_not_show_their_evidence():
    """[5.1.6]"""
    assert "secret" not in repr(collected(collected=by(HANDLER, "03-02", "secret")))
    with pytest.raises(ValueError, match="another day"):
        Fact(day("03-02"), at=published().published.instant)
