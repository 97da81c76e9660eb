"""The tree never forks: what was published stays, whatever becomes of the database, the store or the process."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import consistency_path, root_of, verify_consistency
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import NoteSigner, verified_checkpoint
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.right_edge import RightEdge
from consent.ledger.system_entries import RestoredLog, parse_system_entry
from consent.ledger.tiles import ENTRIES, FULL, bundle_entries, new_tiles, tile_hashes
from consent.ports import LOG_CODES, Log
from gateway.jobs.job_lease import JobLease
from gateway.ledger.errors import StoreUnfit, StoreUnreachable
from gateway.ledger.publisher import LogPublisher
from gateway.ledger.sequencer import LOGS, Sequencer
from gateway.ledger.sequencer_alarm import PATIENCE_SECONDS, SequencerAlarm
from gateway.ledger.stores.file_store import FileStore
from storage.database.database import Database
from storage.ledger.integrate import Integrator
from storage.ledger.read_entries import read_entries
from storage.ledger.recomputed_entries import recomputed
from storage.tables import (
    ledger_entries,
    ledger_recorders,
    ledger_restores,
    ledger_trees,
    pending_entries,
    system_entries,
)
from tests.consent.samples import NOW
from tests.databases import on_sqlite
from tests.gateway.ledger.stores.memory_store import MemoryStore
from tests.storage.ledger.test_integrate import NEW_IDS, append, database, record, source
from tests.storage.reference_fixtures import count

__all__ = ["database"]


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 2.0  # so that each round may publish
        return self.seconds


class NoWitnesses:
    """The policy that asks for none."""

    async def last_cosigned(self) -> Sequence[Checkpoint]:
        return []

    async def witnessed(self, note: SignedNote, _: Checkpoint) -> SignedNote:
        return note


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "ledger"
    made.mkdir()
    return made


def sequencer_of(database: Database, publisher: Callable[[Log], LogPublisher], clock: "Clock") -> Sequencer:
    """Return a sequencer whose logs *publisher* publishes."""
    return Sequencer(
        Integrator(database, recomputed, lambda: next(NEW_IDS)),
        {log: publisher(log) for log in LOGS},
        JobLease(database, "sequencer", next(NEW_IDS)),
        SequencerAlarm(clock),
        lambda: NOW,
        clock,
    )


@pytest.fixture
def new_sequencer(database: Database, folder: Path) -> Callable[..., Sequencer]:
    """Make sequencers over one database and one store, as several processes would."""

    def make(store: object = None) -> Sequencer:
        clock = Clock()

        def publisher(log: Log) -> LogPublisher:
            async def read(first: int, end: int) -> Sequence[bytes]:
                return await read_entries(database, log, first, end)

            signer = NoteSigner(f"log.example/{log}", bytes([LOG_CODES[log]]) * 32)
            return LogPublisher(log, store or FileStore(folder), signer, read, NoWitnesses())

        return sequencer_of(database, publisher, clock)

    return make


async def checkpoint(sequencer: Sequencer, log: Log) -> Checkpoint:
    publisher = sequencer.publishers[log]
    found = await publisher.store.read(f"{log}/checkpoint")
    assert found is not None
    return verified_checkpoint(SignedNote.parse(found.content), publisher.signer.key)


async def published(sequencer: Sequencer, log: Log) -> Sequence[bytes]:
    """Give the entries of the last checkpoint, after checking every tile against its root."""
    head, store = await checkpoint(sequencer, log), sequencer.publishers[log].store
    entries: list[bytes] = []
    for tile in new_tiles(0, head.size):
        found = await store.read(f"{log}/{tile.path}")
        assert found is not None, tile.path
        if tile.level == ENTRIES:
            entries += bundle_entries(tile, found.content)
        elif tile.level == 0:
            start = tile.index * FULL
            assert tile_hashes(tile, found.content) == [leaf_hash(each) for each in entries[start : start + tile.width]]
    assert root_of([leaf_hash(each) for each in entries]) == head.root
    return entries


async def restore(database: Database, log: Log, size: int) -> None:
    """Leave of *log* what a backup of the moment had in which it had *size* entries, and nothing that waits."""
    entries = await read_entries(database, log, 0, size)
    edge = RightEdge().append([leaf_hash(each) for each in entries])
    code = LOG_CODES[log]
    await database.write(
        (delete(pending_entries), None),
        (delete(ledger_recorders), None),
        (delete(ledger_entries).where(ledger_entries.c.log == code, ledger_entries.c.leaf_index >= size), None),
        (update(ledger_trees).where(ledger_trees.c.log == code).values(size=size, edge=edge.encode()), None),
    )


async def test_what_waits_is_published_with_its_tiles(database, new_sequencer):
    sequencer = new_sequencer()
    await record(database, 300, 1)
    await sequencer.publish_all()
    await record(database, 300)
    await append(database, "consent", (source(1), bytes(32)))
    await sequencer.publish_all()

    assert [await sequencer.publishers[log].read_published(0, 1) for log in ("consent",)] == [[bytes(32)]]
    assert len(await published(sequencer, "access")) == 601
    assert await published(sequencer, "access") == await read_entries(database, "access", 0, 601)


async def test_another_process_continues_where_the_last_one_ended(database, new_sequencer):
    for size in (1, 2, 255, 256, 600):
        await record(database, 1 if size < 3 else size - (await count(database, ledger_entries)))
        sequencer = new_sequencer()
        await sequencer.publish_all()
        assert len(await published(sequencer, "access")) == size


@pytest.mark.parametrize("kept", [0, 1, 3, 299])
async def test_a_restored_database_takes_over_what_was_published(database, new_sequencer, kept):
    first = new_sequencer()
    await record(database, 300)
    await first.publish_all()
    before = await published(first, "access")
    old = await checkpoint(first, "access")

    await restore(database, "access", kept)
    await record(database, 2)
    second = new_sequencer()
    await second.publish_all()

    after = await published(second, "access")
    assert after[:300] == before
    assert len(after) == 302
    hashes = [leaf_hash(each) for each in after]
    verify_consistency(300, old.root, 302, root_of(hashes), consistency_path(hashes, 300))
    (lost,) = await database.fetch(select(ledger_restores.c.first_index, ledger_restores.c.end_index))
    assert tuple(lost) == (kept, 300)
    assert [parse_system_entry(each) for each in await published(second, "system")] == [
        RestoredLog(NOW, "access", kept, 300, 2 * (300 - kept))
    ]
    assert await database.fetch(select(system_entries.c.type)) == [("restored-log/1",)]


async def test_entries_whose_rows_are_there_are_not_lost(database, new_sequencer):
    """The backup had them: one waited, and one was integrated at another place before anybody looked at the store."""
    first = new_sequencer()
    await append(database, "consent", *((source(n), bytes([n]) * 32) for n in range(1, 6)))
    await first.publish_all()

    await restore(database, "consent", 2)
    await append(database, "consent", (source(8), bytes([8]) * 32), (source(4), bytes([4]) * 32))
    await first.integrator.integrate(await first.integrator.read_trees(), NOW)
    await append(database, "consent", (source(5), bytes([5]) * 32))
    second = new_sequencer()
    await second.publish_all()

    assert await published(second, "consent") == [bytes([n]) * 32 for n in (1, 2, 3, 4, 5, 8)]
    rows = await database.fetch(select(ledger_entries.c.source).where(ledger_entries.c.log == 0))
    assert {source(n) for n in (1, 2, 4, 5, 8)} <= {row[0] for row in rows}
    (lost,) = await database.fetch(select(ledger_restores.c.first_index, ledger_restores.c.end_index))
    assert tuple(lost) == (2, 3)
    assert await count(database, pending_entries) == 0


async def test_a_database_that_is_restored_under_a_running_sequencer_is_found_at_its_next_round(
    database, new_sequencer
):
    sequencer = new_sequencer()
    await record(database, 20)
    await sequencer.publish_all()
    before = await published(sequencer, "access")
    await restore(database, "access", 5)
    await record(database, 1)

    await sequencer.publish_all()
    await sequencer.publish_all()

    assert (await published(sequencer, "access"))[:20] == before
    assert len(await published(sequencer, "access")) == 21


async def test_tiles_that_were_written_and_never_published_do_not_count(database, new_sequencer):
    """The process ended between tiles and checkpoint, and the database lost the entries."""
    first = new_sequencer()
    await record(database, 10)
    await first.publish_all()
    await record(database, 250)
    trees = (await first.integrator.integrate(await first.integrator.read_trees(), NOW)).trees
    await first.publishers["access"].write_tiles(trees["access"])
    await restore(database, "access", 10)
    await record(database, 251)

    second = new_sequencer()
    await second.publish_all()

    assert len(await published(second, "access")) == 261
    assert await count(database, ledger_restores) == 0


async def test_sequencers_at_once_never_fork(database, new_sequencer):
    several = [new_sequencer() for _ in range(3)]

    async def work(sequencer: Sequencer) -> None:
        for _ in range(6):
            await sequencer.round()

    async def load() -> None:
        for _ in range(8):
            await record(database, 3)

    await asyncio.gather(load(), *map(work, several))
    last = new_sequencer()
    await last.publish_all()

    entries = await published(last, "access")
    assert entries == await read_entries(database, "access", 0, 24)
    assert len(set(entries)) == 24


class BrokenStore:
    """A store that answers nothing until it is mended."""

    def __init__(self, store: FileStore) -> None:
        self._store, self.is_broken = store, True

    def __getattr__(self, name: str) -> object:
        if self.is_broken:
            raise StoreUnreachable("The store gives no answer.")
        return getattr(self._store, name)


async def test_without_the_store_integration_goes_on_and_an_alarm_comes_after_a_minute(database, new_sequencer, folder):
    store = BrokenStore(FileStore(folder))
    sequencer = new_sequencer(store)
    with capture_logs() as logged:
        for _ in range(int(PATIENCE_SECONDS) // 2 + 2):
            await record(database, 1)
            await sequencer.round()

    assert await count(database, ledger_entries) == int(PATIENCE_SECONDS) // 2 + 2
    assert "ledger.not-published" in {each["event"] for each in logged}

    store.is_broken = False
    await sequencer.publish_all()
    assert len(await published(sequencer, "access")) == await count(database, ledger_entries)


async def test_one_process_has_the_lease(database, new_sequencer):
    several = [new_sequencer() for _ in range(2)]
    tasks = [asyncio.create_task(each.keep_running()) for each in several]
    await record(database, 5)
    async with asyncio.timeout(20):
        while True:
            if any(each.publishers["access"].published == 5 for each in several):
                break
            await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(each.publishers["access"].published for each in several) == [0, 5]


async def test_partial_tiles_go_when_the_full_one_is_published(database, new_sequencer, folder):
    """Else a log would leave some files for each second."""
    sequencer = new_sequencer()
    for size in (3, FULL - 3, 5):
        await record(database, size)
        await sequencer.publish_all()
    for kind in ("0", "entries"):
        names = sorted(
            str(each.relative_to(folder / "access/tile" / kind)) for each in folder.glob(f"access/tile/{kind}/**/*")
        )
        assert names == ["000", "001.p", "001.p/5"]
    assert len(await published(sequencer, "access")) == FULL + 5


async def test_nothing_is_signed_for_a_store_that_keeps_no_promise(database, new_sequencer):
    store = MemoryStore()
    sequencer = new_sequencer(store)
    await record(database, 1)
    store.failure = StoreUnfit("It replaces what it must not.")
    with capture_logs() as logged:
        await sequencer.round()
    assert "StoreUnfit" in str(logged)
    assert store.files == {}
    store.failure = None
    await sequencer.publish_all()
    assert len(await published(sequencer, "access")) == 1


def flip(store: MemoryStore, path: str, at: int = 40) -> None:
    content = bytearray(store.files[path].content)
    content[at] ^= 1
    store.put(path, bytes(content))


LIES = {
    "a checkpoint that is none": lambda store, _: store.put("access/checkpoint", b"<html>"),
    "a checkpoint with a flipped bit": lambda store, _: flip(store, "access/checkpoint"),
    "the checkpoint of another log": lambda store, _: store.put(
        "access/checkpoint", store.files["consent/checkpoint"].content
    ),
    "a flipped bit of the right edge": lambda store, _: flip(store, "access/tile/0/001.p/44"),
    "a flipped bit of the last entries": lambda store, _: flip(store, "access/tile/entries/001.p/44"),
    "a cut tile": lambda store, _: store.put("access/tile/entries/001.p/44", b"\0"),
    "a tile that is missing": lambda store, _: store.files.pop("access/tile/0/001.p/44"),
    "the checkpoint of an earlier moment": lambda store, old: store.put("access/checkpoint", old),
    "no checkpoint": lambda store, _: store.files.pop("access/checkpoint"),
}


@on_sqlite
@pytest.mark.parametrize("lie", LIES)
async def test_a_store_that_lies_gets_no_other_log_signed(database, new_sequencer, lie):
    """Where its checkpoint is of this log, an older one too, the same log is published again; else nothing is."""
    store = MemoryStore()
    await append(database, "consent", (source(1), bytes(32)))
    await record(database, 256)
    await new_sequencer(store).publish_all()
    old = store.files["access/checkpoint"].content
    await record(database, 44)
    await new_sequencer(store).publish_all()
    before = await published(new_sequencer(store), "access")

    honest = dict(store.files)
    LIES[lie](store, old)
    told = dict(store.files)
    await record(database, 2)
    sequencer = new_sequencer(store)
    with capture_logs() as logged:
        await sequencer.round()
    assert await count(database, ledger_entries) == 303, "integration goes on"
    is_ours = lie in {"the checkpoint of an earlier moment", "no checkpoint"}
    failed = ("ledger.round-failed", "StoreCorrupt") in {(each["event"], each.get("error")) for each in logged}
    assert failed is not is_ours
    if not is_ours:
        assert {path for path in told if store.files.get(path) != told[path]} <= {"access/tile/0/001.p/46"}
        store.files = honest
    await sequencer.publish_all()
    after = await published(sequencer, "access")
    assert (after[:300], len(after)) == (before, 302)


@on_sqlite
async def test_what_a_store_that_lies_shows_is_not_taken_over_by_a_restored_database(database, new_sequencer):
    store = MemoryStore()
    await record(database, 300)
    await new_sequencer(store).publish_all()
    before = await published(new_sequencer(store), "access")
    honest = dict(store.files)
    flip(store, "access/tile/entries/000", 36 * 100 + 4)
    await restore(database, "access", 3)
    await new_sequencer(store).round()
    assert [await count(database, table) for table in (ledger_entries, ledger_restores)] == [3, 0]
    store.files = honest
    await new_sequencer(store).publish_all()
    assert await read_entries(database, "access", 0, 301) == before


@on_sqlite
async def test_a_slow_store_takes_half_of_the_time_of_a_sequencer_at_most(database, new_sequencer):
    """Else each round would wait for it three times, and what waits would grow under load."""

    class HangingStore(MemoryStore):
        hung = 0.0

        async def check(self) -> None:
            self.hung += 10
            sequencer.clock.seconds += 10
            raise StoreUnreachable("It gave no answer in time.")

    store = HangingStore()
    sequencer = new_sequencer(store)
    for _ in range(40):
        await sequencer.round()
    assert 0.2 * sequencer.clock.seconds < store.hung < 0.6 * sequencer.clock.seconds


@on_sqlite
async def test_a_folder_that_goes_away_is_no_empty_store_and_an_empty_one_gets_the_same_log(
    database, new_sequencer, folder
):
    sequencer = new_sequencer()
    await record(database, 300)
    await sequencer.publish_all()
    before, head = await published(sequencer, "access"), await checkpoint(sequencer, "access")

    shutil.rmtree(folder)
    await record(database, 1)
    with capture_logs() as logged:
        await sequencer.round()
    assert ("ledger.round-failed", "StoreUnreachable") in {(each["event"], each["error"]) for each in logged}
    assert not folder.exists()

    folder.mkdir()
    await sequencer.publish_all()
    after = await published(sequencer, "access")
    assert (after[:300], len(after)) == (before, 301)
    assert root_of([leaf_hash(each) for each in after[:300]]) == head.root
