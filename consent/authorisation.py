"""An authorisation as dated facts: what was requested and what the subject answered.

Its status follows from them [5.1.6].
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from consent.vocabulary import FieldGroup, Purpose


class ContestFinding(StrEnum):
    """How a contest was decided. Neither revives the paper: who contests an authorisation does not give it."""

    NEVER_GIVEN = "NEVER_GIVEN"
    GIVEN = "GIVEN"


class Status(StrEnum):
    """The status of an authorisation on a given day. Only a live one allows a read."""

    REQUESTED = "REQUESTED"
    """Requested, not answered: silence is not consent."""
    LAPSED = "LAPSED"
    """Never answered, and its last day has passed."""
    REFUSED = "REFUSED"
    LIVE = "LIVE"
    USED_UP = "USED_UP"
    EXPIRED = "EXPIRED"
    UNCONFIRMED = "UNCONFIRMED"
    """Recorded from paper although the subject contested a paper before: a second person has to confirm it."""
    CONTESTED = "CONTESTED"
    """Recorded from paper by staff; the subject says that it did not give it."""
    WITHDRAWN = "WITHDRAWN"


def status_of(
    granted_at: datetime | None,
    refused_at: datetime | None,
    withdrawn_at: datetime | None,
    contested_at: datetime | None,
    held_at: datetime | None,
    confirmed_at: datetime | None,
    expires_on: date,
    uses_allowed: int,
    uses_made: int,
    today: date,
) -> Status:
    """Read the status off the columns of the same names.

    A decision of the subject comes before the calendar and the count of uses: a withdrawn authorisation stays WITHDRAWN
    after its last day. *expires_on* is the last day in force; the authorisation ends at 00:00 of the next day, without
    any job.
    """
    over = today > expires_on
    if refused_at is not None:
        return Status.REFUSED
    if granted_at is None:
        return Status.LAPSED if over else Status.REQUESTED
    if withdrawn_at is not None:
        return Status.WITHDRAWN
    if contested_at is not None:
        return Status.CONTESTED
    if over:
        return Status.EXPIRED
    waits = held_at is not None and confirmed_at is None
    return Status.UNCONFIRMED if waits else Status.LIVE if uses_made < uses_allowed else Status.USED_UP


@dataclass(frozen=True, slots=True)
class Authorisation:
    """One request, with its whole history. The fields are the columns of the table `authorisations`.

    Transitions (`consent.rules`) return a new value with the next *version*. Only the reading side counts *uses_made*.
    """

    subject_id: UUID
    authorisation_id: UUID
    purpose: Purpose
    recipient_code: str
    groups: FieldGroup
    means: str
    template: str
    application_id: UUID | None
    requested_at: datetime
    requested_by: str
    expires_on: date
    uses_allowed: int
    uses_made: int = 0
    granted_at: datetime | None = None
    granted_by: str | None = None
    starts_on: date | None = None
    # The notice that was shown for the grant (`consent.notices.shown_notices`).
    notice_digest: str | None = None
    # Of each act of the subject on paper: its own day, and its reference. Of narrowings the last one.
    refused_at: datetime | None = None
    refused_on: date | None = None
    refusal_evidence: str | None = field(default=None, repr=False)
    narrowed_at: datetime | None = None
    narrowed_on: date | None = None
    narrowing_evidence: str | None = field(default=None, repr=False)
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_on: date | None = None
    withdrawal_evidence: str | None = field(default=None, repr=False)
    # A file number. It stays out of the repr all the same, because staff types it.
    paper_evidence: str | None = field(default=None, repr=False)
    signed_on: date | None = None
    contested_at: datetime | None = None
    contested_on: date | None = None
    contest_paper: str | None = field(default=None, repr=False)
    contest_entered_by: str | None = None
    contest_decided_at: datetime | None = None
    contest_decided_by: str | None = None
    contest_finding: ContestFinding | None = None
    contest_evidence: str | None = field(default=None, repr=False)
    # From this moment on a paper waits for a second person, because the subject contested one.
    held_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    version: int = 1

    def status(self, today: date) -> Status:
        """Return the status on the day *today*."""
        return status_of(
            self.granted_at,
            self.refused_at,
            self.withdrawn_at,
            self.contested_at,
            self.held_at,
            self.confirmed_at,
            self.expires_on,
            self.uses_allowed,
            self.uses_made,
            today,
        )

    def is_live(self, today: date) -> bool:
        """Whether it allows a read on the day *today*."""
        return self.status(today) is Status.LIVE
