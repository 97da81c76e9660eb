"""What a fold reads: the entries of a log in order, and whom each is about. Statements are text of the dialect."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select

from consent.disclosures.stored_sub_leaves import ERASED, DisclosureColumns
from consent.errors import NotCanonical
from consent.leaves.canonical_form import leaf_hash
from consent.ports import LOG_CODES, Log
from storage.database.array_binds import among
from storage.database.database import Database
from storage.tables import access_entries, access_grounds, erased_access_entries, ledger_restores

COMMITMENT_BYTES: Final = 32
COUNTED_BYTES: Final = 34
Id = Any
"""An id as the driver gives it: 16 bytes on SQLite, a UUID on PostgreSQL."""


@dataclass(slots=True)
class FoldedEntry:
    """An entry: its place, for how many it counts, and the subjects in whose trees it goes, each with its own hash.

    *ids* are the 16 bytes of each id. *is_lost*: a restored database has no row for it. *milliseconds* are those of a
    disclosure.
    """

    leaf_index: int
    source: UUID
    counted: int
    keys: Sequence[Id] = ()
    ids: Sequence[bytes] = ()
    own_hashes: Sequence[bytes] = ()
    is_lost: bool = False
    milliseconds: int | None = None


_Found = tuple[int, Sequence[Id], DisclosureColumns]
FEW: Final = 500
NOBODY: Final = UUID(bytes=ERASED)
_ENTRIES: Final = {
    "postgresql": "SELECT leaf_index, source, leaf, owner FROM ledger_entries "
    "WHERE log = $1 AND leaf_index >= $2 ORDER BY leaf_index LIMIT $3",
    "sqlite": "SELECT leaf_index, source, leaf, owner FROM ledger_entries "
    "WHERE log = ? AND leaf_index >= ? ORDER BY leaf_index LIMIT ?",
}
_COLUMNS: Final = "d.subjects, d.ground_id, d.parts, d.seed, d.opened, d.disclosure_id"
_DISCLOSURES: Final = {
    "postgresql": f"SELECT d.disclosure_id, {_COLUMNS} FROM disclosures AS d WHERE d.disclosure_id = ANY($1::uuid[])",
    "sqlite": f"SELECT d.disclosure_id, {_COLUMNS} FROM json_each(?) AS wanted "
    "CROSS JOIN disclosures AS d ON d.disclosure_id = unhex(wanted.value)",
}
_OPENED: Final = {
    "postgresql": f"SELECT o.source, {_COLUMNS} FROM disclosure_openings AS o "
    "JOIN disclosures AS d ON d.disclosure_id = o.disclosure_id WHERE o.source = ANY($1::uuid[])",
    "sqlite": f"SELECT o.source, {_COLUMNS} FROM json_each(?) AS wanted "
    "CROSS JOIN disclosure_openings AS o ON o.source = unhex(wanted.value) "
    "CROSS JOIN disclosures AS d ON d.disclosure_id = o.disclosure_id",
}
_LOST: Final = select(ledger_restores.c.first_index, ledger_restores.c.end_index).where(
    ledger_restores.c.log == bindparam("log"), ledger_restores.c.end_index > bindparam("position")
)


class EntryReader:
    """Reads the entries of one database in order, each with its subjects."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = database.dialect.name

    async def read(self, log: Log, position: int, at_once: int) -> list[FoldedEntry]:
        """Return at most so many entries from *position* on, without a gap."""
        rows = await self._database.fetch_text(_ENTRIES[self._dialect], (LOG_CODES[log], position, at_once))
        rows = [row for place, row in enumerate(rows, position) if row[0] == place]
        lost = await self._lost(log, position)
        if log == "access":
            return await self._access(rows, lost)
        return [self._of_one(row, lost) for row in rows]

    async def _lost(self, log: Log, position: int) -> Sequence[range]:
        found = await self._database.fetch(_LOST, {"log": LOG_CODES[log], "position": position})
        return [range(first, end) for first, end in found]

    def _of_one(self, row: Sequence[Any], lost: Sequence[range]) -> FoldedEntry:
        """Return an entry of `consent`, which is about its owner, unless it counts for nobody yet."""
        leaf_index, source, leaf, owner = row
        counted = count_of(leaf)
        is_lost = _is_among(leaf_index, lost)
        if not counted or owner is None or is_lost:
            return FoldedEntry(leaf_index, _uuid(source), counted, is_lost=is_lost)
        return FoldedEntry(leaf_index, _uuid(source), counted, [owner], [id_bytes(owner)], [leaf_hash(leaf)])

    async def _access(self, rows: Sequence[Sequence[Any]], lost: Sequence[range]) -> list[FoldedEntry]:
        there = [row for row in rows if count_of(row[2]) and not _is_among(row[0], lost)]
        wanted = [row[1] for row in there if len(row[2]) == COUNTED_BYTES]
        found = await self._disclosures(_DISCLOSURES, wanted)
        found |= await self._disclosures(_OPENED, [each for each in wanted if each not in found])
        digests = await self._digests([stored for _, _, stored in found.values()])
        kept = await self._kept([row[1] for row in there if len(row[2]) == COMMITMENT_BYTES])
        entries = []
        for leaf_index, source, leaf, _ in rows:
            entry = FoldedEntry(leaf_index, _uuid(source), count_of(leaf), is_lost=_is_among(leaf_index, lost))
            if source in found:
                _add_subjects(entry, *found[source], digests)
            elif source in kept:
                key = kept[source]
                entry.keys, entry.ids, entry.own_hashes = [key], [id_bytes(key)], [leaf_hash(leaf)]
            entries.append(entry)
        return entries

    async def _disclosures(self, texts: Mapping[str, str], sources: Sequence[Id]) -> dict[Id, _Found]:
        """Return, by source, when each disclosure was made, the ids of its subjects, and its columns."""
        if not sources:
            return {}
        rows = await self._database.fetch_text(texts[self._dialect], (id_array(sources, self._dialect),))
        found: dict[Id, _Found] = {}
        for source, subjects, ground_id, parts, seed, opened, disclosure_id in rows:
            if self._dialect == "sqlite":
                keys = ids = [subjects[at : at + 16] for at in range(0, len(subjects), 16)]
            else:
                keys, ids = subjects, [each.bytes for each in subjects]
            milliseconds = int.from_bytes(id_bytes(disclosure_id)[:6], "big")
            found[source] = milliseconds, keys, DisclosureColumns(ids, ground_id, parts, seed, opened)
        return found

    async def _digests(self, stored: Sequence[DisclosureColumns]) -> Mapping[int, bytes]:
        """Return the digests of all grounds, which are asked each time: an id can be given to another ground."""
        ids = {each.ground_id for each in stored if each.parts is None}
        table = access_grounds.c
        wanted = select(table.ground_id, table.digest)
        if all(each.parts is None for each in stored) and len(ids) <= FEW:
            wanted = wanted.where(table.ground_id.in_([each for each in ids if each is not None]))
        return {ground_id: bytes(digest) for ground_id, digest in await self._database.fetch(wanted)}

    async def _kept(self, sources: Sequence[Id]) -> Mapping[Id, Id]:
        """Return the subject of each entry of before, which has a row of its own."""
        if not sources:
            return {}
        table, ids = access_entries.c, [UUID(bytes=id_bytes(each)) for each in sources]
        wanted = select(table.entry_id, table.subject_id).where(among(table.entry_id, "these", self._database.dialect))
        found = [*await self._database.fetch(wanted, {"these": ids}), *await self._erased(ids)]
        if self._dialect == "sqlite":
            return {entry_id.bytes: subject_id.bytes for entry_id, subject_id in found}
        return dict(found)

    async def _erased(self, sources: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """Return nobody as the subject of each entry of before whose subject was erased."""
        table, found = erased_access_entries.c, list[tuple[UUID, UUID]]()
        for start in range(0, len(sources), FEW):
            wanted = select(table.entry_id).where(table.entry_id.in_(sources[start : start + FEW]))
            found += [(entry_id, NOBODY) for (entry_id,) in await self._database.fetch(wanted)]
        return found


def _add_subjects(
    entry: FoldedEntry, milliseconds: int, keys: Sequence[Id], stored: DisclosureColumns, digests: Mapping[int, bytes]
) -> None:
    """Give the entry of a disclosure its subjects; none where its columns are damaged."""
    with suppress(KeyError, NotCanonical):
        entry.own_hashes = stored.sub_leaves(digests)
        entry.keys, entry.ids, entry.milliseconds = keys, stored.subjects, milliseconds


def _is_among(leaf_index: int, ranges: Sequence[range]) -> bool:
    return any(leaf_index in each for each in ranges)


def count_of(entry: bytes) -> int:
    """Return for how many subjects an entry counts."""
    return 1 if len(entry) == COMMITMENT_BYTES else int.from_bytes(entry[:2], "big")


def _uuid(key: Id) -> UUID:
    return UUID(bytes=key) if isinstance(key, bytes) else key


def id_bytes(key: Id) -> bytes:
    """Return the 16 bytes of an id."""
    return key if isinstance(key, bytes) else bytes(key.bytes)


def id_array(keys: Sequence[Id], dialect: str) -> object:
    """Return ids as one bind, which the statements above take apart."""
    return json.dumps([each.hex() for each in keys]) if dialect == "sqlite" else list(keys)
