"""Wrong or changed information: corrected in two working days, and every recipient notified [5.1.4(6)]."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import Deadline
from credit.cases.case import Fact, RemovalCause, fact_at
from credit.cases.publicity import CountedFrom, Publicity
from credit.cases.refusals import (
    ALREADY_ENDED,
    ALREADY_TAKEN,
    BASIC_INFORMATION_MISSING,
    NOT_DETERMINED,
    NOT_THE_AUTHORITY,
    PERIOD_NEEDS_CITATION,
    ConfidentialRecord,
    DayOutOfOrder,
)
from credit.cases.rules.closing import refer
from credit.cases.rules.deadlines import ClockState
from credit.cases.rules.term import Term
from credit.cases.rules.transitions import publish
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from credit.core.errors import InconsistentFacts
from credit.corrections.correction import (
    IDENTITY,
    Correction,
    Delivery,
    RecipientMessage,
    RecordItem,
    Remedy,
    Route,
    amend,
    completed_on,
    discover,
    recipients_to_notify,
    record_notified,
    remove,
    still_to_notify,
)
from credit.corrections.deadlines import of_correction
from tests.credit.cases.one_case import (
    CALENDAR,
    ELSEWHERE,
    HANDLER,
    HEAD,
    LATER,
    by,
    day,
    determined,
    listed,
    published,
    served,
)
from tests.refusals import decisive_day, refuses

CORRECT, REMOVE = Remedy.CORRECT, Remedy.REMOVE
WRONG, CHANGED = RemovalCause.WRONG, RemovalCause.CHANGED
CITY, SUPERVISORS, ASKED = Route.CITY_PLATFORM, Route.SUPERVISORS, Route.CONSULTATION
ALL = frozenset(RecordItem)
FOUND = "Tue 2026-03-31"
"""Due two working days later, on Thu 2 April."""


def found(remedy=CORRECT, cause=WRONG, items=("ADDRESS",), case=None, on=FOUND, **fact):
    case = published() if case is None else case
    items = frozenset(RecordItem(item) for item in items)
    who = by(HANDLER, on, **fact)
    return discover(case, who, correction_id=UUID(int=9), remedy=remedy, cause=cause, items=items, today=LATER)


def amended(case=None, correction=None, fact=None, others=(), **changes):
    case = published() if case is None else case
    fact = by(HANDLER, "04-01") if fact is None else fact
    return amend(case, correction or found(case=case), fact, others, today=LATER, **changes)


def removed(case=None, cause=WRONG, on="2026-04-01", others=(), today=None, unrectified=UnrectifiedPolicy.STAYS):
    case = published() if case is None else case
    fact = by(HEAD, on)
    correction = found(REMOVE, cause, (), case)
    return remove(case, correction, fact, others, today=today or fact.on, unrectified=unrectified)


REFUSED = [
    ("corrected in the future", lambda: amended(fact=by(HANDLER, "05-04")), DayOutOfOrder, "04-30"),
    (
        "removed by another correction meanwhile",
        lambda: remove(removed().case, found(REMOVE), by(HEAD, LATER), (), today=LATER),
        ALREADY_ENDED,
        "04-01",
    ),
    ("found before anything was determined", lambda: found(case=served()), NOT_DETERMINED, None),
    ("found in the future", lambda: found(on="05-04"), DayOutOfOrder, "04-30"),
    ("nothing named as wrong", lambda: found(items=()), BASIC_INFORMATION_MISSING, None),
    ("a state secret", lambda: found(case=replace(published(), confidential=True)), ConfidentialRecord, None),
    ("removal of what was removed", lambda: found(REMOVE, case=removed().case), ALREADY_ENDED, "04-01"),
    ("removal of what was referred", lambda: found(REMOVE, case=referred()), ALREADY_ENDED, "04-01"),
    ("corrected before it was found", lambda: amended(fact=by(HANDLER, "03-30")), DayOutOfOrder, "03-31"),
    (
        "corrected by another department",
        lambda: amended(fact=by(HANDLER, "04-01", department=ELSEWHERE)),
        NOT_THE_AUTHORITY,
        None,
    ),
    ("corrected twice", lambda: amended(correction=amended().correction), ALREADY_TAKEN, "04-01"),
    (
        "removed where a correction was found",
        lambda: remove(published(), found(), by(HEAD, LATER), (), today=LATER),
        InconsistentFacts,
        None,
    ),
    ("corrected where a removal was found", lambda: amended(correction=found(REMOVE)), InconsistentFacts, None),
    (
        "the correction of another case",
        lambda: amended(correction=replace(found(), case_id=UUID(int=8))),
        InconsistentFacts,
        None,
    ),
    (
        "others of another subject",
        lambda: removed(others=[listed(9, "2026-01-05", subject=2)]),
        InconsistentFacts,
        None,
    ),
    ("a removal is never dated back", lambda: removed(today=LATER), DayOutOfOrder, "04-30"),
    ("a longer validity without a law", lambda: amended(term=Term(8)), PERIOD_NEEDS_CITATION, None),
    (
        "a longer validity, before publication",
        lambda: amended(case=determined(), term=Term(8)),
        PERIOD_NEEDS_CITATION,
        None,
    ),
]


def referred():
    return refer(published(), by(HEAD, "04-01"), today=day("04-01"))


@pytest.mark.parametrize(("case", "step", "refusal", "on"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_correction_is_refused_by_name(case, step, refusal, on):
    with refuses(refusal) as refused:
        step()
    if on is not None:
        assert decisive_day(refused.value) == day(on)


def test_a_correction_changes_what_was_wrong_and_nothing_else():
    mended = amended(basis="另一依据", legal_document="另一文书")
    assert mended.case == replace(published(), basis="另一依据", legal_document="另一文书")
    assert mended.correction.done.on == day("04-01")
    assert mended.reckoned == ()


def test_a_removed_restraint_is_free_from_that_day():
    case = removed().case
    assert case.removal is WRONG
    assert case.status(day("03-31")) is CaseStatus.PUBLISHED
    assert case.status(day("04-01")) is CaseStatus.REMOVED


def test_what_was_determined_and_not_yet_published_is_never_published():
    case = removed(determined()).case
    with refuses(ALREADY_ENDED):
        publish(case, by(HEAD, LATER), (), calendar=CALENDAR, today=LATER)


def test_what_has_ended_may_still_have_been_wrong():
    """A wrong entry is wrong in the past, too."""
    ended = replace(published(), rectified=by(HEAD, "04-01"))
    today = day("2026-10-12")
    assert ended.status(today) is CaseStatus.ENDED
    correction = found(REMOVE, case=ended)
    assert remove(ended, correction, by(HEAD, today), (), today=today).case.status(today) is CaseStatus.REMOVED


def test_a_wrong_restart_falls_away_with_its_cause():
    """[5.1.5]"""
    old = replace(listed(1, "2026-01-05"), rectified=by(HEAD, "2026-02-02"))
    today = day("2026-03-18")
    newer = replace(determined(), case_id=UUID(int=1002))
    public = publish(newer, by(HEAD, today), [old], calendar=CALENDAR, today=today)
    (restarted,) = public.restarted_period
    assert restarted.ends_on == day("2026-09-18")
    mended = removed(public.case, others=[restarted])
    assert [case.ends_on for case in mended.reckoned] == [day("2026-07-05")]
    unchanged = removed(public.case, CHANGED, others=[restarted])
    assert unchanged.reckoned == (), "it was a breach all the same"


def test_another_validity_is_measured_from_where_the_period_is_counted():
    """[5.1.5] By the national rule from the determination on 17 March, though announced on 20 April."""
    announced = replace(
        published(),
        published=by(HEAD, "04-20"),
        publicity=Publicity(counted_from=CountedFrom.DETERMINATION),
        ends_on=day("09-17"),
    )
    with refuses(PERIOD_NEEDS_CITATION):
        amended(announced, term=Term(None, day("10-01")), fact=by(HANDLER, "04-21"))
    assert amended(announced, term=Term(None, day("09-10")), fact=by(HANDLER, "04-21")).case.ends_on == day("09-10")


def test_another_validity_moves_the_end_but_no_past_day():
    """[5.1.5]"""
    assert amended(term=Term(3)).case.ends_on == day("2026-06-18")
    assert amended(term=Term(1), fact=by(HANDLER, "04-30")).case.ends_on == day("2026-04-29"), (
        "until yesterday it stood"
    )
    longer = amended(term=Term(12, citation="某某条例")).case
    assert longer.ends_on == day("2027-03-18")


def test_a_longer_validity_revives_nothing():
    """[5.1.5]"""
    ended = replace(listed(1, "2026-01-05", term=Term(1)), rectified=by(HEAD, "2026-02-02"))
    with refuses(ALREADY_ENDED):
        amended(ended, term=Term(6))
    assert amended(ended, basis="另一依据").case.status(LATER) is CaseStatus.ENDED


# --- recipients ---------------------------------------------------------------------------------------------------

CASE = published().case_id


def sent(recipient, route, items=ALL, at="2026-03-18T02:00:00+00:00", case_id=CASE):
    return Delivery(case_id, recipient, route, frozenset(items), datetime.fromisoformat(at))


def notifications(*who, remedy=CORRECT, items=("ADDRESS",)):
    return tuple(
        RecipientMessage(recipient, route, remedy, frozenset(RecordItem(item) for item in items))
        for recipient, route in who
    )


STANDING = {RecordItem.STANDING}
DELIVERIES = [
    sent("city", CITY),
    sent("city", CITY, at="2026-03-19T02:00:00+00:00"),
    sent("LZ-SCJG", SUPERVISORS, {RecordItem.NAME, RecordItem.ADDRESS}),
    sent("LZ-SCJG", ASKED, STANDING),
    sent("association-1", ASKED, STANDING),
    sent("LZ-HB", SUPERVISORS, {RecordItem.NAME}),
    sent("somebody", CITY, {RecordItem.FACTS}, case_id=UUID(int=4)),
]


@pytest.mark.parametrize(
    ("case", "correction", "expected"),
    [
        (
            "a wrong address: only those who were given the address, each once",
            found,
            notifications(("LZ-SCJG", SUPERVISORS), ("city", CITY)),
        ),
        (
            "a wrong name and address: each is told of what it was given",
            lambda: found(items=("NAME", "ADDRESS")),
            (
                *notifications(("LZ-HB", SUPERVISORS), items=("NAME",)),
                *notifications(("LZ-SCJG", SUPERVISORS), ("city", CITY), items=("NAME", "ADDRESS")),
            ),
        ),
        (
            "a removal: everybody, consultations included, each through its own channel",
            lambda: found(REMOVE, items=()),
            (
                *notifications(("LZ-HB", SUPERVISORS), remedy=REMOVE, items=("NAME",)),
                *notifications(("LZ-SCJG", ASKED), remedy=REMOVE, items=("STANDING",)),
                *notifications(("LZ-SCJG", SUPERVISORS), remedy=REMOVE, items=("NAME", "ADDRESS")),
                *notifications(("association-1", ASKED), remedy=REMOVE, items=("STANDING",)),
                *notifications(("city", CITY), remedy=REMOVE, items=tuple(RecordItem)),
            ),
        ),
        (
            "a wrong legal document: the platform alone",
            lambda: found(items=("LEGAL_DOCUMENT",)),
            notifications(("city", CITY), items=("LEGAL_DOCUMENT",)),
        ),
    ],
)
def test_every_recipient_of_the_wrong_information_is_notified(case, correction, expected):
    found_messages = recipients_to_notify(correction(), DELIVERIES)
    assert set(found_messages) == set(expected)
    assert len(found_messages) == len(expected)


@pytest.mark.parametrize(
    ("case", "done", "at", "expected"),
    [
        ("before it was mended", "2026-04-01T02:00:00+00:00", "2026-04-01T01:59:59+00:00", True),
        ("after it was found and before it was mended", "2026-04-01T02:00:00+00:00", "2026-03-31T09:00:00+00:00", True),
        ("after it was mended", "2026-04-01T02:00:00+00:00", "2026-04-01T02:00:01+00:00", False),
        ("on the day of mending, whose hour nobody noted", None, "2026-04-01T09:00:00+00:00", True),
        ("on the day after, whose hour nobody noted", None, "2026-04-01T16:00:00+00:00", False),
    ],
)
def test_a_recipient_of_the_corrected_record_is_not_notified_again(case, done, at, expected):
    fact = Fact(day("04-01"), HANDLER) if done is None else fact_at(datetime.fromisoformat(done), HANDLER)
    correction = replace(found(), done=fact)
    assert bool(recipients_to_notify(correction, [sent("city", CITY, at=at)])) is expected


def test_a_wrong_identity_is_wrong_in_all_cases_of_the_subject():
    """A wrong name went out with every case of the subject; what else is wrong in one is so in that one only."""
    elsewhere = [sent("LZ-HB", SUPERVISORS, {RecordItem.NAME, RecordItem.FACTS}, case_id=UUID(int=4))]
    assert recipients_to_notify(found(items=("NAME", "FACTS")), elsewhere) == notifications(
        ("LZ-HB", SUPERVISORS), items=("NAME",)
    )
    assert recipients_to_notify(found(REMOVE, items=()), elsewhere) == ()


def test_a_platform_that_pushed_the_wrong_information_is_notified_by_the_same_route():
    """[5.1.3]"""
    arrived = sent("approval-supervision", Route.SUPERVISION_PLATFORM)
    assert recipients_to_notify(found(), [arrived]) == notifications(
        ("approval-supervision", Route.SUPERVISION_PLATFORM)
    )


def test_the_clock_stops_when_the_last_recipient_is_notified():
    """[5.1.4(6)]"""
    correction = amended().correction
    deliveries = [sent("city", CITY), sent("LZ-SCJG", SUPERVISORS)]
    clock = of_correction(correction, deliveries, CALENDAR)
    assert clock.due == Deadline(day("Thu 04-02"))
    assert clock.state(day("04-03")) is ClockState.OVERDUE
    first, second = recipients_to_notify(correction, deliveries)
    correction = record_notified(correction, first, by(HANDLER, "04-02"))
    assert still_to_notify(correction, deliveries) == (second,)
    assert completed_on(correction, deliveries) is None
    late = record_notified(correction, second, by(HANDLER, "04-03"))
    assert of_correction(late, deliveries, CALENDAR).state(LATER) is ClockState.MET_LATE
    in_time = record_notified(correction, second, by(HANDLER, "04-02"))
    assert of_correction(in_time, deliveries, CALENDAR).state(LATER) is ClockState.MET
    assert completed_on(in_time, deliveries) == day("04-02")


def test_without_recipients_the_mended_record_is_enough():
    assert completed_on(amended().correction, ()) == day("04-01")
    assert completed_on(found(), ()) is None


def test_recipients_are_notified_after_the_correction_and_once():
    (message,) = recipients_to_notify(found(), [sent("city", CITY)])
    with pytest.raises(DayOutOfOrder):
        record_notified(found(), message, by(HANDLER, "04-01"))
    correction = record_notified(amended().correction, message, by(HANDLER, "04-01"))
    assert record_notified(correction, message, by(HANDLER, "04-02")) == correction
    with pytest.raises(DayOutOfOrder):
        record_notified(amended().correction, message, by(HANDLER, "03-31"))


deliveries = st.lists(
    st.builds(
        Delivery,
        st.sampled_from([CASE, UUID(int=4)]),
        st.sampled_from(["city", "LZ-SCJG", "association-1"]),
        st.sampled_from(Route),
        st.frozensets(st.sampled_from(RecordItem), max_size=4),
        st.dates(date(2026, 3, 1), date(2026, 5, 1)).map(lambda on: Fact(on).instant),
    ),
    max_size=12,
)
wrong_items = st.frozensets(st.sampled_from(RecordItem), min_size=1)


@given(deliveries, wrong_items, st.sampled_from(Remedy), st.none() | st.dates(date(2026, 3, 31), date(2026, 5, 1)))
def test_each_recipient_of_a_wrong_item_is_notified_once_and_of_its_items_only(sent_out, items, remedy, done):
    correction = Correction(
        UUID(int=9), UUID(int=1), CASE, remedy, WRONG, items, by(HANDLER, FOUND), None if done is None else Fact(done)
    )
    messages = recipients_to_notify(correction, sent_out)
    assert len({(message.recipient, message.route) for message in messages}) == len(messages)
    for message in messages:
        had = {
            item
            for delivery in sent_out
            if (delivery.recipient, delivery.route) == (message.recipient, message.route)
            for item in delivery.items
            if delivery.case_id == CASE or (remedy is not REMOVE and item in IDENTITY)
        }
        assert message.items
        assert message.items <= had
        assert remedy is REMOVE or message.items <= items
    if done is None:
        for delivery in sent_out:
            wrong = items if delivery.case_id == CASE else items & IDENTITY
            concerned = delivery.items and delivery.case_id == CASE if remedy is REMOVE else delivery.items & wrong
            if concerned:
                assert any((m.recipient, m.route) == (delivery.recipient, delivery.route) for m in messages)
