"""The entries of the logs go into the trees of their subjects, in the order of each log, behind the sequencer.

    entries from `position` on ──> subjects and own hashes ──> their trees grow ──> one transaction

The transaction writes the trees, their complete blocks and the new position, where the position is still the one that
was read. So a fold can stop anywhere and be repeated, and of two that run at once one does nothing. Reading and hashing
come before it: no other writer waits for them.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from consent.disclosures.stored_sub_leaves import ERASED
from consent.ledger.subject_trees import BLOCK, appended, require_edge, subject_leaf_hashes
from consent.ports import LOG_CODES, Log
from storage.database.conflicts import insert_once
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.subject_trees.fold_rows import EntryReader, FoldedEntry, Id, id_array, id_bytes
from storage.ledger.subject_trees.remembered_heads import Head, RememberedHeads
from storage.tables import ledger_entries, ledger_folds, subject_blocks, subject_heads

FOLDED_LOGS: Final[Sequence[Log]] = ("consent", "access")
ENTRIES_AT_ONCE: Final = {"postgresql": 5_000, "sqlite": 1_000}
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
    last_source: UUID | None = None


Block = tuple[bytes, int, int, int | None, int | None, bytes]
"""The subject, the number of the block, and its columns."""


@dataclass(slots=True)
class _Trees:
    """The trees of some subjects in one log while they grow.

    Each subject has a place in columns of numbers and bytes: an object for each tree would take longer to collect than
    its hashes. *places* are by the 16 bytes of each id: ids as the driver gives them take longer to compare.
    """

    places: dict[bytes, int] = field(default_factory=dict)
    keys: list[Id] = field(default_factory=list)
    """Each id as the driver gives and takes it."""
    sizes: list[int] = field(default_factory=list)
    edges: list[bytes] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """The size of the log with the last leaf; 0 of those that have not grown."""
    firsts: list[int | None] = field(default_factory=list)
    """The milliseconds of the earliest disclosure of the unfinished block."""
    lasts: list[int | None] = field(default_factory=list)
    """Those of the latest disclosure of all."""
    blocks: list[Block] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Sequence[FoldedEntry]) -> "_Trees":
        """Return an empty tree for every subject of *entries*, in the order of their ids."""
        found: dict[bytes, Id] = {}
        for entry in entries:
            found.update(zip(entry.ids, entry.keys, strict=True))
        # so that two folds cannot wait for each other, and rows are read and written as they lie
        ids, count = sorted(found), len(found)
        places = dict(zip(ids, range(count), strict=True))
        keys = [found[each] for each in ids]
        return cls(places, keys, [0] * count, [b""] * count, [0] * count, [None] * count, [None] * count)

    def take(self, remembered: RememberedHeads) -> list[Id]:
        """Take the trees that are remembered, and return the ids of the others."""
        others = []
        for at, head in enumerate(remembered.find([*self.places])):
            if head is None:
                others.append(self.keys[at])
            else:
                self.sizes[at], self.edges[at], self.firsts[at], self.lasts[at] = head
        return others

    def load(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take the trees that there are; raises EdgeRefused."""
        for key, size, edge, first_ms, last_ms in rows:
            require_edge(size, edge)
            at = self.places[id_bytes(key)]
            self.sizes[at], self.edges[at], self.firsts[at], self.lasts[at] = size, edge, first_ms, last_ms

    def append(self, entry: FoldedEntry) -> int:
        """Append what *entry* says of each of its subjects to its tree; return how many of them were erased."""
        places, sizes, edges, ends, end = self.places, self.sizes, self.edges, self.ends, entry.leaf_index + 1
        erased = 0
        for subject_id, leaf in zip(entry.ids, subject_leaf_hashes(entry.leaf_index, entry.own_hashes), strict=True):
            if subject_id == ERASED:
                erased += 1
                continue
            at = places[subject_id]
            size = sizes[at]
            edges[at], block = appended(size, edges[at], leaf)
            sizes[at], ends[at] = size + 1, end
            if entry.milliseconds is not None:
                self._bound(at, entry.milliseconds)
            if block is not None:
                self.blocks.append((subject_id, size // BLOCK, end, self.firsts[at], self.lasts[at], block))
                self.firsts[at] = None
        return erased

    def _bound(self, at: int, made: int) -> None:
        first, last = self.firsts[at], self.lasts[at]
        if first is None or made < first:
            self.firsts[at] = made
        if last is None or made > last:
            self.lasts[at] = made

    def heads(self) -> Iterator[tuple[bytes, Head]]:
        """Give the trees that have grown, by the ids of their subjects."""
        whole = zip(self.places, self.sizes, self.edges, self.firsts, self.lasts, self.ends, strict=True)
        return ((key, (size, edge, first, last)) for key, size, edge, first, last, end in whole if end)

    def columns(self, log: Log) -> list[list[Any]]:
        """Return the columns of the trees that have grown, in the order of the subjects."""
        grown = [at for at, end in enumerate(self.ends) if end]
        shown: list[Sequence[Any]] = [self.keys, self.sizes, self.edges, self.ends]
        if log == "access":
            shown += [self.firsts, self.lasts]
        return [[column[at] for at in grown] for column in shown]


class SubjectFold:
    """Folds the entries of one database into the trees of their subjects. It remembers those that grew last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = database.dialect.name
        self._reader = EntryReader(database)
        self._remembered = {log: RememberedHeads() for log in FOLDED_LOGS}

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
        if not await self._continues(log, before):
            await self._begin_anew(log, before)
            return await self.step(log, at_once)
        entries = await self._reader.read(log, before.position, at_once)
        if not entries:
            return 0
        self._remembered[log].hold_at(before)
        trees = await self._trees(log, entries)
        after = await _grow(trees, entries, before)
        async with self._database.writing() as session:
            if not await _move(session, log, before, after):
                return 0
            await self._save(session, log, trees)
        self._remembered[log].keep(trees.heads(), after)
        return len(entries)

    async def _continues(self, log: Log, before: Fold) -> bool:
        """Return whether the entry before the position is still the one that was folded last."""
        if before.last_source is None:
            return True
        rows = await self._database.fetch(_ENTRY_AT, {"log": LOG_CODES[log], "at": before.position - 1})
        return bool(rows) and rows[0][0] == before.last_source

    async def _begin_anew(self, log: Log, before: Fold) -> None:
        """Empty every tree of *log*: a restored database took published entries over, in front of what was folded."""
        empty: dict[str, object] = {f"{log}_count": 0, f"{log}_edge": b"", f"{log}_size": 0}
        if log == "access":
            empty |= {"block_first_ms": None, "last_ms": None}
        async with self._database.writing() as session:
            if await _move(session, log, before, Fold(revision=before.revision + 1)):
                await session.execute(update(subject_heads).values(empty))
                await session.execute(delete(subject_blocks).where(subject_blocks.c.log == LOG_CODES[log]))

    async def _trees(self, log: Log, entries: Sequence[FoldedEntry]) -> _Trees:
        """Return the trees of those subjects of *entries* that have one."""
        trees = _Trees.of(entries)
        if others := trees.take(self._remembered[log]):
            text = _HEADS[self._dialect].format(log=log)
            trees.load(await self._database.fetch_text(text, (id_array(others, self._dialect),)))
        return trees

    async def _save(self, session: Session, log: Log, trees: _Trees) -> None:
        columns = trees.columns(log)
        if not columns[0]:
            return
        rows = list(zip(*columns, strict=True)) if self._dialect == "sqlite" else [columns]
        await session.run_text(_SAVE[self._dialect, log], rows)
        blocks = [
            dict(zip(_BLOCK, (LOG_CODES[log], UUID(bytes=key), *block), strict=True)) for key, *block in trees.blocks
        ]
        if blocks:
            await session.execute(insert(subject_blocks), blocks)


async def _grow(trees: _Trees, entries: Sequence[FoldedEntry], before: Fold) -> Fold:
    """Append *entries* to the trees, and return how far that goes."""
    stated, erased, lost, unfound = before.stated, before.erased, before.lost, before.unfound
    for number, entry in enumerate(entries, 1):
        stated += entry.counted
        if entry.is_lost:
            lost += entry.counted
        elif len(entry.keys) != entry.counted:
            unfound += entry.counted
        else:
            erased += trees.append(entry)
        if number % ENTRIES_IN_A_TURN == 0:
            await asyncio.sleep(0)
    position = before.position + len(entries)
    return Fold(position, stated, erased, lost, unfound, before.revision, entries[-1].source)


async def read_fold(database: Database | Session, log: Log) -> Fold:
    """Return how far *log* has gone into the trees."""
    rows = await database.fetch(_FOLD, {"log": LOG_CODES[log]})
    return Fold(*rows[0]) if rows else Fold()


async def _move(session: Session, log: Log, before: Fold, after: Fold) -> bool:
    """Advance the fold of *log*; return False where it is no longer the one that was read."""
    values = {name: getattr(after, name) for name in Fold.__slots__}
    if before == Fold():
        new = {"log": LOG_CODES[log], **dict.fromkeys(Fold.__slots__, 0), "last_source": None}
        await session.execute(insert_once(ledger_folds), [new])
    read = {"of": LOG_CODES[log], "read_position": before.position, "read_revision": before.revision}
    return await session.execute(_MOVE, values | read) == 1


_FOLD: Final = select(*(ledger_folds.c[name] for name in Fold.__slots__)).where(ledger_folds.c.log == bindparam("log"))
_MOVE: Final = (
    update(ledger_folds)
    .where(
        ledger_folds.c.log == bindparam("of"),
        ledger_folds.c.position == bindparam("read_position"),
        ledger_folds.c.revision == bindparam("read_revision"),
    )
    .values({name: bindparam(name) for name in Fold.__slots__})
)
_ENTRY_AT: Final = select(ledger_entries.c.source).where(
    ledger_entries.c.log == bindparam("log"), ledger_entries.c.leaf_index == bindparam("at")
)
_BLOCK: Final = ("log", "subject_id", "block", "end_index", "first_ms", "last_ms", "hash")
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
