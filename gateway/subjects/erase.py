"""Erases a subject, whose key nobody has afterwards; and looks again for reads that overtook it [PIPL 47] [5.1.6].

    fold all that is integrated ──> one transaction: nothing of it is open ──> out of trees and records of access
    ──> key, secret, number, names deleted ──> its last label and counts, for the log `system`

What was read at the same time may still name the subject. So ten minutes later, and whenever an entry names it again,
the same is done once more, with an entry of its own under the same label. A live subject that is dropped under this
pretext finds its own label in `system`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from consent.ledger.epochs import LABEL_BYTES, Blinding
from consent.ledger.system_entries import ErasedSubject
from consent.vocabulary import ErasureReason
from credit.cases.status import UnrectifiedPolicy
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from policy.crypto.subject_secrets import open_secret
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.ledger.epoch_heads import newest_number, sealed_secret
from storage.ledger.subject_trees.subject_fold import SubjectFold
from storage.ledger.system_entries import state
from storage.repositories.subjects.erasure import Counts, Erasure, ErasureRepository
from storage.unit_of_work import SqlUnitOfWork

AGAIN_AFTER: Final = timedelta(minutes=10)


class SubjectNotErased(Exception):
    """The subject stays as it is: it does not exist, was erased before, or something of it is open."""


class UnknownSubject(SubjectNotErased):
    """There is no subject with this id, or it was erased before."""


class MattersOpen(SubjectNotErased):
    """Cases or applications of the subject are open or in force; *tables* names where."""

    def __init__(self, tables: tuple[str, ...]) -> None:
        super().__init__("something of the subject is open")
        self.tables = tables


@dataclass(frozen=True, slots=True)
class SubjectEraser:
    """Erases subjects of one database."""

    database: Database
    keyring: Keyring
    runtime: Runtime
    unrectified: UnrectifiedPolicy

    async def erase(self, subject_id: UUID, actor_ref: str, reason: ErasureReason, evidence: str) -> Counts:
        """Erase a subject, and return how many entries of each log were its. Raises SubjectNotErased."""
        await SubjectFold(self.database).fold()
        now = self.runtime.now()
        async with SqlUnitOfWork(self.database) as work:
            records = ErasureRepository(work.session, self.database.dialect, self.runtime.random)
            await records.begin()
            if not await records.is_known(subject_id):
                raise UnknownSubject
            wrapped = await records.wrapped_key(subject_id)
            open_matters = await records.open_matters(subject_id, self.runtime.today(now), self.unrectified)
            if open_matters:
                raise MattersOpen(tuple(open_matters))
            epoch = await newest_number(work.session)
            label = self._label(epoch, subject_id, wrapped, await sealed_secret(work.session, subject_id))
            erasure = Erasure(subject_id, now, actor_ref, reason.value, evidence, epoch, label)
            counts = await records.take_out(subject_id)
            await records.shred(subject_id)
            # What recipients have of it goes too; who acknowledges that knows the subject by its id.
            await work.deletions.end_all(subject_id, self.runtime.today(now))
            await records.note(erasure, counts)
            await _announce(work, erasure, counts, now)
            await work.commit()
        if wrapped is not None:
            self.keyring.forget(wrapped)
        await self.database.checkpoint()
        structlog.get_logger().info("subject.erased", epoch=epoch)
        return counts

    async def look_again(self) -> int:
        """Take erased subjects out of what names them since, and return of how many there was something."""
        async with self.database.snapshot() as session:
            before = self.runtime.now() - AGAIN_AFTER
            waiting = await ErasureRepository(session, self.database.dialect, self.runtime.random).to_look_again(before)
        return sum([await self._again(each) for each in waiting])

    async def _again(self, subject_id: UUID) -> bool:
        now = self.runtime.now()
        async with SqlUnitOfWork(self.database) as work:
            records = ErasureRepository(work.session, self.database.dialect, self.runtime.random)
            await records.begin()
            found = await records.find(subject_id)
            if found is None:
                return False
            erasure, counts = found
            more = await records.take_out(subject_id)
            await records.note_again(subject_id, counts + more, now)
            if more != Counts():
                await _announce(work, erasure, more, now)
            await work.commit()
        return more != Counts()

    def _label(self, epoch: int, subject_id: UUID, wrapped: bytes | None, sealed: bytes | None) -> bytes:
        """Return the label of the subject's last head; zeros where its secret does not open any more."""
        if wrapped is None or sealed is None:
            return bytes(LABEL_BYTES)
        try:
            return Blinding(epoch).label(open_secret(self.keyring, subject_id, wrapped, sealed))
        except SealBroken:
            return bytes(LABEL_BYTES)


async def _announce(work: SqlUnitOfWork, erasure: Erasure, counts: Counts, now: datetime) -> None:
    entry = ErasedSubject(
        at=now, epoch=erasure.epoch, label=erasure.label, consent_count=counts.consent, access_count=counts.access
    )
    await state(work.session, entry, str(entry.source))
