"""The entries of the logs go into the trees of their subjects, in the order of each log, behind the sequencer.

    entries from `position` on ──> subjects and own hashes ──> their trees grow ──> one transaction

The transaction writes the trees, their complete blocks and the new position, where the position is still the one that
was read. So a fold can stop anywhere and be repeated, and of two that run at once one does nothing. Reading and hashing
come before it: no other writer waits for them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from consent.disclosures.stored_sub_leaves import ERASED
from consent.ledger.subject_trees import BLOCK, GrowingTree, subject_leaf_hash
from consent.ports import LOG_CODES, Log
from storage.database.conflicts import insert_once
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.fold_rows import EntryReader, FoldedEntry, Id, id_array, id_bytes
from storage.tables import ledger_folds, subject_blocks

FOLDED_LOGS: Final[Sequence[Log]] = ("consent", "access")
ENTRIES_AT_ONCE: Final = {"postgresql": 2_000, "sqlite": 200}
"""How many entries one transaction takes. On SQLite everybody else who writes waits for it."""
ENTRIES_IN_A_TURN: Final = 50
"""After how many entries others have their turn on the event loop."""


@dataclass(frozen=True, slots=True)
class Fold:
    """How far a log has gone into the trees, and the sums over the entries before *position*."""

    position: int = 0
    stated: int = 0
    erased: int = 0
    lost: int = 0
    unfound: int = 0
    revision: int = 0


@dataclass(slots=True)
class _Tree:
    """The tree of one subject in one log while it grows, and when the disclosures of its unfinished block were made."""

    tree: GrowingTree
    block_first_ms: int | None = None
    last_ms: int | None = None
    size: int = 0
    blocks: list[tuple[int, int, int | None, int | None, bytes]] = field(default_factory=list)

    def append(self, entry: FoldedEntry, own_hash: bytes) -> None:
        made = entry.milliseconds
        if made is not None:
            if self.block_first_ms is None or made < self.block_first_ms:
                self.block_first_ms = made
            if self.last_ms is None or made > self.last_ms:
                self.last_ms = made
        self.size = entry.leaf_index + 1
        block = self.tree.append(subject_leaf_hash(entry.leaf_index, own_hash))
        if block is not None:
            number = self.tree.size // BLOCK - 1
            self.blocks.append((number, self.size, self.block_first_ms, self.last_ms, block))
            self.block_first_ms = None


class SubjectFold:
    """Folds the entries of one database into the trees of their subjects."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = database.dialect.name
        self._reader = EntryReader(database)

    async def fold(self) -> int:
        """Fold what every log has, and return how many entries that were."""
        return sum([await self._whole(log) for log in FOLDED_LOGS])

    async def _whole(self, log: Log) -> int:
        folded = 0
        while count := await self.step(log, ENTRIES_AT_ONCE[self._dialect]):
            folded += count
        return folded

    async def step(self, log: Log, at_once: int) -> int:
        """Fold at most so many entries of *log* in one transaction, and return how many; none where another did."""
        before = await read_fold(self._database, log)
        entries = await self._reader.read(log, before.position, at_once)
        if not entries:
            return 0
        trees = await self._trees(log, {key for entry in entries for key in entry.keys})
        after = await _grow(trees, entries, before)
        async with self._database.writing() as session:
            if not await _move(session, log, before, after):
                return 0
            await self._save(session, log, trees)
        return len(entries)

    async def _trees(self, log: Log, keys: set[Id]) -> dict[Id, _Tree]:
        """Return the tree of each subject, empty where it has none."""
        trees = {key: _Tree(GrowingTree(0, b"")) for key in sorted(keys)}
        text = _HEADS[self._dialect].format(log=log)
        rows = await self._database.fetch_text(text, (id_array(list(trees), self._dialect),)) if trees else ()
        for key, count, edge, block_first_ms, last_ms in rows:
            tree = GrowingTree(count, edge)
            trees[key] = _Tree(tree, block_first_ms, last_ms) if log == "access" else _Tree(tree)
        return trees

    async def _save(self, session: Session, log: Log, trees: dict[Id, _Tree]) -> None:
        grown = [(key, tree) for key, tree in trees.items() if tree.size]
        if not grown:
            return
        rows: list[list[Any]] = [[key, tree.tree.size, tree.tree.edge, tree.size] for key, tree in grown]
        if log == "access":
            for row, (_, tree) in zip(rows, grown, strict=True):
                row += [tree.block_first_ms, tree.last_ms]
        text = _SAVE[self._dialect, log]
        await session.run_text(text, rows if self._dialect == "sqlite" else [list(map(list, zip(*rows, strict=True)))])
        blocks = [
            dict(zip(_BLOCK, (UUID(bytes=id_bytes(key)), LOG_CODES[log], *block), strict=True))
            for key, tree in grown
            for block in tree.blocks
        ]
        if blocks:
            await session.execute(insert(subject_blocks), blocks)


async def _grow(trees: dict[Id, _Tree], entries: Sequence[FoldedEntry], before: Fold) -> Fold:
    """Append *entries* to the trees, and return how far that goes."""
    stated, erased, lost, unfound = before.stated, before.erased, before.lost, before.unfound
    for number, entry in enumerate(entries, 1):
        stated += entry.counted
        if entry.is_lost:
            lost += entry.counted
        elif len(entry.keys) != entry.counted:
            unfound += entry.counted
        else:
            for key, subject_id, own_hash in zip(entry.keys, entry.ids, entry.own_hashes, strict=True):
                if subject_id == ERASED:
                    erased += 1
                else:
                    trees[key].append(entry, own_hash)
        if number % ENTRIES_IN_A_TURN == 0:
            await asyncio.sleep(0)
    position = before.position + len(entries)
    return replace(before, position=position, stated=stated, erased=erased, lost=lost, unfound=unfound)


async def read_fold(database: Database | Session, log: Log) -> Fold:
    """Return how far *log* has gone into the trees."""
    rows = await database.fetch(_FOLD.where(ledger_folds.c.log == LOG_CODES[log]))
    return Fold(*rows[0]) if rows else Fold()


async def _move(session: Session, log: Log, before: Fold, after: Fold) -> bool:
    """Advance the fold of *log*; return False where it is no longer the one that was read."""
    values = {name: getattr(after, name) for name in Fold.__slots__}
    if before == Fold():
        new = {"log": LOG_CODES[log]} | dict.fromkeys(Fold.__slots__, 0)
        await session.execute(insert_once(ledger_folds), [new])
    table = ledger_folds.c
    same = [table[name] == getattr(before, name) for name in ("position", "revision")]
    return await session.execute(update(ledger_folds).where(table.log == LOG_CODES[log], *same).values(values)) == 1


_FOLD: Final = select(*(ledger_folds.c[name] for name in Fold.__slots__))
_BLOCK: Final = ("subject_id", "log", "block", "end_index", "first_ms", "last_ms", "hash")
_HEADS: Final = {
    "postgresql": "SELECT subject_id, {log}_count, {log}_edge, block_first_ms, last_ms FROM subject_heads "
    "WHERE subject_id = ANY($1::uuid[])",
    "sqlite": "SELECT h.subject_id, h.{log}_count, h.{log}_edge, h.block_first_ms, h.last_ms "
    "FROM json_each(?) AS wanted CROSS JOIN subject_heads AS h ON h.subject_id = unhex(wanted.value)",
}


def _save_text(dialect: str, log: Log) -> str:
    """Return the statement that inserts or changes heads: on PostgreSQL of arrays, one for each column."""
    grown = [f"{log}_count", f"{log}_edge", f"{log}_size", *(("block_first_ms", "last_ms") if log == "access" else ())]
    other = "consent" if log == "access" else "access"
    empty = "0, ''::bytea, 0, 0" if dialect == "postgresql" else "0, zeroblob(0), 0, 0"
    columns = ", ".join(("subject_id", *grown, f"{other}_count", f"{other}_edge", f"{other}_size", "generation"))
    if dialect == "sqlite":
        values = f"VALUES ({', '.join('?' for _ in range(len(grown) + 1))}, {empty})"
    else:
        kinds = ["uuid", "bigint", "bytea", "bigint", "bigint", "bigint"][: len(grown) + 1]
        arrays = ", ".join(f"${at}::{kind}[]" for at, kind in enumerate(kinds, 1))
        values = f"SELECT *, {empty} FROM unnest({arrays})"
    changed = ", ".join(f"{name} = excluded.{name}" for name in grown)
    return f"INSERT INTO subject_heads ({columns}) {values} ON CONFLICT (subject_id) DO UPDATE SET {changed}"


_SAVE: Final = {(dialect, log): _save_text(dialect, log) for dialect in ENTRIES_AT_ONCE for log in FOLDED_LOGS}
