"""How a case ends: rectification, dropping, referral; and the mark of secrecy [5.1.2] [5.1.5] [5.1.6]."""

from dataclasses import replace

import pytest

from credit.cases.case import ReviewOutcome
from credit.cases.refusals import (
    ALREADY_ENDED,
    ALREADY_TAKEN,
    EVIDENCE_MISSING,
    NOT_CLAIMED,
    NOT_THE_AUTHORITY,
    NOT_VERIFIED,
    ConfidentialRecord,
    DayOutOfOrder,
)
from credit.cases.rules.closing import (
    claim_rectification,
    drop,
    mark_confidential,
    rectify,
    refer,
    refuse_claim,
    unmark_confidential,
)
from credit.cases.rules.transitions import notice, state
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from tests.credit.cases.one_case import (
    CALENDAR,
    ELSEWHERE,
    HANDLER,
    HEAD,
    LATER,
    REVIEWER,
    SUBJECT,
    bare,
    by,
    collected,
    day,
    determined,
    published,
    reviewed,
    served,
    stated,
    verified,
)
from tests.refusals import decisive_day, refuses

STAYS, LAPSE = UnrectifiedPolicy.STAYS, UnrectifiedPolicy.LAPSE
SOON, PAST = day("2026-04-01"), day("2026-09-19")


def to_claim(case, fact, today=None, unrectified=STAYS):
    return claim_rectification(case, fact, today=today or fact.on, unrectified=unrectified)


def to_rectify(case, fact, today=None, unrectified=STAYS):
    return rectify(case, fact, today=today or fact.on, unrectified=unrectified)


def to_refer(case, fact, today=None):
    return refer(case, fact, today=today or fact.on)


def to_drop(case, fact):
    return drop(case, fact, today=LATER)


def claimed():
    return to_claim(published(), by(SUBJECT, SOON, department=None))


def to_refuse(fact):
    return refuse_claim(claimed(), fact, today=LATER)


def to_unmark(fact):
    return unmark_confidential(secret(), fact, today=LATER)


AWAY = {"department": ELSEWHERE}
REFUSED = [
    (
        "[5.1.5] claimed before verification",
        lambda: to_claim(determined(), by(SUBJECT, "03-02")),
        DayOutOfOrder,
        "03-03",
    ),
    ("[5.1.5] a claim refused elsewhere", lambda: to_refuse(by(HEAD, SOON, **AWAY)), NOT_THE_AUTHORITY, None),
    ("[5.1.5] a claim refused before it was made", lambda: to_refuse(by(HEAD, "03-31")), DayOutOfOrder, "04-01"),
    ("[5.1.2] referred elsewhere", lambda: to_refer(verified(), by(HEAD, SOON, **AWAY)), NOT_THE_AUTHORITY, None),
    ("[5.1.6] unmarked elsewhere", lambda: to_unmark(by(HEAD, LATER, **AWAY)), NOT_THE_AUTHORITY, None),
    ("[5.1.6] unmarked in the future", lambda: to_unmark(by(HEAD, "2026-05-04")), DayOutOfOrder, "04-30"),
    (
        "[5.1.5] rectified without evidence",
        lambda: to_rectify(published(), bare(by(HANDLER, SOON))),
        EVIDENCE_MISSING,
        None,
    ),
    (
        "[5.1.5] rectified by the subject alone",
        lambda: to_rectify(published(), by(SUBJECT, SOON, department=None)),
        NOT_THE_AUTHORITY,
        None,
    ),
    (
        "[5.1.5] rectified by another department",
        lambda: to_rectify(published(), by(HEAD, SOON, department=ELSEWHERE)),
        NOT_THE_AUTHORITY,
        None,
    ),
    (
        "[5.1.5] a confirmation is never dated back",
        lambda: to_rectify(published(), by(HEAD, SOON), LATER),
        DayOutOfOrder,
        "04-30",
    ),
    (
        "[5.1.5] rectified before anything was verified",
        lambda: to_rectify(collected(), by(HEAD, SOON)),
        NOT_VERIFIED,
        None,
    ),
    (
        "[5.1.5] rectified twice",
        lambda: to_rectify(to_rectify(published(), by(HEAD, SOON)), by(HEAD, LATER)),
        ALREADY_TAKEN,
        "04-01",
    ),
    (
        "[5.1.5] rectified after it lapsed",
        lambda: to_rectify(published(), by(HEAD, PAST), unrectified=LAPSE),
        ALREADY_ENDED,
        "09-19",
    ),
    (
        "[5.1.5] claimed without evidence",
        lambda: to_claim(published(), bare(by(SUBJECT, SOON))),
        EVIDENCE_MISSING,
        None,
    ),
    ("[5.1.5] claimed while a claim is open", lambda: to_claim(claimed(), by(SUBJECT, LATER)), ALREADY_TAKEN, "04-01"),
    (
        "[5.1.4] dropped after it was determined",
        lambda: to_drop(determined(), by(HEAD, "03-18")),
        ALREADY_TAKEN,
        "03-17",
    ),
    (
        "[5.1.4(4)] dropped after the review dropped it",
        lambda: to_drop(reviewed(ReviewOutcome.DROPPED), by(HEAD, "03-18")),
        ALREADY_ENDED,
        "03-16",
    ),
    (
        "[5.1.1] dropped by another department",
        lambda: to_drop(served(), by(HEAD, "03-18", department=ELSEWHERE)),
        NOT_THE_AUTHORITY,
        None,
    ),
    (
        "[5.1.4] dropped on a day before the last step",
        lambda: to_drop(stated(), by(HEAD, "03-05")),
        DayOutOfOrder,
        "03-06",
    ),
    ("[5.1.2] referred without evidence", lambda: to_refer(verified(), bare(by(HEAD, SOON))), EVIDENCE_MISSING, None),
    (
        "[5.1.2] referral is never dated back",
        lambda: to_refer(published(), by(HEAD, SOON), LATER),
        DayOutOfOrder,
        "04-30",
    ),
    (
        "[5.1.2] referred twice",
        lambda: to_refer(to_refer(verified(), by(HEAD, SOON)), by(HEAD, LATER)),
        ALREADY_ENDED,
        "04-01",
    ),
    (
        "[5.1.2] a referred case goes on",
        lambda: notice(to_refer(verified(), by(HEAD, SOON)), by(HANDLER, LATER), today=LATER),
        ALREADY_ENDED,
        "04-01",
    ),
    (
        "[5.1.4] a dropped case takes a statement",
        lambda: state(to_drop(served(), by(HEAD, "03-09")), by(SUBJECT, "03-09"), calendar=CALENDAR, today=LATER),
        ALREADY_ENDED,
        "03-09",
    ),
    (
        "[5.1.6] a state secret is rectified",
        lambda: to_rectify(replace(published(), confidential=True), by(HEAD, SOON)),
        ConfidentialRecord,
        None,
    ),
    (
        "[5.1.6] a state secret is marked again",
        lambda: mark_confidential(replace(published(), confidential=True), by(HEAD, SOON), today=SOON),
        ConfidentialRecord,
        None,
    ),
    (
        "[5.1.6] marked by another department",
        lambda: mark_confidential(published(), by(HEAD, SOON, department=ELSEWHERE), today=SOON),
        NOT_THE_AUTHORITY,
        None,
    ),
    (
        "[5.1.6] unmarked without evidence",
        lambda: unmark_confidential(secret(), bare(by(HEAD, LATER)), today=LATER),
        EVIDENCE_MISSING,
        None,
    ),
    (
        "[5.1.6] unmarked before it was marked",
        lambda: unmark_confidential(secret(), by(HEAD, "03-20"), today=LATER),
        DayOutOfOrder,
        "04-01",
    ),
]


def secret():
    return mark_confidential(published(), by(HEAD, SOON), today=SOON)


@pytest.mark.parametrize(("case", "step", "refusal", "on"), REFUSED, ids=[row[0] for row in REFUSED])
def test_the_ending_is_refused_by_name(case, step, refusal, on):
    with refuses(refusal) as refused:
        step()
    assert decisive_day(refused.value) == (None if on is None else day(on))


@pytest.mark.parametrize(
    ("clause", "case", "ending", "expected"),
    [
        ("[5.1.2] referred before verification", collected, to_refer, "REFERRED"),
        ("[5.1.2] referred while in force", published, to_refer, "REFERRED"),
        ("[5.1.4] unfounded", collected, to_drop, "DROPPED"),
        ("[5.1.4] dropped after service", served, to_drop, "DROPPED"),
        ("[5.1.4] dropped while the review is open", stated, to_drop, "DROPPED"),
        ("[5.1.5] rectified within the period: it lasts", published, to_rectify, "PUBLISHED"),
        ("[5.1.5] rectified before it is published", determined, to_rectify, "DETERMINED"),
    ],
)
def test_an_ending_shows_from_its_own_day(clause, case, ending, expected):
    ended = ending(case(), by(HEAD, SOON))
    assert ended.status(SOON) == expected
    assert ended.status(day("2026-03-31")) == case().status(day("2026-03-31"))


def test_an_overdue_restraint_ends_on_the_day_rectification_is_confirmed():
    """[5.1.5]"""
    case = published()
    assert case.status(PAST) is CaseStatus.OVERDUE_FOR_RECTIFICATION
    assert to_rectify(case, by(HEAD, PAST)).status(PAST) is CaseStatus.ENDED


def test_a_claim_is_answered_and_may_be_made_again():
    """[5.1.5]"""
    case = refuse_claim(claimed(), by(HEAD, LATER), today=LATER)
    assert case.open_claim is None
    assert case.rectified is None
    case = to_claim(case, by(SUBJECT, "2026-05-06", department=None))
    case = to_rectify(case, by(HEAD, "2026-05-11"))
    assert [claim.answered.on for claim in case.claims] == [LATER, day("2026-05-11")]
    assert case.rectified.on == day("2026-05-11")


def test_there_is_nothing_to_answer_without_a_claim():
    with refuses(NOT_CLAIMED):
        refuse_claim(published(), by(HEAD, LATER), today=LATER)


def test_a_state_secret_is_nowhere_until_the_mark_is_taken_off():
    """[5.1.6]"""
    assert published().is_public(LATER)
    assert not secret().is_public(LATER)
    again = unmark_confidential(secret(), by(HEAD, LATER), today=LATER)
    assert again.is_public(LATER)
    assert (again.marked.on, again.unmarked.on) == (SOON, LATER)


def test_an_objector_to_a_review_finds_who_dropped_it():
    """[5.1.4(4)] A review that drops is the fact that ends the case."""
    case = reviewed(ReviewOutcome.DROPPED)
    assert case.dropped == case.reviewed
    assert case.dropped.by == REVIEWER
