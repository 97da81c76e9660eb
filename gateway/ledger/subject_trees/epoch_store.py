"""The trees of epochs in the store of the ledger: never public, and never in the database, which could be restored.

    epochs/last                       the newest epoch, replaced by compare-and-swap: JSON, see `LastEpoch`
    epochs/<epoch>-<run>.p/<L>-<N>    a piece of its tree [consent/ledger/epoch_trees.py]
    epochs/<epoch>-<run>.p/labels     the first label of each piece of level 0

Folders are named like those of partial tiles, so that one operation of a store removes a tree. *run* is drawn: a run
that ended before its epoch was published leaves a folder that no other one writes to.

Labels and counts lead to nobody without a secret; yet only root, number and sums of an epoch are public. So this part
of a store is served to nobody: where a bucket or a folder is published as it is, `epochs/` has to be left out.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from consent.errors import NotCanonical
from consent.ledger.epoch_trees import LABELS, WIDTH, FoundHead, Piece, find_head, piece_of
from consent.ledger.epochs import LABEL_BYTES, NODE_BYTES
from gateway.ledger.errors import StoreCorrupt
from gateway.ledger.stores.tile_store import TileStore
from storage.ledger.epoch_heads import StoredEpoch

LAST: Final = "epochs/last"
EPOCHS_KEPT: Final = 48
DAYS_KEPT: Final = 90
"""One epoch of each day is kept for so long."""
PIECES_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class LastEpoch:
    """The newest epoch whose tree is in the store; *root* is its whole node in hexadecimal."""

    epoch: int
    folder: str
    heads: int
    root: str
    consent_size: int
    access_size: int


class EpochStore:
    """Reads and writes the trees of epochs."""

    def __init__(self, store: TileStore) -> None:
        self._store = store

    async def last(self) -> tuple[LastEpoch | None, str | None]:
        """Return the newest epoch of the store, and the version that a replacement names. Raises StoreCorrupt."""
        stored = await self._store.read(LAST)
        if stored is None:
            return None, None
        try:
            return LastEpoch(**json.loads(stored.content)), stored.version
        except (ValueError, TypeError):
            raise StoreCorrupt(f"{LAST} is not what an epoch leaves.") from None

    async def announce(self, epoch: LastEpoch, version: str | None) -> None:
        """Make *epoch* the newest one, after its pieces; raises StoreConflict where another one became it meanwhile."""
        await self._store.replace(LAST, json.dumps(asdict(epoch), sort_keys=True).encode(), version)

    async def write(self, folder: str, pieces: Sequence[Piece]) -> None:
        """Write pieces of a tree."""
        await self._store.write_all_new({_path(folder, each.level, each.number): each.contents for each in pieces})

    async def remove(self, folder: str) -> None:
        """Remove a tree."""
        await self._store.remove_partials(f"epochs/{folder}")

    async def find(self, folder: str, heads: int, label: bytes) -> FoundHead | None:
        """Return the head under *label*, with its way to the root; None where there is none. Raises StoreCorrupt."""
        if not heads:
            return None
        try:
            number = piece_of(label, await self._piece(folder, LABELS, 0))
            if number is None:
                return None
            contents, nodes = await self._piece(folder, 0, number), dict[tuple[int, int], bytes]()
            level, at, count = 1, number, -(-heads // WIDTH)
            while count > 1:
                nodes[level, at // WIDTH] = await self._piece(folder, level, at // WIDTH)
                level, at, count = level + 1, at // WIDTH, -(-count // WIDTH)
            return find_head(label, heads, number, contents, lambda *place: nodes[place])
        except NotCanonical:
            raise StoreCorrupt(f"{folder} is not the tree of an epoch.") from None

    async def heads_of(self, folder: str, heads: int) -> AsyncIterator[tuple[bytes, bytes]]:
        """Yield label and node of every head of an epoch. Raises StoreCorrupt."""
        width = LABEL_BYTES + NODE_BYTES
        for number in range(-(-heads // WIDTH)):
            contents = await self._piece(folder, 0, number)
            for at in range(0, len(contents), width):
                yield contents[at : at + LABEL_BYTES], contents[at + LABEL_BYTES : at + width]

    async def _piece(self, folder: str, level: int, number: int) -> bytes:
        stored = await self._store.read(_path(folder, level, number))
        if stored is None:
            raise StoreCorrupt(f"{folder} lacks a piece of the tree of its epoch.")
        return stored.content


def _path(folder: str, level: int, number: int) -> str:
    return f"epochs/{folder}.p/{'labels' if level == LABELS else f'{level}-{number}'}"


def no_longer_kept(kept: Sequence[StoredEpoch], now: datetime) -> list[StoredEpoch]:
    """Return those of *kept*, the newest first, whose trees can go: neither among the last, nor the last of its day."""
    days: Mapping[object, int] = {each.made_at.date(): each.epoch for each in reversed(kept)}
    since = now - timedelta(days=DAYS_KEPT)
    return [each for each in kept[EPOCHS_KEPT:] if each.made_at < since or days[each.made_at.date()] != each.epoch]
