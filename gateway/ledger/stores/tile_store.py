"""Where checkpoints and tiles lie: outside the database, so that a restored database finds what was published before.

    <log>/checkpoint                  replaced by compare-and-swap
    <log>/tile/<L>/<N>[.p/<W>]        written once and never changed
    <log>/tile/entries/<N>[.p/<W>]    the same

A store is a folder (`file_store`) or a bucket (`s3_store`); both keep the promises of `TileStore` for any number of
processes. Paths are ASCII, of segments without a dot at their beginning.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from consent.ledger.tiles import FULL
from gateway.ledger.errors import StoreConflict

CHECKPOINT: Final = "checkpoint"
MOST_BYTES: Final = FULL * (2 + 0xFFFF)
"""The largest file of a log: a tile of entries, all of them as long as they can be."""
STORE_SECONDS: Final = 10.0
"""How long an operation may take. Then it is StoreUnreachable, whatever it may still do."""
_PATH: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies under a path, the version that a replacement of it names, and when the store says it was written."""

    content: bytes
    version: str
    written_at: datetime


class TileStore(Protocol):
    """A store of files. Every operation ends in time; it raises StoreUnreachable, StoreFull, or as it says."""

    async def check(self) -> None:
        """Do nothing where the store answers and keeps its promises; else raise StoreUnreachable or StoreUnfit."""
        ...

    async def read(self, path: str) -> Stored | None:
        """Return what lies under *path*, or None. Raises StoreCorrupt for more than MOST_BYTES."""
        ...

    async def write_new(self, path: str, content: bytes) -> None:
        """Write a file that never changes, durably. The same bytes again are fine; others raise StoreConflict."""
        ...

    async def write_all_new(self, files: Mapping[str, bytes]) -> None:
        """Do the same for many files, faster than one by one. After a failure any of them may be there."""
        ...

    async def replace(self, path: str, content: bytes, expected: str | None) -> str:
        """Replace the version *expected* (None: no file) of what lies under *path*, durably; return the new version.

        Raises StoreConflict where another version is there, unless it has these bytes already.
        """
        ...

    async def remove_partials(self, path: str) -> None:
        """Remove the partial tiles `<path>.p/…` of a full tile. None there is fine."""
        ...

    async def close(self) -> None:
        """End what the store holds in this process."""
        ...


def require_path(path: str) -> None:
    """Raise ValueError unless *path* is one of a store: a caller that passes on what it was given is wrong."""
    if not _PATH.fullmatch(path):
        raise ValueError("not a path of a store")


async def write_beyond(store: TileStore, head: str, version: str | None, files: Mapping[str, bytes]) -> None:
    """Write *files*, which are beyond the checkpoint under the path *head*, durably; what is there is replaced.

    Such a file was never promised to anybody: it was left by what ended before its checkpoint. Raises StoreConflict
    where the checkpoint has another version than *version* by now.
    """
    if not files:
        return
    try:
        await store.write_all_new(files)
    except StoreConflict:
        found = await store.read(head)
        if (found and found.version) != version:
            raise StoreConflict(f"{head} was replaced by somebody else.") from None
        for path, content in files.items():
            there = await store.read(path)
            if there is None or there.content != content:
                await store.replace(path, content, None if there is None else there.version)
