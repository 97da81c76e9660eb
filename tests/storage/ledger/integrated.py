"""Entries of the logs as the sequencer leaves them, and the trees that must follow from them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from consent.disclosures.pending_groups import split_leaves, split_sources
from consent.ports import LOG_CODES, Log
from storage.database.conflicts import insert_once
from storage.database.database import Database
from storage.tables import ledger_entries, ledger_trees, pending_entries, subject_blocks, subject_heads
from tests.consent.disclosures.independent import mth
from tests.consent.ledger.independent_epochs import subject_leaf

AT = datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)
Entry = tuple[UUID, UUID | None, bytes]
"""Source, owner, entry."""


async def append_entries(database: Database, log: Log, entries: Sequence[Entry]) -> None:
    """Append entries to a log, as if they had waited."""
    code, tree = LOG_CODES[log], ledger_trees
    async with database.writing() as session:
        await session.execute(insert_once(tree), [{"log": code, "size": 0, "edge": b"", "integrated_at": AT}])
        ((size,),) = await session.fetch(select(tree.c.size).where(tree.c.log == code))
        rows = [
            {"log": code, "leaf_index": size + at, "source": source, "owner": owner, "leaf": entry}
            for at, (source, owner, entry) in enumerate(entries)
        ]
        if rows:
            await session.execute(insert(ledger_entries), rows)
        await session.execute(tree.update().where(tree.c.log == code).values(size=size + len(rows)))


async def integrate(database: Database) -> None:
    """Move all that waits into the logs."""
    columns = [pending_entries.c[name] for name in ("log", "sources", "owners", "leaves")]
    waiting = await database.fetch(select(*columns))
    for log in LOG_CODES:
        entries: list[Entry] = []
        for name, sources, owners, leaves in waiting:
            if name == log:
                found = split_sources(bytes(sources))
                of = split_sources(bytes(owners)) if owners else [None] * len(found)
                entries += list(zip(found, of, split_leaves(bytes(leaves)), strict=True))
        await append_entries(database, log, entries)
    await database.write((delete(pending_entries), None))


Own = tuple[int, bytes]
"""Leaf index and own hash."""


async def assert_trees(database: Database, log: Log, expected: dict[UUID, list[Own]]) -> None:
    """Compare every subject's tree of *log* with the entries that it must have."""
    table = subject_heads.c
    columns = [table.subject_id, *(table[f"{log}_{what}"] for what in ("count", "edge", "size"))]
    heads = {row[0]: row[1:] for row in await database.fetch(select(*columns)) if row[1]}
    assert set(heads) == {subject_id for subject_id, own in expected.items() if own}
    for subject_id, (count, edge, size) in heads.items():
        leaves = [subject_leaf(*each) for each in expected[subject_id]]
        assert (count, size) == (len(leaves), expected[subject_id][-1][0] + 1)
        assert mth_of_edge(bytes(edge)) == mth(leaves)
    assert await stored_blocks(database, log) == {
        (subject_id, at // 256): (own[at + 255][0] + 1, mth([subject_leaf(*each) for each in own[at : at + 256]]))
        for subject_id, own in expected.items()
        for at in range(0, len(own) - 255, 256)
    }


async def stored_blocks(database: Database, log: Log) -> dict[Any, Any]:
    table = subject_blocks.c
    wanted = select(table.subject_id, table.block, table.end_index, table.hash).where(table.log == LOG_CODES[log])
    return {(row[0], row[1]): (row[2], bytes(row[3])) for row in await database.fetch(wanted)}


def mth_of_edge(edge: bytes) -> bytes:
    """Join the complete subtrees of an edge from the right."""
    roots = [edge[at : at + 32] for at in range(0, len(edge), 32)]
    if not roots:
        return mth([])
    found = roots.pop()
    while roots:
        found = mth([roots.pop(), found])
    return found
