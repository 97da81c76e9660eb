"""What a process does to a store in a folder, for tests that run several of them or kill one."""

import os
import resource
import signal
from pathlib import Path

from gateway.ledger.errors import StoreConflict, StoreFull
from gateway.ledger.stores.file_store import FileStore

CHECKPOINT = "consent/checkpoint"


async def count_up(folder: str, rounds: str, name: str) -> None:
    """Add one to the number in the checkpoint, so many times: what is lost between two processes is missing."""
    store = FileStore(Path(folder))
    for _ in range(int(rounds)):
        while True:
            found = await store.read(CHECKPOINT)
            number = int(found.content.split()[0]) if found else 0
            try:
                await store.replace(CHECKPOINT, b"%d %b" % (number + 1, name.encode()), found and found.version)
                break
            except StoreConflict:
                continue
    await store.close()


async def write_until_killed(folder: str) -> None:
    """Write tiles and checkpoints without an end; print each number when it is durable."""
    store = FileStore(Path(folder))
    at, version = 0, None
    while True:
        await store.write_all_new({f"consent/tile/0/{at:03}.p/{width}": content(at, width) for width in range(1, 6)})
        version = await store.replace(CHECKPOINT, content(at, 256), version)
        os.write(1, b"%d\n" % at)
        at += 1


def content(at: int, width: int) -> bytes:
    """Return what a file holds."""
    return bytes([at % 256]) * 32 * width


async def write_to_a_full_disk(folder: str) -> None:
    """Write with a limit of the system on the size of files; print the name of what is raised."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = FileStore(Path(folder))
    version = await store.replace(CHECKPOINT, b"before", None)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    for operation in (
        lambda: store.write_new("consent/tile/0/000", bytes(8192)),
        lambda: store.replace(CHECKPOINT, bytes(8192), version),
    ):
        try:
            await operation()
        except StoreFull:
            os.write(1, b"StoreFull\n")
    await store.write_new("consent/tile/0/001", b"small")
    os.write(1, b"goes on\n")
