"""What an epoch is made of, and what is kept of those that were made."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, insert, select, update

from consent.ports import Log
from storage.database.conflicts import insert_once
from storage.database.database import Database
from storage.database.session import Session
from storage.database.sql_ids import id_bytes, id_text
from storage.ledger.subject_trees.subject_fold import FOLDED_LOGS, Fold, read_fold
from storage.tables import ledger_epochs, subject_heads, subject_keys, subject_secrets

HEADS_AT_ONCE: Final = 100
"""How many heads one statement reads: others have their turn in between."""


@dataclass(frozen=True, slots=True)
class StoredHead:
    """A subject's head as storage has it, with its sealed secret and its wrapped key; both are missing of nobody."""

    subject_id: UUID
    consent_count: int
    consent_edge: bytes
    access_count: int
    access_edge: bytes
    wrapped: bytes | None
    secret: bytes | None


_NAMES: Final = ("subject_id", "consent_count", "consent_edge", "access_count", "access_edge")
_HEADS: Final = select(
    *(subject_heads.c[name] for name in _NAMES), subject_keys.c.wrapped, subject_secrets.c.secret
).select_from(
    subject_heads.outerjoin(subject_keys, subject_keys.c.subject_id == id_text(subject_heads.c.subject_id)).outerjoin(
        subject_secrets, subject_secrets.c.subject_id == id_text(subject_heads.c.subject_id)
    )
)
_PAGE: Final = (
    _HEADS.where(subject_heads.c.subject_id > bindparam("after", type_=subject_heads.c.subject_id.type))
    .order_by(subject_heads.c.subject_id)
    .limit(HEADS_AT_ONCE)
)


async def heads_of_all(session: Session) -> AsyncIterator[Sequence[StoredHead]]:
    """Yield the heads of every subject in one snapshot, some at a time."""
    after = UUID(int=0)
    while rows := await session.fetch(_PAGE, {"after": after}):
        heads = [StoredHead(*row) for row in rows]
        after = heads[-1].subject_id
        yield heads


_HEADLESS: Final = (
    select(subject_secrets.c.subject_id, subject_keys.c.wrapped, subject_secrets.c.secret)
    .outerjoin(subject_keys, subject_keys.c.subject_id == subject_secrets.c.subject_id)
    .outerjoin(subject_heads, subject_heads.c.subject_id == id_bytes(subject_secrets.c.subject_id))
    .where(subject_heads.c.subject_id.is_(None), subject_secrets.c.subject_id > bindparam("after", type_=Uuid()))
    .order_by(subject_secrets.c.subject_id)
    .limit(HEADS_AT_ONCE)
)


async def empty_heads(session: Session) -> AsyncIterator[Sequence[StoredHead]]:
    """Yield the empty head of every subject that has a secret and no entry that was folded, some at a time."""
    after = UUID(int=0)
    while rows := await session.fetch(_HEADLESS, {"after": after}):
        after = rows[-1][0]
        yield [StoredHead(subject_id, 0, b"", 0, b"", *sealed) for subject_id, *sealed in rows]


async def head_of(session: Session | Database, subject_id: UUID) -> StoredHead | None:
    """Return the head of one subject; None where it has no entry that was folded."""
    rows = await session.fetch(_HEADS.where(subject_heads.c.subject_id == subject_id))
    return StoredHead(*rows[0]) if rows else None


async def sealed_secret(session: Session, subject_id: UUID) -> bytes | None:
    """Return the sealed secret of a subject, if it has one."""
    table = subject_secrets.c
    rows = await session.fetch(select(table.secret).where(table.subject_id == subject_id))
    return bytes(rows[0][0]) if rows else None


async def begin_generation(database: Database, subject_ids: Sequence[UUID]) -> None:
    """Raise the generation of these subjects' trees. One that has no tree any more begins with empty ones."""
    table = subject_heads
    numbers = ("consent_count", "consent_size", "access_count", "access_size", "generation")
    empty = {**dict.fromkeys(numbers, 0), "consent_edge": b"", "access_edge": b""}
    key = bindparam("whose", type_=table.c.subject_id.type)
    raised = update(table).where(table.c.subject_id == key).values(generation=table.c.generation + 1)
    if subject_ids:
        await database.write(
            (insert_once(table), [{"subject_id": each, **empty} for each in subject_ids]),
            (raised, [{"whose": each} for each in subject_ids]),
        )


async def folds(session: Session) -> Mapping[Log, Fold]:
    """Return how far each log has gone into the trees."""
    return {log: await read_fold(session, log) for log in FOLDED_LOGS}


@dataclass(frozen=True, slots=True)
class StoredEpoch:
    """An epoch that was made: what it published, and where its tree is, if it is still kept."""

    epoch: int
    source: UUID
    made_at: datetime
    consent_size: int
    access_size: int
    heads: int
    root: bytes
    folder: str | None


_COLUMNS: Final = [ledger_epochs.c[each.name] for each in fields(StoredEpoch)]


async def last_epoch(session: Session | Database) -> StoredEpoch | None:
    """Return the newest epoch."""
    rows = await session.fetch(select(*_COLUMNS).order_by(ledger_epochs.c.epoch.desc()).limit(1))
    return StoredEpoch(*rows[0]) if rows else None


async def kept_epochs(session: Session | Database) -> Sequence[StoredEpoch]:
    """Return every epoch whose tree is kept, the newest first."""
    wanted = select(*_COLUMNS).where(ledger_epochs.c.folder.is_not(None)).order_by(ledger_epochs.c.epoch.desc())
    return [StoredEpoch(*row) for row in await session.fetch(wanted)]


async def newest_number(session: Session | Database) -> int:
    """Return the greatest number of an epoch; 0 where there is none."""
    ((number,),) = await session.fetch(select(func.max(ledger_epochs.c.epoch)))
    return number or 0


async def keep_epoch(session: Session, epoch: StoredEpoch) -> None:
    """Store an epoch; the database refuses a number that is taken."""
    await session.execute(insert(ledger_epochs), {each.name: getattr(epoch, each.name) for each in fields(StoredEpoch)})


async def forget_tree(database: Database, epoch: int) -> None:
    """Note that the tree of an epoch is no longer kept."""
    await database.write((update(ledger_epochs).where(ledger_epochs.c.epoch == epoch).values(folder=None), None))
