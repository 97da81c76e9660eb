"""Publishes one log: its tiles, made durable, and then its checkpoint.

    ledger_entries ─> full tiles ─> partial tiles of the right edge ─> checkpoint, by compare-and-swap

Tiles follow from the table, so every step can be repeated. Nothing before the checkpoint is promised to anybody: a tile
beyond it that a lost transaction left in the store is replaced.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from consent.errors import CheckpointRefused, NoteRefused, TileRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import NoteSigner, verified_checkpoint
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.right_edge import RightEdge
from consent.ledger.tile_growth import grown_bundles, grown_tiles
from consent.ledger.tile_proofs import edge_from_tiles
from consent.ledger.tiles import (
    ENTRIES,
    FULL,
    Tile,
    bundle_entries,
    edge_bundle,
    edge_tiles,
    outgrown_tiles,
    tile_at,
    tile_hashes,
)
from consent.ports import Log
from gateway.ledger.errors import LedgerStoreError, StoreCorrupt
from gateway.ledger.stores.tile_store import CHECKPOINT, TileStore, write_beyond

LEAVES_AT_ONCE: Final = 4_096
"""How many leaves are hashed in one go, some milliseconds, before requests get their turn."""

ReadEntries = Callable[[int, int], Awaitable[Sequence[bytes]]]
"""Gives the entries of the log from a leaf index to before another."""


class Witnesses(Protocol):
    """Those who cosign the checkpoints of one log."""

    async def last_cosigned(self) -> Sequence[Checkpoint]:
        """Return the checkpoints that they have cosigned last, each signed by the log."""
        ...

    async def witnessed(self, note: SignedNote, checkpoint: Checkpoint) -> SignedNote:
        """Return the note with the cosignatures that the policy asks for. Raises QuorumMissing, StoreBehind."""
        ...


@dataclass(frozen=True, slots=True)
class Edge:
    """A tree and the contents of its partial tiles."""

    tree: RightEdge = field(default_factory=RightEdge)
    tiles: Mapping[Tile, bytes] = field(default_factory=dict)
    bundle: bytes = b""

    def grown(self, entries: Sequence[bytes]) -> tuple["Edge", dict[Tile, bytes]]:
        """Return the edge with *entries* appended, and the tiles that are full now."""
        hashes = [leaf_hash(each) for each in entries]
        tree = self.tree.append(hashes)
        made = {**self.tiles, **dict(grown_tiles(self.tree.size, self.tiles, hashes))}
        bundles = dict(grown_bundles(self.tree.size, self.bundle, entries))
        full = {tile: content for tile, content in [*bundles.items(), *made.items()] if not tile.is_partial}
        partial = edge_bundle(tree.size)
        bundle = b"" if partial is None else bundles.get(partial, self.bundle)
        return Edge(tree, {tile: made[tile] for tile in edge_tiles(tree.size)}, bundle), full

    def partial_tiles(self) -> dict[Tile, bytes]:
        """Return the partial tiles, that of entries among them."""
        partial = edge_bundle(self.tree.size)
        return {**self.tiles, **({} if partial is None else {partial: self.bundle})}


@dataclass(slots=True)
class LogPublisher:
    """Publishes *log*, whose checkpoints *signer* signs. `load` comes first, and again after any error."""

    log: Log
    store: TileStore
    signer: NoteSigner
    read_entries: ReadEntries
    witnesses: Witnesses
    published: int = 0
    """The size of the last checkpoint in the store."""
    _version: str | None = None
    _edge: Edge = field(default_factory=Edge)
    """What is written as tiles, which may be beyond the checkpoint."""

    async def load(self) -> RightEdge:
        """Read the last checkpoint and its right edge; return its tree. Raises StoreCorrupt where they do not fit."""
        await self.store.check()  # where writes replace what they must not, two trees could be signed
        found = await self.store.read(f"{self.log}/{CHECKPOINT}")
        if found is None:
            self.published, self._version, self._edge = 0, None, Edge()
            return self._edge.tree
        try:
            checkpoint = verified_checkpoint(SignedNote.parse(found.content), self.signer.key)
        except (NoteRefused, CheckpointRefused) as error:
            raise StoreCorrupt(f"{self.log}/{CHECKPOINT} is no checkpoint of this log.") from error
        self._edge = await self._read_edge(checkpoint)
        self.published, self._version = checkpoint.size, found.version
        return self._edge.tree

    async def write_tiles(self, tree: RightEdge) -> None:
        """Write the full tiles up to *tree*, which the database has. Raises StoreCorrupt where they lead elsewhere."""
        while self._edge.tree.size < tree.size:
            first = self._edge.tree.size
            entries = await self.read_entries(first, min(tree.size, first + LEAVES_AT_ONCE))
            if not entries:
                raise StoreCorrupt(f"Entries of the log {self.log} from {first} on are missing in the database.")
            edge, full = self._edge.grown(entries)
            await self._write(full)
            self._edge = edge
        if self._edge.tree != tree:
            raise StoreCorrupt(f"The tree of the log {self.log} is not that of its entries.")

    async def publish(self, tree: RightEdge) -> None:
        """Publish a checkpoint of *tree*. Raises QuorumMissing, StoreConflict where another has published meanwhile."""
        await self.write_tiles(tree)
        await self._write(self._edge.partial_tiles())
        checkpoint = Checkpoint(self.signer.key.name, tree.size, tree.root)
        note = await self.witnesses.witnessed(self.signer.signed(checkpoint.text), checkpoint)
        self._version = await self.store.replace(f"{self.log}/{CHECKPOINT}", note.encode(), self._version)
        outgrown, self.published = outgrown_tiles(self.published, tree.size), tree.size
        with suppress(LedgerStoreError):  # what stays takes space, and nothing else
            for tile in outgrown:
                await self.store.remove_partials(f"{self.log}/{tile.path}")

    async def read_published(self, first: int, end: int) -> list[bytes]:
        """Return the published entries from the leaf index *first* to before *end*. Raises StoreCorrupt."""
        found: list[bytes] = []
        for index in range(first // FULL, -(-end // FULL)):
            tile = tile_at(ENTRIES, index, self.published)
            if tile is None:
                raise StoreCorrupt(f"The log {self.log} has no entries from {first} to {end}.")
            try:
                found += bundle_entries(tile, await self._read_tile(tile))
            except TileRefused as error:
                raise StoreCorrupt(f"{self.log}/{tile.path} is malformed.") from error
        skipped = first // FULL * FULL
        return found[first - skipped : end - skipped]

    async def _read_edge(self, checkpoint: Checkpoint) -> Edge:
        try:
            tiles = {tile: await self._read_tile(tile) for tile in edge_tiles(checkpoint.size)}
            tree = edge_from_tiles(checkpoint.size, tiles)
        except TileRefused as error:
            raise StoreCorrupt(f"A tile of the right edge of {self.log} is malformed.") from error
        if tree.root != checkpoint.root:
            raise StoreCorrupt(f"The right edge of {self.log} does not give the root of its checkpoint.")
        return Edge(tree, tiles, await self._read_edge_bundle(checkpoint.size, tiles))

    async def _read_edge_bundle(self, size: int, tiles: Mapping[Tile, bytes]) -> bytes:
        """Return the partial tile of entries, which must be those of its hashes: it is written again with the next."""
        partial = edge_bundle(size)
        if partial is None:
            return b""
        bundle, hashes = await self._read_tile(partial), replace(partial, level=0)
        try:
            found = [leaf_hash(each) for each in bundle_entries(partial, bundle)]
        except TileRefused as error:
            raise StoreCorrupt(f"{self.log}/{partial.path} is malformed.") from error
        if found != list(tile_hashes(hashes, tiles[hashes])):
            raise StoreCorrupt(f"{self.log}/{partial.path} has not the entries of its hashes.")
        return bundle

    async def _read_tile(self, tile: Tile) -> bytes:
        found = await self.store.read(f"{self.log}/{tile.path}")
        if found is None:
            raise StoreCorrupt(f"{self.log}/{tile.path} is missing.")
        return found.content

    async def _write(self, tiles: Mapping[Tile, bytes]) -> None:
        files = {f"{self.log}/{tile.path}": content for tile, content in tiles.items()}
        await write_beyond(self.store, f"{self.log}/{CHECKPOINT}", self._version, files)
