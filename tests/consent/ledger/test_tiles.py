"""Tiles of a log [c2sp.org/tlog-tiles]: their paths, which ones a growth adds, and their content.

Any growth in any steps gives the tiles that the whole log gives at once.
"""

from collections import Counter
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import NotCanonical, TileRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import root_of
from consent.ledger.tile_growth import grown_bundles, grown_tiles
from consent.ledger.tiles import (
    ENTRIES,
    Tile,
    bundle_entries,
    cut,
    edge_bundle,
    edge_tiles,
    new_tiles,
    outgrown_tiles,
    tile_at,
    tile_hashes,
)

MOST = 66_000
ENTRIES_OF = [index.to_bytes(32, "big") for index in range(MOST)]
HASHES = [sha256(b"\0" + entry).digest() for entry in ENTRIES_OF]
"""Enough for a tile of level 2."""


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", Tile(0, 0)),
        ("tile/0/000.p/1", Tile(0, 0, 1)),
        ("tile/0/255.p/255", Tile(0, 255, 255)),
        ("tile/0/x001/000", Tile(0, 1000)),
        ("tile/0/x001/x234/067", Tile(0, 1234067)),
        ("tile/3/x001/x234/067.p/5", Tile(3, 1234067, 5)),
        ("tile/63/000.p/1", Tile(63, 0, 1)),
        ("tile/entries/x273/999.p/112", Tile(ENTRIES, 273999, 112)),
        ("tile/entries/000", Tile(ENTRIES, 0)),
        ("tile/0/x036/x028/x797/x018/x963/967", Tile(0, 2**55 - 1)),
    ],
)
def test_a_path_names_one_tile(path, tile):
    assert tile.path == path
    assert Tile.parse(path) == tile


LEVELS = ["", "-1", "+1", "00", "01", "64", "99", "100", "0x1", "x000", "data", "Entries", "entries ", " 0", "٣", "０"]
INDEXES = [
    "", "0", "1", "00", "0000", "1000", "x000/000", "x000/x001/000", "001/000", "x1/000", "x001", "x001/", "x001/x000",
    "X001/000", "/000", "000/", "x001//000", "-01", "+01", "٠٠٠", "00a", "0 0", " 000", "000 ", "000\n", "000\0", "..",
    "../000", "x001/../000", "000%2Ep/1", "x001\\000", "000.P/1", "000.p", "x999/x999/x999/x999/x999/x999/x999/000",
]  # fmt: skip
WIDTHS = ["", "0", "00", "01", "001", "256", "257", "999", "1000", "-1", "+1", "1.0", "1e1", "٣", " 1", "1 ", "1/", "x"]
MALFORMED = [
    *(f"tile/{level}/000" for level in LEVELS),
    *(f"tile/0/{index}" for index in INDEXES),
    *(f"tile/entries/{index}" for index in INDEXES),
    *(f"tile/0/000.p/{width}" for width in WIDTHS),
    *(f"tile/entries/x001/000.p/{width}" for width in WIDTHS),
    "", "tile", "tile/", "tile/0", "/tile/0/000", "tile//000", "Tile/0/000", "tile/0/000.p/1.p/1", "tile/0/000/000.p",
    "tile/entries/0/000", "tile/0/000?x", "tile/0/000#", "tiles/0/000", "../tile/0/000", "tile/0/000.p/1/..",
]  # fmt: skip


@pytest.mark.parametrize("path", MALFORMED)
def test_a_malformed_path_is_refused_by_name(path):
    with pytest.raises(TileRefused) as refused:
        Tile.parse(path)
    assert refused.value.flaw is LedgerFlaw.TILE_PATH


@given(st.text(st.sampled_from("tile/entris0123456789x.p/"), max_size=30))
def test_a_text_is_refused_or_is_the_path_of_its_tile(text):
    try:
        tile = Tile.parse(text)
    except TileRefused:
        return
    assert tile.path == text


@given(st.integers(-1, 63), st.integers(0, 10**20 - 1), st.integers(1, 256))
def test_every_path_leads_back_to_its_tile(level, index, width):
    assert Tile.parse(Tile(level, index, width).path) == Tile(level, index, width)


@pytest.mark.parametrize(
    ("size", "grown", "added"),
    [
        (0, 0, []),
        (0, 1, ["entries/000.p/1", "0/000.p/1"]),
        (5, 5, []),
        (5, 7, ["entries/000.p/7", "0/000.p/7"]),
        (255, 256, ["entries/000", "0/000", "1/000.p/1"]),
        (256, 257, ["entries/001.p/1", "0/001.p/1"]),
        (250, 514, ["entries/000", "entries/001", "entries/002.p/2", "0/000", "0/001", "0/002.p/2", "1/000.p/2"]),
        (69_999, 70_000, ["entries/273.p/112", "0/273.p/112"]),
        (65_535, 65_536, ["entries/255", "0/255", "1/000", "2/000.p/1"]),
    ],
)
def test_a_growth_adds_these_tiles(size, grown, added):
    assert [tile.path for tile in new_tiles(size, grown)] == [f"tile/{path}" for path in added]


@pytest.mark.parametrize(
    ("size", "grown", "outgrown"),
    [
        (0, 1000, []),
        (5, 255, []),
        (5, 256, ["0/000", "entries/000"]),
        (256, 700, []),
        (300, 700, ["0/001", "entries/001"]),
        (65_535, 65_536, ["0/255", "1/000", "entries/255"]),
        (65_536, 131_072, []),
    ],
)
def test_partial_tiles_that_are_full_now_may_go(size, grown, outgrown):
    assert [tile.path for tile in outgrown_tiles(size, grown)] == [f"tile/{path}" for path in outgrown]


def test_the_example_of_the_specification():
    """A tree of 70,000: 273 full tiles and one of 112; one full and one of 17; one of a single hash."""
    tiles = [tile for tile in new_tiles(0, 70_000) if tile.level != ENTRIES]
    count = {level: sum(tile.level == level and not tile.is_partial for tile in tiles) for level in range(4)}
    assert count == {0: 273, 1: 1, 2: 0, 3: 0}
    assert edge_tiles(70_000) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert edge_tiles(256) == [Tile(1, 0, 1)]
    assert edge_bundle(256) is None


@pytest.fixture(scope="module")
def whole():
    """Every full tile, and the partial ones of the largest tree."""
    return dict(grown_tiles(0, {}, HASHES)) | dict(grown_bundles(0, b"", ENTRIES_OF))


def content_at(whole, tile):
    """Return what *tile* holds by definition: the beginning of the widest one of its place."""
    if tile.level == ENTRIES:
        first = tile.index * 256
        return b"".join(len(each).to_bytes(2, "big") + each for each in ENTRIES_OF[first : first + tile.width])
    return whole[tile_at(tile.level, tile.index, MOST)][: 32 * tile.width]


def test_a_hash_of_a_tile_is_the_root_of_its_leaves(whole):
    """MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])"""
    assert set(whole) == set(new_tiles(0, MOST))
    for tile, places in {Tile(0, 257, 208): [0, 1, 207], Tile(1, 0): [0, 7, 255], Tile(2, 0, 1): [0]}.items():
        hashes, span = tile_hashes(tile, whole[tile]), 256**tile.level
        for place in places:
            first = (tile.index * 256 + place) * span
            assert hashes[place] == root_of(HASHES[first : first + span])
    assert bundle_entries(Tile(ENTRIES, 3), whole[Tile(ENTRIES, 3)]) == ENTRIES_OF[768:1024]


SIZES = st.one_of(
    st.integers(0, 1100), st.integers(65_000, MOST), st.sampled_from([255, 256, 257, 65_535, 65_536, 65_537])
)


@given(st.lists(SIZES, min_size=2, max_size=4))
def test_growth_in_any_steps_gives_the_same_tiles(whole, sizes):
    sizes = sorted(sizes)
    stored = {tile: content_at(whole, tile) for tile in edge_tiles(sizes[0])}
    if bundle := edge_bundle(sizes[0]):
        stored[bundle] = content_at(whole, bundle)
    for size, grown in pairwise(sizes):
        bundle = edge_bundle(size)
        made = [
            *grown_bundles(size, stored[bundle] if bundle else b"", ENTRIES_OF[size:grown]),
            *grown_tiles(size, {tile: stored[tile] for tile in edge_tiles(size)}, HASHES[size:grown]),
        ]
        assert Counter(tile for tile, _ in made) == Counter(new_tiles(size, grown))
        assert all(content == content_at(whole, tile) for tile, content in made)
        stored |= dict(made)


@pytest.mark.parametrize("size", [1, 255, 300, 65_537])
@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33), bytes(32 * 256)])
def test_growth_from_a_wrong_edge_is_refused_before_any_tile(whole, size, wrong):
    edge = {tile: content_at(whole, tile) for tile in edge_tiles(size)}
    for tile in edge:
        for changed in (edge | {tile: wrong}, {other: each for other, each in edge.items() if other != tile}):
            with pytest.raises(TileRefused) as refused:
                grown_tiles(size, changed, iter(()))
            assert refused.value.flaw in {LedgerFlaw.TILE_MISSING, LedgerFlaw.NOT_OF_ITS_WIDTH}


@pytest.mark.parametrize("size", [0, 1, 255, 256, 300])
@pytest.mark.parametrize("wrong", [b"\0", b"\0\1", b"\0\1ab", b"\0\0" * 3, b"\xff\xff"])
def test_entries_are_not_joined_to_another_bundle(size, wrong):
    with pytest.raises(TileRefused):
        grown_bundles(size, wrong, iter(()))


def test_an_entry_has_at_most_65535_bytes():
    with pytest.raises(NotCanonical):
        list(grown_bundles(0, b"", [bytes(65_536)]))


MALFORMED_HASHES = [0, 1, 31, 33, 63, 65, 8191, 8193, 2**20]


@pytest.mark.parametrize("length", MALFORMED_HASHES)
@pytest.mark.parametrize("width", [2, 255, 256])
def test_a_hash_tile_of_another_length_is_refused(width, length):
    with pytest.raises(TileRefused):
        tile_hashes(Tile(0, 0, width), bytes(length))


@pytest.mark.parametrize(
    ("case", "content"),
    [
        ("no entry", b""),
        ("one entry too few", b"\0\1a"),
        ("one entry too many", b"\0\1a\0\1b\0\1c"),
        ("a length without its bytes", b"\0\1a\0\2b"),
        ("half a length", b"\0\1a\0"),
        ("bytes after the last entry", b"\0\1a\0\1b\0"),
        ("a huge length", b"\xff\xffa\0\1b"),
    ],
)
def test_a_malformed_bundle_is_refused(case, content):
    with pytest.raises(TileRefused) as refused:
        bundle_entries(Tile(ENTRIES, 0, 2), content)
    assert refused.value.flaw is LedgerFlaw.NOT_OF_ITS_WIDTH


@given(st.integers(1, 255), st.integers(1, 256), st.sampled_from([0, 1, ENTRIES]))
def test_a_partial_tile_is_cut_from_a_wider_one(whole, width, wider, level):
    tile, wide = Tile(level, 0, width), Tile(level, 0, wider)
    content = content_at(whole, wide)
    if width > wider:
        with pytest.raises(TileRefused):
            cut(tile, wide, content)
        return
    assert cut(tile, wide, content) == content_at(whole, tile)
    for wrong in (content[:-1], b""):
        with pytest.raises(TileRefused):
            cut(tile, wide, wrong)
    for other in (Tile(level, 1, wider), Tile(level + 1, 0, wider)):
        with pytest.raises(TileRefused):
            cut(tile, other, content)


def test_leaves_without_a_tile_are_empty_trees():
    assert [tile_at(0, 0, 0), tile_at(0, 1, 256), tile_at(2, 0, 65_535), tile_at(ENTRIES, 1, 256)] == [None] * 4
