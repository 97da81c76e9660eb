"""Writes workbooks (.xlsx) row by row: one sheet of text cells, so no formula, and no rounded number [ECMA-376].

Each row goes to the file as it comes: no row is kept, and there is no other file. The same rows give the same bytes:
the time of writing is not in them.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.xlsx_text import escaped

MOST_ROWS: Final = 1_048_576
MOST_CHARACTERS: Final = 32_767
MOST_BYTES: Final = 2**31 - 2**20
"""What a sheet and a cell hold; what is more, a spreadsheet would leave out without a word. In bytes of XML: what a zip
member holds without ZIP64, which spreadsheets read badly."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_WIDTH: Final = 22
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TEXT: Final = 1
"""The index of the format `@` (text) in the styles."""

_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def workbook_of(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook of few rows."""
    written = io.BytesIO()
    write_workbook(written, title, header, rows)
    return written.getvalue()


def write_workbook(file: BinaryIO, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a workbook of one sheet; raises ExchangeRefused where the format has no room for a row or a text."""
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(title)} sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {**_PARTS, "xl/workbook.xml": book}.items():
            packed.writestr(_part(name), _XML + content, zipfile.ZIP_DEFLATED)
        with packed.open(_part("xl/worksheets/sheet1.xml"), "w") as sheet:
            _write_sheet(sheet, header, rows)


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name, _EPOCH)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _write_sheet(sheet: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    columns = len(header)
    above = (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
        'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{columns}" width="{_WIDTH}" customWidth="1"/></cols><sheetData>'
    )
    size = sheet.write(above.encode())
    written = 0
    for number, row in _numbered(header, rows):
        size += sheet.write(_row(number, row).encode())
        if size > MOST_BYTES:
            raise ExchangeRefused(ImportRefusal.SHEET_FULL)
        written = number
    below = f'</sheetData><autoFilter ref="A1:{_letter(columns - 1)}{written}"/></worksheet>'
    sheet.write(below.encode())


def _numbered(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, Sequence[str]]]:
    yield 1, header
    for number, row in enumerate(rows, 2):
        if number > MOST_ROWS:
            raise ExchangeRefused(ImportRefusal.SHEET_FULL)
        yield number, row


def _row(number: int, row: Sequence[str]) -> str:
    cells = (_cell(f"{_letter(at)}{number}", text) for at, text in enumerate(row) if text)
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise ExchangeRefused(ImportRefusal.SHEET_FULL)
    written = escape(escaped(text))
    return f'<c r="{place}" s="{_TEXT}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


def _letter(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)  # noqa: PLR2004 - letters
