"""Proofs from tiles are those from the leaves [RFC 6962 section 2.1]; any flipped bit in a tile is found [5.1.6]."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import LedgerRefused, ProofRefused, TileRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import consistency_path, inclusion_path, root_of, verify_inclusion
from consent.ledger.right_edge import RightEdge
from consent.ledger.tile_growth import grown_tiles
from consent.ledger.tile_proofs import (
    consistency_proof,
    consistency_tiles,
    edge_from_tiles,
    inclusion_proof,
    inclusion_tiles,
    leaf_hash_at,
    require_tiles,
)
from consent.ledger.tiles import FULL, Tile, edge_tiles, tile_at

HASHES = [sha256(b"\0" + index.to_bytes(32, "big")).digest() for index in range(1100)]
SIZES = st.one_of(st.integers(1, len(HASHES)), st.sampled_from([1, 2, 255, 256, 257, 511, 512, 513, 768, 1024]))


def tiles_of(size):
    return dict(grown_tiles(0, {}, HASHES[:size]))


def only(tiles, wanted):
    """Return these tiles alone: a proof takes no other."""
    return {tile: tiles[tile] for tile in wanted}


def edge_of(size, tiles):
    return edge_from_tiles(size, only(tiles, edge_tiles(size)))


@given(SIZES)
def test_the_right_edge_follows_from_the_edge_tiles(size):
    assert edge_of(size, tiles_of(size)) == RightEdge().append(HASHES[:size])


def test_the_edge_of_nothing():
    assert edge_from_tiles(0, {}) == RightEdge()


@given(SIZES, st.data())
def test_inclusion_proofs_are_those_of_the_leaves(size, data):
    index = data.draw(st.one_of(st.integers(0, size - 1), st.sampled_from([0, size - 1])))
    tiles = tiles_of(size)
    proof = inclusion_proof(index, edge_of(size, tiles), only(tiles, inclusion_tiles(index, size)))
    assert proof == inclusion_path(HASHES[:size], index)
    verify_inclusion(HASHES[index], index, size, root_of(HASHES[:size]), proof)
    assert leaf_hash_at(index, edge_of(size, tiles), only(tiles, inclusion_tiles(index, size))) == HASHES[index]


@given(SIZES, st.data())
def test_consistency_proofs_are_those_of_the_leaves(size, data):
    old = data.draw(st.one_of(st.integers(1, size), st.sampled_from([256, 512, 768]).filter(lambda each: each <= size)))
    tiles = tiles_of(size)
    proof = consistency_proof(old, edge_of(size, tiles), only(tiles, consistency_tiles(old, size)))
    assert proof == consistency_path(HASHES[:size], old)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
def test_every_proof_of_a_small_tree(size):
    tiles = tiles_of(size)
    edge = edge_of(size, tiles)
    for at in range(size):
        assert inclusion_proof(at, edge, tiles) == inclusion_path(HASHES[:size], at)
        assert consistency_proof(at + 1, edge, tiles) == consistency_path(HASHES[:size], at + 1)
    assert consistency_proof(0, edge, tiles) == []


@given(st.integers(1, 2**32), st.data())
def test_a_proof_takes_at_most_four_tiles_up_to_2_to_the_32(size, data):
    """One of each level, besides the edge, which is the same for every proof of the tree."""
    index = data.draw(st.integers(0, size - 1))
    for wanted in (inclusion_tiles(index, size), consistency_tiles(index + 1, size), edge_tiles(size)):
        assert len(wanted) <= 4 + (size == 2**32)
        assert len({tile.level for tile in wanted}) == len(wanted)
        assert all(tile == tile_at(tile.level, tile.index, size) for tile in wanted)


FIVE = RightEdge().append(HASHES[:5])
OUT_OF_RANGE = (ProofRefused, LedgerFlaw.OUT_OF_RANGE)
MISSING = (TileRefused, LedgerFlaw.TILE_MISSING)


@pytest.mark.parametrize(
    ("case", "ask", "refused"),
    [
        ("a leaf after the last one", lambda: inclusion_tiles(5, 5), OUT_OF_RANGE),
        ("a leaf before the first one", lambda: inclusion_tiles(-1, 5), OUT_OF_RANGE),
        ("a leaf of an empty tree", lambda: inclusion_tiles(0, 0), OUT_OF_RANGE),
        ("a larger tree", lambda: consistency_tiles(6, 5), OUT_OF_RANGE),
        ("a tree of less than nothing", lambda: consistency_tiles(-1, 5), OUT_OF_RANGE),
        ("the proof of a leaf after the last one", lambda: inclusion_proof(5, FIVE, {}), OUT_OF_RANGE),
        ("the proof of a larger tree", lambda: consistency_proof(6, FIVE, {}), OUT_OF_RANGE),
        ("a proof without its tile", lambda: inclusion_proof(0, FIVE, {}), MISSING),
        ("a consistency proof without its tile", lambda: consistency_proof(3, FIVE, {}), MISSING),
        ("an edge without its tile", lambda: edge_from_tiles(5, {}), MISSING),
        ("a leaf without its tile", lambda: leaf_hash_at(0, FIVE, {}), MISSING),
    ],
)
def test_what_is_not_in_the_tree_is_refused_by_name(case, ask, refused):
    with pytest.raises(LedgerRefused) as raised:
        ask()
    assert (type(raised.value), raised.value.flaw) == refused


@given(st.sampled_from([1, 2, 255, 256, 300, 1000]), st.data())
def test_any_flipped_bit_in_any_tile_is_found(size, data):
    tiles, root = tiles_of(size), root_of(HASHES[:size])
    require_tiles(size, root, tiles)
    tile = data.draw(st.sampled_from(sorted(tiles, key=lambda each: each.path)))
    bit = data.draw(st.integers(0, 8 * len(tiles[tile]) - 1))
    changed = bytearray(tiles[tile])
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(TileRefused):
        require_tiles(size, root, tiles | {tile: bytes(changed)})


SIZE = 1000
TILES = tiles_of(SIZE)
ROOT = root_of(HASHES[:SIZE])


@pytest.mark.parametrize(
    ("case", "size", "root", "changed"),
    [
        ("another root", SIZE, bytes(32), {}),
        ("the tree of another size", SIZE - 1, ROOT, {}),
        ("a tile of another tree", SIZE, ROOT, {Tile(0, 4): bytes(32 * FULL)}),
        ("a partial tile of a smaller tree", SIZE, ROOT, {Tile(0, 3, 5): b"".join(HASHES[768:773])}),
        ("a level that the tree has not", SIZE, ROOT, {Tile(2, 0, 1): bytes(32)}),
        ("a tile of another place", SIZE, ROOT, {Tile(0, 0): TILES[Tile(0, 1)]}),
        ("a tile that ends too early", SIZE, ROOT, {Tile(0, 0): TILES[Tile(0, 0)][:-32]}),
        ("an empty tile", SIZE, ROOT, {Tile(0, 0): b""}),
    ],
)
def test_tiles_of_another_tree_are_refused(case, size, root, changed):
    with pytest.raises(TileRefused):
        require_tiles(size, root, TILES | changed)


def test_a_missing_edge_is_refused():
    with pytest.raises(TileRefused):
        require_tiles(SIZE, ROOT, only(TILES, [Tile(0, 0)]))
