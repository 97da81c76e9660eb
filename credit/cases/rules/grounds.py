"""The preconditions of each circumstance of [5.1.2].

The steps themselves require the verified facts and the evidence that every circumstance needs [5.1.1].
"""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import documents_due
from credit.cases.refusals import (
    BASIC_INFORMATION_MISSING,
    COMMITMENT_MET,
    COMMITMENT_NOT_VERIFIED,
    DOCUMENTS_SUPPLIED,
    NOT_REMINDED,
    REMINDER_PERIOD_OPEN,
    VICTIM_OF_IMPERSONATION,
    DayOutOfOrder,
    Lacking,
    NoGround,
    NotYet,
)
from credit.cases.status import Circumstance
from credit.core.errors import InconsistentFacts
from credit.core.late_entries import LateEntry, days_of


@dataclass(frozen=True, slots=True)
class Impersonation:
    """The subject whose identity was used, if known [5.1.2a]. The victim is not in breach."""

    victim_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DeferredDocuments:
    """Documents promised for a day, and what followed [5.1.2c].

    *reminded_on* is the day from which the receipt of the reminder counts: that of its record, if *reminded_late*.
    """

    promised_for: date
    reminded_on: date | None = None
    supplied_on: date | None = None
    reminded_late: LateEntry | None = None

    @property
    def reached_on(self) -> date | None:
        """The day on which the reminder was received, whenever that was recorded."""
        return self.reminded_on if self.reminded_late is None else self.reminded_late.on


@dataclass(frozen=True, slots=True)
class CommitmentCheck:
    """A written commitment and the verification afterwards [5.1.2d] [4.2.3]. *met* is None until it is verified.

    *verified_on* is the day from which the verification counts: that of its record, if *verified_late*.
    """

    committed_on: date
    verified_on: date | None = None
    met: bool | None = None
    verified_late: LateEntry | None = None

    @property
    def own_day(self) -> date | None:
        """The day of the verification, whenever it was recorded."""
        return self.verified_on if self.verified_late is None else self.verified_late.on


Grounds = Impersonation | DeferredDocuments | CommitmentCheck


def as_recorded(typed: Grounds | None, before: Grounds | None, today: date) -> Grounds | None:
    """Return the grounds that an officer states on the day *today*, with the days from which its acts count.

    The receipt of a reminder and the verification of a commitment are acts of the authority: they count from the day of
    their record, and keep their own beside it. A day that the case had *before* keeps its record. Raises DayOutOfOrder
    for a day of the future, or for one before the act that it follows.
    """
    match typed:
        case DeferredDocuments():
            _require_order(today, None, typed.supplied_on)
            _require_order(today, None, typed.reminded_on)
            if isinstance(before, DeferredDocuments) and typed.reminded_on in {before.reminded_on, before.reached_on}:
                return replace(typed, reminded_on=before.reminded_on, reminded_late=before.reminded_late)
            days = None if typed.reminded_on is None else days_of("REMINDER_SERVED", typed.reminded_on, today)
            return typed if days is None else replace(typed, reminded_on=days.counts_on, reminded_late=days.late)
        case CommitmentCheck():
            _require_order(today, None, typed.committed_on)
            _require_order(today, typed.committed_on, typed.verified_on)
            if isinstance(before, CommitmentCheck) and typed.verified_on in {before.verified_on, before.own_day}:
                return replace(typed, verified_on=before.verified_on, verified_late=before.verified_late)
            days = None if typed.verified_on is None else days_of("COMMITMENT_VERIFIED", typed.verified_on, today)
            return typed if days is None else replace(typed, verified_on=days.counts_on, verified_late=days.late)
        case _:
            return typed


def _require_order(today: date, earliest: date | None, day: date | None) -> None:
    if day is not None and day > today:
        raise DayOutOfOrder(today)
    if day is not None and earliest is not None and day < earliest:
        raise DayOutOfOrder(earliest)


def require(
    circumstance: Circumstance,
    grounds: Grounds | None,
    *,
    subject_id: UUID,
    application_id: UUID | None,
    on: date,
    calendar: Calendar,
    collecting: bool = False,
) -> None:
    """Raise a named refusal unless the preconditions of *circumstance* are met on the day *on* [5.1.2].

    While a case is only *collecting*, a reminder that is recorded late shows its default by its own day; it counts from
    its record when the case is verified.
    [5.1.2b] and [5.1.2e] require nothing beyond verified facts, evidence and a basis.
    """
    match circumstance, grounds:
        case Circumstance.DOCUMENTS_NOT_SUPPLIED, DeferredDocuments() | None:
            _require_application(application_id)
            _require_default(grounds, on, calendar, collecting=collecting)
        case Circumstance.COMMITMENT_NOT_MET, CommitmentCheck() | None:
            _require_application(application_id)
            _require_shortfall(grounds, on)
        case Circumstance.IMPERSONATION, Impersonation(victim_id=victim) if victim == subject_id:
            raise NoGround(VICTIM_OF_IMPERSONATION)
        case (Circumstance.IMPERSONATION, Impersonation()) | (_, None):
            pass
        case _:
            raise InconsistentFacts


def _require_application(application_id: UUID | None) -> None:
    # Both circumstances follow from a grant in one of our applications, so its record is required.
    if application_id is None:
        raise Lacking(BASIC_INFORMATION_MISSING, items="application_id")


def _require_default(documents: DeferredDocuments | None, on: date, calendar: Calendar, *, collecting: bool) -> None:
    # A reminder counts only after the promised day: before that day nothing is due [5.1.2c].
    if documents is None or documents.reminded_on is None or documents.reached_on is None:
        raise NotYet(NOT_REMINDED)
    if documents.reached_on <= documents.promised_for:
        raise NotYet(NOT_REMINDED)
    due = documents_due(documents.reached_on if collecting else documents.reminded_on, calendar)
    if documents.supplied_on is not None and not due.is_missed(documents.supplied_on):
        raise NoGround(DOCUMENTS_SUPPLIED, since=documents.supplied_on)
    if due.provisional or not due.is_missed(on):
        raise NotYet(REMINDER_PERIOD_OPEN, until=due.on, provisional=due.provisional)


def _require_shortfall(commitment: CommitmentCheck | None, on: date) -> None:
    if commitment is None or commitment.met is None or commitment.own_day is None or on < commitment.own_day:
        raise NotYet(COMMITMENT_NOT_VERIFIED)
    if commitment.met:
        raise NoGround(COMMITMENT_MET)
