"""A store in a folder: beside other processes, killed in the middle, on a disk that is full, slow or gone."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from gateway.ledger.errors import LedgerStoreError, StoreCorrupt, StoreUnreachable
from gateway.ledger.stores import file_store
from gateway.ledger.stores.file_store import FileStore
from gateway.ledger.stores.tile_store import MOST_BYTES
from tests.forked import forked
from tests.gateway.ledger.stores.store_contract import CHECKPOINT, TILE, StoreContract
from tests.gateway.ledger.stores.store_processes import content, count_up, write_to_a_full_disk, write_until_killed


@pytest.fixture
async def store(tmp_path):
    opened = FileStore(tmp_path)
    yield opened
    await opened.close()


class TestContract(StoreContract):
    """The promises of a store, in a folder."""


@pytest.mark.subprocess
async def test_processes_beside_one_another_lose_no_replacement(tmp_path):
    async with (
        forked(count_up, str(tmp_path), "10", "first") as first,
        forked(count_up, str(tmp_path), "10", "second") as second,
        forked(count_up, str(tmp_path), "10", "third") as third,
    ):
        assert [await each.wait() for each in (first, second, third)] == [0, 0, 0]
    assert (tmp_path / CHECKPOINT).read_bytes().split()[0] == b"30"


@pytest.mark.subprocess
async def test_a_killed_process_leaves_whole_files_and_no_lock(tmp_path):
    for kill in range(3):
        folder = tmp_path / str(kill)
        folder.mkdir()
        async with forked(write_until_killed, str(folder)) as process:
            for _ in range(3 + 5 * kill):
                done = int(await process.stdout.readline())
            await asyncio.sleep(0.003 * kill)
            process.kill()
            await process.wait()
            while line := await process.stdout.readline():
                done = int(line)
        files = [each for each in folder.rglob("*") if each.is_file() and each.name != file_store.LOCK]
        assert len([each for each in files if each.name != "checkpoint"]) >= 5 * (done + 1)
        for each in files:
            if each.name != "checkpoint":
                assert each.read_bytes() == content(int(each.parent.name[:3]), int(each.name))
        store = FileStore(folder)
        found = await store.read(CHECKPOINT)
        assert found.content in {content(done, 256), content(done + 1, 256)}
        await store.replace(CHECKPOINT, b"goes on", found.version)
        await store.write_new(f"consent/tile/0/{done:03}.p/1", content(done, 1))
        await store.close()


@pytest.mark.subprocess
async def test_a_full_disk_is_named_and_replaces_nothing(tmp_path):
    async with forked(write_to_a_full_disk, str(tmp_path)) as process:
        assert await process.stdout.read() == b"StoreFull\nStoreFull\ngoes on\n"
    assert (tmp_path / CHECKPOINT).read_bytes() == b"before"
    assert not (tmp_path / "consent/tile/0/000").exists()


OPERATIONS = {
    "check": lambda store: store.check(),
    "read": lambda store: store.read(CHECKPOINT),
    "write_new": lambda store: store.write_new(TILE, b"tile"),
    "write_all_new": lambda store: store.write_all_new({TILE: b"tile"}),
    "replace": lambda store: store.replace(CHECKPOINT, b"1", None),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_a_folder_that_is_gone_is_no_empty_store(tmp_path, operation):
    """A disk that is not mounted: nothing is read as absent, and no folder is made in its place."""
    store = FileStore(tmp_path / "not-mounted")
    with pytest.raises(StoreUnreachable):
        await operation(store)
    assert list(tmp_path.iterdir()) == []
    await store.close()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_a_disk_that_hangs_keeps_no_caller(tmp_path, monkeypatch, operation):
    """Neither the caller that meets it nor, once every thread hangs, the one after."""
    store, hang = FileStore(tmp_path, seconds=0.05), lambda *_, **__: time.sleep(0.3)
    for name in ("_check", "_read", "_write_new", "_replace"):
        monkeypatch.setattr(store, name, hang)
    for _ in range(file_store.THREADS + 1):
        with pytest.raises(StoreUnreachable):
            await operation(store)
    await store.close()


async def test_a_lock_that_another_process_holds_keeps_no_caller(tmp_path):
    store = FileStore(tmp_path, seconds=0.05)
    handle = os.open(tmp_path / file_store.LOCK, os.O_RDWR | os.O_CREAT)
    try:
        file_store._lock(handle, time.monotonic() + 1)
        for _ in range(2):
            with pytest.raises(StoreUnreachable):
                await store.replace(CHECKPOINT, b"1", None)
    finally:
        os.close(handle)
    await store.replace(CHECKPOINT, b"1", None)
    await store.close()


async def test_a_file_too_large_for_a_log_is_not_read_whole(store, tmp_path):
    with (tmp_path / "checkpoint").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(StoreCorrupt):
        await store.read("checkpoint")


async def test_errors_name_no_folder_of_the_machine(tmp_path):
    store = FileStore(tmp_path / "gone")
    with pytest.raises(LedgerStoreError) as raised:
        await store.read(CHECKPOINT)
    assert str(tmp_path) not in str(raised.value)
    assert raised.value.__cause__ is None
    await store.close()


async def test_files_can_be_read_by_a_web_server(store, tmp_path):
    """A log is public: its files may be served from the folder; the lock is the owner's."""
    await store.write_new(TILE, b"tile")
    await store.replace(CHECKPOINT, b"1", None)
    await store.replace(CHECKPOINT, b"2", (await store.read(CHECKPOINT)).version)
    readable = 0o044 & ~_umask()
    assert [_mode(tmp_path / path) & 0o077 for path in (TILE, CHECKPOINT)] == [readable] * 2


def _mode(file: Path) -> int:
    return file.stat().st_mode


def _umask() -> int:
    os.umask(found := os.umask(0o022))
    return found
