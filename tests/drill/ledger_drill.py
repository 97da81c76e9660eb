"""Sequencers that are killed at every step, under load; afterwards nothing is lost, nothing doubled, nothing forked.

    make drill                       500 kills on each database
    python -m tests.drill --only sqlite --ledger-kills 50

A recorder writes groups all the time and keeps what was acknowledged. Sequencers, one or two at once, end themselves
before or after a transaction or an operation of the store, or in the middle of it. After each kill somebody looks at
the checkpoints: each must extend the one before. On SQLite the database is put back to an earlier copy now and then.
"""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import root_of
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import verified_checkpoint
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.tiles import ENTRIES, Tile, bundle_entries, new_tiles, tile_hashes
from consent.ports import Log
from gateway.ledger.sequencer import LOGS
from gateway.ledger.stores.file_store import FileStore
from storage.database.database import Database
from storage.ledger.read_entries import read_entries
from storage.ledger.subject_trees.fold_rows import COUNTED_BYTES
from tests.drill.ledger_processes import record, sequence, sequencer_of, signer, tag
from tests.forked import Forked, forked

LATEST_STEP = 90
"""A round of a sequencer has some twenty steps; the latest kill comes after several rounds."""
RECORDER_TURNS, COPY_TURNS = 7, 25


@dataclass(slots=True)
class LedgerFound:
    """What is wrong afterwards: every set must be empty."""

    lost: set[bytes] = field(default_factory=set)
    """Entries that were acknowledged and are not in the log."""
    doubled: set[bytes] = field(default_factory=set)
    forked: set[Checkpoint] = field(default_factory=set)
    """Checkpoints that the log does not continue."""
    malformed: set[str] = field(default_factory=set)
    """Tiles that do not lead to the last checkpoint."""
    differing: set[Log] = field(default_factory=set)
    """Logs whose table and tiles differ."""
    entries: int = 0
    checkpoints: int = 0
    restores: int = 0

    @property
    def is_fine(self) -> bool:
        return not (self.lost or self.doubled or self.forked or self.malformed or self.differing)


@dataclass(slots=True)
class LedgerDrill:
    """One database and one store, and the processes that work on them."""

    url: str
    folder: Path
    chance: Random
    seen: dict[Log, list[Checkpoint]] = field(default_factory=lambda: {log: [] for log in LOGS})
    found: LedgerFound = field(default_factory=LedgerFound)
    store: Path = field(init=False)

    def __post_init__(self) -> None:
        self.store = self.folder / "store"

    @property
    def acknowledged(self) -> Path:
        return self.folder / "acknowledged"

    async def run(self, kills: int) -> LedgerFound:
        """Kill so many sequencers; return what is wrong afterwards."""
        self.store.mkdir()
        done = 0
        while done < kills:
            async with forked(record, self.url, str(self.acknowledged), str(self.chance.random())) as recorder:
                for _ in range(RECORDER_TURNS):
                    done += await self._kill_some()
                    await self.look()
                recorder.kill()
                await recorder.wait()
            if self.url.startswith("sqlite") and done % COPY_TURNS < RECORDER_TURNS:
                await self._restore_under_load()
        await self.finish()
        return self.found

    async def _kill_some(self) -> int:
        """Let one or two sequencers work until each has killed itself."""
        steps = [str(self.chance.randint(1, LATEST_STEP)) for _ in range(self.chance.randint(1, 2))]
        async with forked(sequence, self.url, str(self.store), steps[0]) as first:
            if len(steps) > 1:
                async with forked(sequence, self.url, str(self.store), steps[1]) as second:
                    await _killed(second)
            await _killed(first)
        return len(steps)

    async def look(self) -> None:
        """Note the checkpoints that are published now."""
        store = FileStore(self.store)
        for log in LOGS:
            stored = await store.read(f"{log}/checkpoint")
            if stored is not None:
                checkpoint = verified_checkpoint(SignedNote.parse(stored.content), signer(log).key)
                if checkpoint not in self.seen[log][-1:]:
                    self.seen[log].append(checkpoint)
        await store.close()

    async def _restore_under_load(self) -> None:
        """Put the database back to a copy from before some more entries were published. What only it had is lost."""
        file = Path(self.url.removeprefix("sqlite:///"))
        copy = self.folder / "copy.db"
        await self._publish_all()
        shutil.copy(file, copy)
        async with forked(record, self.url, str(self.folder / "after"), str(self.chance.random())) as recorder:
            await self._kill_some()
            recorder.kill()
            await recorder.wait()
        for beside in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            beside.unlink(missing_ok=True)
        shutil.copy(copy, file)
        await self.look()
        self.found.restores += 1

    async def _publish_all(self) -> None:
        database, store = Database.open(self.url, tag=tag), FileStore(self.store)
        await sequencer_of(database, store).publish_all()
        await database.fetch_text("SELECT 1", [])
        await database.checkpoint()
        await store.close()
        await database.close()
        await self.look()

    async def finish(self) -> None:
        """Publish everything, and note what is wrong."""
        await self._publish_all()
        database, store = Database.open(self.url, tag=tag), FileStore(self.store)
        for log in LOGS:
            if not self.seen[log]:
                continue
            entries = await self._published(store, log, self.seen[log][-1])
            if entries != await read_entries(database, log, 0, len(entries) + 1):
                self.found.differing.add(log)
            hashes = [leaf_hash(each) for each in entries]
            self.found.forked |= {
                each for each in self.seen[log] if root_of(hashes[: each.size]) != each.root or each.size > len(hashes)
            }
            self.found.doubled |= {entry for entry, times in Counter(entries).items() if times > 1}
            self.found.checkpoints += len(self.seen[log])
            if log == "access":
                written = self.acknowledged.read_text().split()
                self.found.entries = len(entries)
                whole = [each for each in written if len(each) == 2 * COUNTED_BYTES]
                self.found.lost = {bytes.fromhex(each) for each in whole} - set(entries)
        await store.close()
        await database.close()

    async def _published(self, store: FileStore, log: Log, head: Checkpoint) -> Sequence[bytes]:
        """Give the entries of the last checkpoint; note every tile that does not fit them."""
        tiles = {tile: await store.read(f"{log}/{tile.path}") for tile in new_tiles(0, head.size)}
        entries: list[bytes] = []
        for tile, stored in tiles.items():
            if tile.level == ENTRIES and stored is not None:
                entries += bundle_entries(tile, stored.content)
        levels = [[leaf_hash(each) for each in entries]]
        while len(levels[-1]) >= 256:
            below = levels[-1]
            levels.append([root_of(below[at : at + 256]) for at in range(0, len(below) // 256 * 256, 256)])
        self.found.malformed |= {
            tile.path for tile, stored in tiles.items() if tile.level != ENTRIES and not _fits(tile, stored, levels)
        }
        return entries


def _fits(tile: Tile, stored: object, levels: Sequence[Sequence[bytes]]) -> bool:
    content = getattr(stored, "content", None)
    start = tile.index * 256
    return content is not None and tile_hashes(tile, content) == levels[tile.level][start : start + tile.width]


async def _killed(process: Forked) -> None:
    status = await process.wait()
    assert status == -9, f"a sequencer ended by itself: {status}"
