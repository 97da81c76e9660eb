"""A tree that grows, known by its right edge alone: enough to append leaves and to give the root.

    edge   × 32 bytes: the roots of the tree's complete subtrees, the largest first. A tree of 11 = 8 + 2 + 1 leaves has
           three: over the leaves 0-7, 8-9 and 10. A tree of none has none.

The subtrees are the bits of the size, so an edge of 2^40 leaves has at most 40 hashes, and needs its size beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from consent.errors import EdgeRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import HASH_BYTES, node_hash, root_of_nodes


@dataclass(frozen=True)
class RightEdge:
    """The right edge of a tree of *size* leaves: *roots* of its complete subtrees, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an edge that is not one of *size*: EdgeRefused."""
        if self.size < 0 or len(self.roots) != self.size.bit_count() or any(len(it) != HASH_BYTES for it in self.roots):
            raise EdgeRefused(LedgerFlaw.NOT_OF_ITS_SIZE)

    @classmethod
    def decode(cls, size: int, edge: bytes) -> "RightEdge":
        """Read the roots from *edge*. Raises EdgeRefused where they are not those of a tree of *size*."""
        return cls(size, tuple(edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES)))

    def encode(self) -> bytes:
        """Return the roots, joined."""
        return b"".join(self.roots)

    @cached_property
    def root(self) -> bytes:
        """The root of the tree."""
        return root_of_nodes(self.roots)

    def append(self, leaf_hashes: Iterable[bytes]) -> "RightEdge":
        """Return the edge of the tree with these leaves appended: about a hash for each of them.

        A level at a time: what waits on the edge of the level goes before its new hashes, pairs go up, and an odd last
        one waits. A million leaves at once take 32 MB and their own list.
        """
        waiting = list(self.roots)  # The smallest stands at the end.
        old_size, hashes = self.size, list(leaf_hashes)
        new_size = old_size + len(hashes)
        edge: list[bytes] = []
        while hashes or old_size:
            if old_size & 1:
                hashes.insert(0, waiting.pop())
            if len(hashes) & 1:
                edge.append(hashes.pop())
            each = iter(hashes)
            hashes, old_size = list(map(node_hash, each, each)), old_size >> 1
        return RightEdge(new_size, tuple(reversed(edge)))
