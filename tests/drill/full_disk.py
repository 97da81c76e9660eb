"""A real disk that fills up under load: it is alarmed, integration goes on, nothing is lost, doubled or forked.

The disk is a small tmpfs in a mount namespace of the sequencer's own, which needs no root where the system lets users
have namespaces (Linux). It is seen from outside below `/proc/<pid>/root`. A ballast fills most of it; without the
ballast there is room for the whole log.
"""

import asyncio
import ctypes
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import structlog

from gateway.ledger.stores.file_store import FileStore
from storage.database.database import Database
from tests.drill.ledger_drill import LedgerDrill, LedgerFound
from tests.drill.ledger_processes import record, sequencer_of, tag
from tests.forked import forked

DISK_BYTES, ROOM_BYTES = 64 << 20, 96 << 10
GROWN: Final = 50
"""So many entries show that integration goes on."""
PATIENCE_SECONDS: Final = 60.0
_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_RUNS, _REFUSED = "runs", "refused"


@dataclass(frozen=True, slots=True)
class FullDiskFound:
    """What happened, and what is wrong afterwards."""

    ledger: LedgerFound
    full: int
    """How many entries were published when the disk was full, before it was freed."""


def sequence_on_a_small_disk(url: str, folder: str) -> None:
    """Integrate and publish into `<folder>/disk`; print what is logged, and the size of `access` once it has grown.

    SIGUSR1 frees the disk; SIGTERM ends the process, which leaves a copy of the store as `<folder>/store`.
    """
    disk = Path(folder) / "disk"
    try:
        _mount(disk, DISK_BYTES)
    except OSError as error:
        os.write(1, f"{_REFUSED} {error.strerror}\n".encode())
        return
    (disk / "ballast").write_bytes(bytes(DISK_BYTES - ROOM_BYTES))
    structlog.configure(processors=[_print_event])
    asyncio.run(_sequence(url, disk))
    shutil.copytree(disk, Path(folder) / "store")


async def _sequence(url: str, disk: Path) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, (disk / "ballast").unlink)
    os.write(1, f"{_RUNS}\n".encode())
    database, store = Database.open(url, tag=tag), FileStore(disk)
    sequencer = sequencer_of(database, store)
    said = 0
    while not stop.is_set():
        await sequencer.round()
        if sequencer.publishers["access"].published > said:
            said = sequencer.publishers["access"].published
            os.write(1, b"published %d\n" % said)
        await asyncio.sleep(0.002)
    await sequencer.publish_all()
    await store.close()
    await database.close()


async def fill_a_disk(url: str, folder: Path, chance: Random) -> FullDiskFound | str:
    """Let the disk fill up, look at the alarm, free it; return what is wrong, or why there is no such disk."""
    drill = LedgerDrill(url, folder, chance)
    (folder / "disk").mkdir()
    async with (
        forked(sequence_on_a_small_disk, url, str(folder)) as sequencer,
        forked(record, url, str(drill.acknowledged), str(chance.random())) as recorder,
    ):
        said = (await sequencer.stdout.readline()).decode().split(maxsplit=1)
        if said[0] == _REFUSED:
            return f"no small disk can be mounted here: {said[1].strip()}"
        drill.store = Path(f"/proc/{sequencer.process.pid}/root{folder}/disk")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _line(sequencer.stdout, "ledger.round-failed StoreFull")
            await _line(sequencer.stdout, "ledger.not-published StoreFull")
        await drill.look()
        full = drill.seen["access"][-1].size
        integrated = await _integrated(url, full + GROWN)
        await drill.look()
        assert drill.seen["access"][-1].size == full, "something was published on a full disk"

        os.kill(sequencer.process.pid or 0, signal.SIGUSR1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while int((await _line(sequencer.stdout, "published")).split()[1]) < integrated:
                pass
        recorder.kill()
        await recorder.wait()
        await drill.look()
        os.kill(sequencer.process.pid or 0, signal.SIGTERM)
        assert await sequencer.wait() == 0
    (folder / "store" / "ballast").unlink(missing_ok=True)
    drill.store = folder / "store"
    await drill.finish()
    return FullDiskFound(drill.found, full)


async def _line(stdout: asyncio.StreamReader, beginning: str) -> str:
    while line := (await stdout.readline()).decode():
        if line.startswith(beginning):
            return line
    raise AssertionError(f"the sequencer ended and never said {beginning!r}")


async def _integrated(url: str, least: int) -> int:
    """Return how many entries are integrated, once these are at least so many."""
    database = Database.open(url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            ((size,),) = await database.fetch_text("SELECT max(size) FROM ledger_trees", [])
            if size >= least:
                await database.close()
                return int(size)
            await asyncio.sleep(0.05)


def _print_event(_: object, __: str, event: dict[str, Any]) -> Any:
    os.write(1, f"{event['event']} {event.get('error')}\n".encode())
    raise structlog.DropEvent


def _mount(folder: Path, size: int) -> None:
    """Mount a tmpfs of so many bytes for this process alone. Raises OSError where the system does not let it."""
    libc, user, group = ctypes.CDLL(None, use_errno=True), os.getuid(), os.getgid()
    if libc.unshare(_NEW_USER | _NEW_MOUNTS):
        raise _last_error()
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={size}".encode()):
        raise _last_error()


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
