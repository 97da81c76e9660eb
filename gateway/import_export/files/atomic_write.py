"""Writes a file whole or not at all, readable by its owner only: it may contain personal data [5.1.6].

Until it is whole, nothing of it has a name in its folder (`DurableFile`). Temporary files, which hold the same data,
have no name either.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway.durable_file import DurableFile
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


class PendingFile(DurableFile):
    """The file of an export: whole with `commit`, and not there without it. What the system cannot do is refused."""

    def __init__(self, path: Path, *, replace: bool) -> None:
        check_output(path, replace=replace)
        with output_errors():
            super().__init__(path, replace=replace)

    def commit(self) -> None:
        """Make the file durable and give it its name; raises ExchangeRefused, and then it is not there."""
        with output_errors():
            super().commit()
