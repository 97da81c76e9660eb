"""Groups of entries that wait, taken out of `pending_entries` inside the transaction that integrates them.

INVARIANT: nothing is found by a high-water mark. On PostgreSQL a group may become visible after one that was written
later, and SQLite gives the numbers of deleted rows again; what is there is taken, whatever its place.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy.engine import Dialect

from consent.disclosures.pending_groups import split_leaves, split_sources
from consent.errors import NotCanonical
from consent.ports import LOG_CODES, Log
from storage.database.session import Session

_COLUMNS: Final = "recorder, number, log, sources, owners, leaves, tag"
_TAKE: Final = {
    "postgresql": f"""
        DELETE FROM pending_entries WHERE ctid = ANY(ARRAY(SELECT ctid FROM pending_entries LIMIT $1))
        RETURNING {_COLUMNS}
    """,
    "sqlite": f"""
        DELETE FROM pending_entries WHERE rowid IN (SELECT rowid FROM pending_entries ORDER BY rowid LIMIT ?)
        RETURNING {_COLUMNS}
    """,
}
_TAKE_BEFORE: Final = {
    "postgresql": f"DELETE FROM pending_entries WHERE recorder = $1 AND number < $2 RETURNING {_COLUMNS}",
    "sqlite": f"DELETE FROM pending_entries WHERE recorder = ? AND number < ? RETURNING {_COLUMNS}",
}
_LOOK: Final = {
    "postgresql": f"SELECT {_COLUMNS} FROM pending_entries WHERE log = $1",
    "sqlite": f"SELECT {_COLUMNS} FROM pending_entries WHERE log = ?",
}


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """A row of `pending_entries`, as it is stored."""

    recorder: UUID | None
    number: int | None
    log: Log
    sources: bytes
    owners: bytes | None
    leaves: bytes
    tag: bytes | None

    def entries(self) -> list["WaitingEntry"]:
        """Return its entries in order; raises NotCanonical for columns that do not belong together."""
        sources, leaves = split_sources(self.sources), split_leaves(self.leaves)
        owners: Sequence[UUID | None] = [None] * len(sources)
        if self.owners is not None:
            owners = split_sources(self.owners)
        if not len(sources) == len(leaves) == len(owners) or self.log not in LOG_CODES:
            raise NotCanonical
        return [WaitingEntry(*each) for each in zip(sources, owners, leaves, strict=True)]


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """One entry, the row that it commits to, and in the log `consent` its subject."""

    source: UUID
    owner: UUID | None
    leaf: bytes


async def take_groups(session: Session, dialect: Dialect, most: int) -> list[WaitingGroup]:
    """Take up to *most* groups; those of a recorder come in the order of their numbers, after all others."""
    groups = await _taken(session, dialect, _TAKE[dialect.name], [most])
    return sorted(groups, key=lambda each: (each.recorder is not None, each.recorder or _NOBODY, each.number or 0))


async def take_groups_before(session: Session, dialect: Dialect, recorder: UUID, number: int) -> list[WaitingGroup]:
    """Take the groups of *recorder* that have a lower number, in their order."""
    of = cast("Any", recorder.bytes if dialect.name == "sqlite" else recorder)
    groups = await _taken(session, dialect, _TAKE_BEFORE[dialect.name], [of, number])
    return sorted(groups, key=lambda each: each.number or 0)


async def waiting_entries(session: Session, dialect: Dialect, log: Log) -> list[WaitingEntry]:
    """Return the entries of *log* that wait, and leave them there; groups that cannot be read are left out."""
    found: list[WaitingEntry] = []
    for row in await session.fetch_text(_LOOK[dialect.name], [log]):
        with contextlib.suppress(NotCanonical):
            found += _group(dialect, row).entries()
    return found


_NOBODY: Final = UUID(int=0)


async def _taken(session: Session, dialect: Dialect, text: str, values: Sequence[object]) -> list[WaitingGroup]:
    rows = await session.fetch_text(text, values)
    return [_group(dialect, row) for row in rows]


def _group(dialect: Dialect, row: Sequence[Any]) -> WaitingGroup:
    recorder, *others = row
    if dialect.name == "sqlite" and recorder is not None:
        recorder = UUID(bytes=recorder)
    return WaitingGroup(recorder, *others)
