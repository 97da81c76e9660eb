"""The clocks of promises: what was promised, what a reminder leaves, completion and verification [4.2] [5.1.2c]."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import Deadline, shipped
from credit.cases.rules.deadlines import ClockName, ClockState
from credit.promises.commitment import Commitment, Verification, VerificationOutcome
from credit.promises.deadlines import of_commitment, of_deferral
from credit.promises.deferral import Deferral, HandIn, Reminder

CALENDAR = shipped()
APPLICATION, SUBJECT = UUID(int=2), UUID(int=3)


def day(text):
    return date.fromisoformat(f"2026-{text}")


OWED = Deferral(APPLICATION, SUBJECT, "LZ-SPFW", ("场地证明",), "承诺-1", day("02-02"), day("02-12"))
# Served on a Friday: the Saturday is a make-up day, then Spring Festival until the 23rd.
SERVED = replace(OWED, reminders=(Reminder(day("02-13"), "clerk-1", "催告-1", day("02-13"), "回执-1"),))
MADE = Commitment(APPLICATION, SUBJECT, "LZ-SPFW", "临审〔2026〕示例1号", "承诺-1", day("09-30"), 2, 5)
DONE = replace(MADE, completed_on=day("10-09"))


def handed(deferral, on):
    return replace(deferral, hand_ins=(HandIn("场地证明", day(on), "clerk-1", "收件-1"),))


def found(on):
    return replace(DONE, verification=Verification(day(on), "handler-1", VerificationOutcome.MET))


@pytest.mark.parametrize(
    ("case", "clocks", "name", "due", "on", "state", "late"),
    [
        ("[4.2.2] promised", of_deferral(OWED, CALENDAR), "PROMISE", "02-12", "02-02", "OPEN", False),
        ("[4.2.2] two working days ahead", of_deferral(OWED, CALENDAR), "PROMISE", "02-12", "02-10", "DUE_SOON", False),
        ("[4.2.2] the last day", of_deferral(OWED, CALENDAR), "PROMISE", "02-12", "02-12", "DUE_SOON", False),
        ("[4.2.2] not kept: nobody of the authority is late", of_deferral(OWED, CALENDAR), "PROMISE", "02-12",
         "02-13", "OVERDUE", False),
        ("[4.2.2] kept", of_deferral(handed(OWED, "02-12"), CALENDAR), "PROMISE", "02-12", "03-02", "MET", False),
        ("[4.2.2] kept late", of_deferral(handed(OWED, "02-13"), CALENDAR), "PROMISE", "02-12", "03-02", "MET_LATE",
         False),
        ("[4.2.2] withdrawn in time", of_deferral(replace(OWED, ended_on=day("02-10")), CALENDAR), "PROMISE",
         "02-12", "03-02", "MOOT", False),
        ("[5.1.2c] reminded", of_deferral(SERVED, CALENDAR), "DOCUMENTS", "02-25", "02-13", "OPEN", False),
        ("[5.1.2c] the third working day", of_deferral(SERVED, CALENDAR), "DOCUMENTS", "02-25", "02-25", "DUE_SOON",
         False),
        ("[5.1.2c] a chance of one's own", of_deferral(SERVED, CALENDAR), "DOCUMENTS", "02-25", "02-26", "FORGONE",
         False),
        ("[5.1.2c] on the last day", of_deferral(handed(SERVED, "02-25"), CALENDAR), "DOCUMENTS", "02-25", "02-26",
         "MET", False),
        ("[4.2.3] made", of_commitment(MADE, CALENDAR), "COMPLETION", "10-09", "09-30", "DUE_SOON", False),
        ("[4.2.3] not completed", of_commitment(MADE, CALENDAR), "COMPLETION", "10-09", "10-10", "OVERDUE", True),
        ("[4.2.3] completed", of_commitment(DONE, CALENDAR)[:1], "COMPLETION", "10-09", "10-10", "MET", False),
        ("[4.2.3] withdrawn", of_commitment(replace(MADE, ended_on=day("10-08")), CALENDAR), "COMPLETION", "10-09",
         "10-20", "MOOT", False),
        ("[4.2.3] to be verified", of_commitment(DONE, CALENDAR), "VERIFICATION", "10-15", "10-10", "OPEN", False),
        ("[4.2.3] not verified", of_commitment(DONE, CALENDAR), "VERIFICATION", "10-15", "10-16", "OVERDUE", True),
        ("[4.2.3] verified", of_commitment(found("10-15"), CALENDAR), "VERIFICATION", "10-15", "10-16", "MET", False),
        ("[4.2.3] verified late", of_commitment(found("10-16"), CALENDAR), "VERIFICATION", "10-15", "10-20",
         "MET_LATE", True),
    ],
)  # fmt: skip
def test_how_a_clock_stands(case, clocks, name, due, on, state, late):
    last = clocks[-1]
    assert f"[{last.clause}]" in case
    assert (last.name, last.due, last.about) == (ClockName(name), Deadline(day(due)), APPLICATION)
    assert (last.state(day(on)), last.is_late(day(on))) == (ClockState(state), late)


def test_a_clock_that_is_not_started_is_not_there():
    assert [clock.name for clock in of_deferral(OWED, CALENDAR)] == [ClockName.PROMISE]
    assert [clock.name for clock in of_deferral(SERVED, CALENDAR)] == [ClockName.PROMISE, ClockName.DOCUMENTS]
    assert [clock.name for clock in of_commitment(MADE, CALENDAR)] == [ClockName.COMPLETION]


def test_a_promised_day_is_certain_and_a_counted_one_may_be_a_guess():
    """A date that was promised needs no calendar; working days of a year without one do [4.2.2] [4.2.3]."""
    promised = replace(OWED, due_on=date(2027, 3, 1))
    assert of_deferral(promised, CALENDAR)[0].due == Deadline(date(2027, 3, 1))
    assert of_commitment(replace(MADE, committed_on=date(2026, 12, 31)), CALENDAR)[0].due.provisional


@given(st.dates(date(2025, 1, 1), date(2026, 11, 30)), st.integers(0, 15))
def test_the_limits_agree_with_an_independent_calendar_on_any_day(made_on, limit_days):
    """[4.2.3] [CALENDAR 2025] [CALENDAR 2026]"""
    left, last = limit_days, made_on
    while left:
        last += timedelta(days=1)
        left -= chinese_calendar.is_workday(last)
    (clock,) = of_commitment(replace(MADE, committed_on=made_on, limit_days=limit_days), CALENDAR)
    assert clock.due == Deadline(last)
