"""Proofs and roots from tiles: what an RFC 6962 log would compute on request, anybody computes from its files.

The right edge of a tree lies in at most one tile of each level (`edge_tiles`) and is the same for every proof of that
tree. With it a proof takes tiles of one complete subtree only: one for each level, four up to 2^32 leaves.
"""

from collections.abc import Mapping, Sequence

from consent.errors import TileRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import (
    Node,
    Subtree,
    consistency_subtrees,
    inclusion_subtrees,
    nodes_of,
    root_of,
    root_of_nodes,
)
from consent.ledger.right_edge import RightEdge
from consent.ledger.tiles import FULL, HEIGHT, Tile, tile_at, tile_hashes

Tiles = Mapping[Tile, bytes]
"""Contents of hash tiles, by their place as it is in the tree that is asked about."""


def edge_from_tiles(size: int, tiles: Tiles) -> RightEdge:
    """Return the right edge of a tree of *size* from its `edge_tiles(size)`. Raises TileRefused."""
    return RightEdge(size, tuple(_hash_of(node, size, tiles) for node in nodes_of(Subtree(0, size))))


def inclusion_tiles(index: int, size: int) -> list[Tile]:
    """Return the tiles of `inclusion_proof` and `leaf_hash_at`: at most one of each level. Raises ProofRefused."""
    return _tiles_of([Subtree(index, index + 1), *inclusion_subtrees(index, size)], size)


def inclusion_proof(index: int, edge: RightEdge, tiles: Tiles) -> list[bytes]:
    """Return PATH(index) in the tree of *edge*, the lowest hash first [RFC 6962 section 2.1.1].

    Raises ProofRefused where there is no such leaf, and TileRefused where a tile is missing or malformed.
    """
    return _hashes_of(inclusion_subtrees(index, edge.size), edge, tiles)


def consistency_tiles(old_size: int, size: int) -> list[Tile]:
    """Return the tiles that `consistency_proof` takes: at most one of each level. Raises ProofRefused."""
    return _tiles_of(consistency_subtrees(old_size, size), size)


def consistency_proof(old_size: int, edge: RightEdge, tiles: Tiles) -> list[bytes]:
    """Return PROOF(old_size) in the tree of *edge* [RFC 6962 section 2.1.2]. Raises as `inclusion_proof` does."""
    return _hashes_of(consistency_subtrees(old_size, edge.size), edge, tiles)


def leaf_hash_at(index: int, edge: RightEdge, tiles: Tiles) -> bytes:
    """Return the hash of a leaf, from `inclusion_tiles`. Raises TileRefused."""
    (found,) = _hashes_of([Subtree(index, index + 1)], edge, tiles)
    return found


def require_tiles(size: int, root: bytes, tiles: Tiles) -> None:
    """Raise TileRefused unless every tile is of the tree of *size* with this *root*.

    *tiles* holds the tree's edge tiles, and with each full tile the tile above it. Afterwards a proof from these tiles
    is one of the tree.
    """
    if edge_from_tiles(size, tiles).root != root:
        raise TileRefused(LedgerFlaw.NOT_OF_THIS_TREE)
    for tile, content in tiles.items():
        require_tile(tile, content, size, tiles)


def require_tile(tile: Tile, content: bytes, size: int, tiles: Tiles) -> None:
    """Raise TileRefused unless a tile is one of a tree of *size*, of which *tiles* holds the tile above it.

    The root of a full tile is compared with its hash in the one above; a partial tile must be an edge tile, whose
    hashes the root of the tree vouches for.
    """
    hashes = tile_hashes(tile, content)
    if tile != tile_at(tile.level, tile.index, size):
        raise TileRefused(LedgerFlaw.NOT_OF_THIS_TREE)
    above = Node(HEIGHT * (tile.level + 1), tile.index)
    if not tile.is_partial and root_of(hashes) != _hash_of(above, size, tiles):
        raise TileRefused(LedgerFlaw.NOT_OF_THIS_TREE)


def tile_above(tile: Tile, size: int) -> Tile | None:
    """Return the tile of a tree of *size* that holds the root of a full *tile*; None for a partial one."""
    return None if tile.is_partial else tile_at(tile.level + 1, tile.index // FULL, size)


def _tiles_of(subtrees: Sequence[Subtree], size: int) -> list[Tile]:
    """Return the tiles of the nodes that the right edge has not."""
    edge = set(nodes_of(Subtree(0, size)))
    needed = [node for subtree in subtrees for node in nodes_of(subtree) if node not in edge]
    return list(dict.fromkeys(_tile_of(node, size) for node in needed))


def _hashes_of(subtrees: Sequence[Subtree], edge: RightEdge, tiles: Tiles) -> list[bytes]:
    known = dict(zip(nodes_of(Subtree(0, edge.size)), edge.roots, strict=True))
    return [
        root_of_nodes([known.get(node) or _hash_of(node, edge.size, tiles) for node in nodes_of(subtree)])
        for subtree in subtrees
    ]


def _tile_of(node: Node, size: int) -> Tile:
    tile = tile_at(node.level // HEIGHT, _first(node) // FULL, size)
    if tile is None:
        raise TileRefused(LedgerFlaw.NOT_OF_THIS_TREE)
    return tile


def _hash_of(node: Node, size: int, tiles: Tiles) -> bytes:
    """Return the hash of a node, from the hashes below it in its tile."""
    tile = _tile_of(node, size)
    if tile not in tiles:
        raise TileRefused(LedgerFlaw.TILE_MISSING)
    at, count = _first(node) % FULL, 1 << node.level % HEIGHT
    if at + count > tile.width:
        raise TileRefused(LedgerFlaw.NOT_OF_THIS_TREE)
    return root_of(tile_hashes(tile, tiles[tile], at, at + count))


def _first(node: Node) -> int:
    """Return the first of the hashes of level `node.level // HEIGHT` from which the node is computed."""
    return node.index << node.level % HEIGHT
