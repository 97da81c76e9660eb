"""Each step of the procedure taken on a case, and the cases before it that no step here leaves."""

from dataclasses import replace
from datetime import timedelta

from credit.cases.case import ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules.closing import drop
from credit.cases.rules.term import SIX_MONTHS, Term
from credit.cases.rules.transitions import (
    assign_reviewer,
    determine,
    hand_over,
    notice,
    publish,
    review,
    serve,
    state,
    verify,
)
from credit.cases.status import Circumstance
from tests.credit.cases.one_case import (
    CALENDAR,
    DEPARTMENT,
    ELSEWHERE,
    HANDLER,
    HEAD,
    LATER,
    PENALTY,
    REVIEWER,
    SHORT,
    SUBJECT,
    by,
    collected,
    day,
    determined,
    noticed,
    reviewed,
    stated,
)

DROPPED, UPHELD, AMENDED = ReviewOutcome.DROPPED, ReviewOutcome.UPHELD, ReviewOutcome.AMENDED
SPOT = ServiceMeans.ON_THE_SPOT


def to_verify(case, fact, severity=SHORT):
    return verify(case, fact, severity, calendar=CALENDAR, today=LATER)


def to_notice(case, fact):
    return notice(case, fact, today=LATER)


def to_serve(case, fact):
    return serve(case, fact, SPOT, today=LATER)


def to_state(case, fact):
    return state(case, fact, calendar=CALENDAR, today=LATER)


def to_assign(case, fact, reviewer=REVIEWER):
    return assign_reviewer(case, fact, reviewer, today=LATER)


def to_review(case, fact, outcome=UPHELD, **options):
    return review(case, fact, outcome, today=LATER, **options)


def to_determine(case, fact, severity=SHORT, document="临审认字〔2026〕第1号", term=SIX_MONTHS):
    return determine(case, fact, severity, document, term, calendar=CALENDAR, today=LATER)


def to_publish(case, fact, others=(), today=None):
    return publish(case, fact, others, calendar=CALENDAR, today=today or fact.on).case


def to_collect(changes, fact):
    return collected(**changes, **({} if fact is None else {"collected": fact}))


def to_verify_penalty(case, fact):
    return to_verify(case, fact, PENALTY)


def to_verify_other(case, fact):
    return to_verify(case, fact, SHORT)


def to_determine_discipline(case, fact):
    return to_determine(case, fact, Severity.DISCIPLINE_REACHED)


def other(build):
    return lambda: replace(build(), circumstance=Circumstance.OTHER)


def to_assign_handler(case, fact):
    return to_assign(case, fact, HANDLER)


def to_hand_to_reviewer(case, fact):
    return handed_over(case, fact, REVIEWER)


def to_hand_away(case, fact):
    return handed_over(case, fact, department=ELSEWHERE)


def to_determine_penalty(case, fact):
    return to_determine(case, fact, PENALTY)


def to_determine_unwritten(case, fact):
    return to_determine(case, fact, document=" ")


def to_determine_until(last):
    term = Term(None, day(last))
    return lambda case, fact: determine(case, fact, SHORT, "文书", term, calendar=CALENDAR, today=LATER)


def to_determine_a_year(case, fact):
    return to_determine(case, fact, term=Term(12))


def to_determine_uncited(case, fact):
    return to_determine(case, fact, term=Term(7, citation=" "))


def to_publish_a_day_later(case, fact):
    return to_publish(case, fact, today=fact.on + timedelta(days=1))


def handed_over(case, fact, to="handler-2", department=DEPARTMENT):
    return hand_over(case, fact, to, department, today=LATER)


def given_on():
    return handed_over(stated(), by(HEAD, "03-09"))


def assigned():
    return to_assign(stated(), by(HEAD, "03-09"))


def overturned():
    return reviewed(DROPPED)


def unserved():
    return to_review(to_state(noticed(), by(SUBJECT, "03-06")), by(REVIEWER, "03-16"))


def given_up():
    return drop(noticed(), by(HEAD, "03-05"), today=LATER)


def hasty():
    """Return a case as no step here leaves it: determined over an open review, taken in from elsewhere."""
    return replace(determined(), statements=stated().statements)


def secret():
    return replace(determined(), confidential=True)


def until(last):
    return lambda: replace(determined(), term=Term(None, day(last)))
