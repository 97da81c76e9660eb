"""Takes over what was published and a restored database does not have: the tree never forks.

A database that is restored to an earlier moment ends before the last checkpoint. The published entries keep their
places. An entry whose row is there, integrated at another place or waiting, gets its row back; any other is *lost in a
restore*: its commitment stays, what it commits to is gone, and its source is made of its place:

    SHA-256("chengxin/lost/1" ‖ u8 log ‖ u64 leaf index)[:16]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import insert

from consent.disclosures.pending_groups import Tag
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.entry_counts import stated_subjects
from consent.ledger.right_edge import RightEdge
from consent.ledger.system_entries import RestoredLog
from consent.ports import LOG_CODES, Log
from storage.database.database import Database
from storage.database.session import Session
from storage.errors import TreeMoved
from storage.ledger.integrate import advance_tree, insert_entries, read_trees
from storage.ledger.system_entries import state
from storage.ledger.waiting_groups import WaitingEntry, waiting_entries
from storage.repositories.ledger_leaves import LedgerSession
from storage.tables import ledger_entries, ledger_restores

_LOST: Final = b"chengxin/lost/1"
AT_ONCE: Final = 4_096


@dataclass(frozen=True, slots=True)
class LostRange:
    """Entries without a row: from *first* to before *end*; *subjects* is how many subjects they count for."""

    first: int
    end: int
    subjects: int


def lost_source(log: Log, leaf_index: int) -> UUID:
    """Return the source of an entry that was lost in a restore."""
    written = _LOST + LOG_CODES[log].to_bytes(1, "big") + leaf_index.to_bytes(8, "big")
    return UUID(bytes=sha256(written).digest()[:16])


async def take_over(
    database: Database, log: Log, kept: RightEdge, published: Sequence[bytes], now: datetime
) -> Sequence[LostRange]:
    """Put *published* at its places, after the first *kept.size* entries, which the database and the store share.

    What the database has integrated at these places moves behind. Returns the ranges that are lost.
    One transaction: it can be repeated. Raises TreeMoved where the database has changed meanwhile.
    """
    async with database.writing() as session:
        before = (await read_trees(session)).get(log, RightEdge())
        if before.size < kept.size:
            raise TreeMoved
        moved = await _remove_from(session, log, kept.size)
        rows = {each.leaf: each for each in [*await waiting_entries(session, database.dialect, log), *moved]}
        placed = [
            rows.get(leaf) or WaitingEntry(lost_source(log, kept.size + at), None, leaf)
            for at, leaf in enumerate(published)
        ]
        known = {each.leaf for each in placed}
        placed += [each for each in moved if each.leaf not in known]
        for at in range(0, len(placed), AT_ONCE):
            await insert_entries(session, database.dialect, log, kept.size + at, placed[at : at + AT_ONCE])
        after = kept.append([leaf_hash(each.leaf) for each in placed])
        await advance_tree(session, log, before, after, now)
        lost = _ranges(log, kept.size, [leaf in rows for leaf in published], published)
        await _state(session, database.tag, log, lost, now)
    return lost


async def _remove_from(session: Session, log: Log, first: int) -> list[WaitingEntry]:
    """Take the entries of *log* from *first* on out of the table, and return them in order."""
    here = (ledger_entries.c.log == LOG_CODES[log]) & (ledger_entries.c.leaf_index >= first)
    columns = ledger_entries.c.source, ledger_entries.c.owner, ledger_entries.c.leaf
    wanted = ledger_entries.select().with_only_columns(*columns).where(here).order_by(ledger_entries.c.leaf_index)
    rows = await session.fetch(wanted)
    await session.execute(ledger_entries.delete().where(here))
    return [WaitingEntry(source, owner, bytes(leaf)) for source, owner, leaf in rows]


def _ranges(log: Log, first: int, are_there: Sequence[bool], entries: Sequence[bytes]) -> list[LostRange]:
    """Return the runs of entries that are not there."""
    found: list[LostRange] = []
    for at, (is_there, entry) in enumerate(zip(are_there, entries, strict=True), start=first):
        if is_there:
            continue
        counts = stated_subjects(log, entry)
        if found and found[-1].end == at:
            found[-1] = LostRange(found[-1].first, at + 1, found[-1].subjects + counts)
        else:
            found.append(LostRange(at, at + 1, counts))
    return found


async def _state(session: Session, tag: Tag | None, log: Log, lost: Sequence[LostRange], now: datetime) -> None:
    """Store the lost ranges, and let the log `system` state them."""
    ledger = LedgerSession(session, tag)
    for each in lost:
        row = {"log": LOG_CODES[log], "first_index": each.first, "end_index": each.end, "subjects": each.subjects}
        await session.execute(insert(ledger_restores), {**row, "found_at": now})
        await state(ledger, RestoredLog(now, log, each.first, each.end, each.subjects), f"{log} {each.first}")
    await ledger.write_entries()
