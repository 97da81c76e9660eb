"""Reads a log from its store: its last checkpoint, its tiles, and proofs computed from them.

Nothing is given out that does not lead to the root of a checkpoint that the log has signed: the store may lie, and
caches may keep a tile for a year. Each tile is compared with its hash in the tile above when it is read, up to the
right edge of the tree, which gives the root; afterwards it lies in a cache.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache

from consent.errors import LedgerRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import verify_consistency, verify_inclusion
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import verified_checkpoint
from consent.ledger.notes.signed_notes import SignedNote, VerifierKey
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.right_edge import RightEdge
from consent.ledger.tile_proofs import (
    Tiles,
    consistency_proof,
    consistency_tiles,
    edge_from_tiles,
    inclusion_proof,
    inclusion_tiles,
    leaf_hash_at,
    require_tile,
    tile_above,
)
from consent.ledger.tiles import ENTRIES, Tile, bundle_entries, cut, edge_tiles, tile_at, tile_hashes
from consent.ports import Log
from gateway.ledger.errors import StoreCorrupt
from gateway.ledger.stores.tile_store import CHECKPOINT, TileStore

CACHE_BYTES: Final = 8 * 1024 * 1024
FRESH_SECONDS: Final = 0.5
"""How long a checkpoint is given out without a look into the store."""
EDGES: Final = 8
"""Trees whose right edges are kept, with their partial tiles: 32 KB each up to 2^32 entries."""
OVERHEAD: Final = 300
"""Bytes of a tile in the cache besides its content."""


@dataclass(frozen=True, slots=True)
class Published:
    """The last checkpoint of a log: the signed note as it lies in the store, and what it says."""

    content: bytes
    note: SignedNote
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class _VerifiedEdge:
    """The right edge of a tree, and the partial tiles that it was read from."""

    edge: RightEdge
    tiles: Tiles


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
        self._edges: LRUCache[tuple[Log, Checkpoint], _VerifiedEdge] = LRUCache(EDGES)
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

        A partial tile is cut from the one that it has grown into.
        """
        published = await self.published(log)
        if published is None or tile.end > published.checkpoint.size:
            return None
        checkpoint = published.checkpoint
        widest = tile_at(tile.level, tile.index, checkpoint.size) or tile
        if tile.level == ENTRIES:
            return cut(tile, widest, await self._bundle(log, widest, checkpoint))
        return cut(tile, widest, (await self._hash_tiles(log, [widest], checkpoint))[widest])

    async def inclusion(self, log: Log, index: int) -> TlogProof | None:
        """Return the proof that the log has an entry at *index*, with the last checkpoint; None where it has none."""
        published = await self.published(log)
        if published is None or not 0 <= index < published.checkpoint.size:
            return None
        head = published.checkpoint
        edge = (await self._edge(log, head)).edge
        tiles = await self._hash_tiles(log, inclusion_tiles(index, head.size), head)
        path = inclusion_proof(index, edge, tiles)
        try:
            verify_inclusion(leaf_hash_at(index, edge, tiles), index, head.size, head.root, path)
        except LedgerRefused:
            raise self._corrupt(log) from None
        return TlogProof(index, tuple(path), published.note)

    async def consistency(self, log: Log, old_size: int, new: Checkpoint) -> list[bytes]:
        """Return the proof that the tree of *new*, which the log has signed, extends that of *old_size*.

        Raises ProofRefused where the old tree is the larger one.
        """
        needed = consistency_tiles(old_size, new.size)
        edge = (await self._edge(log, new)).edge
        path = consistency_proof(old_size, edge, await self._hash_tiles(log, needed, new))
        old = await self._edge_of_part(log, old_size, new)
        try:
            verify_consistency(old_size, old.root, new.size, new.root, path)
        except LedgerRefused:
            raise self._corrupt(log) from None
        return path

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
        found = held if held is not None and held.content == stored.content else self._parsed(log, stored.content)
        if held is not None and not _follows(held.checkpoint, found.checkpoint):
            raise StoreCorrupt(f"The checkpoint of {log} is older than one before, or another one of its size.")
        self._published[log] = (found, self._clock() + FRESH_SECONDS)
        return found

    def _parsed(self, log: Log, content: bytes) -> Published:
        try:
            note = SignedNote.parse(content)
            return Published(content, note, verified_checkpoint(note, self._keys[log]))
        except LedgerRefused as error:
            raise StoreCorrupt(f"The checkpoint of {log} is refused: {error.code}.") from None

    async def _edge(self, log: Log, head: Checkpoint) -> _VerifiedEdge:
        found = self._edges.get((log, head))
        if found is None:
            wanted = edge_tiles(head.size)
            tiles = dict(zip(wanted, await self._read(log, wanted), strict=True))
            try:
                edge = edge_from_tiles(head.size, tiles)
            except LedgerRefused:
                raise self._corrupt(log) from None
            if edge.root != head.root:
                raise self._corrupt(log)
            found = self._edges[log, head] = _VerifiedEdge(edge, tiles)
        return found

    async def _edge_of_part(self, log: Log, size: int, head: Checkpoint) -> RightEdge:
        """Return the right edge of the first *size* leaves of a tree."""
        wider = {tile: tile_at(tile.level, tile.index, head.size) or tile for tile in edge_tiles(size)}
        found = await self._hash_tiles(log, wider.values(), head)
        return edge_from_tiles(size, {tile: cut(tile, wide, found[wide]) for tile, wide in wider.items()})

    async def _hash_tiles(self, log: Log, wanted: Iterable[Tile], head: Checkpoint) -> dict[Tile, bytes]:
        """Return tiles of a tree, as they are in it: those that are read are compared with the tiles above them."""
        known, missing = dict((await self._edge(log, head)).tiles), []
        for tile in (wanted := list(wanted)):
            each: Tile | None = tile
            while each is not None and each not in known and each not in missing:
                held = self._tiles.get((log, each))
                if held is not None:
                    known[each] = held
                    break
                missing.append(each)
                each = tile_above(each, head.size)
        contents = zip(missing, await self._read(log, missing), strict=True)
        for tile, content in sorted(contents, key=lambda each: -each[0].level):
            try:
                require_tile(tile, content, head.size, known)
            except LedgerRefused:
                raise self._corrupt(log) from None
            known[tile] = self._kept(log, tile, content)
        return {tile: known[tile] for tile in wanted}

    async def _bundle(self, log: Log, tile: Tile, head: Checkpoint) -> bytes:
        """Return a tile of entries as it is in a tree, each entry compared with its hash."""
        held = self._tiles.get((log, tile))
        if held is not None:
            return held
        hashed = Tile(0, tile.index, tile.width)
        (content,), tiles = await asyncio.gather(self._read(log, [tile]), self._hash_tiles(log, [hashed], head))
        try:
            entries = bundle_entries(tile, content)
        except LedgerRefused:
            raise self._corrupt(log) from None
        if [leaf_hash(each) for each in entries] != tile_hashes(hashed, tiles[hashed]):
            raise self._corrupt(log)
        return self._kept(log, tile, content)

    async def _read(self, log: Log, tiles: Iterable[Tile]) -> list[bytes]:
        return await asyncio.gather(*(self._read_tile(log, tile) for tile in tiles))

    async def _read_tile(self, log: Log, tile: Tile) -> bytes:
        """Return what lies in the store for a tile; where a partial one has gone, the beginning of its full one."""
        for each in dict.fromkeys((tile, tile.full)):
            stored = await self._store.read(f"{log}/{each.path}")
            if stored is None:
                continue
            try:
                return stored.content if each == tile else cut(tile, each, stored.content)
            except LedgerRefused:
                raise self._corrupt(log) from None
        raise StoreCorrupt(f"{log}/{tile.path} is missing.")

    def _kept(self, log: Log, tile: Tile, content: bytes) -> bytes:
        if len(content) + OVERHEAD <= self._tiles.maxsize:
            self._tiles[log, tile] = content
        return content

    def _corrupt(self, log: Log) -> StoreCorrupt:
        """Forget the tiles of the log: of a tree that was never published, they may have given way to others."""
        for each in [key for key in self._tiles if key[0] == log]:
            del self._tiles[each]
        return StoreCorrupt(f"The tiles of {log} do not lead to the root of its checkpoint.")


def _follows(old: Checkpoint, new: Checkpoint) -> bool:
    return new.size > old.size or (new.size, new.root) == (old.size, old.root)
