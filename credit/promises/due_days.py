"""What is stored of the open tasks of a promise: until when, and since when somebody else waits [4.2] [5.1.2c]."""

from dataclasses import dataclass
from datetime import date, timedelta

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import documents_due
from credit.cases.rules.next_steps import sorts_on

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DeferralDays:
    """The applicant's *last_on*, and after it the window's task: since when, and by which day it is sorted."""

    last_on: date
    waits_since_on: date
    waits_sorts_on: date


def deferral_days(promised_on: date, served_on: date | None, calendar: Calendar) -> DeferralDays:
    """Return the days of a deferral: the promised one counts until a reminder is served [4.2.2] [5.1.2c]."""
    last_on = promised_on if served_on is None else documents_due(served_on, calendar).on
    return DeferralDays(last_on, last_on + _DAY, sorts_on(last_on + _DAY, calendar))


@dataclass(frozen=True, slots=True)
class CommitmentDays:
    """The task of a commitment: since when it waits, and by which day it is sorted.

    That day is the last one in time to complete the matter or to verify it. To collect a breach has none.
    """

    waits_since_on: date
    waits_sorts_on: date


def commitment_days(
    committed_on: date,
    limit_days: int,
    completed_on: date | None,
    verify_days: int,
    unmet_on: date | None,
    calendar: Calendar,
) -> CommitmentDays:
    """Return the days of a commitment: to complete, to verify, or, found not met, to collect [4.2.3] [5.1.2d]."""
    if unmet_on is not None:
        return CommitmentDays(unmet_on, sorts_on(unmet_on, calendar))
    if completed_on is not None:
        return CommitmentDays(completed_on, calendar.deadline(completed_on, verify_days).on)
    return CommitmentDays(committed_on, calendar.deadline(committed_on, limit_days).on)
