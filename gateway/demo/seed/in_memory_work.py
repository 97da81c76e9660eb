"""A unit of work in memory: the demo runs the real actions on it, and writes the results in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from consent.authorisation import Authorisation
from consent.context import ConsentContext
from consent.delegation import Delegation, Power, is_guarded, may_act
from consent.deletions.deletion_duty import DeletionDuty
from consent.leaves.consent_events import ConsentEvent
from consent.leaves.delegation_events import DelegationEvent
from consent.notices.shown_notices import ShownNotice
from consent.ports import StoredResult
from consent.vocabulary import Purpose
from credit.core.values.identifiers import IdNumber
from credit.subjects.capacity import age_on
from credit.subjects.registration import Registration


@dataclass(slots=True)
class InMemoryDelegations:
    """Delegations and their events, in order. Implements `consent.ports.DelegationStore`."""

    held: dict[tuple[UUID, UUID], Delegation] = field(default_factory=dict)
    events: list[DelegationEvent] = field(default_factory=list)

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date, power: str) -> bool:
        return may_act(self._of_subject(subject_id), delegate_ref, Power[power], today)

    async def is_guarded(self, subject_id: UUID, day: date) -> bool:
        return is_guarded(self._of_subject(subject_id), day)

    async def of_subject(self, subject_id: UUID) -> list[Delegation]:
        return self._of_subject(subject_id)

    async def is_at_window(self, subject_id: UUID, department_code: str, today: date, registered_from: date) -> bool:  # noqa: ARG002 - a clerk of the demo has the subject before it
        return True

    async def load(self, subject_id: UUID, delegation_id: UUID) -> Delegation | None:
        return self.held.get((subject_id, delegation_id))

    async def save(self, delegation: Delegation, expected_version: int) -> None:  # noqa: ARG002 - the demo is the only writer
        self.held[delegation.subject_id, delegation.delegation_id] = delegation

    async def append_event(self, event: DelegationEvent) -> None:
        self.events.append(event)

    def _of_subject(self, subject_id: UUID) -> list[Delegation]:
        return [one for one in self.held.values() if one.subject_id == subject_id]


@dataclass(slots=True)
class InMemoryDeletions:
    """Duties to delete. Implements `consent.ports.DeletionStore`."""

    owed: dict[tuple[UUID, UUID], DeletionDuty] = field(default_factory=dict)

    async def follow(self, authorisation: Authorisation) -> None:
        """Do nothing: the demo counts the uses of its past last, and so makes their duties last."""

    async def require(self, duty: DeletionDuty) -> None:
        self.owed[duty.subject_id, duty.duty_id] = duty

    async def load(self, subject_id: UUID, duty_id: UUID) -> DeletionDuty | None:
        return self.owed.get((subject_id, duty_id))

    async def acknowledge(self, duty: DeletionDuty, over: int) -> None:  # noqa: ARG002 - the demo is the only writer
        await self.require(duty)


@dataclass(slots=True)
class InMemoryUnitOfWork:
    """All results, in order. Implements the part of `consent.ports` that the actions use."""

    authorised: dict[tuple[UUID, UUID], Authorisation] = field(default_factory=dict)
    events: list[ConsentEvent] = field(default_factory=list)
    recorded: "InMemoryDelegations" = field(default_factory=InMemoryDelegations)
    deletions: InMemoryDeletions = field(default_factory=InMemoryDeletions)
    registrations: Mapping[UUID, Registration] = field(default_factory=dict)
    """The particulars of the subjects, before they are sealed."""

    @property
    def authorisations(self) -> "InMemoryUnitOfWork":
        """The repository of authorisations: this unit of work."""
        return self

    @property
    def delegations(self) -> "InMemoryDelegations":
        """The repository of delegations."""
        return self.recorded

    async def load(self, subject_id: UUID, authorisation_id: UUID) -> Authorisation | None:
        return self.authorised.get((subject_id, authorisation_id))

    async def save(self, authorisation: Authorisation, expected_version: int) -> None:  # noqa: ARG002 - the demo is the only writer
        self.authorised[authorisation.subject_id, authorisation.authorisation_id] = authorisation

    async def asked(self, subject_id: UUID, purpose: Purpose, recipient_code: str) -> Sequence[Authorisation]:  # noqa: ARG002 - the demo makes its past in no order of days
        return ()

    async def of_subject(self, subject_id: UUID) -> Sequence[Authorisation]:
        return [one for one in self.authorised.values() if one.subject_id == subject_id]

    async def filed_at(self, subject_id: UUID, application_id: UUID) -> datetime | None:  # noqa: ARG002 - as above
        return None

    async def window_of(self, subject_id: UUID, application_id: UUID) -> str | None:  # noqa: ARG002 - as above
        return None

    async def recipient_name(self, recipient_code: str) -> str:
        return recipient_code

    async def keep_notice(self, notice: ShownNotice, at: datetime) -> None:
        """Keep nothing: to the demo's past no notice was shown."""

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

    async def kind_of(self, subject_id: UUID) -> str | None:
        return self.registrations[subject_id].kind

    async def age_on(self, subject_id: UUID, day: date) -> int | None:
        identifier = self.registrations[subject_id].identifier
        return age_on(identifier.born, day) if isinstance(identifier, IdNumber) else None

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Do nothing: messages of the past have been sent."""

    async def recall(self, actor_ref: str, key: str) -> StoredResult | None:  # noqa: ARG002 - the demo repeats no request
        return None

    async def remember(self, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
        """Do nothing: the demo repeats no request."""
