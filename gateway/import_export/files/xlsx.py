"""Workbooks (.xlsx): the first visible sheet, as the text that a CSV file would contain.

A spreadsheet's change of a value cannot be undone: a number of more than fifteen digits has lost its last ones. It is
read as the spreadsheet shows it, and refused later as rounded. Dates lose nothing.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
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
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_TEXT: Final = "@"
_WIDTH: Final = 22
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


def workbook_of(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook of one sheet with text cells only: no formula, and no rounded number.

    The same rows give the same bytes: the time of writing is not in them.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at in range(len(header)):
        sheet.column_dimensions[_letter(at)].width = _WIDTH
    for row in (header, *rows):
        sheet.append([_cell(sheet, text) for text in row])
    sheet.auto_filter.ref = f"A1:{_letter(len(header) - 1)}{len(rows) + 1}"
    book.properties.creator = "chengxin"
    book.properties.created = datetime(*_EPOCH)  # noqa: DTZ001 - the format knows no zone
    written = io.BytesIO()
    book.save(written)
    return _without_hours(written)


def _cell(sheet: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl has no types
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.number_format = _TEXT
    return cell


def _letter(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)  # noqa: PLR2004 - letters


def _without_hours(written: io.BytesIO) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(written) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in sorted(before.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", before.read(name))
            after.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


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
