"""Deferred documents: promised, handed in, reminded of, and when their absence is a circumstance [4.2.2] [5.1.2c]."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.applications.refusals import CONTEST_MISDATED, CONTEST_OF_OWN_ENTRY, WITHDRAWAL_CONTESTED
from credit.calendar.calendar import Calendar, shipped
from credit.cases.rules import grounds
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import CreditError, InvalidItem
from credit.core.late_entries import ActDays, PaperWithdrawal, WithdrawalContest
from credit.promises import deferral as promises_deferral
from credit.promises.deferral import (
    Deferral,
    DeferralState,
    HandIn,
    Reminder,
    contest_withdrawal,
    default_of,
    defer,
    end,
    grounds_of,
    hand_in,
    is_kept,
    last_day,
    remind,
    serve_reminder,
    state,
)
from credit.promises.refusals import NO_DEFAULT, NotDue, PromiseRefused
from tests.credit.subjects.synthetic_numbers import PERSON
from tests.refusals import refuses

CALENDAR = shipped()
APPLICATION, SUBJECT = UUID(int=2), UUID(int=3)


def day(text):
    return date.fromisoformat(f"2026-{text}")


def promised(due="02-12", missing=("场地证明", "验资报告"), today="02-02", longest_days=30, paper="承诺-0001"):
    return defer(
        application_id=APPLICATION,
        subject_id=SUBJECT,
        department_code="LZ-SPFW",
        missing=missing,
        commitment_ref=paper,
        due_on=day(due),
        longest_days=longest_days,
        today=day(today),
    )


def handed(deferral, document, on, today=None):
    return hand_in(
        deferral, document, on=ActDays(day(on)), received_by="clerk-1", receipt="收件-0001", today=day(today or on)
    )


def reminded(sent="02-13", served="02-13", **promise):
    found = remind(promised(**promise), by="clerk-1", paper="催告-0001", today=day(sent))
    return serve_reminder(found, on=ActDays(day(served)), proof="回执-0001", today=day(served)) if served else found


PART = handed(promised(), "验资报告", "02-05")
WHOLE = handed(PART, "场地证明", "02-12")
LATE = handed(PART, "场地证明", "02-13")
# Served on a Friday before Spring Festival: the Saturday is a make-up day, the holiday lasts until the 23rd.
REMINDED = reminded()


@pytest.mark.parametrize(
    ("case", "deferral", "on", "expected"),
    [
        ("promised", promised(), "02-02", "OPEN"),
        ("the last day promised", promised(), "02-12", "OPEN"),
        ("one of two came", PART, "02-05", "PARTLY_SUPPLIED"),
        ("before it came, it had not", PART, "02-04", "OPEN"),
        ("all came in time", WHOLE, "02-12", "SUPPLIED"),
        ("the date has passed", promised(), "02-13", "OVERDUE"),
        ("with one of two", PART, "02-13", "OVERDUE"),
        ("late, before any reminder", LATE, "02-13", "SUPPLIED"),
        ("a reminder on its way is none yet", reminded(served=None), "03-05", "OVERDUE"),
        ("reminded", REMINDED, "02-13", "REMINDED"),
        ("first working day: a make-up Saturday", REMINDED, "02-14", "REMINDED"),
        ("the holiday does not count", REMINDED, "02-23", "REMINDED"),
        ("third working day: still in time", REMINDED, "02-25", "REMINDED"),
        ("the day after", REMINDED, "02-26", "DEFAULTED"),
        ("one of two is not all", handed(REMINDED, "验资报告", "02-25"), "02-26", "DEFAULTED"),
        (
            "all on the last day",
            handed(handed(REMINDED, "验资报告", "02-25"), "场地证明", "02-25"),
            "02-26",
            "SUPPLIED",
        ),
        (
            "all, a day too late",
            handed(handed(REMINDED, "验资报告", "02-25"), "场地证明", "02-26"),
            "02-26",
            "SUPPLIED_LATE",
        ),
        ("withdrawn", promises_deferral.end(promised(), on=day("02-03"), today=day("02-03")), "03-05", "ENDED"),
        (
            "withdrawn on the last day in time",
            promises_deferral.end(REMINDED, on=day("02-25"), today=day("02-25")),
            "02-26",
            "ENDED",
        ),
        (
            "withdrawn too late to undo a default",
            promises_deferral.end(REMINDED, on=day("02-26"), today=day("02-26")),
            "02-27",
            "DEFAULTED",
        ),
    ],
)
def test_the_state_is_read_off_the_facts(case, deferral, on, expected):
    """[4.2.2] [5.1.2c]"""
    assert state(deferral, day(on), CALENDAR) == expected


def test_a_default_is_what_a_case_starts_from():
    """[5.1.2c] [5.1.3] It happened in the course of an application [3.1]."""
    breach = default_of(handed(REMINDED, "验资报告", "02-24"), day("03-01"), CALENDAR)
    assert (breach.circumstance, breach.channel) == (
        Circumstance.DOCUMENTS_NOT_SUPPLIED,
        CollectionChannel.FACT_FINDING,
    )
    assert (breach.subject_id, breach.application_id, breach.department_code) == (SUBJECT, APPLICATION, "LZ-SPFW")
    assert breach.established_on == day("02-26")
    assert breach.evidence == ("承诺-0001", "催告-0001", "回执-0001")
    assert "场地证明" in breach.facts_zh
    assert "验资报告" not in breach.facts_zh
    assert "场地证明" not in repr(breach)
    assert breach.grounds == grounds.DeferredDocuments(day("02-12"), day("02-13"))


@pytest.mark.parametrize(
    ("case", "deferral", "on", "until"),
    [
        ("the date promised has not come", promised(), "02-12", "02-12"),
        ("nobody reminded", promised(), "03-30", "02-12"),
        ("the reminder has not arrived", reminded(served=None), "03-30", "02-12"),
        ("the third working day", REMINDED, "02-25", "02-25"),
        ("everything came", WHOLE, "03-30", "02-12"),
    ],
)
def test_there_is_no_default_before_its_time(case, deferral, on, until):
    """[5.1.2c]"""
    with refuses(NO_DEFAULT) as refused:
        default_of(deferral, day(on), CALENDAR)
    assert refused.value.until == day(until)
    assert refused.value.remedy_zh


def test_a_provisional_last_day_makes_no_default():
    """[5.1.2c] A year without its table may still turn a counted weekday into a holiday."""
    unknown = Calendar(frozenset(), frozenset(), frozenset())
    assert last_day(REMINDED, day("03-30"), unknown).provisional
    assert state(REMINDED, day("03-30"), unknown) == DeferralState.REMINDED
    with refuses(NO_DEFAULT):
        default_of(REMINDED, day("03-30"), unknown)


@pytest.mark.parametrize(
    ("clause", "act", "refusal"),
    [
        ("[4.2.2] nothing is missing", lambda: promised(missing=()), "NOTHING_MISSING"),
        ("[4.2.2] the same twice", lambda: promised(missing=("场地证明", " 场地证明 ")), "NOTHING_MISSING"),
        ("[4.2.2] promised for today", lambda: promised(due="02-02"), "DUE_OUT_OF_BOUNDS"),
        ("[4.2.2] promised for yesterday", lambda: promised(due="02-01"), "DUE_OUT_OF_BOUNDS"),
        ("[4.2.2] later than the matter allows", lambda: promised(due="03-05"), "DUE_OUT_OF_BOUNDS"),
        ("[4.2.2] what was never missing", lambda: handed(promised(), "身份证明", "02-03"), "DOCUMENT_NOT_MISSING"),
        ("[4.2.2] handed in twice", lambda: handed(PART, "验资报告", "02-06"), "DOCUMENT_NOT_MISSING"),
        ("[4.2.2] before the promise", lambda: handed(promised(), "验资报告", "02-01", "02-03"), "STEP_MISDATED"),
        ("[4.2.2] tomorrow", lambda: handed(promised(), "验资报告", "02-04", "02-03"), "STEP_MISDATED"),
        ("[5.1.2c] reminded on the last day promised", lambda: reminded(sent="02-12"), "NOT_DUE_YET"),
        (
            "[5.1.2c] reminded twice",
            lambda: remind(REMINDED, by="c", paper="催告-0002", today=day("02-14")),
            "ALREADY_REMINDED",
        ),
        (
            "[5.1.2c] reminded of nothing",
            lambda: remind(WHOLE, by="c", paper="催告-0002", today=day("02-14")),
            "PROMISE_CLOSED",
        ),
        (
            "[5.1.2c] served without being sent",
            lambda: serve_reminder(promised(), on=ActDays(day("02-13")), proof="回执-1", today=day("02-13")),
            "NO_REMINDER",
        ),
        ("[5.1.2c] served before it was sent", lambda: reminded(served="02-12"), "STEP_MISDATED"),
        (
            "[5.1.2c] served twice",
            lambda: serve_reminder(REMINDED, on=ActDays(day("02-14")), proof="回执-2", today=day("02-14")),
            "ALREADY_REMINDED",
        ),
        (
            "[4.2.2] after a withdrawal",
            lambda: handed(promises_deferral.end(promised(), on=day("02-03"), today=day("02-03")), "验资报告", "02-04"),
            "PROMISE_CLOSED",
        ),
    ],
)
def test_every_refusal_has_a_name(clause, act, refusal):
    with pytest.raises(PromiseRefused) as refused:
        act()
    assert refused.value.code == refusal
    assert "{" not in refused.value.message + refused.value.message_zh


@pytest.mark.parametrize("paper", ["", " ", PERSON])
def test_the_commitment_is_on_paper_and_named_without_numbers(paper):
    """[4.2.2] [5.1.6]"""
    with pytest.raises(InvalidItem):
        promised(paper=paper)


def test_a_refusal_names_the_bounds():
    """[4.2.2]"""
    with pytest.raises(PromiseRefused) as refused:
        promised(due="03-05")
    assert (refused.value.earliest, refused.value.latest) == (day("02-03"), day("03-04"))


def test_a_reminder_that_never_arrived_may_be_followed_by_another():
    """[5.1.2c] Only the one that arrived starts the clock."""
    again = remind(reminded(served=None), by="clerk-1", paper="催告-0002", today=day("03-02"))
    served = serve_reminder(again, on=ActDays(day("03-03")), proof="回执-0002", today=day("03-03"))
    assert last_day(served, day("03-03"), CALENDAR).on == day("03-06")
    assert default_of(served, day("03-07"), CALENDAR).evidence == ("承诺-0001", "催告-0002", "回执-0002")


@pytest.mark.parametrize(
    ("case", "deferral", "on", "expected"),
    [
        ("still time", promised(), "02-12", None),
        ("all in time", WHOLE, "02-12", True),
        ("not yet known on the day before", WHOLE, "02-11", None),
        ("late", LATE, "02-13", False),
        ("never", promised(), "02-13", False),
        ("withdrawn in time", promises_deferral.end(promised(), on=day("02-03"), today=day("02-03")), "03-05", None),
    ],
)
def test_whether_the_documents_came_in_time(case, deferral, on, expected):
    """[6.3]"""
    assert is_kept(deferral, day(on)) is expected


# --- laws ----------------------------------------------------------------------------------------------------------

days = st.dates(date(2026, 2, 3), date(2026, 3, 20))


@st.composite
def histories(draw):
    """Draw a deferral with any history that the steps could have written down."""
    documents = ("甲", "乙")
    due = draw(days)
    supplied = tuple(
        HandIn(document, draw(days), "c", "r") for document in documents[: draw(st.integers(0, len(documents)))]
    )
    sent = draw(st.none() | st.integers(1, 20))
    reminders = ()
    if sent is not None:
        sent_on = due + timedelta(days=sent)
        served = draw(st.none() | st.integers(0, 9))
        reminders = (Reminder(sent_on, "c", "p", None if served is None else sent_on + timedelta(days=served), "q"),)
    withdrawn = draw(st.none() | days)
    return Deferral(
        APPLICATION, SUBJECT, "D", documents, "承诺-1", date(2026, 2, 2), due, supplied, reminders, withdrawn
    )


@given(histories(), days)
def test_state_and_default_never_disagree(deferral, today):
    """[5.1.2c]"""
    defaulted = state(deferral, today, CALENDAR) in {DeferralState.DEFAULTED, DeferralState.SUPPLIED_LATE}
    with nullcontext() if defaulted else refuses(NO_DEFAULT):
        default_of(deferral, today, CALENDAR)


@given(histories(), days)
def test_a_default_here_is_a_ground_there(deferral, today):
    """[5.1.2c] The procedure, which looks again, never refuses what is found here, nor takes what is not."""
    deferral = replace(deferral, ended_on=None)
    facts = {"subject_id": SUBJECT, "application_id": APPLICATION, "on": today, "calendar": CALENDAR}
    try:
        grounds.require(Circumstance.DOCUMENTS_NOT_SUPPLIED, grounds_of(deferral, today), **facts)
        there = True
    except CreditError:
        there = False
    here = state(deferral, today, CALENDAR) in {DeferralState.DEFAULTED, DeferralState.SUPPLIED_LATE}
    assert here is there


@given(histories(), days, st.integers(0, 30))
def test_once_defaulted_always_defaulted(deferral, today, later):
    """[5.1.2c] What comes in afterwards puts it right, and does not undo it."""
    try:
        first = default_of(deferral, today, CALENDAR)
    except NotDue:
        return
    assert default_of(deferral, today + timedelta(days=later), CALENDAR).established_on == first.established_on


@given(histories(), days)
def test_nobody_defaults_within_three_days_of_a_reminder(deferral, today):
    """[5.1.2c]"""
    served = deferral.served_on(today)
    if served is None or today <= served + timedelta(days=3):
        with refuses(NO_DEFAULT):
            default_of(deferral, today, CALENDAR)


# --- withdrawn on paper, and contested -----------------------------------------------------------------------------


def contest(on, recorded=None, by=None):
    return WithdrawalContest(day(on), day(recorded or on), by)


def withdrawn(deferral, posted, recorded):
    paper = PaperWithdrawal(day(posted), day(recorded), "clerk-1")
    return end(deferral, on=paper.on, today=paper.recorded_on, paper=paper)


@pytest.mark.parametrize(
    ("case", "deferral", "posted", "recorded", "contested", "before", "after", "last"),
    [
        ("before the promised date", promised(), "02-04", "02-10", "02-11", "ENDED", "OPEN", "02-12"),
        ("entered after the promised date", promised(), "02-11", "02-25", "02-26", "ENDED", "OVERDUE", "02-12"),
        # Served on Fri 13 February: the three working days end on Wed 25 February, through Spring Festival.
        ("while a reminder runs", reminded(), "02-14", "02-24", "02-24", "ENDED", "REMINDED", "02-27"),
        ("entered after its last day", reminded(), "02-25", "03-04", "03-05", "ENDED", "REMINDED", "03-10"),
        ("posted after the default", reminded(), "02-26", "03-04", "03-05", "DEFAULTED", "DEFAULTED", "02-25"),
    ],
)
def test_a_contested_paper_leaves_the_promise_as_it_was(
    case, deferral, posted, recorded, contested, before, after, last
):
    """[4.2.2] [5.1.2c] A reminder that ran when a paper ended it runs anew: the applicant was told of the end."""
    ended = withdrawn(deferral, posted, recorded)
    assert ended.ended_on == day(posted), case
    assert state(ended, day(contested), CALENDAR).value == before, case
    resumed = contest_withdrawal(ended, contest(contested), CALENDAR)
    assert (resumed.ended_on, resumed.paper_withdrawal.contested_on) == (None, day(contested)), case
    assert state(resumed, day(contested), CALENDAR).value == after, case
    assert last_day(resumed, day(contested), CALENDAR).on == day(last), case
    assert contest_withdrawal(resumed, contest(contested), CALENDAR) is resumed, "there is nothing more to contest"
    with refuses(WITHDRAWAL_CONTESTED):
        withdrawn(resumed, contested, contested)
    assert end(resumed, on=day(contested), today=day(contested)).ended_on == day(contested), "by its own word"


def test_only_a_withdrawal_on_paper_is_contested():
    by_itself = end(promised(), on=day("02-04"), today=day("02-04"))
    assert contest_withdrawal(by_itself, contest("02-05"), CALENDAR) is by_itself
    assert contest_withdrawal(promised(), contest("02-05"), CALENDAR) == promised()


@pytest.mark.parametrize(
    ("case", "made", "refusal"),
    [
        ("of the day of the record", contest("02-24", "03-02", "handler-1"), None),
        ("of before it: nobody could know of the withdrawal", contest("02-23", "03-02", "handler-1"), CONTEST_MISDATED),
        ("of the future", contest("03-03", "03-02", "handler-1"), CONTEST_MISDATED),
        ("by who entered the withdrawal", contest("02-24", "03-02", "clerk-1"), CONTEST_OF_OWN_ENTRY),
    ],
)
def test_a_contest_on_paper_gives_the_period_from_its_record(case, made, refusal):
    """[5.1.2c] [5.1.6] The reminder's three working days begin anew with the record, not with the posting."""
    ended = withdrawn(reminded(), "02-14", "02-24")
    with nullcontext() if refusal is None else refuses(refusal):
        resumed = contest_withdrawal(ended, made, CALENDAR)
        assert resumed.paper_withdrawal.contested_on == day("02-24"), case
        assert last_day(resumed, day("03-02"), CALENDAR).on == day("03-05"), case
