"""The ports of the schema: what the gateway's wiring provides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from consent.disclosures.formats import Disclosure
from consent.leaves.number_lookups import Entrance, NumberLookup
from consent.leaves.provenance import Provenance
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.ledger.own_ledger import OwnLedger, OwnPage, OwnTree
from consent.ports import DelegationStore, Log, Work
from consent.vocabulary import Channel, Purpose
from credit.applications.ports import CheckingStore
from credit.calendar.calendar import Calendar
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext
from credit.core.unit_of_work import UnitOfWork
from credit.core.values.identifiers import IdentifierKind
from credit.joint_measures.source_answer import SourceAnswer
from credit.statistics.figures import Lateness, YearFigures
from credit.subjects.registration import Registration
from credit.subjects.registration_record import RegistrationRecord
from credit.subjects.subject import NamedSubject, Sealed, SubjectKind
from policy.actors import Actor, Role
from queryplan.plan import ReadSnapshot
from queryplan.scopes import Scope
from schema.core.limits import Quota
from schema.core.measured.trace import Trace


class RequestRates(Protocol):
    """Counts requests, and what they cost, against the rates of the settings.

    Each method spends at once what this process has in hand, and returns None; where that is too little, it returns
    what has to be awaited, which raises RateExceeded where the rate is used up. *network* gives the network of a caller
    without a token.
    """

    def admit(self, actor: Actor, network: Callable[[], str]) -> Awaitable[None] | None:
        """Count one request of the caller."""
        ...

    def charge(self, actor: Actor, network: Callable[[], str], document: str, cost: int) -> Awaitable[None] | None:
        """Count *cost* for the caller; for the document, whose hash is given, *cost* and one request."""
        ...

    def cost_left(self, actor: Actor, network: Callable[[], str]) -> tuple[int, int] | None:
        """Return the caller's limit of cost and what remains of it in its window; None where there is no limit."""
        ...


class WithheldMode(StrEnum):
    """Where an answer tells what it withholds; its data are the same, byte for byte."""

    ERRORS = "errors"
    """As errors, each at its place in the response."""
    EXTENSIONS = "extensions"
    """In `extensions.withheld`, once for each place of the document: such an answer has no errors."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A document that an operator has checked and loaded. *purpose* counts where a request states none.

    *roles* may send it; where none is named, every role may.
    """

    text: str = field(repr=False)
    purpose: Purpose | None = None
    roles: frozenset[Role] = frozenset()


class GraphQLRequest(NamedTuple):
    """A GraphQL request, as the HTTP endpoint received it. *purpose* is the header `Access-Purpose`, verbatim.

    *document_id* names the document in place of its text; *trusted* is the document itself, if it was loaded. *channel*
    is by which way the request came. It is made by keywords.
    """

    query: str | None
    actor: Actor
    request_id: str
    method: Literal["GET", "POST"] = "POST"
    operation_name: str | None = None
    variables: Mapping[str, object] | None = None
    extensions: Mapping[str, object] | None = None
    document_id: str | None = None
    trusted: TrustedDocument | None = None
    purpose: str | None = None
    network: Callable[[], str] = lambda: "unknown"
    """Gives the client's network; called only where a limit counts by network."""
    channel: Channel = Channel.GRAPHQL
    withheld: WithheldMode = WithheldMode.ERRORS
    snapshot: ReadSnapshot | None = None
    """The state of the data that a query reads, where several requests read one list. What permits the read is looked
    at as it is now, and a mutation uses no snapshot."""
    rates: RequestRates | None = None
    """What counts a request from outside; None for one of the gateway's own, or where no rate is limited."""
    trace: Trace | None = None
    """The trace that shows its steps; None where it is not recorded."""
    asks_cost: bool = False
    """Whether the response states in `extensions.cost` what the request costs."""


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """What each access record of a request says of it: its document, the channel by which it came, and its id."""

    document_hash: str
    channel: Channel
    request_id: UUID

    @classmethod
    def of(cls, request: GraphQLRequest, document_hash: str) -> Self:
        """Return the origin of *request*. An id that is no UUID is recorded by its UUID of version 5 [RFC 9562]."""
        try:
            request_id = UUID(request.request_id)
        except ValueError:
            request_id = uuid5(NAMESPACE_OID, request.request_id)
        return cls(document_hash, request.channel, request_id)


class GraphQLResponse(NamedTuple):
    """The response. *executed*: it has a `data` key. *status*: as `application/graphql-response+json` wants it.

    *purpose*, *code* and *root* are for the log: the purpose that the document or the header stated, why the request or
    its first mutation that failed was refused, and which mutation that was.
    *retry_at* is the instant from which a request that exceeded a quota may be tried again. *document* says for the log
    whether the document was a loaded one; None where nobody looked.
    """

    body: bytes
    executed: bool
    status: int
    purpose: Purpose | None = None
    code: str | None = None
    root: str | None = None
    retry_at: datetime | None = None
    document: str | None = None


class AccessRecorder(Protocol):
    """Makes access records durable before data is released."""

    def record(
        self,
        disclosures: Sequence[Disclosure],
        uses: Sequence[tuple[UUID, UUID]] = (),
        lookups: Sequence[NumberLookup] = (),
    ) -> Awaitable[PromisedEntries | None]:
        """Return once each disclosure, lookup and use is durable, with what the log promises for their entries.

        Raises AuthorisationUsedUp, or the write's error.
        """
        ...

    def promised(self, entries: Sequence[bytes]) -> PromisedEntries | None:
        """Return what the log promises for *entries* that a mutation has committed; None where nothing is promised."""
        ...


class RateLimiter(Protocol):
    """Counts what is taken against quotas, in the database that replicas share."""

    async def take(self, takings: Sequence[tuple[Quota, str, int]]) -> datetime | None:
        """Count each (quota, whose, how much); if one exceeds its quota, count none, and return when all may be tried.

        *whose* is a keyed hash.
        """
        ...


@dataclass(frozen=True, slots=True)
class TriedNumber:
    """A number that was looked up, in its normal form, and whether the answer tells of somebody."""

    number: str = field(repr=False)
    is_hit: bool


class NumberLookups(Protocol):
    """Counts and records lookups by number. Whatever can tell whether a number is on record uses it [5.1.6]."""

    async def admit(self, actor: Actor, entrance: Entrance, numbers: int) -> None:
        """Count *numbers* before they are looked up; raises LookupQuota."""
        ...

    def entries(
        self, actor: Actor, purpose: Purpose | None, entrance: Entrance, tried: Sequence[TriedNumber]
    ) -> list[NumberLookup]:
        """Return the entry of each number, hit or miss."""
        ...

    async def record(
        self, actor: Actor, purpose: Purpose | None, entrance: Entrance, tried: Sequence[TriedNumber]
    ) -> None:
        """Make their entries durable; raises NotRecorded. Then the answer may be given."""
        ...


class CreditCheckReads(CheckingStore, Protocol):
    """The database side of a credit check [4.1]."""

    async def kind(self, subject_id: UUID) -> SubjectKind | None:
        """Return the kind of the subject; None where there is no such subject."""
        ...

    async def number(self, subject_id: UUID) -> tuple[IdentifierKind, Sealed] | None:
        """Return the sealed number that fits the subject's kind; None without a number or a key."""
        ...


class JointMeasures(Protocol):
    """The city's joint rewards-and-penalties module [4.1] [3.3]."""

    async def ask(
        self, kind: IdentifierKind, number: str, authorisation_id: UUID | None, request_id: UUID
    ) -> SourceAnswer:
        """Return its answer; UNKNOWN with a reason after any error. The number is sent only there.

        On an authorisation it is asked for a credit check; without one, by statute, for a determination [3.3].
        """
        ...


class FigureService(Protocol):
    """Counts the yearly figures; the gateway's wiring provides it."""

    async def published(self, year: int, now: datetime, today: date, calendar: Calendar) -> YearFigures:
        """Return the figures of a past year as they were first published; publish them if they were not [6.3]."""
        ...

    async def of_year(self, year: int, today: date, calendar: Calendar, *, hide_small: bool = True) -> YearFigures:
        """Return the figures of a year, as they are published; with *hide_small* false with every count."""
        ...

    async def lateness(self, department: str | None, today: date, calendar: Calendar) -> Sequence[Lateness]:
        """Return the number of open, soon due and late tasks, by department and handler."""
        ...


class OwnLedgers(Protocol):
    """The trees of one subject in the ledger, as the newest epoch commits to them; the gateway's wiring provides it."""

    async def latest(self, subject_id: UUID) -> OwnLedger | None:
        """Return the subject's head in the newest epoch; None where that has none of it yet."""
        ...

    async def growth(self, subject_id: UUID, tree: OwnTree, old_size: int) -> Sequence[bytes]:
        """Return what shows that *tree* is the one of *old_size* with leaves appended. Raises ProofRefused."""
        ...

    async def page(self, subject_id: UUID, tree: OwnTree, start: int, count: int) -> OwnPage:
        """Return leaves of *tree* from *start* on, with their proof. Raises ProofRefused for leaves that it has not."""
        ...


class IssuedReceipt(NamedTuple):
    """A receipt as a file, and where its record is: the log and the place in it."""

    record_id: str
    log: Log
    leaf_index: int
    document: bytes


class Receipts(Protocol):
    """Receipts of one subject's records in the ledger; the gateway's wiring provides it."""

    async def of_read(self, subject_id: UUID, entry_id: UUID) -> Sequence[IssuedReceipt]:
        """Return the receipt of a read, or none."""
        ...

    async def of_authorisation(self, subject_id: UUID, authorisation_id: UUID) -> Sequence[IssuedReceipt]:
        """Return a receipt of each event of an authorisation."""
        ...


class WaitingMessages(Protocol):
    """The number of waiting messages of one kind."""

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
    """The outbox as the schema uses it."""

    async def waiting(self) -> Sequence[WaitingMessages]:
        """Count the messages that are neither sent nor given up."""
        ...

    async def given_up(self, limit: int) -> Sequence[DeadMessage]:
        """Return the dead letters, the oldest first."""
        ...

    async def revive(self, message_id: UUID) -> Mapping[str, Any] | None:
        """Put a dead letter back at the end of its lane; return what it is about, or None where there is none."""
        ...


class SubjectStore(Protocol):
    """The subjects on record, found by their numbers and by what a caller may know of them."""

    async def find(self, kind: IdentifierKind, terms: Collection[bytes]) -> UUID | None:
        """Return the subject with an identifier of *kind* under one of *terms*."""
        ...

    async def named(self, subject_id: UUID) -> NamedSubject | None:
        """Return a subject with its sealed name; None where it does not exist."""
        ...

    async def delay_of(self, subject_id: UUID, department: str | None, today: date) -> tuple[UUID, date] | None:
        """Return the running delay that covers a read of the subject by an officer of *department*, and its day."""
        ...

    async def area_names(self) -> Mapping[str, str]:
        """Return the district's areas, code to Chinese name."""
        ...

    async def is_within(
        self, subject_id: UUID, scopes: Iterable[Scope], unrectified: UnrectifiedPolicy, binds: Mapping[str, object]
    ) -> bool:
        """Return whether the subject is in one of *scopes* of the actor that *binds* tell of."""
        ...

    async def record(self, records: Sequence[RegistrationRecord]) -> None:
        """Append who put subjects on record, each with its leaf [5.1.6]."""
        ...


class OwnLogs(Protocol):
    """Access records that are part of a unit of work: they become durable with it, or not at all."""

    async def known(self, subject_ids: Collection[UUID]) -> frozenset[UUID]:
        """Return those of *subject_ids* that are on record: nobody else may be in a disclosure."""
        ...

    async def append(self, disclosures: Sequence[Disclosure]) -> None:
        """Append disclosures, with their entries of the ledger."""
        ...

    async def append_lookups(self, lookups: Sequence[NumberLookup]) -> None:
        """Append lookups by number, hit or miss, with their entries of the ledger."""
        ...


class CommittingWork(Work, UnitOfWork, Protocol):
    """A unit of work for the actions of `credit` and `consent`, which the mutation commits."""

    @property
    def delegations(self) -> DelegationStore: ...

    async def kind_of(self, subject_id: UUID) -> SubjectKind | None: ...

    @property
    def checking(self) -> CreditCheckReads: ...

    @property
    def own_logs(self) -> OwnLogs: ...

    @property
    def subjects(self) -> SubjectStore: ...

    @property
    def outbox_queue(self) -> MessageStore: ...

    async def register(self, registration: Registration, context: ActionContext, known: UUID | None) -> UUID:
        """Return the subject of *registration*, sealed and stored where *known* is None.

        Raises RegisteredMeanwhile where the number belongs to another subject than *known* now.
        """
        ...

    async def is_named_in(self, subject_id: UUID, texts: Collection[str]) -> bool:
        """Return whether one of *texts*, kept in clear, contains the name of the subject, if it is a person."""
        ...

    async def commit(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """Clock, ids and randomness, which only the gateway provides.

    *today* is the day in Asia/Shanghai of an instant. *new_id* is random; *new_entry_id* sorts by the instant given.
    """

    now: Callable[[], datetime]
    today: Callable[[datetime], date]
    random: Callable[[int], bytes]
    new_id: Callable[[], UUID]
    new_entry_id: Callable[[datetime], UUID]


Begin = Callable[[], AbstractAsyncContextManager[CommittingWork]]
"""Begins a unit of work; leaving it without a commit undoes it."""
BeginFor = Callable[[Provenance], AbstractAsyncContextManager[CommittingWork]]
"""Begins a unit of work for a request; its entries in the ledger say by which way that came in."""
