"""The stores in memory, for tests of the layers above. They implement `consent.ports`, as SQL does:

    async with Memory(subjects={subject_id}).work() as work:
        await grant_authorisation(work, ...)

A unit of work sees its own writes, becomes visible to others on a clean exit, and leaves no trace after an exception.
Units of work come one after the other.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from consent.authorisation import Authorisation
from consent.context import ConsentContext
from consent.delegation import Delegation, Power, is_guarded, may_act
from consent.deletions.deletion_duty import DeletionDuty, end_of, of_first_use
from consent.errors import VERSION_CONFLICT, Collision, NotFound
from consent.leaves.consent_events import ConsentEvent
from consent.leaves.delegation_events import DelegationEvent
from consent.notices.shown_notices import ShownNotice
from consent.ports import Log, StoredResult
from consent.vocabulary import Purpose
from credit.subjects.capacity import age_on


@dataclass(slots=True)
class Pending:
    source: UUID
    log: Log
    entry: bytes
    subject_id: UUID | None


@dataclass(slots=True)
class Message:
    message_id: UUID
    topic: str
    about: dict[str, str]
    created_at: datetime


@dataclass(slots=True)
class State:
    """All stored rows, by table."""

    subjects: set[UUID] = field(default_factory=set)
    authorisations: dict[tuple[UUID, UUID], Authorisation] = field(default_factory=dict)
    windows: dict[tuple[UUID, UUID], str] = field(default_factory=dict)
    files: dict[str, list[tuple[UUID, str, UUID]]] = field(default_factory=dict)
    filed: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)
    delegations: list[Delegation] = field(default_factory=list)
    delegation_events: list[DelegationEvent] = field(default_factory=list)
    at_window: set[tuple[UUID, str]] = field(default_factory=set)
    born: dict[UUID, date] = field(default_factory=dict)
    kinds: dict[UUID, str] = field(default_factory=dict)
    events: list[ConsentEvent] = field(default_factory=list)
    duties: dict[tuple[UUID, UUID], DeletionDuty] = field(default_factory=dict)
    notices: dict[str, ShownNotice] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    outbox: list[Message] = field(default_factory=list)
    remembered: dict[tuple[str, str], tuple[StoredResult, datetime]] = field(default_factory=dict)


class Memory:
    """A database of a few dictionaries."""

    def __init__(self, subjects: set[UUID] | None = None) -> None:
        self.state = State(subjects=set(subjects or ()))
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def work(self) -> AsyncIterator["MemoryWork"]:
        async with self._one_at_a_time:
            # Values are frozen; copying the containers is what rolling back needs.
            mine = State(**{name: copy.copy(getattr(self.state, name)) for name in State.__slots__})
            yield MemoryWork(mine)
            self.state = mine

    async def delegate(self, delegation: Delegation) -> None:
        self.state.delegations.append(delegation)

    async def count_use(self, subject_id: UUID, authorisation_id: UUID) -> None:
        """Count one use, as the reading side does: the version stays."""
        stored = self.state.authorisations[subject_id, authorisation_id]
        self.state.authorisations[subject_id, authorisation_id] = replace(stored, uses_made=stored.uses_made + 1)
        duty = of_first_use(subject_id, authorisation_id, stored.recipient_code, stored.expires_on)
        self.state.duties.setdefault((subject_id, authorisation_id), duty)

    async def rows(self) -> Mapping[str, int]:
        """How many rows stand in the tables that can only be appended to."""
        state = self.state
        return {"consent_events": len(state.events), "pending_entries": len(state.pending), "outbox": len(state.outbox)}


class MemoryAuthorisations:
    def __init__(self, state: State) -> None:
        self._state = state

    async def load(self, subject_id: UUID, authorisation_id: UUID) -> Authorisation | None:
        return self._state.authorisations.get((subject_id, authorisation_id))

    async def save(self, authorisation: Authorisation, expected_version: int) -> None:
        key = authorisation.subject_id, authorisation.authorisation_id
        stored = self._state.authorisations.get(key)
        if (0 if stored is None else stored.version) != expected_version:
            raise Collision(VERSION_CONFLICT)
        if authorisation.subject_id not in self._state.subjects:
            raise NotFound
        uses_made = authorisation.uses_made if stored is None else stored.uses_made
        self._state.authorisations[key] = replace(authorisation, uses_made=uses_made)

    async def asked(self, subject_id: UUID, purpose: Purpose, recipient_code: str) -> Sequence[Authorisation]:
        wanted = subject_id, purpose, recipient_code
        stored = self._state.authorisations.values()
        return [one for one in stored if (one.subject_id, one.purpose, one.recipient_code) == wanted]

    async def of_subject(self, subject_id: UUID) -> Sequence[Authorisation]:
        return [one for one in self._state.authorisations.values() if one.subject_id == subject_id]

    async def filed_at(self, subject_id: UUID, application_id: UUID) -> datetime | None:
        return self._state.filed.get((subject_id, application_id))

    async def window_of(self, subject_id: UUID, application_id: UUID) -> str | None:
        return self._state.windows.get((subject_id, application_id))

    async def recipient_name(self, recipient_code: str) -> str:
        return f"演示{recipient_code}"

    async def keep_notice(self, notice: ShownNotice, at: datetime) -> None:  # noqa: ARG002 - as its port says
        self._state.notices.setdefault(notice.digest, notice)

    async def append_event(self, event: ConsentEvent) -> None:
        self._state.events.append(event)
        self._state.pending.append(Pending(event.event_id, "consent", event.commitment(), event.subject_id))


class MemoryDeletions:
    def __init__(self, state: State) -> None:
        self._state = state

    async def follow(self, authorisation: Authorisation) -> None:
        key = authorisation.subject_id, authorisation.authorisation_id
        duty = self._state.duties.get(key)
        if duty is not None and duty.acknowledged_at is None:
            cause, since_on = end_of(authorisation)
            self._state.duties[key] = replace(duty, cause=cause, since_on=since_on, counts_from_on=since_on)

    async def require(self, duty: DeletionDuty) -> None:
        self._state.duties[duty.subject_id, duty.duty_id] = duty

    async def load(self, subject_id: UUID, duty_id: UUID) -> DeletionDuty | None:
        return self._state.duties.get((subject_id, duty_id))

    async def acknowledge(self, duty: DeletionDuty, over: int) -> None:
        if self._state.duties[duty.subject_id, duty.duty_id].version != over:
            raise Collision(VERSION_CONFLICT)
        await self.require(duty)


class MemoryDelegations:
    def __init__(self, state: State) -> None:
        self._state = state

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date, power: str) -> bool:
        return may_act(self._of(subject_id), delegate_ref, Power[power], today)

    async def is_guarded(self, subject_id: UUID, day: date) -> bool:
        return is_guarded(self._of(subject_id), day)

    async def is_at_window(self, subject_id: UUID, department_code: str, today: date, registered_from: date) -> bool:  # noqa: ARG002 - the fakes know subjects and departments
        return (subject_id, department_code) in self._state.at_window

    async def load(self, subject_id: UUID, delegation_id: UUID) -> Delegation | None:
        return next((one for one in self._of(subject_id) if one.delegation_id == delegation_id), None)

    async def save(self, delegation: Delegation, expected_version: int) -> None:
        stored = await self.load(delegation.subject_id, delegation.delegation_id)
        if (0 if stored is None else stored.version) != expected_version:
            raise Collision(VERSION_CONFLICT)
        if delegation.subject_id not in self._state.subjects:
            raise NotFound
        self._state.delegations = [one for one in self._state.delegations if one is not stored] + [delegation]

    async def append_event(self, event: DelegationEvent) -> None:
        self._state.delegation_events.append(event)
        self._state.pending.append(Pending(event.event_id, "consent", event.commitment(), event.subject_id))

    async def of_subject(self, subject_id: UUID) -> list[Delegation]:
        return self._of(subject_id)

    def _of(self, subject_id: UUID) -> list[Delegation]:
        return [stored for stored in self._state.delegations if stored.subject_id == subject_id]


class MemoryWork:
    """One unit of work over a `Memory`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.authorisations = MemoryAuthorisations(state)
        self.deletions = MemoryDeletions(state)
        self.delegations = MemoryDelegations(state)

    async def kind_of(self, subject_id: UUID) -> str | None:
        return self._state.kinds.get(subject_id, "NATURAL_PERSON") if subject_id in self._state.subjects else None

    async def age_on(self, subject_id: UUID, day: date) -> int | None:
        born = self._state.born.get(subject_id)
        return None if born is None else age_on(born, day)

    async def attach_files(
        self, _context: ConsentContext, subject_id: UUID, record: str, record_id: UUID, references: Sequence[str]
    ) -> Sequence[str]:
        """Attach what *files* has; the fake knows no uploader."""
        named = [each for each in references if each.startswith("file:")]
        for each in named:
            if each in self._state.files:
                self._state.files[each].append((subject_id, record, record_id))
        return [each for each in named if each not in self._state.files]

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        self._state.outbox.append(Message(message_id, topic, dict(about), at))

    async def recall(self, actor_ref: str, key: str) -> StoredResult | None:
        done, _ = self._state.remembered.get((actor_ref, key), (None, None))
        return done

    async def remember(self, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
        if (actor_ref, key) in self._state.remembered:
            raise Collision(VERSION_CONFLICT)
        self._state.remembered[actor_ref, key] = done, at
