"""Workbooks (.xlsx): the first visible sheet, as the text that a CSV file would contain.

A spreadsheet's change of a value cannot be undone: a number of more than fifteen digits has lost its last ones. It is
read as the spreadsheet shows it, and refused later as rounded. Dates lose nothing.
"""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import BinaryIO, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gateway.import_export.errors import ExchangeRefused, ImportRefusal

ENCODING: Final = "xlsx"
"""The encoding that stands for a workbook."""
ZIP: Final = b"PK\x03\x04"
OLD: Final = b"\xd0\xcf\x11\xe0"
"""The first bytes of an .xls, and of a workbook with a password."""

_MOST_BYTES: Final = 200 * 2**20
"""The most that a workbook may contain unpacked: a small file can unpack to any size."""
_EXACT: Final = 10**15
_BROKEN: Final = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, SyntaxError)
"""Errors of openpyxl for a file that only looks like a workbook; their messages may quote the file."""


def examine_workbook(file: BinaryIO) -> None:
    """Refuse a file that is no workbook, or unpacks to too much; raises ExchangeRefused."""
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MOST_BYTES:
                raise ExchangeRefused(ImportRefusal.TOO_LARGE)
            if "[Content_Types].xml" not in packed.namelist():
                raise ExchangeRefused(ImportRefusal.WORKBOOK)
    except zipfile.BadZipFile:
        raise ExchangeRefused(ImportRefusal.WORKBOOK) from None


def records_of(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first visible sheet, each with its number, blank ones too. Raises ExchangeRefused."""
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not shown:
            raise ExchangeRefused(ImportRefusal.EMPTY)
        shown[0].reset_dimensions()  # the size that a file states need not be true
        for number, row in enumerate(shown[0].iter_rows(values_only=True), 1):
            yield number, [_text(value) for value in row]
    except _BROKEN:
        raise ExchangeRefused(ImportRefusal.WORKBOOK) from None


def _text(value: object) -> str:
    """Return the content of a cell as a CSV file would contain it."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime() if value.time() != time():
            return value.isoformat(" ")
        case date():
            return value.strftime("%Y-%m-%d")
        case int() | float():
            return _digits(value)
    return str(value)


def _digits(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else repr(value)
