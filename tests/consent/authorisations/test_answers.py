"""What is asked, and what the subject answers: it grants, refuses, narrows, withdraws or offers [5.1.6]."""

from dataclasses import replace

import pytest

from consent import rules
from consent.authorisation import Status
from consent.errors import (
    ALREADY_ANSWERED,
    ALREADY_WITHDRAWN,
    APPLICATION_NOT_NAMED,
    ASKER_CANNOT_ANSWER,
    CANNOT_WIDEN,
    NO_USES,
    NOT_LIVE,
    NOTHING_NARROWED,
    PERIOD_IN_THE_PAST,
    PERIOD_TOO_LONG,
    REQUEST_LAPSED,
    SCOPE_TOO_SMALL,
    SCOPE_TOO_WIDE,
    TOO_MANY_USES,
    USES_ALREADY_MADE,
)
from consent.rules import Bounds
from consent.templates import catalogue
from consent.vocabulary import FieldGroup, Purpose
from tests.consent.authorisations.rule_calls import ask, contest, grant, narrow, refuse, withdraw
from tests.consent.samples import (
    CLERK,
    CONSULTATION,
    CONTACT,
    CREDIT_CHECK,
    IDENTITY,
    NOW,
    RESTRAINT,
    SUBJECT,
    TODAY,
    day,
    live,
    on_paper,
    requested,
    used,
)
from tests.refusals import refuses

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
