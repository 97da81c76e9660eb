"""Claims on paper, and the typed days of a ground: from which day each counts, in every clock [5.1.4] [5.1.5].

Published on Wed 18 March 2026, the period lasts until Fri 18 September. 3 October is a holiday.
"""

from dataclasses import replace
from uuid import UUID

import pytest

from credit.cases.case import Fact
from credit.cases.refusals import (
    ALREADY_TAKEN,
    COMMITMENT_NOT_VERIFIED,
    NOT_REMINDED,
    REMINDER_PERIOD_OPEN,
    DayOutOfOrder,
)
from credit.cases.rules.closing import claim_rectification, rectify, refuse_claim
from credit.cases.rules.deadlines import ClockName, clocks
from credit.cases.rules.grounds import CommitmentCheck, DeferredDocuments, as_recorded
from credit.cases.rules.transitions import collect, verify
from credit.cases.status import CaseStatus, Circumstance
from credit.core.late_entries import LateEntry, days_of
from tests.credit.cases.one_case import CALENDAR, HANDLER, SHORT, a_case, by, day, published
from tests.refusals import decisive_day, refuses

END = day("Fri 09-18")
DOCUMENTS, COMMITMENT = Circumstance.DOCUMENTS_NOT_SUPPLIED, Circumstance.COMMITMENT_NOT_MET


def letter(posted, recorded, step="RECTIFICATION_CLAIMED"):
    """Return the fact of a letter that the handler entered."""
    days = days_of(step, day(posted), day(recorded))
    return Fact(days.counts_on, HANDLER, "LZ-SPFW", ("来信-1",), None, days.late)


def entered(case, posted, recorded):
    return claim_rectification(case, letter(posted, recorded), today=day(recorded))


@pytest.mark.parametrize(
    ("case", "posted", "recorded", "before", "after", "free_on"),
    [
        # The claim is confirmed on 15 October; its status is that of the day of the record.
        ("posted and entered in the period", "09-10", "09-11", "PUBLISHED", "PUBLISHED", "09-19"),
        ("posted in it, entered on its last day", "09-10", "09-18", "PUBLISHED", "PUBLISHED", "09-19"),
        ("posted on the last day, entered a week later", "09-18", "09-25", "OVERDUE_FOR_RECTIFICATION",
         "CLAIM_UNANSWERED", "09-19"),
        ("posted the day after the last", "09-19", "09-25", "OVERDUE_FOR_RECTIFICATION",
         "OVERDUE_FOR_RECTIFICATION", "10-15"),
    ],
)  # fmt: skip
def test_a_claim_on_paper_is_made_on_the_day_of_posting(case, posted, recorded, before, after, free_on):
    """[5.1.5] 8.15: posted by the last day of the period it was made in time, whenever it arrives."""
    restrained = published()
    assert restrained.status(day(recorded)) is CaseStatus[before], case
    claimed = entered(restrained, posted, recorded)
    assert claimed.status(day(recorded)) is CaseStatus[after], case
    (clock,) = [each for each in clocks(claimed, CALENDAR, day(recorded)) if each.name is ClockName.RECTIFICATION]
    assert clock.started_on == day(posted), case
    assert clock.late == LateEntry(day(posted), day(recorded)), case
    done = rectify(claimed, by(HANDLER, "10-15"), today=day("10-15"))
    assert done.free_on() == day(free_on), case


@pytest.mark.parametrize(
    ("case", "posted", "refusal", "decides"),
    [
        ("of the future", "09-26", DayOutOfOrder, "09-25"),
        ("before the verification", "03-02", DayOutOfOrder, "03-03"),
        ("before the notice", "03-03", DayOutOfOrder, "03-04"),
    ],
)
def test_a_claim_on_paper_has_a_possible_day(case, posted, refusal, decides):
    """[5.1.4]"""
    with refuses(refusal) as refused:
        entered(published(), posted, "09-25")
    assert decisive_day(refused.value) == day(decides), case


def test_a_letter_of_before_the_open_claim_is_the_one_that_was_made_in_time():
    """[5.1.5] Claimed online after the period; the letter of its last day arrives later. One answer answers both."""
    online = replace(letter("09-21", "09-21"), by="subject-1", department=None)
    claimed = claim_rectification(published(), online, today=day("09-21"))
    assert claimed.status(day("09-21")) is CaseStatus.OVERDUE_FOR_RECTIFICATION
    with refuses(ALREADY_TAKEN):
        entered(claimed, "09-21", "09-22")
    both = entered(claimed, "09-18", "09-22")
    assert both.status(day("09-22")) is CaseStatus.CLAIM_UNANSWERED
    refused = refuse_claim(both, by(HANDLER, "09-23"), today=day("09-23"))
    assert [claim.answered is None for claim in refused.claims] == [False, False]
    assert refused.status(day("09-23")) is CaseStatus.OVERDUE_FOR_RECTIFICATION


def test_a_letter_of_before_a_refused_claim_is_still_a_claim_in_time():
    """[5.1.5] What was posted is not lost because another claim was answered before it arrived."""
    online = replace(letter("09-21", "09-21"), by="subject-1", department=None)
    claimed = claim_rectification(published(), online, today=day("09-21"))
    refused = refuse_claim(claimed, by(HANDLER, "09-22"), today=day("09-22"))
    late = entered(refused, "09-17", "09-23")
    assert late.status(day("09-23")) is CaseStatus.CLAIM_UNANSWERED
    assert rectify(late, by(HANDLER, "09-28"), today=day("09-28")).free_on() == day("09-19")


# --- the days of a ground ---------------------------------------------------------------------------------------------


def documents(reminded, supplied=None):
    """Return what an officer types of documents that were promised for 5 February."""
    return DeferredDocuments(
        day("02-05"), None if reminded is None else day(reminded), None if supplied is None else day(supplied)
    )


def commitment(verified):
    return CommitmentCheck(day("01-12"), None if verified is None else day(verified), met=False)


@pytest.mark.parametrize(
    ("case", "typed", "today", "counts_on", "late"),
    [
        ("a reminder received today", documents("03-02"), "03-02", "03-02", False),
        ("a reminder typed for the week before", documents("02-09"), "03-02", "03-02", True),
        ("no reminder", documents(None), "03-02", None, False),
        ("a verification of today", commitment("03-02"), "03-02", "03-02", False),
        ("a verification typed for the week before", commitment("02-24"), "03-02", "03-02", True),
        ("no verification", commitment(None), "03-02", None, False),
    ],
)
def test_the_authoritys_day_in_a_ground_counts_from_its_record(case, typed, today, counts_on, late):
    """[5.1.2c] [5.1.2d] 8.13: nothing is over by a day that somebody writes down afterwards; both days are kept."""
    found = as_recorded(typed, None, day(today))
    if isinstance(typed, DeferredDocuments):
        own, counts, entry = typed.reminded_on, found.reminded_on, found.reminded_late
        kept = found.reached_on
    else:
        own, counts, entry = typed.verified_on, found.verified_on, found.verified_late
        kept = found.own_day
    assert counts == (None if counts_on is None else day(counts_on)), case
    assert entry == (LateEntry(own, day(today)) if late else None), case
    assert kept == own, case
    assert as_recorded(typed, found, day("04-01")) == found, "a later step repeats it, and it keeps its record"


@pytest.mark.parametrize(
    ("case", "typed", "nearest"),
    [
        ("a reminder of the future", documents("03-03"), "03-02"),
        ("documents of the future", documents("02-09", "03-03"), "03-02"),
        ("a verification of the future", commitment("03-03"), "03-02"),
        ("a verification before the commitment", commitment("01-11"), "01-12"),
        ("a commitment of the future", CommitmentCheck(day("03-03")), "03-02"),
    ],
)
def test_a_day_of_a_ground_is_possible(case, typed, nearest):
    """[5.1.1]"""
    with refuses(DayOutOfOrder) as refused:
        as_recorded(typed, None, day("03-02"))
    assert decisive_day(refused.value) == day(nearest), case


def grounded(circumstance, typed, on):
    """Collect a case as a handler does who types its grounds."""
    found = as_recorded(typed, None, day(on))
    case = a_case(circumstance=circumstance, grounds=found, application_id=UUID(int=77), collected=by(HANDLER, on))
    return collect(case, calendar=CALENDAR, today=day(on))


def verification(case, on, grounds=None):
    return verify(case, by(HANDLER, on), SHORT, calendar=CALENDAR, today=day(on), grounds=grounds)


def test_a_reminder_typed_afterwards_gives_its_three_working_days_from_the_record():
    """[5.1.2c] Typed on Mon 2 March for 9 February: the case is verified from Fri 6 March on, and not at once."""
    case = grounded(DOCUMENTS, documents("02-09"), "03-02")
    for on in ("03-02", "03-05"):
        with refuses(REMINDER_PERIOD_OPEN) as refused:
            verification(case, on)
        assert decisive_day(refused.value) == day("Thu 03-05")
    assert verification(case, "Fri 03-06").verified is not None
    # Another day that is typed with the verification counts from then.
    with refuses(REMINDER_PERIOD_OPEN):
        verification(case, "03-06", documents("02-10"))
    (clock,) = [each for each in clocks(case, CALENDAR, day("03-06")) if each.name is ClockName.DOCUMENTS]
    assert (clock.started_on, clock.late) == (day("03-02"), LateEntry(day("02-09"), day("03-02")))


def test_a_reminder_that_was_not_over_is_no_default():
    """[5.1.2c] By its own day too, three working days have to be over before anything is collected."""
    with refuses(REMINDER_PERIOD_OPEN):
        grounded(DOCUMENTS, documents("02-26"), "03-02")
    with refuses(NOT_REMINDED):
        grounded(DOCUMENTS, documents("02-05"), "03-02")


def test_a_verification_typed_afterwards_is_there_from_its_record():
    """[5.1.2d]"""
    case = grounded(COMMITMENT, commitment("02-24"), "03-02")
    assert case.grounds is not None
    assert case.grounds.verified_late == LateEntry(day("02-24"), day("03-02"))
    assert verification(case, "03-03").verified is not None
    with refuses(COMMITMENT_NOT_VERIFIED):
        grounded(COMMITMENT, commitment(None), "03-02")
