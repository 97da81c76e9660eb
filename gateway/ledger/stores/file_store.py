"""A store in a folder: each file is written under no name, made durable, and then linked to its name.

Where the process ends in between, nothing is left. A lock on the file `.lock` makes a replacement compare and swap
between processes; a reader sees the old file or the new one. Hard links and locks are those of a local file system.
"""

import asyncio
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from gateway.durable_file import DurableFile, sync_folder
from gateway.ledger.errors import LedgerStoreError, StoreConflict, StoreCorrupt, StoreFull, StoreUnreachable
from gateway.ledger.stores.tile_store import MOST_BYTES, STORE_SECONDS, Stored, require_path

if sys.platform != "win32":
    import fcntl

THREADS: Final = 4
"""Files are made durable side by side, so that the system joins what it writes."""
FILES_AT_ONCE: Final = 16 * THREADS
PUBLIC: Final = 0o644
LOCK: Final = ".lock"
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PAUSE: Final = 0.005

Answer = TypeVar("Answer")
Share = TypeVar("Share")


class FileStore:
    """A TileStore in the folder *root*, which must be there: a disk that is not mounted is no empty store."""

    def __init__(self, root: Path, seconds: float = STORE_SECONDS) -> None:
        self._root, self._seconds = root, seconds
        # Threads of its own: where a disk hangs, they hang, and nothing else that waits for a thread does.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ledger-store")
        self._in_process = Lock()

    async def check(self) -> None:
        """Raise StoreUnreachable where the folder cannot be locked: missing, read-only, or held."""
        await self._run(self._check)

    async def read(self, path: str) -> Stored | None:
        """Return the file and its version, which is the hash of its content."""
        return await self._run(partial(self._read, self._file(path)))

    async def write_new(self, path: str, content: bytes) -> None:
        """Write the file where there is none."""
        await self.write_all_new({path: content})

    async def write_all_new(self, files: Mapping[str, bytes]) -> None:
        """Write the files, then make the names in each folder durable, once."""
        waiting = iter([(self._file(path), content) for path, content in files.items()])
        while some := list(islice(waiting, FILES_AT_ONCE)):
            await self._all(self._write_new, [some[at::THREADS] for at in range(min(THREADS, len(some)))])
            await self._all(sync_folder, sorted({file.parent for file, _ in some}))

    async def replace(self, path: str, content: bytes, expected: str | None) -> str:
        """Replace the file under the lock."""
        return await self._run(partial(self._replace, self._file(path), content, expected))

    async def remove_partials(self, path: str) -> None:
        """Remove the folder of partial tiles."""
        await self._run(partial(_remove_folder, self._file(f"{path}.p")))

    async def close(self) -> None:
        """Let the threads end. One that hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _file(self, path: str) -> Path:
        require_path(path)
        return self._root / path

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        with _named_errors():
            async with asyncio.timeout(self._seconds):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _all(self, work: Callable[[Share], None], shares: Sequence[Share]) -> None:
        """Do the work for each share; raise the first error once all have ended."""
        found = await asyncio.gather(*(self._run(partial(work, share)) for share in shares), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each

    def _check(self) -> None:
        with self._locked():
            pass

    def _read(self, file: Path) -> Stored | None:
        try:
            with file.open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
                written_at = datetime.fromtimestamp(os.fstat(opened.fileno()).st_mtime, UTC)
        except (FileNotFoundError, NotADirectoryError):
            if not self._root.is_dir():
                raise
            return None
        if len(content) > MOST_BYTES:
            raise StoreCorrupt(f"{self._name(file)} is too large for a log.")
        return Stored(content, _version(content), written_at)

    def _write_new(self, files: Sequence[tuple[Path, bytes]]) -> None:
        for file, content in files:
            self._make_folder(file.parent)
            try:
                with DurableFile(file, replace=False, mode=PUBLIC) as pending:
                    pending.file.write(content)
                    pending.commit_unsynced()
            except FileExistsError:
                found = self._read(file)
                if found is None or found.content != content:
                    raise StoreConflict(f"{self._name(file)} is there with other bytes.") from None

    def _replace(self, file: Path, content: bytes, expected: str | None) -> str:
        with self._locked():
            found = self._read(file)
            if found is not None and found.content == content:
                sync_folder(file.parent)  # whoever wrote it may have ended before
                return found.version
            if (found and found.version) != expected:
                raise StoreConflict(f"{self._name(file)} was replaced by somebody else.")
            self._make_folder(file.parent)
            with DurableFile(file, replace=True, mode=PUBLIC) as pending:
                pending.file.write(content)
                pending.commit()
            return _version(content)

    def _make_folder(self, folder: Path) -> None:
        """Make the folder durable with those above it, up to the root, which is never made."""
        if folder == self._root or folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock; raise TimeoutError where another process holds it for too long."""
        if not self._in_process.acquire(timeout=self._seconds):
            raise TimeoutError
        try:
            handle = os.open(self._root / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock(handle, time.monotonic() + self._seconds)
                yield
            finally:
                os.close(handle)
        finally:
            self._in_process.release()

    def _name(self, file: Path) -> str:
        return str(file.relative_to(self._root))


def _lock(handle: int, until: float) -> None:
    if sys.platform == "win32":  # one process has the file of SQLite there, and its threads share a lock
        return
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError from None
            time.sleep(_PAUSE)
        else:
            return


def _remove_folder(folder: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        for file in list(folder.iterdir()):
            file.unlink(missing_ok=True)
        with suppress(OSError):  # another process writes there; what it leaves is removed with the next
            folder.rmdir()


def _version(content: bytes) -> str:
    return sha256(content).hexdigest()


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except LedgerStoreError:
        raise
    except TimeoutError:
        raise StoreUnreachable("The folder of the ledger gives no answer.") from None
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StoreFull("The folder of the ledger has no space.") from None
        name = errno.errorcode.get(error.errno or 0, "an error")
        raise StoreUnreachable(f"The folder of the ledger answers with {name}.") from None
