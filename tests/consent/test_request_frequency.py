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
LATE = NOW.replace(hour=17)
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
    later = replace(ASKED, requested_at=NOW + timedelta(days=10), expires_on=day(40))
    with pytest.raises(AskedBefore) as refused:
        ask([later, ASKED], day(12))
    assert refused.value.until == day(40 + CREDIT_CHECK.ask_again_days)


@pytest.mark.parametrize(
    ("case", "asked", "last"),
    [
        ("for a whole year: as long as for the usual thirty days", replace(ASKED, expires_on=day(366)), LAST),
        ("for three days: from its last one", replace(ASKED, expires_on=day(3)), 3 + CREDIT_CHECK.ask_again_days),
        (
            "late in the evening in UTC: the next day in China",
            replace(ASKED, requested_at=LATE, expires_on=day(90)),
            LAST + 1,
        ),
    ],
)
def test_nobody_is_barred_until_next_year(case, asked, last):
    with pytest.raises(AskedBefore) as refused:
        ask([asked], day(2))
    assert refused.value.until == day(last), case


def test_a_template_without_a_pause_cannot_be_expressed():
    with refuses(NOT_FOR_LIFE):
        replace(CREDIT_CHECK, ask_again_days=0)
