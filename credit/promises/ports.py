"""Ports of the actions on promises: repositories that `storage` implements [4.2.2] [4.2.3]."""

from typing import Protocol, TypeVar
from uuid import UUID

from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral
from credit.subjects.subject import CarriedText, SealedText

P = TypeVar("P", Deferral, Commitment)


class PromiseStore(Protocol[P]):
    """Promises of one kind. The *version* of a promise counts every change of it."""

    async def load(self, subject_id: UUID, application_id: UUID) -> P | None:
        """Return the promise of the application, without its sealed text, or None if it has none."""
        ...

    async def add(self, promise: P) -> None:
        """Add a promise; raises ApplicationChangedMeanwhile if there is one already."""
        ...

    async def save(self, promise: P) -> None:
        """Save *promise* over the version that was read; raises ApplicationChangedMeanwhile."""
        ...

    async def collected(self, promise: P, case_id: UUID) -> None:
        """Record the case of the broken promise. This is no step, because the applicant must not see it."""
        ...


class CommitmentStore(PromiseStore[Commitment], Protocol):
    """Commitments, with the sealed facts of their verification."""

    async def save(self, promise: Commitment, facts: SealedText | None = None) -> None:
        """Save *promise*, with the facts of its verification; raises ApplicationChangedMeanwhile."""
        ...

    async def finding(self, subject_id: UUID, application_id: UUID) -> CarriedText | None:
        """Return the facts of the verification, still sealed."""
        ...
