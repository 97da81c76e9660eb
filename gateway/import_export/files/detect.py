"""The bytes and the encoding of a file. It is read as a stream, from beginning to end, as often as needed.

The encoding is never guessed from frequencies: a byte order mark decides; else the whole file must be UTF-8; else the
whole file must be GB18030, which nearly any bytes are, so the header is the final check
(`gateway.import_export.files.table_reader`). A file of another kind is refused by what it is.
"""

import codecs
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files import xlsx_reader
from gateway.import_export.files.gb18030_euro import decoding_errors
from gateway.import_export.files.other_formats import ZIP, refuse_other_formats
from gateway.import_export.files.serial_dates import EPOCH

_AT_ONCE: Final = 1 << 16
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UNMARKED: Final = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A readable file. *digest* is SHA-256 of its bytes, which nothing keeps: a list could be found again by it.

    *epoch* is the day 0 of its serial numbers of days: the calendar of a workbook; for text, that of 1900.
    """

    path: Path
    digest: bytes
    encoding: str
    size: int
    changed_ns: int
    epoch: date = EPOCH

    @property
    def is_workbook(self) -> bool:
        """Whether the file is a workbook, and no text."""
        return self.encoding == xlsx_reader.ENCODING


def examine(path: Path) -> SourceFile:
    """Read a whole file once, for its hash and its encoding; raises ExchangeRefused."""
    with _opened(path) as file:
        size, changed_ns = _state(file)
        digest = hashlib.sha256()
        first = file.read(_AT_ONCE)
        if not first:
            raise ExchangeRefused(ImportRefusal.EMPTY)
        refuse_other_formats(first, file)
        is_workbook = first.startswith(ZIP)
        epoch = EPOCH
        if is_workbook:
            epoch = xlsx_reader.epoch_of(file)
            file.seek(len(first))
        parsed_rows = None if is_workbook else _Candidates(first)
        chunk = first
        while chunk:
            digest.update(chunk)
            if parsed_rows is not None:
                parsed_rows.feed(chunk)
            chunk = file.read(_AT_ONCE)
        encoding = xlsx_reader.ENCODING if parsed_rows is None else parsed_rows.end()
        return SourceFile(path, digest.digest(), encoding, size, changed_ns, epoch)


def records_of(source: SourceFile) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a workbook, each with its number, also without any text; raises ExchangeRefused."""
    with _opened(source.path) as file:
        if _state(file) != (source.size, source.changed_ns):
            raise ExchangeRefused(ImportRefusal.FILE_CHANGED)
        yield from xlsx_reader.records_of(file)


@contextmanager
def text_of(source: SourceFile) -> Iterator[TextIO]:
    """Open the text of *source*, line ends untouched, as `csv` wants it; raises ExchangeRefused."""
    with _opened(source.path) as file:
        if _state(file) != (source.size, source.changed_ns):
            raise ExchangeRefused(ImportRefusal.FILE_CHANGED)
        errors = decoding_errors(source.encoding)
        with io.TextIOWrapper(file, encoding=source.encoding, errors=errors, newline="") as text:
            try:
                yield text
            except UnicodeDecodeError:
                # The file was decoded a moment ago, and no longer can be. The error's message would quote the bytes.
                raise ExchangeRefused(ImportRefusal.FILE_CHANGED) from None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        # A pipe can be read only once.
        file = path.open("rb") if path.is_file() else None
    except OSError:
        file = None
    if file is None:
        raise ExchangeRefused(ImportRefusal.NOT_THERE)
    with file:
        yield file


def _state(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


class _Candidates:
    """The encodings that the bytes so far allow, the preferred one first."""

    def __init__(self, first: bytes) -> None:
        # Without its mark, UTF-16 would pass as GB18030 at first.
        if b"\0" in first and not first.startswith(tuple(mark for mark, _ in _MARKS)):
            raise ExchangeRefused(ImportRefusal.NOT_TEXT)
        marked = next((encoding for mark, encoding in _MARKS if first.startswith(mark)), None)
        names = _UNMARKED if marked is None else (marked,)
        self._decoders = {name: codecs.getincrementaldecoder(name)(decoding_errors(name)) for name in names}

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        for name, decoder in list(self._decoders.items()):
            try:
                text = decoder.decode(chunk, final)
            except UnicodeDecodeError:
                del self._decoders[name]
                continue
            if "\0" in text:
                raise ExchangeRefused(ImportRefusal.NOT_TEXT)
        if not self._decoders:
            raise ExchangeRefused(ImportRefusal.ENCODING)

    def end(self) -> str:
        self.feed(b"", final=True)
        return next(iter(self._decoders))
