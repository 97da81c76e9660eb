"""Which entries the ledger has of given sources: those in the logs, and those that wait for the sequencer."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import select

from consent.disclosures.pending_groups import split_leaves, split_sources
from consent.errors import NotCanonical
from consent.ports import LOG_CODES, Log
from storage.database.session import Session
from storage.repositories.rows import in_parts
from storage.tables import ledger_entries, pending_entries

LOG_OF = {code: log for log, code in LOG_CODES.items()}


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry with its source; *leaf_index* is None while it waits, *owner* where none is named."""

    log: Log
    source: UUID
    owner: UUID | None
    leaf: bytes
    leaf_index: int | None = None


async def known_entries(session: Session, sources: Collection[UUID]) -> dict[UUID, KnownEntry]:
    """Return the entries of *sources*: of each the one in its log, else the one that waits.

    The session is a snapshot: an entry that is integrated meanwhile would else be seen in neither.
    """
    found: dict[UUID, KnownEntry] = {}
    table = ledger_entries.c
    for part in in_parts(sorted(sources)):
        wanted = select(table.log, table.source, table.owner, table.leaf, table.leaf_index)
        for log, source, owner, leaf, leaf_index in await session.fetch(wanted.where(table.source.in_(part))):
            found[source] = KnownEntry(LOG_OF[log], source, owner, bytes(leaf), leaf_index)
    return found | await waiting_entries(session, set(sources) - found.keys())


async def waiting_entries(session: Session, sources: Collection[UUID]) -> dict[UUID, KnownEntry]:
    """Return the entries of *sources* that wait."""
    if not sources:
        return {}
    table = pending_entries.c
    found: dict[UUID, KnownEntry] = {}
    for log, joined, owners, leaves in await session.fetch(
        select(table.log, table.sources, table.owners, table.leaves)
    ):
        for entry in split_group(log, joined, owners, leaves):
            if entry.source in sources:
                found[entry.source] = entry
    return found


def split_group(log: str, sources: bytes, owners: bytes | None, leaves: bytes) -> Iterator[KnownEntry]:
    """Give the entries of a row of `pending_entries`; none where its columns do not fit together."""
    try:
        ids, entries = split_sources(bytes(sources)), split_leaves(bytes(leaves))
        of: Sequence[UUID | None] = [None] * len(ids) if owners is None else split_sources(bytes(owners))
    except NotCanonical:
        return
    if len(ids) == len(entries) == len(of):
        for source, entry, owner in zip(ids, entries, of, strict=True):
            yield KnownEntry(cast("Log", log), source, owner, entry)
