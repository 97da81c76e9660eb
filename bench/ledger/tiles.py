"""What tiles cost: making them from leaves, writing them durably, and proofs from them.

    python -m bench.ledger.tiles [--leaves 1000000]

A log grows in steps, as under a sequencer: at first in a hundredth of the leaves, then in all of them, each in a
process of its own, so that its memory is that of the process. Compare figures within one run only.
"""

import argparse
import asyncio
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import NoteSigner
from consent.ledger.tile_growth import grown_bundles, grown_tiles
from consent.ledger.tile_proofs import edge_from_tiles
from consent.ledger.tiles import ENTRIES, Tile, edge_bundle, edge_tiles
from gateway.ledger.log_reader import LogReader
from gateway.ledger.stores.file_store import FileStore
from gateway.ledger.stores.tile_store import STORE_SECONDS, Stored

STEP, PROOFS, ROUNDS = 4_000, 400, 3
ONES = os.urandom(34 * STEP)


def entries(count: int) -> list[bytes]:
    """Return entries of two subjects and a commitment, which are of random bytes."""
    return [ONES[at * 34 : at * 34 + 34] for at in range(count)]


@dataclass
class Growing:
    """A log that grows, with its right edge alone in memory."""

    size: int = 0
    edge: dict[Tile, bytes] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=lambda: {"hashes": 0.0, "tiles": 0.0, "entries": 0.0})

    def grow(self, count: int) -> Iterator[tuple[Tile, bytes]]:
        """Give the tiles of *count* more leaves."""
        fresh, bundle = entries(count), edge_bundle(self.size)
        began = time.process_time()
        hashes = [sha256(b"\0" + each).digest() for each in fresh]
        self.spent["hashes"] += time.process_time() - began
        began = time.process_time()
        made = list(grown_tiles(self.size, {tile: self.edge[tile] for tile in edge_tiles(self.size)}, hashes))
        self.spent["tiles"] += time.process_time() - began
        began = time.process_time()
        made += grown_bundles(self.size, self.edge[bundle] if bundle else b"", fresh)
        self.spent["entries"] += time.process_time() - began
        self.size += count
        wanted = {*edge_tiles(self.size), edge_bundle(self.size)}
        self.edge = {tile: content for tile, content in (self.edge | dict(made)).items() if tile in wanted}
        yield from made


def growth(leaves: int) -> None:
    """Print the processor time of a log's growth to so many leaves, by part, in µs a leaf, and the memory."""
    log = Growing()
    for at in range(0, leaves, STEP):
        for _ in log.grow(min(STEP, leaves - at)):
            pass
    parts = " ".join(f"{spent / leaves * 1e6:.3f}" for spent in log.spent.values())
    print(parts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def measured_growth(leaves: int) -> list[float]:
    """Return the least of each figure of `growth`, of several processes."""
    found = []
    for _ in range(ROUNDS):
        command = [sys.executable, "-m", "bench.ledger.tiles", "--grow", str(leaves)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append([float(word) for word in done.stdout.split()])
    return [min(each) for each in zip(*found, strict=True)]


class CountingStore(FileStore):
    """A store in a folder that counts what is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, STORE_SECONDS)
        self.tiles = 0

    async def read(self, path: str) -> Stored | None:
        self.tiles += "/tile/" in path
        return await super().read(path)


def size_of(folder: Path) -> int:
    """Return the bytes of all files."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


async def proofs(folder: Path, leaves: int) -> None:
    """Write a log durably, then print what proofs from it cost: with an empty cache each, and with a warm one."""
    store, log, signer = CountingStore(folder), Growing(), NoteSigner("bench.example/access", bytes(32))
    began = time.perf_counter()
    for at in range(0, leaves, STEP):
        made = dict(log.grow(min(STEP, leaves - at)))
        files = {f"access/{tile.path}": content for tile, content in made.items()}
        await store.write_all_new(files)
        await asyncio.gather(*(store.remove_partials(f"access/{tile.path}") for tile in made if not tile.is_partial))
    wall = time.perf_counter() - began
    written = size_of(folder)
    print(f"written durably: {leaves / wall:,.0f} leaves/s, {written / leaves:.1f} B a leaf")
    edge = {tile: content for tile, content in log.edge.items() if tile.level != ENTRIES}
    checkpoint = Checkpoint(signer.key.name, leaves, edge_from_tiles(leaves, edge).root)
    await store.replace("access/checkpoint", signer.signed(checkpoint.text).encode(), None)
    chance = random.Random(1)
    for kind, cache in (("no tile in memory", 0), ("tiles in memory", 64 * 1024 * 1024)):
        reader = LogReader(store, {"access": signer.key}, cache_bytes=cache)
        for index in (
            range(0, leaves, leaves // 1000 or 1) if cache else (0,)
        ):  # the edge is of the tree, not of a proof
            await reader.inclusion("access", index)
        took, most, spent = [], 0, time.process_time()
        for _ in range(PROOFS):
            before, began = store.tiles, time.perf_counter()
            await reader.inclusion("access", chance.randrange(leaves))
            took.append(time.perf_counter() - began)
            most = max(most, store.tiles - before)
        spent = (time.process_time() - spent) / PROOFS
        print(
            f"a proof, {kind}: {spent * 1e3:.2f} ms of processor time, {statistics.median(took) * 1e3:.2f} ms, "
            f"{most} tiles at most, checked against the root"
        )
    await store.close()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--leaves", type=int, default=1_000_000)
    asked.add_argument("--grow", type=int, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.grow:
        growth(given.grow)
        return
    few, many = measured_growth(given.leaves // 100), measured_growth(given.leaves)
    for leaves, (hashes, tiles, bundles, memory) in ((given.leaves // 100, few), (given.leaves, many)):
        whole = hashes + tiles + bundles
        print(
            f"{leaves:>9,} leaves: {whole:.2f} µs a leaf (hashes of leaves {hashes:.2f}, tiles {tiles:.2f}, entries "
            f"{bundles:.2f}), {1e6 / whole:,.0f} leaves/s, {memory:.0f} MiB"
        )
    print(f"{sum(many[:3]) / sum(few[:3]):.2f} times as much a leaf for a hundred times the leaves", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(proofs(Path(folder), given.leaves))


if __name__ == "__main__":
    main()
