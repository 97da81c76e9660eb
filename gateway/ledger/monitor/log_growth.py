"""Reads the entries that a log has gained, in pieces, and checks each piece against the checkpoint it leads to.

    start, a tree that is known ─> 16 tiles of entries ─> leaf hashes ─> tiles of hashes ─> … ─> the checkpoint's root

Memory holds two pieces, whatever the size of the log: one is hashed while the next is on its way.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consent.errors import LedgerRefused, TileRefused
from consent.ledger.merkle_tree import verify_consistency
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.right_edge import RightEdge
from consent.ledger.tile_proofs import consistency_proof, consistency_tiles, edge_from_tiles
from consent.ledger.tiles import ENTRIES, FULL, Tile, bundle_entries, edge_bundle, edge_tiles, tile_at
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction
from gateway.ledger.monitor.log_source import LogSource, read_tile
from gateway.ledger.publisher import Edge

PIECE_TILES: Final = 16
PIECE: Final = PIECE_TILES * FULL


@dataclass(frozen=True, slots=True)
class GrownPiece:
    """Entries from the leaf index *first* on, the tree with them, and the tiles that are full with them."""

    first: int
    entries: Sequence[bytes]
    edge: Edge
    full_tiles: Mapping[Tile, bytes]


@dataclass(frozen=True, slots=True)
class LogGrowth:
    """What *source* has up to *head*, a checkpoint that was verified. All raise LogContradiction and LogUnchecked."""

    source: LogSource
    head: Checkpoint

    async def edge_at(self, size: int) -> Edge:
        """Return the edge of the first *size* entries, from the tiles; it is unproved until the head is reached."""
        wanted = edge_tiles(size)
        found = await asyncio.gather(*(self._tile(tile) for tile in wanted))
        bundle = edge_bundle(size)
        content = b"" if bundle is None else await self._tile(bundle)
        tiles = dict(zip(wanted, found, strict=True))
        try:
            return Edge(edge_from_tiles(size, tiles), tiles, content)
        except TileRefused:
            raise self._contradiction(ContradictionWord.TILE_MALFORMED) from None

    async def tree_at(self, size: int) -> RightEdge:
        """Return the tree of the first *size* entries, from tiles of hashes alone."""
        wanted = edge_tiles(size)
        found = await asyncio.gather(*(self._tile(tile) for tile in wanted))
        try:
            return edge_from_tiles(size, dict(zip(wanted, found, strict=True)))
        except TileRefused:
            raise self._contradiction(ContradictionWord.TILE_MALFORMED) from None

    async def pieces(self, start: Edge) -> AsyncIterator[GrownPiece]:
        """Give the entries from *start* to the head; afterwards the root is that of the head."""
        edge = start
        waiting = self._fetch(edge.tree.size)
        try:
            while waiting is not None:
                entries = await waiting
                first = edge.tree.size
                waiting = self._fetch(first + len(entries))
                edge, full = edge.grown(entries)
                yield GrownPiece(first, entries, edge, full)
        finally:
            if waiting is not None:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
        if edge.tree.root != self.head.root:
            raise self._contradiction(ContradictionWord.ROOT_DIFFERS)

    async def require_tiles(self, tiles: Mapping[Tile, bytes]) -> int:
        """Do nothing where the source has these tiles of hashes; return how many were compared."""
        compared = [tile for tile in tiles if tile.level != ENTRIES]
        for tile, found in zip(compared, await asyncio.gather(*map(self._tile, compared)), strict=True):
            if found != tiles[tile]:
                raise LogContradiction(ContradictionWord.TILE_DIFFERS, self.source.log, {"tile": tile.path})
        return len(compared)

    async def require_consistent(self, tree: RightEdge, head_tree: RightEdge) -> None:
        """Do nothing where *tree* is the beginning of the head's tree, whose edge is *head_tree*."""
        needed = consistency_tiles(tree.size, self.head.size)
        tiles = dict(zip(needed, await asyncio.gather(*map(self._tile, needed)), strict=True))
        try:
            path = consistency_proof(tree.size, head_tree, tiles)
            verify_consistency(tree.size, tree.root, self.head.size, self.head.root, path)
        except LedgerRefused:
            raise LogContradiction(ContradictionWord.ROOT_DIFFERS, self.source.log, {"size": tree.size}) from None

    def _fetch(self, first: int) -> "asyncio.Task[Sequence[bytes]] | None":
        if first >= self.head.size:
            return None
        return asyncio.create_task(self._entries(first), name=f"entries-{self.source.log}-{first}")

    async def _entries(self, first: int) -> Sequence[bytes]:
        """Return the entries from *first* to the end of its piece."""
        end = min(self.head.size, (first // PIECE + 1) * PIECE)
        tiles = [tile_at(ENTRIES, index, self.head.size) for index in range(first // FULL, -(-end // FULL))]
        wanted = [tile for tile in tiles if tile is not None]
        found = await asyncio.gather(*map(self._tile, wanted))
        entries: list[bytes] = []
        for tile, content in zip(wanted, found, strict=True):
            try:
                entries += bundle_entries(tile, content)
            except TileRefused:
                raise LogContradiction(ContradictionWord.TILE_MALFORMED, self.source.log, {"tile": tile.path}) from None
        return entries[first % FULL :]

    async def _tile(self, tile: Tile) -> bytes:
        return await read_tile(self.source, tile, self.head.size)

    def _contradiction(self, word: ContradictionWord) -> LogContradiction:
        return LogContradiction(word, self.source.log, {"size": self.head.size})
