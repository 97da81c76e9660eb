"""The entry of `system` that closes the take-over of rows, and binds what was taken over until then.

    digest    root of the tree over the entries of all `attested_rows`, in the order of subject and id [RFC 6962]

It is read off the log itself, and off what waits for it: a row of a table could be deleted. One that a restore lost
closes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from consent.errors import EdgeRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.right_edge import RightEdge
from consent.ledger.system_entries import AttestationClosed
from storage.database.session import Session
from storage.ledger.recomputed_entries import Key, keys_after, source_rows
from storage.ledger.system_entries import state, stated
from storage.tables import attested_rows, subjects


@dataclass(slots=True)
class AttestedTree:
    """The tree over attested rows, read page by page in the order of their keys."""

    after: Key | None = None
    edge: RightEdge = field(default_factory=RightEdge)

    async def go_on(self, session: Session, limit: int) -> Sequence[Key]:
        """Add the next *limit* rows, and return their keys: fewer at the end."""
        keys = list(await keys_after(session, attested_rows, self.after, limit))
        rows = await source_rows(session, "consent", [key[-1] for key in keys], [key[0] for key in keys])
        entries = (rows[key[-1]].entry if key[-1] in rows else None for key in keys)
        self.edge = self.edge.append(leaf_hash(entry or b"") for entry in entries)
        self.after = keys[-1] if keys else self.after
        return keys

    def written(self) -> Sequence[str]:
        """Return it as a position of a walk."""
        return [*map(str, self.after or ()), str(self.edge.size), self.edge.encode().hex()]

    @classmethod
    def read(cls, position: Sequence[str]) -> "AttestedTree":
        """Return the tree at a position; an empty one for what is no position."""
        try:
            *after, size, edge = position
            return cls(tuple(map(UUID, after)), RightEdge.decode(int(size), bytes.fromhex(edge)))
        except (EdgeRefused, ValueError):
            return cls()


async def closings(session: Session) -> Sequence[AttestationClosed]:
    """Return the entries that close the take-over: none before it, one afterwards."""
    return await stated(session, AttestationClosed)


async def attested_counts(session: Session) -> dict[str, int]:
    """Return how many rows of each table were taken over."""
    row = attested_rows.c
    counted = await session.fetch(select(row.record, func.count()).group_by(row.record).order_by(row.record))
    return {record: int(rows) for record, rows in counted}


async def close_before_anybody(session: Session, now: datetime) -> None:
    """State that there is nothing to take over, in a database with nobody on record; else change nothing."""
    if not await session.fetch(select(subjects.c.subject_id).limit(1)) and not await closings(session):
        await state(session, AttestationClosed(now, 0, RightEdge().root))
