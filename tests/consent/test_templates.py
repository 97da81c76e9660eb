"""How much can be asked for [5.1.6], [4.1], [5.2.3]."""

from dataclasses import replace
from datetime import date

import pytest

from consent.errors import (
    NO_TEMPLATE,
    NO_USES,
    NOT_FOR_LIFE,
    PERIOD_IN_THE_PAST,
    PERIOD_TOO_LONG,
    SCOPE_TOO_SMALL,
    SCOPE_TOO_WIDE,
    TOO_MANY_USES,
    ConsentError,
)
from consent.templates import CEILING_DAYS, Recipients, catalogue, check, template_for
from consent.vocabulary import FieldGroup, Purpose
from tests.consent.samples import CONSULTATION, CONTACT, CREDIT_CHECK, IDENTITY, RESTRAINT, TEMPLATES, TODAY, day
from tests.refusals import refuses

BOTH = IDENTITY | RESTRAINT


@pytest.mark.parametrize(
    ("case", "template", "groups", "expires_on", "uses"),
    [
        ("a credit check as asked by default [4.1]", CREDIT_CHECK, BOTH, day(30), 3),
        ("for restraint alone", CREDIT_CHECK, RESTRAINT, day(30), 3),
        ("for today only", CREDIT_CHECK, BOTH, TODAY, 1),
        ("for twelve months", CREDIT_CHECK, BOTH, date(2027, 3, 5), 3),
        ("for a leap year of 366 days", CREDIT_CHECK, BOTH, day(366), 3),
        ("a consultation [5.2.3]", CONSULTATION, BOTH, day(14), 1),
    ],
)
def test_allowed(case, template, groups, expires_on, uses):
    check(template, groups, expires_on, uses, TODAY)


@pytest.mark.parametrize(
    ("case", "template", "groups", "expires_on", "uses", "refused"),
    [
        ("contact data is not needed for a credit check", CREDIT_CHECK, BOTH | CONTACT, day(30), 3, SCOPE_TOO_WIDE),
        ("nor are facts", CREDIT_CHECK, BOTH | FieldGroup.FACTS, day(30), 3, SCOPE_TOO_WIDE),
        ("nor a group that does not exist", CREDIT_CHECK, BOTH | FieldGroup(64), day(30), 3, SCOPE_TOO_WIDE),
        ("a scope of nothing", CREDIT_CHECK, FieldGroup(0), day(30), 3, SCOPE_TOO_SMALL),
        ("a credit check without the credit", CREDIT_CHECK, IDENTITY, day(30), 3, SCOPE_TOO_SMALL),
        ("yesterday", CREDIT_CHECK, BOTH, day(-1), 3, PERIOD_IN_THE_PAST),
        ("a day beyond twelve months", CREDIT_CHECK, BOTH, day(367), 3, PERIOD_TOO_LONG),
        ("for life", CREDIT_CHECK, BOTH, date.max, 3, PERIOD_TOO_LONG),
        ("no use", CREDIT_CHECK, BOTH, day(30), 0, NO_USES),
        ("fewer than no use", CREDIT_CHECK, BOTH, day(30), -1, NO_USES),
        ("without a limit", CREDIT_CHECK, BOTH, day(30), 10**9, TOO_MANY_USES),
        ("a consultation that goes on", CONSULTATION, BOTH, day(31), 1, PERIOD_TOO_LONG),
        ("a consultation for every day", CONSULTATION, BOTH, day(14), 4, TOO_MANY_USES),
    ],
)
def test_refused(case, template, groups, expires_on, uses, refused):
    with refuses(refused):
        check(template, groups, expires_on, uses, TODAY)


def test_a_refused_period_names_a_valid_one():
    with refuses(PERIOD_TOO_LONG) as refusal:
        check(CREDIT_CHECK, BOTH, date.max, 3, TODAY)
    assert day(366) == date(2027, 3, 6)
    assert "2027-03-06" in refusal.value.message
    assert "2027-03-06" in refusal.value.message_zh


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.CREDIT_CHECK, Purpose.CONSULTATION}))
def test_nobody_is_asked_to_authorise_what_runs_without_consent(purpose):
    with refuses(NO_TEMPLATE):
        template_for(TEMPLATES, purpose)


def test_each_template_stands_under_its_own_purpose_and_passes_its_own_bounds():
    for purpose, template in TEMPLATES.items():
        assert template_for(TEMPLATES, purpose) is template
        assert template.purpose is purpose
        check(template, template.allowed, day(template.default_days), template.default_uses, TODAY)


def test_who_can_be_authorised_for_what():
    assert CREDIT_CHECK.recipients is Recipients.DEPARTMENTS
    assert CONSULTATION.recipients is Recipients.ASSOCIATIONS  # departments are answered by statute [5.2.3]
    assert CREDIT_CHECK.single_application


@pytest.mark.parametrize("longest", [1, 7, 366, CEILING_DAYS])
def test_a_deployment_sets_the_longest_period(longest):
    for template in catalogue(longest).values():
        assert template.default_days <= template.max_days <= longest


@pytest.mark.parametrize("longest", [-1, 0, CEILING_DAYS + 1, 36500])
def test_no_setting_allows_a_lifetime(longest):
    with refuses(NOT_FOR_LIFE):
        catalogue(longest)


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("a lifetime", {"max_days": 36500}),
        ("a default beyond the limit", {"max_days": 10, "default_days": 11}),
        ("no day", {"default_days": 0}),
        ("no use", {"default_uses": 0}),
        ("more uses than allowed by default", {"default_uses": 101}),
        ("nothing required", {"required": FieldGroup(0)}),
        ("more required than allowed", {"required": FieldGroup.CONTACT}),
    ],
)
def test_a_template_without_bounds_cannot_be_made(case, changes):
    with pytest.raises(ConsentError):
        replace(CREDIT_CHECK, **changes)


def test_what_was_granted_before_the_term_was_lowered_stays_in_force_to_its_end():
    """The template at the grant bounds a read: a lower setting is for what is granted from now on [5.1.6]."""
    lowered = catalogue(90, 366)
    assert (lowered[Purpose.CREDIT_CHECK].max_days, lowered[Purpose.CREDIT_CHECK].most_days) == (90, 366)
    assert {one.most_days for one in catalogue(20).values()} == {20}
    with refuses(NOT_FOR_LIFE):
        catalogue(90, CEILING_DAYS + 1)
