"""Writes a file whole or not at all, readable by its owner only: it may contain personal data [5.1.6].

Until it is whole, the file has no name in its folder, where the system can do that (Linux, O_TMPFILE): whatever ends
the process, nothing is left of it. Temporary files, which hold the same data, have no name either.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Self

from gateway.import_export.errors import ExchangeRefused, ImportRefusal


def check_output(path: Path, *, replace: bool) -> None:
    """Refuse early, before any data is read: an existing file, a missing folder."""
    if path.is_dir() or not path.parent.is_dir():
        raise ExchangeRefused(ImportRefusal.OUTPUT)
    if path.exists() and not replace:
        raise ExchangeRefused(ImportRefusal.OUTPUT_EXISTS)


def write_whole(path: Path, content: bytes, *, replace: bool) -> None:
    """Write *content* to *path* in one step; raises ExchangeRefused. After a crash in between, *path* is as it was."""
    with PendingFile(path, replace=replace) as pending:
        with output_errors():
            pending.file.write(content)
        pending.commit()


def temporary_file(folder: Path) -> IO[bytes]:
    """Open a file without a name in *folder*, for personal data that is only needed until it is closed."""
    with output_errors():
        return tempfile.TemporaryFile(dir=folder)


@contextmanager
def output_errors() -> Iterator[None]:
    """Refuse by name where the system cannot write: no space, no right."""
    try:
        yield
    except FileExistsError:
        raise ExchangeRefused(ImportRefusal.OUTPUT_EXISTS) from None
    except OSError:
        raise ExchangeRefused(ImportRefusal.OUTPUT) from None


class PendingFile:
    """A new file that appears at *path* with `commit`, and not at all without it.

    with PendingFile(path, replace=False) as pending:
        pending.file.write(…)
        pending.commit()
    """

    def __init__(self, path: Path, *, replace: bool) -> None:
        check_output(path, replace=replace)
        self._path, self._replace = path, replace
        self._part: Path | None = None
        with output_errors():
            self.file: BinaryIO = os.fdopen(self._open(), "w+b")

    def _open(self) -> int:
        folder = self._path.parent
        with suppress(AttributeError, OSError):  # not every system has it, and not every file system
            return os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
        # mkstemp makes it 0600; in the same folder, because a rename does not cross file systems.
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", suffix=".part", dir=folder)
        self._part = Path(name)
        return handle

    def commit(self) -> None:
        """Make the file durable and give it its name; raises ExchangeRefused, and then it is not there."""
        with output_errors():
            self.file.flush()
            os.fsync(self.file.fileno())
            if not self._linked(self._path):
                self._rename()
            self.file.close()
            _sync(self._path.parent)

    def _linked(self, name: Path) -> bool:
        """Give the file this name without replacing one, as a rename would; not every file system can do it."""
        try:
            if self._part is not None:
                name.hardlink_to(self._part)
            else:
                _link_open_file(self.file.fileno(), name)
        except FileExistsError:
            if not self._replace:
                raise
            return False
        except OSError:
            if self._part is None:
                raise
            return False
        return True

    def _rename(self) -> None:
        """Replace the file of this name in one step. For the moment before it, the new one has a name of its own."""
        if self._part is None:
            part = Path(tempfile.mktemp(prefix=f".{self._path.name}.", suffix=".part", dir=self._path.parent))  # noqa: S306 - the link is refused where the name exists
            _link_open_file(self.file.fileno(), part)
            self._part = part
        self._part.replace(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # the buffer is flushed again, and the disk may be full
            self.file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)


def _link_open_file(handle: int, name: Path) -> None:
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        # With a folder given, the link of /proc is followed to the open file, as open(2) describes for O_TMPFILE.
        os.link(f"/proc/self/fd/{handle}", name.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
