"""A unit of work: facts, events, leaves and messages become durable together, or not at all.

async with UnitOfWork(database) as work:
    await grant_authorisation(work, …)
    await work.commit()                  # durable from here on; without it, the transaction is rolled back
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Generic, Self, TypeVar
from uuid import UUID

from consent.context import ConsentContext
from consent.leaves.provenance import Provenance
from consent.ports import Log, StoredResult
from credit.subjects.subject import Place
from queryplan.signals import SignalKind
from storage.database.database import Database
from storage.database.session import Session
from storage.errors import SessionOver
from storage.ledger.on_the_spot import LedgerComparer, Report, unreported
from storage.repositories import idempotency
from storage.repositories.access_record.disclosures import DisclosureRepository
from storage.repositories.applications import ApplicationRepository
from storage.repositories.authorisations import AuthorisationRepository
from storage.repositories.cases import CaseRepository
from storage.repositories.consultations import ConsultationRepository
from storage.repositories.corrections import CorrectionRepository
from storage.repositories.deadlines.working_days import CalendarInForce
from storage.repositories.files.file_repository import FileRepository
from storage.repositories.focused_checks import FocusedCheckRepository
from storage.repositories.ledger_leaves import LedgerSession
from storage.repositories.messages.inbound_messages import InboundMessageRepository
from storage.repositories.messages.notifications import NotificationRepository
from storage.repositories.messages.outbox import Outbox
from storage.repositories.messages.outbox_queue import OutboxQueue
from storage.repositories.notices.issued_notices import IssuedNoticeRepository
from storage.repositories.objections import ObjectionRepository
from storage.repositories.promises.commitments import CommitmentRepository
from storage.repositories.promises.credit_check_reads import CheckAuthorisationRepository
from storage.repositories.promises.credit_checks import CreditCheckRepository
from storage.repositories.promises.deferrals import DeferralRepository
from storage.repositories.promises.incentive_grants import GrantRepository
from storage.repositories.subjects.account_links import AccountLinkRepository
from storage.repositories.subjects.delegations import DelegationRepository
from storage.repositories.subjects.deletion_duties import DeletionRepository
from storage.repositories.subjects.sealed_rows import SealedRowRepository
from storage.repositories.subjects.subject_events import append_subject_events, subject_event
from storage.repositories.subjects.subjects import SubjectRepository
from storage.repositories.target_visits import TargetVisitRepository

R = TypeVar("R")


class _Abandoned(Exception):
    """The unit of work was left without a commit."""


class Repository(Generic[R]):
    """A repository of a unit of work, made when it is first used."""

    def __init__(self, make: Callable[[Session], R]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, work: "SqlUnitOfWork", owner: type | None = None) -> R:
        made = self._make(work.session)
        # From now on Python finds the attribute of the object first.
        work.__dict__[self._name] = made
        return made


class SqlUnitOfWork:
    """The repositories in one transaction of *database*: implements the units of work of `credit` and `consent`.

    After the commit, or after the end, every repository raises SessionOver. No value is sealed here. *provenance* says
    by which way its acts came in; entries of acts without it are of version 1, as they were before revision 34.
    """

    authorisations = Repository(AuthorisationRepository)
    delegations = Repository(DelegationRepository)
    subjects = Repository(SubjectRepository)
    account_links = Repository(AccountLinkRepository)
    applications = Repository(ApplicationRepository)
    credit_checks = Repository(CreditCheckRepository)
    grants = Repository(GrantRepository)
    issued_notices = Repository(IssuedNoticeRepository)
    sealed_rows = Repository(SealedRowRepository)
    messages = Repository(Outbox)
    outbox_queue = Repository(OutboxQueue)
    inbound = Repository(InboundMessageRepository)
    files = Repository(FileRepository)
    focused_checks = Repository(FocusedCheckRepository)
    notifications = Repository(NotificationRepository)
    target_visits = Repository(TargetVisitRepository)

    def __init__(self, database: Database, provenance: Provenance | None = None, report: Report = unreported) -> None:
        self._database, self._provenance, self._report = database, provenance, report
        self._transaction: AbstractAsyncContextManager[Session] | None = None

    async def __aenter__(self) -> Self:
        transaction = self._database.writing()
        self._session = LedgerSession(await transaction.__aenter__(), self._database.tag, self._provenance)
        self._transaction = transaction
        return self

    @cached_property
    def own_logs(self) -> DisclosureRepository:
        return DisclosureRepository(self.session, self._database.dialect)

    @cached_property
    def ledger(self) -> LedgerComparer:
        """The comparison of what a decision rests on with the ledger."""
        return LedgerComparer(self.session, self._database.tag, self._report)

    @cached_property
    def calendar_in_force(self) -> CalendarInForce:
        """The calendar by which this transaction counts the due days that it writes."""
        return CalendarInForce(self.session, self._database.periods)

    @cached_property
    def cases(self) -> CaseRepository:
        return CaseRepository(self.session, self.calendar_in_force)

    @cached_property
    def corrections(self) -> CorrectionRepository:
        return CorrectionRepository(self.session, self.calendar_in_force)

    @cached_property
    def objections(self) -> ObjectionRepository:
        return ObjectionRepository(self.session, self.calendar_in_force)

    @cached_property
    def deletions(self) -> DeletionRepository:
        return DeletionRepository(self.session, self.calendar_in_force)

    @cached_property
    def deferrals(self) -> DeferralRepository:
        return DeferralRepository(self.session, self.calendar_in_force)

    @cached_property
    def commitments(self) -> CommitmentRepository:
        return CommitmentRepository(self.session, self.calendar_in_force)

    @cached_property
    def checking(self) -> CheckAuthorisationRepository:
        return CheckAuthorisationRepository(self.session, self._database.templates)

    @cached_property
    def consultations(self) -> ConsultationRepository:
        return ConsultationRepository(self.session, self._database.dialect, self._database.templates)

    async def commit(self) -> None:
        """Make everything durable, with the entries of the ledger. If it raises, nothing was stored."""
        transaction = self._take()
        try:
            await self._session.write_entries()
        except BaseException as error:
            await transaction.__aexit__(type(error), error, error.__traceback__)
            raise
        await transaction.__aexit__(None, None, None)
        self._signal()

    def _signal(self) -> None:
        """Let subscribers look again. It comes after the commit: what they read is durable."""
        pending, session = self._database.pending_signals, self._session
        if session.acted_on:
            pending.add(SignalKind.ACT, session.acted_on)
        if session.read:
            pending.add(SignalKind.READ, session.read)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transaction is None:
            return
        reason = error or _Abandoned()
        await self._take().__aexit__(type(reason), reason, trace)

    def _take(self) -> AbstractAsyncContextManager[Session]:
        if self._transaction is None:
            raise SessionOver
        transaction, self._transaction = self._transaction, None
        return transaction

    @property
    def session(self) -> Session:
        """The transaction itself, for statements that no repository has."""
        return self._session

    async def pend(self, log: Log, source: UUID, entry: bytes, subject_id: UUID | None = None) -> None:
        self._session.append(log, source, entry, subject_id)

    async def record_event(
        self, context: ConsentContext, subject_id: UUID, event: str, facts: Mapping[str, object]
    ) -> None:
        """Record what happens to a subject's record besides its steps, with its entry of the ledger, for good."""
        await append_subject_events(self._session, [subject_event(context, subject_id, event, facts)])

    def note_sealed(self, place: Place, digest: bytes) -> None:
        """Note the keyed digest of a text that was sealed at *place*: the next entry about its subject has it."""
        self._session.note_sealed(place.subject_id, f"{place.table}.{place.column}", place.row_id, digest)

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        await self.messages.enqueue(topic, about, message_id, at)

    async def recall(self, actor_ref: str, key: str) -> StoredResult | None:
        """Return the response that is stored under this actor's idempotency key, or None; the key is locked."""
        if self._database.dialect.name == "postgresql":
            await idempotency.hold(self._session, actor_ref, key)
        return await idempotency.recall(self._session, actor_ref, key)

    async def remember(self, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
        await idempotency.remember(self._session, actor_ref, key, done, at)
