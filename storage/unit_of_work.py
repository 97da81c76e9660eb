"""One unit of work: facts, events, leaves and messages become durable together, or not at all.

async with UnitOfWork(database) as work:
    await grant_authorisation(work, …)
    await work.commit()                  # durable from here on; without it, leaving rolls back
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from consent.ports import Log, StoredResult
from storage.database.database import Database
from storage.database.session import Session
from storage.errors import SessionOver
from storage.repositories import idempotency
from storage.repositories.applications import Applications
from storage.repositories.authorisations import Authorisations, Delegations
from storage.repositories.case_procedure import CaseProcedure
from storage.repositories.cases import RestraintCases
from storage.repositories.consultations import Consultations, OwnLogs
from storage.repositories.corrections import Corrections
from storage.repositories.focused_checks import FocusedChecks
from storage.repositories.messages.inbound_messages import Inbound
from storage.repositories.messages.notifications import Notifications
from storage.repositories.messages.outbox import Outbox, append_pending_leaf
from storage.repositories.messages.outbox_queue import OutboxQueue
from storage.repositories.notices.issued_notices import IssuedNotices
from storage.repositories.objections import Objections
from storage.repositories.promises.commitments import Commitments
from storage.repositories.promises.credit_check_reads import Checking
from storage.repositories.promises.credit_checks_and_grants import Promises
from storage.repositories.promises.deferrals import Deferrals
from storage.repositories.subjects.sealed_rows import Boxes
from storage.repositories.subjects.subjects import Subjects
from storage.repositories.target_visits import TargetVisits


class _Abandoned(Exception):
    """Left without a commit."""


class UnitOfWork:
    """The stores over one transaction of *database*: implements `consent.ports.Work` and `credit.core.ports.CaseWork`.

    After the commit, or after leaving, every store refuses with SessionOver.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._transaction: AbstractAsyncContextManager[Session] | None = None

    async def __aenter__(self) -> Self:
        transaction = self._database.writing()
        self._session = await transaction.__aenter__()
        self._transaction = transaction
        self.authorisations = Authorisations(self._session)
        self.delegations = Delegations(self._session)
        self.subjects = Subjects(self._session)
        self.restraint_cases = RestraintCases(self._session)
        self.procedure = CaseProcedure(self._session)
        self.applications = Applications(self._session)
        self.promises = Promises(self._session)
        self.papers = IssuedNotices(self._session)
        self.corrections = Corrections(self._session)
        self.objections = Objections(self._session)
        self.boxes = Boxes(self._session)
        self.deferrals = Deferrals(self._session)
        self.commitments = Commitments(self._session)
        self.checking = Checking(self._session, self._database.dialect)
        self.messages = Outbox(self._session)
        self.outbox_queue = OutboxQueue(self._session)
        self.inbound = Inbound(self._session)
        self.consultations = Consultations(self._session, self._database.dialect)
        self.own_logs = OwnLogs(self._session)
        self.focused_checks = FocusedChecks(self._session)
        self.notifications = Notifications(self._session)
        self.target_visits = TargetVisits(self._session)
        return self

    async def commit(self) -> None:
        """Make everything durable. When it raises, nothing was kept."""
        await self._take().__aexit__(None, None, None)

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
        """The transaction itself, for what has no store."""
        return self._session

    async def pend(self, log: Log, entry_id: UUID, leaf_hash: bytes, at: datetime) -> None:
        """Leave a leaf for the sequencer."""
        await append_pending_leaf(self._session, log, entry_id, leaf_hash, at)

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Leave a message for the courier."""
        await self.messages.leave(topic, about, message_id, at)

    async def recall(self, actor_ref: str, key: str) -> StoredResult | None:
        """Return what was remembered under this actor's idempotency key, or None; nobody else uses it meanwhile."""
        if self._database.dialect.name == "postgresql":
            await idempotency.hold(self._session, actor_ref, key)
        return await idempotency.recall(self._session, actor_ref, key)

    async def remember(self, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
        """Remember what was done under a key; raises VersionConflict where it was taken in the meantime."""
        await idempotency.remember(self._session, actor_ref, key, done, at)
