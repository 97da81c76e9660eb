"""The trusted documents in the database: loaded and retired by an operator, and read by each process.

The log `system` states after each change what there is, by a digest over the rows. A process takes over what is stated,
and nothing else: where somebody has changed the rows by other means, it goes on with what it had, and logs it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from consent.ledger.system_entries import ReferenceData
from consent.vocabulary import Purpose
from gateway.documents.check_documents import CheckedDocument
from gateway.documents.errors import MOST_BYTES, TooMuchText
from policy.actors import Role
from schema.core.ports import TrustedDocument
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.attestation.closing import close_before_anybody
from storage.ledger.system_entries import digest_of_rows, last_stated, state
from storage.repositories.reference import everything, lock_documents, put, remove_documents
from storage.tables import trusted_documents
from storage.unit_of_work import SqlUnitOfWork

EVERY_SECONDS: Final = 2.0
"""How often a process looks whether other documents were loaded."""
NAME: Final = trusted_documents.name
Documents = Mapping[str, TrustedDocument]


async def load(database: Database, documents: Sequence[CheckedDocument], at: datetime) -> tuple[int, int]:
    """Load *documents*, or replace their terms; return how many are new, and how many there are. Raises TooMuchText."""
    async with SqlUnitOfWork(database) as work:
        await lock_documents(work.session, database.dialect.name)
        found = await put(work.session, trusted_documents, [_row(each) for each in documents])
        await _state(work.session, at)
        await work.commit()
    return found


async def retire(database: Database, ids: Collection[str], at: datetime) -> tuple[int, int]:
    """Take documents away; return how many there were, and how many there are."""
    async with SqlUnitOfWork(database) as work:
        await lock_documents(work.session, database.dialect.name)
        gone = await remove_documents(work.session, ids)
        left = await _state(work.session, at)
        await work.commit()
    return gone, left


async def stored(database: Database) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """Return the rows, by their ids, and whether the log states them."""
    async with database.snapshot() as session:
        rows = await everything(session, trusted_documents)
        stated = await last_stated(session, ReferenceData, NAME)
    return rows, _is_stated(rows, stated)


@dataclass(slots=True)
class StoredDocuments:
    """What one process has read of them. *adopt* takes over the documents in force."""

    database: Database
    adopt: Callable[[Documents], None]
    _looked_at: ReferenceData | None = field(default=None, init=False)

    async def keep_up(self) -> None:
        """Take over what was loaded or retired, until cancelled."""
        while True:
            await self.renew()
            await asyncio.sleep(EVERY_SECONDS)

    async def renew(self) -> None:
        """Take over what is stated now, if that is something else than before."""
        async with self.database.snapshot() as session:
            stated = await last_stated(session, ReferenceData, NAME)
            if stated == self._looked_at:
                return
            rows = await everything(session, trusted_documents)
        self._looked_at = stated
        if not _is_stated(rows, stated):
            structlog.get_logger().error("documents.unstated", count=len(rows))
            return
        self.adopt({row["document_id"]: _document(row) for row in rows})
        structlog.get_logger().info("documents.adopted", count=len(rows))


async def _state(session: Session, at: datetime) -> int:
    """State the documents that there are, and return how many."""
    rows = await everything(session, trusted_documents)
    size = sum(len(row["text"].encode()) for row in rows)
    if size > MOST_BYTES:
        raise TooMuchText(size)
    await close_before_anybody(session, at)
    last = await last_stated(session, ReferenceData, NAME)
    if last is not None:  # the clock of another machine may be ahead, and the last statement counts
        at = max(at, last.at + timedelta(microseconds=1))
    await state(session, ReferenceData(at, NAME, len(rows), digest_of_rows(rows)), NAME)
    return len(rows)


def _is_stated(rows: Sequence[Mapping[str, Any]], stated: ReferenceData | None) -> bool:
    if stated is None:
        return not rows
    return (stated.rows, stated.digest) == (len(rows), digest_of_rows(rows))


def _row(document: CheckedDocument) -> Mapping[str, object]:
    return {
        "document_id": document.document_id,
        "name": document.name,
        "text": document.text,
        "purpose": document.purpose,
        "roles": sorted(document.roles),
    }


def _document(row: Mapping[str, Any]) -> TrustedDocument:
    purpose = None if row["purpose"] is None else Purpose(row["purpose"])
    return TrustedDocument(row["text"], purpose, frozenset(map(Role, row["roles"])))
