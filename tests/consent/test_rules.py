"""What can happen to an authorisation, and what cannot [5.1.6]."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from consent import rules
from consent.authorisation import ContestFinding, Status
from consent.errors import (
    ALREADY_ANSWERED,
    ALREADY_CONTESTED,
    ALREADY_WITHDRAWN,
    APPLICATION_NOT_NAMED,
    ASKER_CANNOT_ANSWER,
    CANNOT_WIDEN,
    CONTEST_ALREADY_DECIDED,
    CONTEST_OPEN,
    EVIDENCE_MISSING,
    EVIDENCE_NOT_A_REFERENCE,
    NO_USES,
    NOT_CONTESTED,
    NOT_LIVE,
    NOT_ON_PAPER,
    NOT_WAITING,
    NOTHING_NARROWED,
    PERIOD_IN_THE_PAST,
    PERIOD_TOO_LONG,
    POSTED_IN_FUTURE,
    POSTED_TOO_EARLY,
    RECORDER_CANNOT_CONFIRM,
    RECORDER_CANNOT_DECIDE,
    REQUEST_LAPSED,
    SCOPE_TOO_SMALL,
    SCOPE_TOO_WIDE,
    SIGNED_IN_FUTURE,
    SIGNED_TOO_LONG_AGO,
    TOO_MANY_USES,
    USES_ALREADY_MADE,
)
from consent.rules import PAPER_DAYS, Bounds, Letter, Paper
from consent.templates import catalogue
from consent.vocabulary import FieldGroup, Purpose
from tests.consent.samples import (
    AUTHORISATION_ID,
    BUREAU,
    CLERK,
    CONSULTATION,
    CONTACT,
    CREDIT_CHECK,
    IDENTITY,
    NOW,
    RESTRAINT,
    SUBJECT,
    SUBJECT_ID,
    TODAY,
    day,
    live,
    on_paper,
    requested,
    used,
)
from tests.refusals import refuses


def grant(authorisation, bounds=Bounds(), today=TODAY, template=CREDIT_CHECK):  # noqa: B008 - frozen
    return rules.grant(authorisation, template, bounds, by=SUBJECT.ref, at=NOW, today=today)


def refuse(authorisation, today=TODAY):
    return rules.refuse(authorisation, at=NOW, today=today)


def narrow(authorisation, bounds, today=TODAY, template=CREDIT_CHECK):
    return rules.narrow(authorisation, template, bounds, at=NOW, today=today)


def withdraw(authorisation, today=TODAY):
    return rules.withdraw(authorisation, by=SUBJECT.ref, at=NOW, today=today)


def record_paper(asked, evidence="LZ-2026-0012", signed_on=None, before=(), today=TODAY, template=CREDIT_CHECK):
    return rules.record_paper(asked, template, Paper(evidence, signed_on or today), before, today=today)


def confirm(authorisation, others=(), by="head-1", today=TODAY):
    return rules.confirm(authorisation, others, by=by, at=NOW, today=today)


def decide(authorisation, finding=ContestFinding.NEVER_GIVEN, evidence="finding-1", by="head-1"):
    return rules.decide_contest(authorisation, finding, evidence, by=by, at=NOW)


def contest(authorisation):
    return rules.contest(authorisation, by="account-1", at=NOW, today=TODAY)


def ask(template, bounds=Bounds()):  # noqa: B008 - frozen
    return rules.request(
        template,
        authorisation_id=AUTHORISATION_ID,
        subject_id=SUBJECT_ID,
        recipient_code=BUREAU,
        bounds=bounds,
        by=CLERK.ref,
        at=NOW,
        today=TODAY,
    )


# --- request -------------------------------------------------------------------------------------------------------


def test_a_request_opens_nothing_and_takes_the_defaults_of_its_template():
    asked = requested()
    assert asked.status(TODAY) is Status.REQUESTED
    assert (asked.groups, asked.expires_on, asked.uses_allowed) == (IDENTITY | RESTRAINT, day(30), 3)
    assert (asked.template, asked.means, asked.version) == ("credit-check/1", CREDIT_CHECK.means_zh, 1)


@pytest.mark.parametrize(
    ("case", "template", "bounds", "refused"),
    [
        ("a credit check for no application in particular", CREDIT_CHECK, Bounds(), APPLICATION_NOT_NAMED),
        ("with an end, but for any number of uses", CREDIT_CHECK, Bounds(expires_on=day(60)), APPLICATION_NOT_NAMED),
        ("with uses, but without an end", CREDIT_CHECK, Bounds(uses=2), APPLICATION_NOT_NAMED),
        ("for longer than the template", CONSULTATION, Bounds(expires_on=day(60)), PERIOD_TOO_LONG),
        ("for more than the template", CONSULTATION, Bounds(groups=RESTRAINT | CONTACT), SCOPE_TOO_WIDE),
        ("for nothing", CONSULTATION, Bounds(groups=FieldGroup(0)), SCOPE_TOO_SMALL),
        ("too often", CONSULTATION, Bounds(uses=50), TOO_MANY_USES),
        ("never", CONSULTATION, Bounds(uses=0), NO_USES),
        ("for yesterday", CONSULTATION, Bounds(expires_on=day(-1)), PERIOD_IN_THE_PAST),
    ],
)
def test_asked_too_much(case, template, bounds, refused):
    with refuses(refused):
        ask(template, bounds)


def test_whoever_wants_more_than_one_application_says_until_when_and_how_often():
    asked = ask(CREDIT_CHECK, Bounds(expires_on=day(366), uses=12))
    assert (asked.application_id, asked.expires_on, asked.uses_allowed) == (None, day(366), 12)


# --- grant and refuse ----------------------------------------------------------------------------------------------


def test_a_grant_gives_what_was_asked():
    given = grant(requested())
    assert given == replace(requested(), granted_at=NOW, granted_by=SUBJECT.ref, starts_on=TODAY, version=2)
    assert given.is_live(TODAY)


@pytest.mark.parametrize(
    ("case", "bounds", "groups", "expires_on", "uses"),
    [
        ("fewer groups", Bounds(groups=RESTRAINT), RESTRAINT, day(30), 3),
        ("an earlier end", Bounds(expires_on=day(2)), IDENTITY | RESTRAINT, day(2), 3),
        ("for today", Bounds(expires_on=TODAY), IDENTITY | RESTRAINT, TODAY, 3),
        ("one use", Bounds(uses=1), IDENTITY | RESTRAINT, day(30), 1),
        ("all of it", Bounds(RESTRAINT, day(2), 1), RESTRAINT, day(2), 1),
    ],
)
def test_the_subject_gives_less_than_was_asked(case, bounds, groups, expires_on, uses):
    for given in (grant(requested(), bounds), narrow(live(), bounds)):
        assert (given.groups, given.expires_on, given.uses_allowed) == (groups, expires_on, uses)
        assert given.narrowed_at == NOW
        assert given.is_live(TODAY)


@pytest.mark.parametrize(
    ("case", "bounds", "refused"),
    [
        ("more groups", Bounds(groups=IDENTITY | RESTRAINT | CONTACT), CANNOT_WIDEN),
        ("another group instead", Bounds(groups=RESTRAINT | CONTACT), CANNOT_WIDEN),
        ("a group that does not exist", Bounds(groups=FieldGroup(64)), CANNOT_WIDEN),
        ("a later end", Bounds(expires_on=day(31)), CANNOT_WIDEN),
        ("more uses", Bounds(uses=4), CANNOT_WIDEN),
        ("less of one, more of another", Bounds(RESTRAINT, day(31), 1), CANNOT_WIDEN),
        ("nothing at all", Bounds(groups=FieldGroup(0)), SCOPE_TOO_SMALL),
        ("without what the purpose needs", Bounds(groups=IDENTITY), SCOPE_TOO_SMALL),
        ("until yesterday", Bounds(expires_on=day(-1)), PERIOD_IN_THE_PAST),
        ("no use", Bounds(uses=0), NO_USES),
    ],
)
def test_neither_a_grant_nor_a_change_goes_beyond_what_was_asked_or_below_sense(case, bounds, refused):
    with refuses(refused):
        grant(requested(), bounds)
    with refuses(refused):
        narrow(live(), bounds)


def test_a_setting_made_tighter_since_the_request_binds_the_grant_and_can_be_met_by_narrowing():
    tighter = catalogue(longest_days=7)[Purpose.CREDIT_CHECK]
    with refuses(PERIOD_TOO_LONG):
        grant(requested(), template=tighter)
    assert grant(requested(), Bounds(expires_on=day(7)), template=tighter).is_live(TODAY)


def test_a_setting_made_tighter_since_the_grant_does_not_stand_in_the_way_of_narrowing():
    tighter = catalogue(longest_days=7)[Purpose.CREDIT_CHECK]
    assert narrow(live(), Bounds(uses=1), template=tighter).uses_allowed == 1


def test_whoever_asked_cannot_also_say_yes():
    with refuses(ASKER_CANNOT_ANSWER):
        rules.grant(requested(), CREDIT_CHECK, by=CLERK.ref, at=NOW, today=TODAY)


@pytest.mark.parametrize("answer", [grant, refuse])
@pytest.mark.parametrize(
    ("case", "authorisation", "today", "refused"),
    [
        ("granted before", live(), TODAY, ALREADY_ANSWERED),
        ("withdrawn", withdraw(live()), TODAY, ALREADY_ANSWERED),
        ("given on paper", on_paper(), TODAY, ALREADY_ANSWERED),
        ("contested", contest(on_paper()), TODAY, ALREADY_ANSWERED),
        ("expired", live(), day(31), ALREADY_ANSWERED),
        ("not answered in time", requested(), day(31), REQUEST_LAPSED),
    ],
)
def test_a_request_is_answered_once_and_in_time(answer, case, authorisation, today, refused):
    with refuses(refused):
        answer(authorisation, today=today)


@pytest.mark.parametrize("today", [TODAY, day(31)])
def test_nobody_refuses_twice(today):
    with refuses(ALREADY_ANSWERED):
        refuse(refuse(requested()), today=today)


def test_a_refusal_keeps_no_reason_and_no_name():
    assert refuse(requested()) == replace(requested(), refused_at=NOW, version=2)


# --- narrow --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "authorisation", "bounds", "today", "refused"),
    [
        ("nothing said", live(), Bounds(), TODAY, NOTHING_NARROWED),
        ("the same said", live(), Bounds(IDENTITY | RESTRAINT, day(30), 3), TODAY, NOTHING_NARROWED),
        ("below what was used", used(live(), 2), Bounds(uses=1), TODAY, USES_ALREADY_MADE),
        ("not granted yet", requested(), Bounds(uses=1), TODAY, NOT_LIVE),
        ("refused", refuse(requested()), Bounds(uses=1), TODAY, NOT_LIVE),
        ("withdrawn", withdraw(live()), Bounds(uses=1), TODAY, NOT_LIVE),
        ("contested", contest(on_paper()), Bounds(uses=1), TODAY, NOT_LIVE),
        ("expired", live(), Bounds(uses=1), day(31), NOT_LIVE),
        ("used up", used(live(), 3), Bounds(uses=1), TODAY, NOT_LIVE),
    ],
)
def test_narrowing_refused(case, authorisation, bounds, today, refused):
    with refuses(refused):
        narrow(authorisation, bounds, today=today)


def test_narrowed_to_what_was_used_it_is_used_up():
    assert narrow(used(live(), 2), Bounds(uses=2)).status(TODAY) is Status.USED_UP


# --- withdraw ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "authorisation", "today"),
    [
        ("live", live(), TODAY),
        ("on its last day", live(), day(30)),
        ("narrowed", narrow(live(), Bounds(uses=1)), TODAY),
        ("given on paper", on_paper(), TODAY),
        ("contested", contest(on_paper()), TODAY),
        ("used up", used(live(), 3), TODAY),
    ],
)
def test_withdrawn_at_any_time(case, authorisation, today):
    withdrawn = withdraw(authorisation, today)
    assert withdrawn.status(today) is Status.WITHDRAWN
    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_by) == (NOW, SUBJECT.ref)


@pytest.mark.parametrize(
    ("case", "authorisation", "today", "refused"),
    [
        ("twice", withdraw(live()), TODAY, ALREADY_WITHDRAWN),
        ("twice, and over", withdraw(live()), day(31), ALREADY_WITHDRAWN),
        ("never given", requested(), TODAY, NOT_LIVE),
        ("never answered", requested(), day(31), NOT_LIVE),
        ("refused", refuse(requested()), TODAY, NOT_LIVE),
        ("over", live(), day(31), NOT_LIVE),
    ],
)
def test_withdrawing_refused(case, authorisation, today, refused):
    with refuses(refused):
        withdraw(authorisation, today)


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


# --- the subject by itself -----------------------------------------------------------------------------------------


def test_the_subject_offers_what_nobody_asked_for():
    given = rules.offer(replace(requested(), requested_by=SUBJECT.ref), today=TODAY)
    assert given.is_live(TODAY)
    assert (given.requested_by, given.granted_by, given.starts_on) == (SUBJECT.ref, SUBJECT.ref, TODAY)


def test_the_subject_reverses_its_refusal_while_the_request_runs():
    changed = grant(refuse(requested()), today=day(30))
    assert changed == replace(grant(requested(), today=day(30)), version=3)
    with refuses(REQUEST_LAPSED):
        grant(refuse(requested()), today=day(31))


# --- on paper ------------------------------------------------------------------------------------------------------

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
