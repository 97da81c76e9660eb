"""The preconditions of each circumstance of [5.1.2].

The steps themselves require the verified facts and the evidence that every circumstance needs [5.1.1].
"""

from dataclasses import dataclass
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
    Lacking,
    NoGround,
    NotYet,
)
from credit.cases.status import Circumstance
from credit.core.errors import InconsistentFacts


@dataclass(frozen=True, slots=True)
class Impersonation:
    """The subject whose identity was used, if known [5.1.2a]. The victim is not in breach."""

    victim_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DeferredDocuments:
    """Documents promised for a day, and what followed [5.1.2c]. *reminded_on*: the day the reminder was received."""

    promised_for: date
    reminded_on: date | None = None
    supplied_on: date | None = None


@dataclass(frozen=True, slots=True)
class CommitmentCheck:
    """A written commitment and the verification afterwards [5.1.2d] [4.2.3]. *met* is None until it is verified."""

    committed_on: date
    verified_on: date | None = None
    met: bool | None = None


Grounds = Impersonation | DeferredDocuments | CommitmentCheck


def require(
    circumstance: Circumstance,
    grounds: Grounds | None,
    *,
    subject_id: UUID,
    application_id: UUID | None,
    on: date,
    calendar: Calendar,
) -> None:
    """Raise a named refusal unless the preconditions of *circumstance* are met on the day *on* [5.1.2].

    [5.1.2b] and [5.1.2e] require nothing beyond verified facts, evidence and a basis.
    """
    match circumstance, grounds:
        case Circumstance.DOCUMENTS_NOT_SUPPLIED, DeferredDocuments() | None:
            _require_application(application_id)
            _require_default(grounds, on, calendar)
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


def _require_default(documents: DeferredDocuments | None, on: date, calendar: Calendar) -> None:
    # A reminder counts only after the promised day: before that day nothing is due [5.1.2c].
    if documents is None or documents.reminded_on is None or documents.reminded_on <= documents.promised_for:
        raise NotYet(NOT_REMINDED)
    due = documents_due(documents.reminded_on, calendar)
    if documents.supplied_on is not None and not due.is_missed(documents.supplied_on):
        raise NoGround(DOCUMENTS_SUPPLIED, since=documents.supplied_on)
    if due.provisional or not due.is_missed(on):
        raise NotYet(REMINDER_PERIOD_OPEN, until=due.on, provisional=due.provisional)


def _require_shortfall(commitment: CommitmentCheck | None, on: date) -> None:
    if commitment is None or commitment.met is None or commitment.verified_on is None or on < commitment.verified_on:
        raise NotYet(COMMITMENT_NOT_VERIFIED)
    if commitment.met:
        raise NoGround(COMMITMENT_MET)
