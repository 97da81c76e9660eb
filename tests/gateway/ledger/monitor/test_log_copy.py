"""A verified copy of a log: it grows, refuses what is not proved, and gives a store back what it lost [5.1.6]."""

import shutil
from pathlib import Path

import pytest

from consent.ledger.notes.signatures import CLOCK_SECONDS
from consent.ledger.right_edge import RightEdge
from gateway.ledger.errors import StoreFull, StoreUnreachable
from gateway.ledger.monitor import log_growth
from gateway.ledger.monitor.errors import LogContradiction, LogUnchecked
from gateway.ledger.monitor.log_copy import LogCopy
from gateway.ledger.monitor.log_source import StoredLog
from gateway.ledger.publisher import LogPublisher
from gateway.ledger.stores.file_store import FileStore
from tests.gateway.ledger.monitor.shown_logs import (
    COSIGNERS,
    POLICY,
    SECONDS,
    SIGNERS,
    ShownLogs,
    cosigned_later,
    counted,
    not_there_yet,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "copy"
    made.mkdir()
    return made


@pytest.fixture
def logs() -> ShownLogs:
    made = ShownLogs()
    made.fill("access", 700)
    made.publish("access")
    return made


def copy(logs: ShownLogs, folder: Path, store=None) -> LogCopy:
    return LogCopy(logs.sources()["access"], store or FileStore(folder), POLICY, lambda: SECONDS)


async def loaded(folder: Path) -> tuple[RightEdge, list[bytes]]:
    """Read the copy as the gateway reads its own store."""
    publisher = LogPublisher("access", FileStore(folder), SIGNERS["access"], None, None)
    tree = await publisher.load()
    return tree, await publisher.read_published(0, tree.size)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != ".lock"
    }


@pytest.mark.parametrize("steps", [(0,), (1, 255, 1), (4096, 300), (5000,)])
async def test_a_copy_is_a_store_of_the_log(logs, folder, steps):
    for more in steps:
        before = len(logs.entries["access"])
        logs.fill("access", more)
        logs.publish("access")
        await copy(logs, folder).grow()
        tree, entries = await loaded(folder)
        assert entries == logs.entries["access"]
        done = await copy(logs, folder).grow()
        assert done.before == done.after == before + more == tree.size
    assert {path: logs.files[path] for path in files(folder)} == files(folder)


async def test_a_log_that_has_published_nothing_gives_no_copy(folder):
    assert (await copy(ShownLogs(), folder).grow()).after == 0
    assert files(folder) == {}


class Interrupted(FileStore):
    """A store that fails at one of its writes."""

    def __init__(self, root: Path, after: int) -> None:
        super().__init__(root)
        self._left = after

    async def write_all_new(self, written):
        self._left -= 1
        if self._left < 0:
            await super().write_all_new(dict(list(written.items())[: len(written) // 2]))
            raise StoreFull("full")
        await super().write_all_new(written)

    async def replace(self, *named):
        self._left -= 1
        if self._left < 0:
            raise StoreUnreachable("gone")
        return await super().replace(*named)


@pytest.mark.parametrize("after", range(4))
async def test_an_interrupted_copy_continues_and_does_not_fetch_again_what_it_has(logs, folder, after, monkeypatch):
    monkeypatch.setattr(log_growth, "PIECE_TILES", 1)
    monkeypatch.setattr(log_growth, "PIECE", 256)
    # Two writes of a full tile, one of the partial tiles, and the checkpoint.
    with pytest.raises((StoreFull, StoreUnreachable)):
        await copy(logs, folder, Interrupted(folder, after)).grow()
    assert not (folder / "access" / "checkpoint").exists()
    there = sum("entries" in path and ".p/" not in path for path in files(folder))
    logs.requests.clear()
    await copy(logs, folder).grow()
    assert sum("entries/" in path and ".p/" not in path for path in logs.requests) == 2 - there
    assert (await loaded(folder))[1] == logs.entries["access"]


async def test_what_an_interrupted_copy_left_is_not_believed(logs, folder):
    await copy(logs, folder).grow()
    (folder / "access" / "checkpoint").unlink()
    tile = folder / "access" / "tile" / "entries" / "001"
    tile.write_bytes(bytes([9]) + tile.read_bytes()[1:])
    with pytest.raises(LogContradiction):  # its length is damaged: it is no tile of the log
        await copy(logs, folder).grow()
    tile.write_bytes(logs.files["access/tile/entries/001"][:-1] + b"\0")
    await copy(logs, folder).grow()
    assert (await loaded(folder))[1] == logs.entries["access"]


def bend(logs: ShownLogs, path: str) -> None:
    content = bytearray(logs.files[path])
    content[40] ^= 1
    logs.files[path] = bytes(content)


@pytest.mark.parametrize(
    "path",
    ["access/tile/entries/001", "access/tile/entries/002.p/188", "access/tile/0/002.p/188", "access/tile/1/000.p/2"],
)
async def test_nothing_is_stored_that_is_not_proved(logs, folder, path, monkeypatch):
    monkeypatch.setattr(log_growth, "PIECE_TILES", 1)
    monkeypatch.setattr(log_growth, "PIECE", 256)
    good = dict(logs.files)
    bend(logs, path)
    with pytest.raises(LogContradiction):
        await copy(logs, folder).grow()
    assert all(good[name] == content for name, content in files(folder).items())
    assert not (folder / "access" / "checkpoint").exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda it: it.publish("access", cosigners=COSIGNERS[:1]), "NO_QUORUM"),
        (cosigned_later(CLOCK_SECONDS + 1), "BAD_CHECKPOINT"),
        (not_there_yet, "TILE_MISSING"),
    ],
    ids=["without a quorum", "from the future", "of entries that are not there yet"],
)
async def test_a_checkpoint_that_a_monitor_refuses_is_not_copied(logs, folder, change, word):
    await copy(logs, folder).grow()
    before = files(folder)
    change(logs)
    with pytest.raises(LogContradiction) as found:
        await copy(logs, folder).grow()
    assert found.value.word == word
    assert files(folder) == before


@pytest.mark.parametrize(("size", "word"), [(600, "ROLLBACK"), (700, "SPLIT_VIEW"), (740, "NOT_CONSISTENT")])
async def test_a_log_that_is_another_than_the_copy_is_named_and_the_copy_stays(logs, folder, size, word):
    await copy(logs, folder).grow()
    before = files(folder)
    other = ShownLogs()
    other.fill("access", 3)
    other.append("access", counted("access", 999, 1))
    other.fill("access", size - 4)
    other.publish("access")
    with pytest.raises(LogContradiction) as found:
        await copy(other, folder).grow()
    assert (found.value.word, len(found.value.evidence)) == (word, 2)
    assert files(folder) == before


async def test_a_store_that_was_put_back_gets_its_later_entries_from_the_copy(logs, folder, tmp_path):
    ours, earlier = tmp_path / "ours", tmp_path / "earlier"
    ours.mkdir()
    await copy(logs, ours).grow()
    shutil.copytree(ours, earlier)
    logs.fill("access", 900)
    logs.publish("access")
    await copy(logs, ours).grow()
    await copy(logs, folder).grow()

    shutil.rmtree(ours)
    shutil.copytree(earlier, ours)
    # A lost transaction has left a tile there, which nobody was ever promised.
    (ours / "access" / "tile" / "0" / "003").write_bytes(bytes(8192))
    back = await LogCopy(StoredLog(FileStore(folder), "access"), FileStore(ours), POLICY, lambda: SECONDS).grow()

    assert (back.before, back.after) == (700, 1600)
    assert await loaded(ours) == await loaded(folder)


async def test_a_copy_that_is_older_gives_a_store_nothing(logs, folder, tmp_path):
    await copy(logs, folder).grow()
    ours = tmp_path / "ours"
    ours.mkdir()
    logs.fill("access", 9)
    logs.publish("access")
    await copy(logs, ours).grow()
    with pytest.raises(LogContradiction) as found:
        await LogCopy(StoredLog(FileStore(folder), "access"), FileStore(ours), POLICY, lambda: SECONDS).grow()
    assert found.value.word == "ROLLBACK"


async def test_a_folder_that_is_gone_is_unchecked(tmp_path, folder):
    with pytest.raises(LogUnchecked):
        await LogCopy(
            StoredLog(FileStore(tmp_path / "missing"), "access"), FileStore(folder), POLICY, lambda: SECONDS
        ).grow()
