"""Tiles: the hashes and entries of a log in files that never change [c2sp.org/tlog-tiles].

    tile/<L>/<N>[.p/<W>]        hashes of level L: W × 32 bytes, or 256 × 32 without .p
    tile/entries/<N>[.p/<W>]    entries: W × (u16 length ‖ entry), or 256 of them

    L    0 to 63. At level 0 the hashes are those of leaves; hash i of level L > 0 is the root of full tile i of level
         L - 1, which stands for 256**L leaves
    N    the place of the tile in its level: groups of three digits, an x before all but the last: x001/x234/067
    W    1 to 255: a partial tile, the last of its level, as it was in a tree of some size

A tree of 70,000 leaves has 273 full tiles and one of 112 hashes in level 0, one full and one of 17 in level 1, and one
of a single hash in level 2. A hash of a partial tile is in no higher level.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consent.disclosures.pending_groups import joined_leaves, split_leaves
from consent.errors import NotCanonical, TileRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import HASH_BYTES

FULL: Final = 256
"""Hashes or entries of a full tile."""
HEIGHT: Final = 8
"""Levels of the tree in one tile: 256 is 2**8."""
ENTRIES: Final = -1
"""Stands for the level of a tile of entries."""
_HIGHEST: Final = 63
_GROUP: Final = 1000
_PATH: Final = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of a tile: its level (or ENTRIES), its index in the level, and how many hashes or entries it has."""

    level: int
    index: int
    width: int = FULL

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """Return the tile at *path*, such as `tile/0/x001/067.p/5`; raises TileRefused for any other text."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise TileRefused(LedgerFlaw.TILE_PATH)
        level, width = found["level"], found["width"]
        index = int(found["index"].replace("x", "").replace("/", ""))
        tile = cls(ENTRIES if level == "entries" else int(level), index, FULL if width is None else int(width))
        # Written again it must be the same: no leading zeros, no empty group, no width of 256.
        if not 1 <= tile.width <= FULL or tile.level > _HIGHEST or tile.path != path:
            raise TileRefused(LedgerFlaw.TILE_PATH)
        return tile

    @property
    def path(self) -> str:
        """The path below the log's prefix, as a URL and as a name in a store."""
        groups, rest = [f"{self.index % _GROUP:03}"], self.index // _GROUP
        while rest:
            groups.append(f"x{rest % _GROUP:03}")
            rest //= _GROUP
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = f".p/{self.width}" if self.is_partial else ""
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @property
    def is_partial(self) -> bool:
        """Whether it is the last of its level in some tree, and still grows."""
        return self.width < FULL

    @property
    def full(self) -> "Tile":
        """The tile that this one is or grows into. Its first bytes are those of this one."""
        return Tile(self.level, self.index)

    @property
    def end(self) -> int:
        """The size of the smallest tree that has this tile: the index of the first leaf after it."""
        return (self.index * FULL + self.width) << (HEIGHT * max(self.level, 0))


def tile_at(level: int, index: int, size: int) -> Tile | None:
    """Return the tile *index* of *level* as it is in a tree of *size*, or None where the tree has none."""
    width = min(FULL, (size >> HEIGHT * max(level, 0)) - index * FULL)
    return Tile(level, index, width) if width > 0 else None


def edge_tiles(size: int) -> list[Tile]:
    """Return the partial hash tiles of a tree of *size*, the lowest level first.

    They hold the root of every complete subtree of the right edge, so the root of the tree follows from them alone:
    at most one tile for each level.
    """
    partial = []
    level, hashes = 0, size
    while hashes:
        if hashes % FULL:
            partial.append(Tile(level, hashes // FULL, hashes % FULL))
        level, hashes = level + 1, hashes // FULL
    return partial


def edge_bundle(size: int) -> Tile | None:
    """Return the partial tile of entries of a tree of *size*, or None where the last one is full."""
    return Tile(ENTRIES, size // FULL, size % FULL) if size % FULL else None


def new_tiles(size: int, grown: int) -> list[Tile]:
    """Return the tiles that a tree of *grown* leaves has and its beginning of *size* leaves has not.

    The lowest level is first: entries, then hashes from level 0 on. These files are missing after the growth.
    """
    found = _new_in(ENTRIES, size, grown)
    level = 0
    while grown >> HEIGHT * level:
        found += _new_in(level, size >> HEIGHT * level, grown >> HEIGHT * level)
        level += 1
    return found


def outgrown_tiles(size: int, grown: int) -> list[Tile]:
    """Return the full tiles of a tree of *grown* leaves that were partial when it had *size*: those may go."""
    partial = [*edge_tiles(size), edge_bundle(size)]
    return [each.full for each in partial if each is not None and each.full.end <= grown]


def _new_in(level: int, old: int, new: int) -> list[Tile]:
    if new <= old:
        return []
    return [Tile(level, each, min(FULL, new - each * FULL)) for each in range(old // FULL, -(-new // FULL))]


def tile_bytes(hashes: Sequence[bytes]) -> bytes:
    """Return the content of a hash tile."""
    return b"".join(hashes)


def tile_hashes(tile: Tile, content: bytes, first: int = 0, end: int | None = None) -> list[bytes]:
    """Return the hashes of a hash tile, or those from *first* to *end*.

    Raises TileRefused where the bytes are more or fewer than its width.
    """
    if len(content) != tile.width * HASH_BYTES:
        raise TileRefused(LedgerFlaw.NOT_OF_ITS_WIDTH)
    last = tile.width if end is None else end
    return [content[at : at + HASH_BYTES] for at in range(first * HASH_BYTES, last * HASH_BYTES, HASH_BYTES)]


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Return the content of a tile of entries, which are written as in a pending group. Raises NotCanonical."""
    return joined_leaves(entries)


def bundle_entries(tile: Tile, content: bytes) -> list[bytes]:
    """Return the entries of a tile of entries; raises TileRefused where they are not as many as its width."""
    try:
        entries = split_leaves(content)
    except NotCanonical:
        raise TileRefused(LedgerFlaw.NOT_OF_ITS_WIDTH) from None
    if len(entries) != tile.width:
        raise TileRefused(LedgerFlaw.NOT_OF_ITS_WIDTH)
    return entries


def cut(tile: Tile, wider: Tile, content: bytes) -> bytes:
    """Return the content of *tile* from that of a *wider* one of its place, of which it is the beginning.

    Raises TileRefused where *content* is not of the width of *wider*, or that has not so many hashes or entries.
    """
    if (tile.full, tile.width > wider.width) != (wider.full, False):
        raise TileRefused(LedgerFlaw.NOT_OF_ITS_WIDTH)
    if tile.level == ENTRIES:
        return bundle_bytes(bundle_entries(wider, content)[: tile.width])
    return tile_bytes(tile_hashes(wider, content, 0, tile.width))
