"""How often a subject may be asked for consent; the refusal does not reveal the subject's answer [5.1.6]."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from consent.errors import NOT_FOR_LIFE, AskedBefore
from consent.request_frequency import check_frequency
from consent.rules import refuse
from tests.consent.samples import APPLICATION_ID, CREDIT_CHECK, NOW, TODAY, day, live, requested
from tests.refusals import refuses

ANOTHER = UUID(int=33)
BEFORE, AFTER = NOW - timedelta(days=1), NOW + timedelta(days=1)
ASKED = requested()  # until day 30, for one application
LAST = 30 + CREDIT_CHECK.ask_again_days


def ask(before, today, application_id=APPLICATION_ID, filed_at=BEFORE):
    check_frequency(CREDIT_CHECK, before, application_id=application_id, filed_at=filed_at, today=today)


@pytest.mark.parametrize(
    ("case", "before", "today", "application_id", "filed_at"),
    [
        ("never asked", [], TODAY, APPLICATION_ID, BEFORE),
        ("granted, whatever came of it", [live()], TODAY, APPLICATION_ID, BEFORE),
        ("granted and withdrawn", [replace(live(), withdrawn_at=NOW)], TODAY, APPLICATION_ID, BEFORE),
        ("the day after", [ASKED], day(LAST + 1), APPLICATION_ID, BEFORE),
        ("a new application of the subject", [ASKED], day(2), ANOTHER, AFTER),
    ],
)
def test_may_be_asked(case, before, today, application_id, filed_at):
    ask(before, today, application_id, filed_at)
    assert case


@pytest.mark.parametrize(
    ("case", "today", "application_id", "filed_at"),
    [
        ("at once", TODAY, APPLICATION_ID, BEFORE),
        ("on the last day", day(LAST), APPLICATION_ID, BEFORE),
        ("for any application", day(2), None, None),
        ("for another one that was there before", day(2), ANOTHER, BEFORE),
        ("for an application that is none of the subject's", day(2), ANOTHER, None),
    ],
)
@pytest.mark.parametrize("answered", [None, 0, 1, 29], ids=["never answered", "at once", "the next day", "at the end"])
def test_a_request_too_soon_is_refused_and_does_not_reveal_whether_the_subject_refused(
    case, today, application_id, filed_at, answered
):
    before = ASKED if answered is None else refuse(ASKED, at=NOW + timedelta(days=answered), today=day(answered))
    with pytest.raises(AskedBefore) as refused:
        ask([before], today, application_id, filed_at)
    assert refused.value.until == day(LAST), case
    assert day(LAST).isoformat() in str(refused.value)


def test_the_last_of_several_counts():
    later = replace(ASKED, expires_on=day(40))
    with pytest.raises(AskedBefore) as refused:
        ask([later, ASKED], day(2))
    assert refused.value.until == day(40 + CREDIT_CHECK.ask_again_days)


def test_a_template_without_a_pause_cannot_be_expressed():
    with refuses(NOT_FOR_LIFE):
        replace(CREDIT_CHECK, ask_again_days=0)
