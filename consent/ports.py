"""Ports of the actions on authorisations: repositories and stored results.

`storage` and `tests.fakes` implement them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

from consent.authorisation import Authorisation
from consent.context import ConsentContext
from consent.delegation import Delegation
from consent.deletions.deletion_duty import DeletionDuty
from consent.leaves.consent_events import ConsentEvent
from consent.leaves.delegation_events import DelegationEvent
from consent.notices.shown_notices import ShownNotice
from consent.vocabulary import Purpose

Log = Literal["consent", "access", "system"]
"""`access` has reads and attempts, `consent` everything else about a subject, `system` what is about none: readable."""
LOG_CODES: Mapping[Log, int] = {"consent": 0, "access": 1, "system": 2}
"""The number of a log in formats and tables. It never changes."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A mutation that was already carried out: the hash of its request, and the ids that it returned."""

    request_hash: str
    result: Mapping[str, str]


class AuthorisationStore(Protocol):
    """Authorisations and their events."""

    async def load(self, subject_id: UUID, authorisation_id: UUID) -> Authorisation | None:
        """Return the authorisation, or None if *that subject* has none with that id."""
        ...

    async def save(self, authorisation: Authorisation, expected_version: int) -> None:
        """Save *authorisation*: a new one with `expected_version=0`, a changed one over the version that was read.

        Raises VERSION_CONFLICT if another version (or, for a new one, any version) is stored, and NotFound for a new
        one whose subject does not exist. `uses_made` of an existing row is not changed: the reading side counts it.
        """
        ...

    async def asked(self, subject_id: UUID, purpose: Purpose, recipient_code: str) -> Sequence[Authorisation]:
        """Return what *recipient_code* requested from the subject, or recorded from paper, for *purpose*.

        The subject is locked: no other request can be made to it until this unit of work ends.
        """
        ...

    async def of_subject(self, subject_id: UUID) -> Sequence[Authorisation]:
        """Return every authorisation of the subject, requests and ended ones included."""
        ...

    async def filed_at(self, subject_id: UUID, application_id: UUID) -> datetime | None:
        """Return when the application was filed, or None if the subject has no application with this id."""
        ...

    async def window_of(self, subject_id: UUID, application_id: UUID) -> str | None:
        """Return the department that handles the subject's application, or None if it has none that is undecided."""
        ...

    async def recipient_name(self, recipient_code: str) -> str:
        """Return the name of a department or association, by its code; raises NotFound."""
        ...

    async def keep_notice(self, notice: ShownNotice, at: datetime) -> None:
        """Keep the text of *notice*, once for its digest."""
        ...

    async def append_event(self, event: ConsentEvent) -> None:
        """Append *event* and its entry of the ledger. There is no other operation: events are never changed."""
        ...


class DeletionStore(Protocol):
    """The duties of recipients to delete. The first use of an authorisation makes the one to delete everything."""

    async def follow(self, authorisation: Authorisation) -> None:
        """Bring the duty to delete everything up to the end of *authorisation*; nothing, where there is no such duty.

        An acknowledged duty stays as it is.
        """
        ...

    async def require(self, duty: DeletionDuty) -> None:
        """Add a duty."""
        ...

    async def load(self, subject_id: UUID, duty_id: UUID) -> DeletionDuty | None:
        """Return the duty, locked, or None if *that subject* has none with that id."""
        ...

    async def acknowledge(self, duty: DeletionDuty, over: int) -> None:
        """Save the acknowledgement over the version that was read; raises VERSION_CONFLICT."""
        ...


class DelegationStore(Protocol):
    """The recorded delegations."""

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date, power: str) -> bool:
        """Whether *delegate_ref* has this power (the name of a `Power`) for the subject today (`may_act`)."""
        ...

    async def is_guarded(self, subject_id: UUID, day: date) -> bool:
        """Whether a guardian was recorded for the subject on that day (`consent.delegation.is_guarded`)."""
        ...

    async def of_subject(self, subject_id: UUID) -> Sequence[Delegation]:
        """Return every delegation of the subject, ended ones included.

        The subject is locked: no delegation of it is recorded or changed until this unit of work ends.
        """
        ...

    async def is_at_window(self, subject_id: UUID, department_code: str, today: date, registered_from: date) -> bool:
        """Whether the subject is one of this window: put on record there since, or with something open there [4.2]."""
        ...

    async def load(self, subject_id: UUID, delegation_id: UUID) -> Delegation | None:
        """Return the delegation, or None if *that subject* has none with that id."""
        ...

    async def save(self, delegation: Delegation, expected_version: int) -> None:
        """Save a new delegation (over version 0) or a changed one; raises VERSION_CONFLICT, or NotFound."""
        ...

    async def append_event(self, event: DelegationEvent) -> None:
        """Append *event* and its entry of the ledger. There is no other operation: events are never changed."""
        ...


class IdempotencyStore(Protocol):
    """Results of mutations, by actor and idempotency key."""

    async def recall(self, actor_ref: str, key: str) -> StoredResult | None:
        """Return what is stored under this actor's idempotency key, or None."""
        ...

    async def remember(self, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
        """Store the result under a key; raises VERSION_CONFLICT if the key was used in the meantime."""
        ...


class Work(IdempotencyStore, Protocol):
    """One unit of work: all its changes become durable together, or none. The caller commits."""

    @property
    def authorisations(self) -> AuthorisationStore: ...

    @property
    def deletions(self) -> DeletionStore: ...

    @property
    def delegations(self) -> DelegationStore: ...

    async def kind_of(self, subject_id: UUID) -> str | None:
        """Return the kind of a subject, or None if it does not exist."""
        ...

    async def age_on(self, subject_id: UUID, day: date) -> int | None:
        """Return the full years of a natural person on *day*, by its identity number; None for everybody else."""
        ...

    async def attach_files(
        self, context: ConsentContext, subject_id: UUID, record: str, record_id: UUID, references: Sequence[str]
    ) -> Sequence[str]:
        """Attach the uploaded files among *references* to a record of the subject, and return those that are unknown.

        A reference that names no uploaded file is not touched.
        """
        ...

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Enqueue a message for the courier; *about* contains references only."""
        ...
