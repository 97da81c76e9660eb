"""Copies a log into a store, so that the copy is a log itself: tiles first, then the checkpoint as its log signed it.

    the copy's checkpoint ─> 16 tiles of entries ─> do they continue the copy, and does the source's checkpoint continue
    them? ─> their tiles, durable ─> … ─> partial tiles ─> the checkpoint, by compare-and-swap

Nothing is stored that was not proved to be of the source's checkpoint. Each step can be repeated, and one that was
interrupted continues: tiles that are there are not fetched again. The way back is the same: entries that a store has
lost, because it was put back to an earlier moment, are copied from a copy into it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.tiles import ENTRIES, Tile
from consent.ports import Log
from gateway.ledger.monitor.checkpoints import SeenCheckpoint, accepted, require_later
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction
from gateway.ledger.monitor.log_growth import LogGrowth
from gateway.ledger.monitor.log_source import LogSource, StoredLog
from gateway.ledger.publisher import Edge
from gateway.ledger.stores.tile_store import CHECKPOINT, TileStore, write_beyond

_UNWITNESSED: Final = "none"


@dataclass(frozen=True, slots=True)
class Copied:
    """The sizes of the copy before and after."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class LogCopy:
    """Copies the log of *source* into *store*. *policy* says whose checkpoints are accepted.

    *now* gives seconds since 1970 UTC.
    Raises LogContradiction and LogUnchecked, and what the store raises.
    """

    source: LogSource
    store: TileStore
    policy: LogPolicy
    now: Callable[[], float]

    @property
    def _log(self) -> Log:
        return self.source.log

    async def grow(self) -> Copied:
        """Bring the copy to the source's checkpoint."""
        try:
            return await self._grow(_WithStored(self.source, self.store))
        except LogContradiction as found:
            if found.word is not ContradictionWord.ROOT_DIFFERS:
                raise
            # What an interrupted copy has left may be what is wrong, and not the source.
            return await self._grow(self.source)

    async def _grow(self, source: LogSource) -> Copied:
        stored = await self.store.read(f"{self._log}/{CHECKPOINT}")
        version = None if stored is None else stored.version
        before = None if stored is None else self._own(stored.content)
        head = await self._head(before)
        if head is None or (stored is not None and head.note == stored.content):
            size = before.checkpoint.size if before else 0
            return Copied(size, size)
        growth = LogGrowth(source, head.checkpoint)
        edge = await self._start(before, head, growth)
        size = edge.tree.size
        head_tree = await growth.tree_at(head.checkpoint.size)
        async for piece in growth.pieces(edge):
            await growth.require_consistent(piece.edge.tree, head_tree)
            await self._write(piece.full_tiles, version)
            edge = piece.edge
        await self._write(edge.partial_tiles(), version)
        await self.store.replace(f"{self._log}/{CHECKPOINT}", head.note, version)
        return Copied(size, head.checkpoint.size)

    async def _head(self, before: SeenCheckpoint | None) -> SeenCheckpoint | None:
        content = await self.source.checkpoint()
        if content is None:
            if before is not None:
                raise LogContradiction(ContradictionWord.CHECKPOINT_GONE, self._log, evidence=(before.note,))
            return None
        head = accepted(content, self._log, self.policy, self.now())
        if before is not None:
            require_later(self._log, before, head)
        return head

    def _own(self, content: bytes) -> SeenCheckpoint:
        """Return the copy's own checkpoint; the witnesses may have been others when it was stored."""
        return accepted(content, self._log, replace(self.policy, quorum=_UNWITNESSED), None)

    async def _start(self, before: SeenCheckpoint | None, head: SeenCheckpoint, growth: LogGrowth) -> Edge:
        """Return the edge of the copy, which the source continues."""
        if before is None or before.checkpoint.size == 0:
            return Edge()
        edge = await LogGrowth(StoredLog(self.store, self._log), before.checkpoint).edge_at(before.checkpoint.size)
        if edge.tree.root != before.checkpoint.root:
            raise LogContradiction(ContradictionWord.COPY_DIFFERS, self._log, {"size": before.checkpoint.size})
        if (await growth.tree_at(before.checkpoint.size)).root != before.checkpoint.root:
            facts: dict[str, int | str] = {"old_size": before.checkpoint.size, "size": head.checkpoint.size}
            raise LogContradiction(ContradictionWord.NOT_CONSISTENT, self._log, facts, (before.note, head.note))
        return edge

    async def _write(self, tiles: Mapping[Tile, bytes], version: str | None) -> None:
        files = {f"{self._log}/{tile.path}": content for tile, content in tiles.items()}
        await write_beyond(self.store, f"{self._log}/{CHECKPOINT}", version, files)


class _WithStored:
    """A source whose full tiles of entries are read from the store where they are there already."""

    def __init__(self, source: LogSource, store: TileStore) -> None:
        self.log = source.log
        self._source, self._stored = source, StoredLog(store, source.log)

    async def checkpoint(self) -> bytes | None:
        """Return the source's signed note."""
        return await self._source.checkpoint()

    async def file(self, tile: Tile) -> bytes | None:
        """Return the content of a tile."""
        if tile.level == ENTRIES and not tile.is_partial:
            found = await self._stored.file(tile)
            if found is not None:
                return found
        return await self._source.file(tile)
