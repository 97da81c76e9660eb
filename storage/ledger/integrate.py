"""Integrates what waits into the logs: one transaction from the pending rows to the new trees.

    take the groups that wait ─> check them ─> ledger_entries(log, leaf_index, …) ─> ledger_trees, ledger_recorders

Whatever fails, nothing has happened: the groups still wait. Two sequencers cannot both succeed, because each advances
a tree only where its size and edge are still those that it read. Tiles and checkpoints follow from the table later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.engine import Dialect

from consent.disclosures.pending_groups import Tag
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.right_edge import RightEdge
from consent.ports import LOG_CODES, Log
from storage.database.conflicts import insert_once, is_of_content
from storage.database.database import Database
from storage.database.session import Session
from storage.errors import TreeMoved
from storage.ledger.check_groups import (
    ChainState,
    CheckedGroups,
    Fault,
    GroupCheck,
    GroupFinding,
    Recompute,
    held_entry,
)
from storage.ledger.system_entries import state
from storage.ledger.waiting_groups import WaitingEntry, WaitingGroup, take_groups, take_groups_before
from storage.repositories.ledger_leaves import LedgerSession
from storage.tables import held_groups, ledger_trees

GROUPS_AT_ONCE: Final = 256
"""The most groups of one transaction: on SQLite a record waits until it is over."""
EMPTY: Final[Mapping[Log, RightEdge]] = {}
Trees = Mapping[Log, RightEdge]


@dataclass(frozen=True, slots=True)
class Integration:
    """What one transaction did: the trees after it, how many entries it added, and what it found."""

    trees: Trees
    entries: int = 0
    groups: int = 0
    findings: Sequence[GroupFinding] = field(default=())


@dataclass(frozen=True, slots=True)
class Integrator:
    """Integrates entries of one database. *new_id* names held groups."""

    database: Database
    recompute: Recompute
    new_id: Callable[[], UUID]

    async def read_trees(self) -> Trees:
        """Return the trees as the database has them."""
        async with self.database.snapshot() as session:
            return await read_trees(session)

    async def integrate(self, trees: Trees, now: datetime, most: int = GROUPS_AT_ONCE) -> Integration:
        """Integrate up to *most* groups after *trees*.

        Raises TreeMoved where the database has other trees: another sequencer works, or the database was restored.
        """
        try:
            return await self._integrate(trees, now, most, is_careful=False)
        except Exception as error:
            if not is_of_content(error):
                raise
        # A source is in the log already: copied from another database, taken over after a restore, or put there.
        return await self._integrate(trees, now, most, is_careful=True)

    async def _integrate(self, trees: Trees, now: datetime, most: int, *, is_careful: bool) -> Integration:
        database = self.database
        if database.tag is None:
            raise ValueError("entries are integrated where the key file is at hand")
        if not await database.fetch_text(_WAITS, []):
            return Integration(trees)
        async with database.writing() as session:
            await _require_unmoved(session, trees)
            groups = await take_groups(session, database.dialect, most)
            if not groups:
                return Integration(trees)
            rows = _Rows(session, database.dialect)
            chains = await rows.chains({group.recorder for group in groups if group.recorder is not None})

            async def take_before(recorder: UUID, number: int) -> Sequence[WaitingGroup]:
                return await take_groups_before(session, database.dialect, recorder, number)

            check = GroupCheck(session, database.tag, self.recompute, take_before, chains)
            checked = await check.check(groups)
            if is_careful:
                await rows.drop_known(checked)
            grown = await rows.append(trees, checked.entries, now)
            await rows.hold(database.tag, checked.held, now, self.new_id)
            await rows.advance(chains)
        added = sum(len(entries) for entries in checked.entries.values())
        return Integration({**trees, **grown}, added, len(groups), checked.findings)


async def read_trees(session: Session) -> Trees:
    """Return the trees of all logs that have entries."""
    rows = await session.fetch(_TREES)
    names = {code: log for log, code in LOG_CODES.items()}
    return {names[code]: RightEdge.decode(size, bytes(edge)) for code, size, edge in rows}


_TREES: Final = ledger_trees.select().with_only_columns(ledger_trees.c.log, ledger_trees.c.size, ledger_trees.c.edge)


async def _require_unmoved(session: Session, trees: Trees) -> None:
    """Raise TreeMoved unless the database has *trees*. On PostgreSQL the update below waits for another sequencer's."""
    found = await read_trees(session)
    if any(found.get(log, RightEdge()) != trees.get(log, RightEdge()) for log in LOG_CODES):
        raise TreeMoved


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one transaction."""

    session: Session
    dialect: Dialect

    async def append(
        self, trees: Trees, entries: Mapping[Log, Sequence[WaitingEntry]], now: datetime
    ) -> dict[Log, RightEdge]:
        """Append *entries* at the end of their logs; return the trees that have grown. Raises TreeMoved."""
        grown: dict[Log, RightEdge] = {}
        for log, added in entries.items():
            if not added:
                continue
            tree = trees.get(log, RightEdge())
            await insert_entries(self.session, self.dialect, log, tree.size, added)
            grown[log] = tree.append([leaf_hash(each.leaf) for each in added])
            await advance_tree(self.session, log, tree, grown[log], now)
        return grown

    async def chains(self, recorders: set[UUID]) -> dict[UUID, ChainState]:
        """Return how far each of *recorders* was taken."""
        found = await self.session.fetch_text(_CHAINS[self.dialect.name], [self._ids(recorders)])
        if self.dialect.name == "sqlite":
            return {UUID(bytes=recorder): ChainState(number, tag) for recorder, number, tag in found}
        return {recorder: ChainState(number, tag) for recorder, number, tag in found}

    async def advance(self, chains: Mapping[UUID, ChainState]) -> None:
        """Store how far each recorder is taken now."""
        rows = [
            (self._id(recorder), chain.next_number, chain.last_tag)
            for recorder, chain in chains.items()
            if chain.next_number
        ]
        if rows:
            await self.session.run_text(_ADVANCE[self.dialect.name], rows)

    async def hold(
        self, tag: Tag, held: Sequence[tuple[WaitingGroup, Fault]], now: datetime, new_id: Callable[[], UUID]
    ) -> None:
        """Keep what is not integrated, as it was, and let the log `system` state it."""
        ledger = LedgerSession(self.session, tag)
        for group, fault in held:
            row, held_id = {name: getattr(group, name) for name in WaitingGroup.__slots__}, new_id()
            await self.session.execute(
                insert(held_groups), {**row, "held_id": held_id, "held_at": now, "reason": fault.value}
            )
            await state(ledger, held_entry(group, fault, now), str(held_id))
        await ledger.write_entries()

    async def drop_known(self, checked: CheckedGroups) -> None:
        """Take out entries that the log has already; hold, as a finding, those whose row has another entry there."""
        sources = [each.source for entries in checked.entries.values() for each in entries]
        known = await leaves_of(self.session, self.dialect, sources)
        for log, entries in checked.entries.items():
            added: list[WaitingEntry] = []
            for each in entries:
                if each.source not in known:
                    known[each.source] = each.leaf
                    added.append(each)
                elif known[each.source] != each.leaf:
                    self._repeated(checked, log, each)
            checked.entries[log] = added

    @staticmethod
    def _repeated(checked: CheckedGroups, log: Log, entry: WaitingEntry) -> None:
        owner = None if entry.owner is None else entry.owner.bytes
        leaves = len(entry.leaf).to_bytes(2, "big") + entry.leaf
        checked.held.append((WaitingGroup(None, None, log, entry.source.bytes, owner, leaves, None), Fault.REPEATED))
        checked.findings.append(GroupFinding(Fault.REPEATED, log, None, None, is_held=True))

    def _id(self, of: UUID) -> object:
        return of.bytes if self.dialect.name == "sqlite" else of

    def _ids(self, of: set[UUID]) -> object:
        if self.dialect.name == "sqlite":
            return "[" + ",".join(f'"{each.hex}"' for each in of) + "]"
        return list(of)


async def insert_entries(
    session: Session, dialect: Dialect, log: Log, first: int, entries: Sequence[WaitingEntry]
) -> None:
    """Insert *entries* of a log from the leaf index *first* on."""
    code = LOG_CODES[log]
    if dialect.name == "sqlite":
        rows = [
            (code, first + at, each.source.bytes, each.owner and each.owner.bytes, each.leaf)
            for at, each in enumerate(entries)
        ]
        await session.run_text(_INSERT_SQLITE, rows)
        return
    columns = [[each.source for each in entries], [each.owner for each in entries], [each.leaf for each in entries]]
    await session.run_text(_INSERT_POSTGRESQL, [(code, first, *columns)])


async def advance_tree(session: Session, log: Log, before: RightEdge, after: RightEdge, now: datetime) -> None:
    """Store the tree of *log*; raises TreeMoved where the database has another one than *before*."""
    code = LOG_CODES[log]
    values = {"size": after.size, "edge": after.encode(), "integrated_at": now}
    if before.size == 0 and await session.execute(insert_once(ledger_trees), {"log": code, **values}):
        return
    is_here = (ledger_trees.c.log == code) & (ledger_trees.c.size == before.size)
    if not await session.execute(ledger_trees.update().where(is_here, ledger_trees.c.edge == before.encode()), values):
        raise TreeMoved


async def leaves_of(session: Session, dialect: Dialect, sources: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return the entries of these sources that are in a log."""
    if dialect.name == "sqlite":
        wanted = "[" + ",".join(f'"{each.hex}"' for each in sources) + "]"
        return {UUID(bytes=source): leaf for source, leaf in await session.fetch_text(_LEAVES["sqlite"], [wanted])}
    return dict(await session.fetch_text(_LEAVES["postgresql"], [list(sources)]))  # type: ignore[arg-type] # pairs


_WAITS: Final = "SELECT 1 FROM pending_entries LIMIT 1"
_INSERT_SQLITE: Final = "INSERT INTO ledger_entries (log, leaf_index, source, owner, leaf) VALUES (?, ?, ?, ?, ?)"
_INSERT_POSTGRESQL: Final = """
INSERT INTO ledger_entries (log, leaf_index, source, owner, leaf)
SELECT $1::smallint, $2::bigint + t.place - 1, t.source, t.owner, t.leaf
FROM unnest($3::uuid[], $4::uuid[], $5::bytea[]) WITH ORDINALITY AS t(source, owner, leaf, place)
"""
_CHAINS: Final = {
    "postgresql": "SELECT recorder, next_number, last_tag FROM ledger_recorders WHERE recorder = ANY($1::uuid[])",
    "sqlite": """
        SELECT recorder, next_number, last_tag FROM ledger_recorders
        WHERE recorder IN (SELECT unhex(value) FROM json_each(?))
    """,
}
_ADVANCE: Final = {
    name: f"""
        INSERT INTO ledger_recorders (recorder, next_number, last_tag) VALUES ({places})
        ON CONFLICT (recorder) DO UPDATE SET next_number = excluded.next_number, last_tag = excluded.last_tag
    """
    for name, places in (("postgresql", "$1, $2, $3"), ("sqlite", "?, ?, ?"))
}
_LEAVES: Final = {
    "postgresql": "SELECT source, leaf FROM ledger_entries WHERE source = ANY($1::uuid[])",
    "sqlite": "SELECT source, leaf FROM ledger_entries WHERE source IN (SELECT unhex(value) FROM json_each(?))",
}
