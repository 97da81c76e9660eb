"""What was published, compared with what the database has: the same beginning, or a database that was restored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.right_edge import RightEdge
from consent.ledger.tiles import FULL
from consent.ports import Log
from gateway.ledger.errors import StoreBehind, StoreCorrupt
from gateway.ledger.publisher import LogPublisher
from storage.database.database import Database
from storage.ledger.read_entries import read_entries
from storage.ledger.restores import LostRange, take_over

AT_ONCE: Final = 16 * FULL


@dataclass(frozen=True, slots=True)
class PublishedTree:
    """The tree of the last checkpoint of *log*, *tree*, beside the database."""

    database: Database
    log: Log
    publisher: LogPublisher
    tree: RightEdge

    async def take_over_lost(self, here: RightEdge, now: datetime) -> Sequence[LostRange] | None:
        """Return None where the database, whose tree is *here*, continues what was published.

        Else put the published entries back at their places, and return the ranges whose rows are lost. Raises
        StoreCorrupt where these entries do not give the tree of the checkpoint: then nothing is taken over.
        """
        if await self._is_continued_by(here):
            return None
        kept = await self._shared(min(here.size, self.tree.size))
        published = await self.publisher.read_published(kept.size, self.tree.size)
        if kept.append([leaf_hash(each) for each in published]) != self.tree:
            raise StoreCorrupt(f"The entries of {self.log} in the store are not those of its checkpoint.")
        return await take_over(self.database, self.log, kept, published, now)

    async def require_witnessed(self) -> None:
        """Do nothing where the database has every tree that a witness has cosigned last; else raise StoreBehind.

        A witness may know of more than the store: the process ended after it was asked. Where the database has not
        that either, store and database were put back to an earlier moment, and signing would fork the tree.
        """
        for checkpoint in await self.publisher.witnesses.last_cosigned():
            if checkpoint.size > self.tree.size and await self._root_at(checkpoint.size) != checkpoint.root:
                raise StoreBehind(f"A witness has cosigned {checkpoint.size} entries of {checkpoint.origin}.")

    async def _root_at(self, size: int) -> bytes | None:
        """Return the root of the first *size* entries of the database, or None where it has fewer."""
        tree = await self._extended(size)
        return tree.root if tree.size == size else None

    async def _is_continued_by(self, here: RightEdge) -> bool:
        """Whether the published tree with the further entries of the database gives the tree of the database."""
        if here.size < self.tree.size:
            return False
        return await self._extended(here.size) == here

    async def _extended(self, size: int) -> RightEdge:
        """Return the published tree with the further entries of the database, up to *size*."""
        tree = self.tree
        while tree.size < size:
            entries = await read_entries(self.database, self.log, tree.size, min(size, tree.size + AT_ONCE))
            if not entries:
                break
            tree = tree.append([leaf_hash(each) for each in entries])
        return tree

    async def _shared(self, size: int) -> RightEdge:
        """Return the tree of the longest beginning that the database and the store share, within *size* entries."""
        start = 0
        # From the end, a tile at a time: a restore loses the newest entries.
        for first in range((size - 1) // FULL * FULL if size else 0, -1, -FULL):
            ours = await read_entries(self.database, self.log, first, min(first + FULL, size))
            theirs = await self.publisher.read_published(first, min(first + FULL, size))
            same = next(
                (at for at, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), len(ours)
            )
            if same or not first:
                start = first + same
                break
        return await self._tree_of(start)

    async def _tree_of(self, size: int) -> RightEdge:
        """Return the tree of the first *size* published entries."""
        tree = RightEdge()
        while tree.size < size:
            entries = await self.publisher.read_published(tree.size, min(size, tree.size + AT_ONCE))
            tree = tree.append([leaf_hash(each) for each in entries])
        return tree
