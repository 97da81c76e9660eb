"""The duty of a recipient to delete what it received on an authorisation, or to stop using it [5.1.6] [PIPL 47].

    used for the first time ──> the duty exists, from the day after the last day on
    withdrawn, contested    ──> from that day on
    narrowed, after a use   ──> one more duty, for the groups that were taken away

So that an authorisation has ended is a matter of the date, and no job has to notice it. An authorisation on which
nothing was read leaves no duty. The duty is met when the recipient acknowledges it; what is not acknowledged by its
last day is late, and is chased.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from consent import rules
from consent.authorisation import Authorisation
from consent.errors import DELETION_ACKNOWLEDGED_BEFORE, KEPT_WITHOUT_GROUND, STILL_IN_FORCE, BadEvidence, NotNow
from consent.vocabulary import FieldGroup, civil_date

_DAY: Final = timedelta(days=1)


class DeletionCause(StrEnum):
    """Why a recipient may no longer use what it received."""

    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    CONTESTED = "CONTESTED"
    """The subject says that it never gave the paper; no decision revives it."""
    NARROWED = "NARROWED"
    """Some groups were taken away; what was received of them goes."""
    ERASED = "ERASED"
    """The records of the subject were erased [PIPL 47]."""


class DeletionOutcome(StrEnum):
    """What the recipient did."""

    DELETED = "DELETED"
    USE_ENDED = "USE_ENDED"
    """A law demands that it is kept: it is stored and protected, and used for nothing else [PIPL 47]."""


@dataclass(frozen=True, slots=True)
class DeletionDuty:
    """One duty of one recipient. The fields are columns of the table `deletion_duties`.

    The duty to delete everything has the id of its authorisation; one that follows from a narrowing has its own id,
    and names the *groups*. *counts_from_on* starts the clock: it is *since_on*, but for what had ended before duties
    were kept.
    """

    subject_id: UUID
    duty_id: UUID
    authorisation_id: UUID
    recipient_code: str
    cause: DeletionCause
    since_on: date
    counts_from_on: date
    groups: FieldGroup | None = None
    acknowledged_at: datetime | None = None
    acknowledged_on: date | None = None
    acknowledged_by: str | None = None
    outcome: DeletionOutcome | None = None
    # The number of a record or of a law. It stays out of the repr, because staff types it.
    reference: str | None = field(default=None, repr=False)
    version: int = 1


def end_of(authorisation: Authorisation) -> tuple[DeletionCause, date]:
    """Return why, and from which day on, nothing received on a granted authorisation may be used: the first reason."""
    ends = [(authorisation.expires_on + _DAY, DeletionCause.EXPIRED)]
    for on, at, cause in (
        (authorisation.withdrawn_on, authorisation.withdrawn_at, DeletionCause.WITHDRAWN),
        (authorisation.contested_on, authorisation.contested_at, DeletionCause.CONTESTED),
    ):
        if at is not None:
            ends.append((on or civil_date(at), cause))
    since_on, cause = min(ends)
    return cause, since_on


def of_first_use(subject_id: UUID, authorisation_id: UUID, recipient_code: str, expires_on: date) -> DeletionDuty:
    """Return the duty to delete everything, which a live authorisation gets when something is read on it."""
    since_on = expires_on + _DAY
    return DeletionDuty(
        subject_id, authorisation_id, authorisation_id, recipient_code, DeletionCause.EXPIRED, since_on, since_on
    )


def of_narrowing(
    before: Authorisation, after: Authorisation, new_id: Callable[[], UUID], today: date
) -> DeletionDuty | None:
    """Return the duty that follows where a used authorisation lost groups; None where it lost none, or was not used."""
    taken = before.groups & ~after.groups
    if not taken or after.uses_made == 0:
        return None
    since_on = after.narrowed_on or today
    return DeletionDuty(
        after.subject_id,
        new_id(),
        after.authorisation_id,
        after.recipient_code,
        DeletionCause.NARROWED,
        since_on,
        since_on,
        taken,
    )


def acknowledge(
    duty: DeletionDuty, outcome: DeletionOutcome, reference: str | None, *, by: str, at: datetime, today: date
) -> DeletionDuty:
    """Return the duty as acknowledged. What is kept needs its ground: the number of a law or of a file.

    Raises STILL_IN_FORCE, DELETION_ACKNOWLEDGED_BEFORE, KEPT_WITHOUT_GROUND, or BadEvidence for no short reference.
    """
    if duty.acknowledged_at is not None:
        raise NotNow(DELETION_ACKNOWLEDGED_BEFORE)
    if today < duty.since_on:
        raise NotNow(STILL_IN_FORCE, since=duty.since_on)
    if outcome is DeletionOutcome.USE_ENDED and not (reference or "").strip():
        raise BadEvidence(KEPT_WITHOUT_GROUND)
    return replace(
        duty,
        acknowledged_at=at,
        acknowledged_on=today,
        acknowledged_by=by,
        outcome=outcome,
        reference=None if reference is None else rules.reference(reference),
        version=duty.version + 1,
    )
