"""What the actions of the consent ledger need of the archive. `storage` keeps these promises, `tests.fakes` as well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

from consent.authorisation import Authorisation
from consent.log_entries import ConsentEvent
from consent.vocabulary import Purpose

Log = Literal["consent", "access"]


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A mutation that was already carried out: what was asked, as a hash, and the ids that it gave."""

    request_hash: str
    result: Mapping[str, str]


class AuthorisationStore(Protocol):
    """Authorisations and what happened to them."""

    async def load(self, subject_id: UUID, authorisation_id: UUID) -> Authorisation | None:
        """Return the authorisation, or None where there is none of that id *for that subject*."""
        ...

    async def save(self, authorisation: Authorisation, expected_version: int) -> None:
        """Keep *authorisation*: a new one with `expected_version=0`, a changed one over the version it was read at.

        Raises VERSION_CONFLICT where another version (or, for a new one, any) stands, and NotFound for a new one
        whose subject is not there. Of an existing row `uses_made` is left as it is: the reading side counts it.
        """
        ...

    async def asked(self, subject_id: UUID, purpose: Purpose, recipient_code: str) -> Sequence[Authorisation]:
        """Return what *recipient_code* asked or recorded of the subject for *purpose*.

        Nobody else asks the subject until this unit of work ends.
        """
        ...

    async def filed_at(self, subject_id: UUID, application_id: UUID) -> datetime | None:
        """Return when the application was filed, or None where the subject has none of this id."""
        ...

    async def append_event(self, event: ConsentEvent) -> None:
        """Append *event*. There is no other verb: events are never changed."""
        ...


class DelegationStore(Protocol):
    """The recorded delegations."""

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date) -> bool:
        """Whether *delegate_ref* may act for the subject today (`Delegation.is_live`)."""
        ...


class IdempotencyStore(Protocol):
    """What was already carried out, by actor and idempotency key."""

    async def recall(self, actor_ref: str, key: str) -> StoredResult | None:
        """Return what was remembered under this actor's idempotency key, or None."""
        ...

    async def remember(self, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
        """Remember what was done under a key; raises VERSION_CONFLICT where the key was taken in the meantime."""
        ...


class Work(IdempotencyStore, Protocol):
    """One unit of work: everything below becomes durable together, or not at all. The caller commits."""

    @property
    def authorisations(self) -> AuthorisationStore: ...

    @property
    def delegations(self) -> DelegationStore: ...

    async def pend(self, log: Log, entry_id: UUID, leaf_hash: bytes, at: datetime) -> None:
        """Leave a leaf for the sequencer."""
        ...

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Leave a message for the courier; *about* holds references only."""
        ...
