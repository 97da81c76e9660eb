"""Reads a log from its store: its last checkpoint, its tiles, and proofs computed from them.

Nothing is given out that was not checked against a checkpoint that the log has signed: the store may lie.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache

from consent.errors import LedgerRefused, TileRefused
from consent.ledger.merkle_tree import verify_consistency, verify_inclusion
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import verified_checkpoint
from consent.ledger.notes.signed_notes import SignedNote, VerifierKey
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.right_edge import RightEdge
from consent.ledger.tile_proofs import (
    consistency_proof,
    consistency_tiles,
    edge_from_tiles,
    inclusion_proof,
    inclusion_tiles,
    leaf_hash_at,
)
from consent.ledger.tiles import ENTRIES, Tile, bundle_entries, cut, edge_tiles, tile_at, tile_hashes
from consent.ports import Log
from gateway.ledger.errors import StoreCorrupt
from gateway.ledger.tile_store import CHECKPOINT, TileStore

CACHE_BYTES: Final = 8 * 1024 * 1024
FRESH_SECONDS: Final = 0.5
"""How long a checkpoint is given out without a look into the store."""
EDGES: Final = 8
OVERHEAD: Final = 300
"""Bytes of a tile in the cache besides its content."""


@dataclass(frozen=True, slots=True)
class Published:
    """The last checkpoint of a log: the signed note as it lies in the store, and what it says."""

    content: bytes
    note: SignedNote
    checkpoint: Checkpoint


class LogReader:
    """Reads the logs whose *keys* these are. Every method raises what the store raises, and StoreCorrupt."""

    def __init__(
        self,
        store: TileStore,
        keys: Mapping[Log, VerifierKey],
        *,
        cache_bytes: int = CACHE_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._keys, self._clock = store, keys, clock
        self._tiles: LRUCache[tuple[Log, Tile], bytes] = LRUCache(cache_bytes, lambda each: len(each) + OVERHEAD)
        self._edges: LRUCache[tuple[Log, Checkpoint], RightEdge] = LRUCache(EDGES)
        self._published: dict[Log, tuple[Published, float]] = {}
        self._reading: dict[Log, asyncio.Future[Published | None]] = {}

    async def published(self, log: Log) -> Published | None:
        """Return the last checkpoint, of the last half second; None where none was published yet."""
        held, until = self._published.get(log, (None, 0.0))
        if held is not None and self._clock() < until:
            return held
        # One read at a time, for all who ask: of two, the one that was answered later may have read the older one.
        reading = self._reading.get(log)
        if reading is None:
            reading = self._reading[log] = asyncio.ensure_future(self._read_published(log))
            reading.add_done_callback(lambda done: self._has_read(log, done))
        return await asyncio.shield(reading)

    async def tile(self, log: Log, tile: Tile) -> bytes | None:
        """Return the content of a tile, or None where the last checkpoint does not cover it.

        A partial tile that is not stored any more is cut from the one that it has grown into.
        """
        published = await self.published(log)
        if published is None or tile.end > published.checkpoint.size:
            return None
        return await self._content(log, tile, published.checkpoint.size)

    async def inclusion(self, log: Log, index: int) -> TlogProof | None:
        """Return the proof that the log has an entry at *index*, with the last checkpoint; None where it has none."""
        published = await self.published(log)
        if published is None or not 0 <= index < published.checkpoint.size:
            return None
        checkpoint = published.checkpoint
        edge, tiles = await asyncio.gather(
            self._edge(log, checkpoint), self._read_tiles(log, inclusion_tiles(index, checkpoint.size), checkpoint.size)
        )
        try:
            path = inclusion_proof(index, edge, tiles)
            verify_inclusion(leaf_hash_at(index, edge, tiles), index, checkpoint.size, checkpoint.root, path)
        except LedgerRefused:
            raise self._corrupt(log) from None
        return TlogProof(index, tuple(path), published.note)

    async def consistency(self, log: Log, old_size: int, new: Checkpoint) -> list[bytes]:
        """Return the proof that the tree of *new*, which the log has signed, extends that of *old_size*.

        Raises ProofRefused where the old tree is the larger one.
        """
        needed = consistency_tiles(old_size, new.size)
        old, edge, tiles = await asyncio.gather(
            self.edge_at(log, old_size, new.size), self._edge(log, new), self._read_tiles(log, needed, new.size)
        )
        try:
            path = consistency_proof(old_size, edge, tiles)
            verify_consistency(old_size, old.root, new.size, new.root, path)
        except LedgerRefused:
            raise self._corrupt(log) from None
        return path

    async def edge_at(self, log: Log, size: int, within: int) -> RightEdge:
        """Return the right edge of the tree of the first *size* leaves, from the tiles of a tree of *within*.

        It is checked against nothing: whoever compares its root with one that is signed, or asks for `consistency`.
        """
        tiles = await self._read_tiles(log, edge_tiles(size), within)
        return edge_from_tiles(size, tiles)

    def _has_read(self, log: Log, done: "asyncio.Future[Published | None]") -> None:
        del self._reading[log]
        if not done.cancelled():
            done.exception()  # whoever waits for it raises it; nobody may

    async def _read_published(self, log: Log) -> Published | None:
        held, _ = self._published.get(log, (None, 0.0))
        stored = await self._store.read(f"{log}/{CHECKPOINT}")
        if stored is None:
            if held is not None:
                raise StoreCorrupt(f"The checkpoint of {log} is gone.")
            return None
        found = held if held is not None and held.content == stored.content else self._read(log, stored.content)
        if held is not None and not _follows(held.checkpoint, found.checkpoint):
            raise StoreCorrupt(f"The checkpoint of {log} is older than one before, or another one of its size.")
        self._published[log] = (found, self._clock() + FRESH_SECONDS)
        return found

    def _read(self, log: Log, content: bytes) -> Published:
        try:
            note = SignedNote.parse(content)
            return Published(content, note, verified_checkpoint(note, self._keys[log]))
        except LedgerRefused as error:
            raise StoreCorrupt(f"The checkpoint of {log} is refused: {error.code}.") from None

    async def _edge(self, log: Log, checkpoint: Checkpoint) -> RightEdge:
        edge = self._edges.get((log, checkpoint))
        if edge is None:
            edge = await self.edge_at(log, checkpoint.size, checkpoint.size)
            if edge.root != checkpoint.root:
                raise self._corrupt(log)
            self._edges[log, checkpoint] = edge
        return edge

    async def _read_tiles(self, log: Log, tiles: Iterable[Tile], size: int) -> dict[Tile, bytes]:
        wanted = list(tiles)
        found = await asyncio.gather(*(self._content(log, tile, size) for tile in wanted))
        return dict(zip(wanted, found, strict=True))

    async def _content(self, log: Log, tile: Tile, size: int) -> bytes:
        """Return a tile that a log of *size* has, from the cache, the store, or the tile that it has grown into."""
        last = tile_at(tile.level, tile.index, size) or tile
        for each in dict.fromkeys((tile, tile.full, last)):
            held = self._tiles.get((log, each))
            if held is None:
                stored = await self._store.read(f"{log}/{each.path}")
                if stored is None:
                    continue
                held = self._checked(log, each, stored.content)
            return held if each == tile else cut(tile, each, held)
        raise StoreCorrupt(f"{log}/{tile.path} is missing.")

    def _checked(self, log: Log, tile: Tile, content: bytes) -> bytes:
        try:
            (bundle_entries if tile.level == ENTRIES else tile_hashes)(tile, content)
        except TileRefused:
            raise StoreCorrupt(f"{log}/{tile.path} has not the content of its width.") from None
        if len(content) + OVERHEAD <= self._tiles.maxsize:
            self._tiles[log, tile] = content
        return content

    def _corrupt(self, log: Log) -> StoreCorrupt:
        """Forget the tiles of the log, one of which is wrong, so that a repaired store is read again."""
        for each in [key for key in self._tiles if key[0] == log]:
            del self._tiles[each]
        return StoreCorrupt(f"The tiles of {log} do not lead to the root of its checkpoint.")


def _follows(old: Checkpoint, new: Checkpoint) -> bool:
    return new.size > old.size or (new.size, new.root) == (old.size, old.root)
