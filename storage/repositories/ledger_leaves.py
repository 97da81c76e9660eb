"""Leaves for the sequencer, written in the transaction of the fact itself; and steps, which have a leaf each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, insert

from consent.log_entries import commitment, leaf_hash
from consent.ports import Log
from credit.core.recorded_step import RecordedStep
from storage.database.session import Session
from storage.repositories.rows import joined
from storage.tables import pending_entries


async def append_step(session: Session, table: Table, step: RecordedStep, entry: bytes, *, about: str) -> None:
    """Append *step* and its pending leaf, given its canonical bytes; the database refuses to change it later.

    *about* is the column for the id of the record that the step belongs to.
    """
    row: dict[str, object] = {column.name: getattr(step, column.name) for column in table.c if column.name != about}
    row |= {about: step.about, "step": str(step.step), "evidence": joined(step.evidence), "facts": dict(step.facts)}
    await session.execute(insert(table), row)
    await pend_leaf(session, step.step_id, step.salt, entry, step.at)


async def pend_leaf(session: Session, entry_id: UUID, salt: bytes, entry: bytes, at: datetime) -> None:
    """Append the leaf of *entry*, given by its canonical bytes, for the sequencer of the log `access`."""
    await append_pending_leaf(session, "access", entry_id, leaf_hash(commitment(salt, entry)), at)


async def pend_leaves(session: Session, entries: Sequence[tuple[UUID, bytes, bytes, datetime]]) -> None:
    """Append the leaves of many entries as `pend_leaf` does: each an id, a salt, canonical bytes, and an instant."""
    rows = [
        {"log": "access", "entry_id": entry_id, "leaf_hash": leaf_hash(commitment(salt, entry)), "appended_at": at}
        for entry_id, salt, entry, at in entries
    ]
    await session.execute(insert(pending_entries), rows)


async def append_pending_leaf(session: Session, log: Log, entry_id: UUID, hashed: bytes, at: datetime) -> None:
    """Append a leaf for the sequencer."""
    row = {"log": log, "entry_id": entry_id, "leaf_hash": hashed, "appended_at": at}
    await session.execute(insert(pending_entries), row)
