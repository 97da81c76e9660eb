"""The entries of one subject's tree, block by block: only `subject_blocks` and the entries of a few blocks are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Select, and_, func, literal_column, select, union_all

from consent.disclosures.stored_disclosure import StoredDisclosure
from consent.errors import NotCanonical
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.subject_trees import BLOCK, BlockTree, subject_leaf_hash
from consent.ports import LOG_CODES, Log
from storage.database.database import Database
from storage.database.sql_ids import id_bytes, id_text
from storage.errors import StorageError
from storage.ledger.recomputed_entries import stored_disclosures
from storage.ledger.subject_trees.fold_rows import COUNTED_BYTES, count_of
from storage.queries.conditions.counted_entries import counts_one
from storage.queries.conditions.of_one_subject import SUBJECT, is_of_subject
from storage.tables import (
    access_entries,
    disclosure_openings,
    disclosures,
    entry_openings,
    ledger_entries,
    subject_blocks,
    subject_heads,
    withheld_entries,
)

END_OF_LOG: Final = (1 << 63) - 1


class OwnTreeBroken(StorageError):
    """The entries of a subject are not those of its tree: a record was deleted, added or changed."""

    def __init__(self) -> None:
        super().__init__("the entries of a subject are not those of its tree")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A leaf of a subject's tree, with the disclosure that it is about, if it is one.

    *opened_from* is the place of the entry that counted for nobody, where this one is its second.
    """

    leaf_index: int
    source: UUID
    entry: bytes
    own_hash: bytes
    disclosure: StoredDisclosure | None = field(default=None, repr=False)
    opened_from: int | None = None

    @property
    def leaf_hash(self) -> bytes:
        """The hash of the leaf in the subject's tree."""
        return subject_leaf_hash(self.leaf_index, self.own_hash)


@dataclass(frozen=True, slots=True)
class _Block:
    """Where the entries of a block are: places in the log, and in `access` the milliseconds of their disclosures."""

    start: int
    end: int
    first_ms: int | None
    last_ms: int | None


class OwnTreeReader:
    """Reads the tree of one subject in one log, as it is now."""

    def __init__(self, database: Database, subject_id: UUID, log: Log) -> None:
        self._database, self._subject_id, self._log = database, subject_id, log
        self._blocks: list[_Block] = []
        self._hashes: list[bytes] = []
        self._entries: dict[int, list[TreeEntry]] = {}
        self.size = 0
        self.generation = 0

    async def load(self) -> None:
        """Read the hashes of the complete blocks, and how many leaves there are."""
        head, blocks = subject_heads.c, subject_blocks.c
        columns = [head[f"{self._log}_count"], head.block_first_ms, head.last_ms, head.generation]
        rows = await self._database.fetch(select(*columns).where(head.subject_id == self._subject_id))
        if not rows:
            return
        self.size, first_ms, last_ms, self.generation = rows[0]
        wanted = select(blocks.end_index, blocks.first_ms, blocks.last_ms, blocks.hash).where(
            blocks.subject_id == self._subject_id, blocks.log == LOG_CODES[self._log]
        )
        start = 0
        for end, first, last, found in await self._database.fetch(wanted.order_by(blocks.block)):
            self._blocks.append(_Block(start, end, first, last))
            self._hashes.append(bytes(found))
            start = end
        self._blocks.append(_Block(start, END_OF_LOG, first_ms, last_ms))

    async def tree(self, blocks: set[int]) -> BlockTree:
        """Return the tree for proofs that need the leaves of these blocks. Raises OwnTreeBroken."""
        leaves = {each: [entry.leaf_hash for entry in await self.block(each)] for each in sorted(blocks)}
        return BlockTree(self._hashes, leaves)

    async def entries(self, start: int, end: int) -> Sequence[TreeEntry]:
        """Return the leaves from *start* to *end*. Raises OwnTreeBroken."""
        found: list[TreeEntry] = []
        for number in range(start // BLOCK, -(-end // BLOCK)):
            found += await self.block(number)
        first = start // BLOCK * BLOCK
        return found[start - first : end - first]

    async def block(self, number: int) -> Sequence[TreeEntry]:
        """Return the leaves of a block, the last of which may be incomplete. Raises OwnTreeBroken."""
        if number not in self._entries:
            block = self._blocks[number]
            found = await (self._consent(block) if self._log == "consent" else self._access(block))
            expected = min(BLOCK, self.size - number * BLOCK)
            if len(found) < expected:
                raise OwnTreeBroken
            self._entries[number] = found[:expected]  # more were folded since the size was read
        return self._entries[number]

    async def _consent(self, block: _Block) -> list[TreeEntry]:
        entry, opening, first, act = ledger_entries.c, entry_openings.c, ledger_entries.alias(), withheld_entries.c
        own = opening.subject_id == self._subject_id, opening.opening_id == id_text(entry.source)
        # That the subject's secret counted for nobody at first tells of an earlier registration, of a case.
        told = act.subject_id == opening.subject_id, act.source == opening.source, act.record_id != act.subject_id
        wanted = (
            select(entry.leaf_index, func.coalesce(id_bytes(opening.source), entry.source), entry.leaf)
            .add_columns(first.c.leaf_index)
            .select_from(
                ledger_entries.outerjoin(entry_openings, and_(*own))
                .outerjoin(withheld_entries, and_(*told))
                .outerjoin(first, first.c.source == id_bytes(act.source))
            )
            .where(entry.owner == self._subject_id, entry.log == LOG_CODES["consent"])
            .where(entry.leaf_index >= block.start, entry.leaf_index < block.end)
            .where(counts_one(entry.leaf))
            .order_by(entry.leaf_index)
            .limit(BLOCK)
        )
        rows = await self._database.fetch(wanted)
        return [
            TreeEntry(place, source, bytes(leaf), leaf_hash(bytes(leaf)), opened_from=opened_from)
            for place, source, leaf, opened_from in rows
        ]

    async def _access(self, block: _Block) -> list[TreeEntry]:
        rows = await self._database.fetch(*self._sources(block))
        counted = sorted((row for row in rows if count_of(bytes(row[2]))), key=lambda row: row[0])
        wanted = [disclosure_id for _, _, leaf, disclosure_id, _ in counted if len(leaf) == COUNTED_BYTES]
        async with self._database.snapshot() as session:
            pages = await stored_disclosures(session, wanted)
        return [self._leaf(pages, *row) for row in counted]

    def _leaf(
        self,
        pages: Mapping[UUID, StoredDisclosure],
        place: int,
        source: UUID,
        leaf: bytes,
        disclosure_id: UUID,
        opened_from: int | None,
    ) -> TreeEntry:
        entry = bytes(leaf)
        if len(entry) != COUNTED_BYTES:
            return TreeEntry(place, source, entry, leaf_hash(entry))
        page = pages.get(disclosure_id)
        if page is None:
            raise OwnTreeBroken
        try:
            return TreeEntry(place, source, entry, page.own_hash(self._subject_id), page, opened_from)
        except (NotCanonical, ValueError) as error:
            raise OwnTreeBroken from error

    def _sources(self, block: _Block) -> tuple[Select[Any], dict[str, object]]:
        """Return place, source, entry and disclosure of what may be in *block*, and binds."""
        entry, opening = ledger_entries.c, disclosure_openings.c
        within = and_(entry.log == LOG_CODES["access"], entry.leaf_index >= block.start, entry.leaf_index < block.end)
        binds: dict[str, object] = {SUBJECT: self._subject_id}
        own = is_of_subject(self._database.dialect)
        nowhere = literal_column("NULL", BigInteger)
        shown = select(
            entry.leaf_index, entry.source, entry.leaf, disclosures.c.disclosure_id, nowhere.label("first_index")
        ).select_from(disclosures.join(ledger_entries, entry.source == disclosures.c.disclosure_id))
        shown = shown.where(within, own)
        if block.first_ms is not None and block.last_ms is not None:
            first, end = (UUID(int=ms << 80) for ms in (block.first_ms, block.last_ms + 1))
            shown = shown.where(disclosures.c.disclosure_id >= first, disclosures.c.disclosure_id < end)
        opened = select(entry.leaf_index, entry.source, entry.leaf, opening.disclosure_id, opening.first_index)
        opened = opened.select_from(
            disclosure_openings.join(ledger_entries, entry.source == opening.source).join(
                disclosures, disclosures.c.disclosure_id == opening.disclosure_id
            )
        ).where(within, own)
        kept = select(entry.leaf_index, entry.source, entry.leaf, entry.source, nowhere).select_from(
            access_entries.join(ledger_entries, entry.source == id_bytes(access_entries.c.entry_id))
        )
        kept = kept.where(within, access_entries.c.subject_id == self._subject_id)
        every: Any = union_all(shown, opened, kept)
        return every, binds
