"""Who may answer for a subject: a delegate whose own authority is recorded, and has not ended [5.1.6]."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Delegation:
    """A recorded authority to act. The fields are the columns of the table `delegations`."""

    subject_id: UUID
    delegation_id: UUID
    delegate_ref: str
    # The reference of a recorded power of attorney; staff types it, so it stays out of the repr.
    evidence: str = field(repr=False)
    granted_at: datetime
    expires_on: date
    withdrawn_at: datetime | None = None

    def is_live(self, today: date) -> bool:
        """Whether the delegate may act *today*; *expires_on* is the last day."""
        return self.withdrawn_at is None and today <= self.expires_on
