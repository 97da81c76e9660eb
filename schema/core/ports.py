"""What the counter needs of the rest of the house; the gateway wires it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

from consent.log_entries import AccessEntry
from consent.ports import Work
from consent.vocabulary import Purpose
from credit.applications.ports import CheckingStore
from credit.calendar.calendar import Calendar
from credit.core.context import ActionContext
from credit.core.unit_of_work import UnitOfWork
from credit.credit_checks.credit_check import SourceAnswer
from credit.statistics.figures import Lateness, YearFigures
from credit.subjects.subject import Capacity, IdentifierKind, Sealed, SubjectKind
from policy.actors import Actor


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A GraphQL request, as the door received it. *purpose* is the header `Access-Purpose`, verbatim."""

    query: str | None
    operation_name: str | None
    variables: Mapping[str, object] | None
    extensions: Mapping[str, object] | None
    purpose: str | None
    actor: Actor
    method: Literal["GET", "POST"]
    request_id: str


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """The response. *executed*: it has a `data` key. *status*: as `application/graphql-response+json` wants it.

    *purpose* and *code* are for the log: the purpose that the document or the header stated, and why it was refused.
    """

    body: bytes
    executed: bool
    status: int
    purpose: Purpose | None = None
    code: str | None = None


class AccessRecorder(Protocol):
    """Makes access entries durable before anything is released."""

    async def record(self, entries: Sequence[AccessEntry], uses: Sequence[tuple[UUID, UUID]]) -> None:
        """Return once every entry and every use is durable; raises AuthorisationUsedUp, or whatever went wrong."""
        ...


class CreditCheckReads(CheckingStore, Protocol):
    """What a credit check at the counter takes from the archive [4.1]."""

    async def kind(self, subject_id: UUID) -> SubjectKind | None:
        """Return what the subject is; None where there is none."""
        ...

    async def number(self, subject_id: UUID) -> tuple[IdentifierKind, Sealed] | None:
        """Return the number that fits the subject's kind, in its box; None where there is none, or no key."""
        ...

    async def record(self, entry: AccessEntry) -> None:
        """Append an access entry and its leaf; durable with everything else of this transaction."""
        ...


class JointMeasures(Protocol):
    """The city's joint rewards-and-penalties module [4.1] [3.3]."""

    async def ask(self, kind: IdentifierKind, number: str, authorisation_id: UUID, request_id: UUID) -> SourceAnswer:
        """Return what it answers; UNKNOWN with a reason for whatever goes wrong. The number goes nowhere else."""
        ...


class FigureService(Protocol):
    """Who counts; the gateway wires it."""

    async def of_year(self, year: int, today: date, calendar: Calendar) -> YearFigures:
        """Return the figures of a year."""
        ...

    async def lateness(self, department: str | None, today: date, calendar: Calendar) -> Sequence[Lateness]:
        """Return what waits, is soon due and is late, by department and handler."""
        ...


class WaitingMessages(Protocol):
    """Messages of one kind that wait."""

    @property
    def route(self) -> str | None: ...

    @property
    def topic(self) -> str: ...

    @property
    def failure(self) -> str | None: ...

    @property
    def count(self) -> int: ...

    @property
    def oldest(self) -> datetime: ...

    @property
    def attempts(self) -> int: ...


class DeadMessage(Protocol):
    """A message that was given up."""

    @property
    def message_id(self) -> UUID: ...

    @property
    def topic(self) -> str: ...

    @property
    def route(self) -> str: ...

    @property
    def created_at(self) -> datetime: ...

    @property
    def attempts(self) -> int: ...

    @property
    def dead_at(self) -> datetime: ...

    @property
    def failure(self) -> str | None: ...


class MessageStore(Protocol):
    """What the counter needs of the mailroom."""

    async def waiting(self) -> Sequence[WaitingMessages]:
        """Count what has not been sent and not been given up."""
        ...

    async def given_up(self, limit: int) -> Sequence[DeadMessage]:
        """Return the dead letters, the oldest first."""
        ...

    async def revive(self, message_id: UUID) -> bool:
        """Put a dead letter back at the end of its lane; tells whether there was one."""
        ...


class OwnLogs(Protocol):
    """Access entries that are part of a unit of work."""

    async def append(self, entries: Sequence[AccessEntry]) -> None:
        """Append the entries of those who are on record; of nobody, nothing is kept."""
        ...


class CommittingWork(UnitOfWork, Work, Protocol):
    """A unit of work for the actions of `credit` and of `consent`, which the counter commits."""

    @property
    def checking(self) -> CreditCheckReads: ...

    @property
    def own_logs(self) -> OwnLogs: ...

    @property
    def outbox_queue(self) -> MessageStore: ...

    async def commit(self) -> None: ...


class RegisterSubject(Protocol):
    """Puts a subject on record: accepts its particulars, seals them, and keeps them in one transaction."""

    async def __call__(
        self,
        context: ActionContext,
        *,
        kind: SubjectKind,
        name: str,
        number: str,
        area_code: str,
        phone: str | None,
        address: str | None,
        capacities: Capacity,
        key: str | None,
        asked: str,
    ) -> UUID:
        """Return the subject's id, old or new; raises RegistrationRefused with every problem, or KEY_REUSED."""
        ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """Clock and chance, which enter the house only from the gateway.

    *today* is the day in Asia/Shanghai of an instant. *new_id* is random; *new_entry_id* sorts by the instant given.
    """

    now: Callable[[], datetime]
    today: Callable[[datetime], date]
    random: Callable[[int], bytes]
    new_id: Callable[[], UUID]
    new_entry_id: Callable[[datetime], UUID]


Begin = Callable[[], AbstractAsyncContextManager[CommittingWork]]
"""Begins a unit of work; leaving it without a commit undoes it."""
