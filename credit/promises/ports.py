"""Ports of the actions on promises: repositories that `storage` implements [4.2.2] [4.2.3]."""

from typing import Protocol
from uuid import UUID

from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral
from credit.subjects.subject import CarriedText, SealedText


class DeferralStore(Protocol):
    """Deferrals. `Deferral.version` counts every change of a deferral."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the deferral of the application, or None if it has none."""
        ...

    async def add(self, deferral: Deferral) -> None:
        """Add a deferral; raises ApplicationChangedMeanwhile if there is one already."""
        ...

    async def save(self, deferral: Deferral) -> None:
        """Save *deferral* over the version that was read; raises ApplicationChangedMeanwhile."""
        ...

    async def collected(self, deferral: Deferral, case_id: UUID) -> None:
        """Record the case of its default. This is no step, because the applicant must not see it."""
        ...


class CommitmentStore(Protocol):
    """Commitments. `Commitment.version` counts every change of a commitment."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Commitment | None:
        """Return the commitment of the application without its sealed text, or None if it has none."""
        ...

    async def add(self, commitment: Commitment) -> None:
        """Add a commitment; raises ApplicationChangedMeanwhile if there is one already."""
        ...

    async def save(self, commitment: Commitment, facts: SealedText | None = None) -> None:
        """Save *commitment*, with the facts of its verification; raises ApplicationChangedMeanwhile."""
        ...

    async def collected(self, commitment: Commitment, case_id: UUID) -> None:
        """Record the case of an unmet commitment. This is no step either."""
        ...

    async def finding(self, subject_id: UUID, application_id: UUID) -> CarriedText | None:
        """Return the facts of the verification, still sealed."""
        ...
