"""The tiles that a log gains with new leaves, computed from the leaves and the partial tiles of its right edge."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from consent.errors import TileRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import root_of
from consent.ledger.tiles import (
    ENTRIES,
    FULL,
    HEIGHT,
    Tile,
    bundle_bytes,
    bundle_entries,
    edge_bundle,
    edge_tiles,
    tile_bytes,
    tile_hashes,
)


def grown_tiles(size: int, edge: Mapping[Tile, bytes], leaf_hashes: Iterable[bytes]) -> Iterator[tuple[Tile, bytes]]:
    """Give each hash tile that a tree of *size* gains with *leaf_hashes*, with its content: `new_tiles` of hashes.

    *edge* holds the contents of `edge_tiles(size)`. Full tiles come as soon as they are full, a lower one before the
    higher one that holds its root; the partial ones come last. Only one tile of each level is in memory. Raises
    TileRefused, before any tile is given, where a tile of the edge is missing or has not its width.
    """
    levels = _levels_of(size, edge)
    return _grown(size, levels, iter(leaf_hashes))


def grown_bundles(size: int, edge: bytes, entries: Iterable[bytes]) -> Iterator[tuple[Tile, bytes]]:
    """Give each tile of entries that a log of *size* gains with *entries*, with its content.

    *edge* is the content of `edge_bundle(size)`, nothing where there is none. Raises TileRefused before any tile is
    given where it has not that width, and NotCanonical for an entry of more than 65,535 bytes.
    """
    partial = edge_bundle(size)
    if partial is None and edge:
        raise TileRefused(LedgerFlaw.NOT_OF_ITS_WIDTH)
    kept = [] if partial is None else bundle_entries(partial, edge)
    return _bundled(size // FULL, kept, iter(entries))


def _levels_of(size: int, edge: Mapping[Tile, bytes]) -> list[list[bytes]]:
    """Return the hashes of the unfinished tile of each level."""
    levels: list[list[bytes]] = []
    for tile in edge_tiles(size):
        if tile not in edge:
            raise TileRefused(LedgerFlaw.TILE_MISSING)
        levels += [[] for _ in range(tile.level - len(levels))]
        levels.append(tile_hashes(tile, edge[tile]))
    return levels


def _grown(size: int, levels: list[list[bytes]], leaf_hashes: Iterator[bytes]) -> Iterator[tuple[Tile, bytes]]:
    counts = [size >> HEIGHT * level for level in range(len(levels))]
    changed = 0
    while fresh := list(islice(leaf_hashes, FULL - (len(levels[0]) if levels else 0))):
        level = 0
        while fresh:
            if level == len(levels):
                levels.append([])
                counts.append(0)
            levels[level] += fresh
            counts[level] += len(fresh)
            changed = max(changed, level + 1)
            if len(levels[level]) < FULL:
                break
            yield Tile(level, counts[level] // FULL - 1), tile_bytes(levels[level])
            fresh = [root_of(levels[level])]
            levels[level] = []
            level += 1
    for level, hashes in enumerate(levels[:changed]):
        if hashes:
            yield Tile(level, counts[level] // FULL, len(hashes)), tile_bytes(hashes)


def _bundled(index: int, kept: Sequence[bytes], entries: Iterator[bytes]) -> Iterator[tuple[Tile, bytes]]:
    while fresh := list(islice(entries, FULL - len(kept))):
        held = [*kept, *fresh]
        yield Tile(ENTRIES, index, len(held)), bundle_bytes(held)
        index, kept = index + 1, ()
