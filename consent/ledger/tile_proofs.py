"""Proofs and roots from tiles: what an RFC 6962 log would compute on request, anybody computes from its files.

A tree of *size* leaves is a row of complete subtrees, the largest first: one for each bit of the size. Their roots,
the right edge, lie in at most one tile of each level (`edge_tiles`) and are the same for every proof of that tree.
With them a proof takes the tiles of one complete subtree only: one for each level, four up to 2**32 leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consent.errors import TILE_NOT_IN_TREE, TileRefused
from consent.ledger.merkle_tree import node_hash, root_of
from consent.ledger.tiles import FULL, HEIGHT, Tile, edge_tiles, tile_at, tile_hashes

Tiles = Mapping[Tile, bytes]
"""Contents of hash tiles, by their place as it is in the tree that is asked about."""


@dataclass(frozen=True, slots=True)
class Subtree:
    """A complete subtree: the leaves from `index << height` on, `1 << height` of them."""

    height: int
    index: int

    @property
    def _first(self) -> tuple[int, int]:
        """The level whose hashes it is made of, and the first of them."""
        return self.height // HEIGHT, self.index << self.height % HEIGHT

    def tile(self, size: int) -> Tile:
        """Return the tile of a tree of *size* from which its root is computed. Raises TileRefused where it has none."""
        level, first = self._first
        tile = tile_at(level, first // FULL, size)
        if tile is None:
            raise TileRefused(TILE_NOT_IN_TREE)
        return tile

    def root(self, size: int, tiles: Tiles) -> bytes:
        """Return its root, from the tile `tile(size)`. Raises TileRefused where that is missing or malformed."""
        tile, (_, first) = self.tile(size), self._first
        if tile not in tiles:
            raise TileRefused(TILE_NOT_IN_TREE)
        at = first % FULL
        hashes = tile_hashes(tile, tiles[tile])[at : at + (1 << self.height % HEIGHT)]
        if len(hashes) != 1 << self.height % HEIGHT:
            raise TileRefused(TILE_NOT_IN_TREE)
        return root_of(hashes)


def edge_subtrees(size: int) -> list[Subtree]:
    """Return the complete subtrees that a tree of *size* is made of, the largest first."""
    heights = [height for height in reversed(range(size.bit_length())) if size >> height & 1]
    return [Subtree(height, (size >> height) - 1) for height in heights]


def edge_roots(size: int, tiles: Tiles) -> list[bytes]:
    """Return the roots of `edge_subtrees(size)` from the tiles `edge_tiles(size)`. Raises TileRefused."""
    return [each.root(size, tiles) for each in edge_subtrees(size)]


def root_from_edge(edge: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose complete subtrees have these roots, the largest first."""
    if not edge:
        return root_of(())
    found = edge[-1]
    for left in reversed(edge[:-1]):
        found = node_hash(left, found)
    return found


def inclusion_tiles(index: int, size: int) -> list[Tile]:
    """Return the tiles that `inclusion_proof` takes: at most one of each level. Raises TileRefused for no such leaf."""
    return _tiles_of(Subtree(0, index), size)


def inclusion_proof(index: int, size: int, edge: Sequence[bytes], tiles: Tiles) -> list[bytes]:
    """Return PATH(index, D[size]), the lowest hash first [RFC 6962 section 2.1.1].

    *edge* is `edge_roots(size)`. Raises TileRefused where there is no such leaf, or a tile is missing or malformed.
    """
    return _path(Subtree(0, index), size, edge, tiles)


def consistency_tiles(old: int, size: int) -> list[Tile]:
    """Return the tiles that `consistency_proof` takes: at most one of each level. Raises TileRefused for old > size."""
    if not 0 <= old <= size:
        raise TileRefused(TILE_NOT_IN_TREE)
    return [] if old in {0, size} else _tiles_of(edge_subtrees(old)[-1], size)


def consistency_proof(old: int, size: int, edge: Sequence[bytes], tiles: Tiles) -> list[bytes]:
    """Return PROOF(old, D[size]) [RFC 6962 section 2.1.2]; of no leaf, or of all of them, it is empty.

    *edge* is `edge_roots(size)`. Raises TileRefused as `inclusion_proof` does, and where *old* is more than *size*.
    """
    if not consistency_tiles(old, size):
        return []
    *before, last = edge_subtrees(old)
    # The root of a complete tree is known to who asks; else the proof begins with the last complete subtree's.
    start = [last.root(size, tiles)] if before else []
    return start + _path(last, size, edge, tiles)


def leaf_hash_at(index: int, size: int, tiles: Tiles) -> bytes:
    """Return the hash of a leaf, from the tile of level 0 among `inclusion_tiles`. Raises TileRefused."""
    return Subtree(0, index).root(size, tiles)


def _tiles_of(low: Subtree, size: int) -> list[Tile]:
    place = _place(low, size)
    top = edge_subtrees(size)[place].height
    above = [
        Subtree(height, low.index >> height - low.height) for height in range(low.height, max(top, low.height + 1))
    ]
    return list(dict.fromkeys(each.tile(size) for each in above))


def _path(low: Subtree, size: int, edge: Sequence[bytes], tiles: Tiles) -> list[bytes]:
    """Return the hashes beside the way from the root of *low* to that of the tree."""
    place = _place(low, size)
    top = edge_subtrees(size)[place].height
    inside = [
        Subtree(height, (low.index >> height - low.height) ^ 1).root(size, tiles) for height in range(low.height, top)
    ]
    right = [root_from_edge(edge[place + 1 :])] if place + 1 < len(edge) else []
    return [*inside, *right, *reversed(edge[:place])]


def _place(low: Subtree, size: int) -> int:
    """Return which of the tree's complete subtrees holds *low*."""
    first = low.index << low.height
    for place, each in enumerate(edge_subtrees(size)):
        if 0 <= first < (each.index + 1) << each.height:
            return place
    raise TileRefused(TILE_NOT_IN_TREE)


def require_tiles(size: int, root: bytes, tiles: Tiles) -> None:
    """Raise TileRefused unless every tile is of the tree of *size* with this *root*.

    *tiles* holds the tree's edge tiles, and with each full tile the tile above it: each hash is compared with the
    root of the tile below it, and the edge with the root. Afterwards any proof from these tiles is a proof of the tree.
    """
    if any(tile not in tiles for tile in edge_tiles(size)) or root_from_edge(edge_roots(size, tiles)) != root:
        raise TileRefused(TILE_NOT_IN_TREE)
    for tile, content in tiles.items():
        hashes = tile_hashes(tile, content)
        if tile != tile_at(tile.level, tile.index, size):
            raise TileRefused(TILE_NOT_IN_TREE)
        if not tile.is_partial and root_of(hashes) != Subtree(HEIGHT * (tile.level + 1), tile.index).root(size, tiles):
            raise TileRefused(TILE_NOT_IN_TREE)
