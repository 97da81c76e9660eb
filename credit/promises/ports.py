"""What the actions on promises need of the archive, which keeps these promises [4.2.2] [4.2.3]."""

from typing import Protocol
from uuid import UUID

from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral
from credit.subjects.subject import CarriedText, SealedText


class DeferralStore(Protocol):
    """Deferrals. `Deferral.version` counts every change of one."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the deferral of the application, or None where it has none."""
        ...

    async def add(self, deferral: Deferral) -> None:
        """Keep a new deferral; raises ApplicationChangedMeanwhile where there is one."""
        ...

    async def save(self, deferral: Deferral) -> None:
        """Keep *deferral* over the version at which it was read; raises ApplicationChangedMeanwhile."""
        ...

    async def collected(self, deferral: Deferral, case_id: UUID) -> None:
        """Note the case that its default became. It is no step: the applicant is not to see that one was taken."""
        ...


class CommitmentStore(Protocol):
    """Commitments. `Commitment.version` counts every change of one."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Commitment | None:
        """Return the commitment of the application without its sealed text, or None where it has none."""
        ...

    async def add(self, commitment: Commitment) -> None:
        """Keep a new commitment; raises ApplicationChangedMeanwhile where there is one."""
        ...

    async def save(self, commitment: Commitment, facts: SealedText | None = None) -> None:
        """Keep *commitment*, with what verification found; raises ApplicationChangedMeanwhile."""
        ...

    async def collected(self, commitment: Commitment, case_id: UUID) -> None:
        """Note the case that it became; no step either."""
        ...

    async def finding(self, subject_id: UUID, application_id: UUID) -> CarriedText | None:
        """Return what verification found, still sealed."""
        ...
