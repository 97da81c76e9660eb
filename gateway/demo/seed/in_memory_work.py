"""A unit of work in memory: the demo runs the real actions on it, and writes the results in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from consent.authorisation import Authorisation
from consent.context import ConsentContext
from consent.delegation import Delegation
from consent.log_entries import ConsentEvent
from consent.ports import Log, StoredResult
from consent.vocabulary import Purpose


@dataclass(slots=True)
class InMemoryUnitOfWork:
    """All results, in order. Implements the part of `consent.ports` that the actions use."""

    authorised: dict[tuple[UUID, UUID], Authorisation] = field(default_factory=dict)
    events: list[ConsentEvent] = field(default_factory=list)
    leaves: list[dict[str, object]] = field(default_factory=list)
    delegated: list[Delegation] = field(default_factory=list)

    @property
    def authorisations(self) -> "InMemoryUnitOfWork":
        """The repository of authorisations: this unit of work."""
        return self

    @property
    def delegations(self) -> "InMemoryUnitOfWork":
        """The repository of delegations: this unit of work."""
        return self

    async def load(self, subject_id: UUID, authorisation_id: UUID) -> Authorisation | None:
        return self.authorised.get((subject_id, authorisation_id))

    async def save(self, authorisation: Authorisation, expected_version: int) -> None:  # noqa: ARG002 - the demo is the only writer
        self.authorised[authorisation.subject_id, authorisation.authorisation_id] = authorisation

    async def asked(self, subject_id: UUID, purpose: Purpose, recipient_code: str) -> Sequence[Authorisation]:  # noqa: ARG002 - the demo makes its past in no order of days
        return ()

    async def filed_at(self, subject_id: UUID, application_id: UUID) -> datetime | None:  # noqa: ARG002 - as above
        return None

    async def window_of(self, subject_id: UUID, application_id: UUID) -> str | None:  # noqa: ARG002 - as above
        return None

    async def attach_files(
        self,
        context: ConsentContext,  # noqa: ARG002 - the demo's papers are file numbers
        subject_id: UUID,  # noqa: ARG002 - as above
        record: str,  # noqa: ARG002 - as above
        record_id: UUID,  # noqa: ARG002 - as above
        references: Sequence[str],  # noqa: ARG002 - as above
    ) -> Sequence[str]:
        return ()

    async def append_event(self, event: ConsentEvent) -> None:
        self.events.append(event)

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date) -> bool:
        held = (one for one in self.delegated if (one.subject_id, one.delegate_ref) == (subject_id, delegate_ref))
        return any(one.is_live(today) for one in held)

    async def pend(self, log: Log, entry_id: UUID, leaf_hash: bytes, at: datetime) -> None:
        self.leaves.append({"log": log, "entry_id": entry_id, "leaf_hash": leaf_hash, "appended_at": at})

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Do nothing: messages of the past have been sent."""

    async def recall(self, actor_ref: str, key: str) -> StoredResult | None:  # noqa: ARG002 - the demo repeats no request
        return None

    async def remember(self, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
        """Do nothing: the demo repeats no request."""
