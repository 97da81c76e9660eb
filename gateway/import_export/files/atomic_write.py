"""Writes a file whole or not at all, readable by its owner only: it may contain personal data [5.1.6]."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from gateway.import_export.errors import ExchangeRefused, ImportRefusal


def check_output(path: Path, *, replace: bool) -> None:
    """Refuse early, before any data is read: an existing file, a missing folder."""
    if path.is_dir() or not path.parent.is_dir():
        raise ExchangeRefused(ImportRefusal.OUTPUT)
    if path.exists() and not replace:
        raise ExchangeRefused(ImportRefusal.OUTPUT_EXISTS)


def write_whole(path: Path, content: bytes, *, replace: bool) -> None:
    """Write *content* to *path* in one step; raises ExchangeRefused. After a crash in between, *path* is as it was."""
    check_output(path, replace=replace)
    try:
        _write(path, content, replace=replace)
    except FileExistsError:
        raise ExchangeRefused(ImportRefusal.OUTPUT_EXISTS) from None
    except OSError:
        raise ExchangeRefused(ImportRefusal.OUTPUT) from None


def _linked(part: Path, path: Path) -> bool:
    """Give *part* its name without replacing a file, as a rename would; not every file system can do it."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def _write(path: Path, content: bytes, *, replace: bool) -> None:
    # mkstemp makes it 0600; in the same folder, because a rename does not cross file systems.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace or not _linked(part, path):
            part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
