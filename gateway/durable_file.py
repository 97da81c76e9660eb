"""Writes a file whole or not at all, and durably; it raises OSError where the system cannot.

Until it is whole, the file has no name in its folder, where the system can do that (Linux, O_TMPFILE): whatever ends
the process, nothing is left of it.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Self

OWNER_ONLY: Final = 0o600


class DurableFile:
    """A new file that appears at *path* with `commit`, and not at all without it.

    with DurableFile(path, replace=False) as pending:
        pending.file.write(…)
        pending.commit()

    Without *replace*, `commit` raises FileExistsError where there is a file of this name.
    """

    def __init__(self, path: Path, *, replace: bool, mode: int = OWNER_ONLY) -> None:
        self._path, self._replace, self._mode = path, replace, mode
        self._part: Path | None = None
        self.file: BinaryIO = os.fdopen(self._open(), "w+b")

    def _open(self) -> int:
        folder = self._path.parent
        with suppress(AttributeError, OSError):  # not every system has it, and not every file system
            return os.open(folder, os.O_TMPFILE | os.O_RDWR, self._mode)
        # mkstemp makes it 0600; in the same folder, because a rename does not cross file systems.
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", suffix=".part", dir=folder)
        self._part = Path(name)
        if self._mode != OWNER_ONLY:
            self._part.chmod(self._mode)
        return handle

    def commit(self) -> None:
        """Make the file durable and give it its name."""
        self.commit_unsynced()
        sync_folder(self._path.parent)

    def commit_unsynced(self) -> None:
        """Do the same, but for the name: it is durable once the caller has called `sync_folder`, for many at once."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if not self._linked(self._path):
            self._rename()
        self.file.close()

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


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _link_open_file(handle: int, name: Path) -> None:
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        # With a folder given, the link of /proc is followed to the open file, as open(2) describes for O_TMPFILE.
        os.link(f"/proc/self/fd/{handle}", name.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
