"""The table in a file: finds the header and the delimiter, and reads the rows with their line numbers."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from credit.file_formats.case_columns import BASIC
from credit.file_formats.form import HeaderReading, RecordForm
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.detect import SourceFile, records_of, text_of
from gateway.import_export.files.serial_dates import as_of_1900

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS: Final = (",", ";", "\t")
_HEAD_LINES: Final = 60
_HEAD_AT: Final = 10
"""The header is on one of the first lines: a title, a date or Excel's `sep=;` may come before it."""
_ENOUGH: Final = 3
"""A header has at least so many known columns."""

Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table. *line* is the line of the file on which it begins."""

    line: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A source whose table was found. *ignored* are positions of columns, from 1, without a meaning here.

    *days* are the names of the columns of days, as rows have them.
    """

    source: SourceFile
    delimiter: str
    header_line: int
    header: tuple[str, ...]
    ignored: tuple[int, ...]
    rows: int
    days: frozenset[str] = frozenset()


def find_sheet(source: SourceFile, form: RecordForm = BASIC) -> SourceTable:
    """Find the header and count the rows; raises ExchangeRefused for a file without a table of this form."""
    delimiter, line, header = _find_header(source, form)
    reading = form.read_headers(header)
    if reading.missing:
        raise ExchangeRefused(ImportRefusal.MISSING_COLUMNS, line=line, hint="、".join(reading.missing))
    ignored = tuple(at for at, name in enumerate(header, 1) if name.strip() and name in reading.ignored)
    rows = sum(1 for _ in _rows(source, delimiter, line, header))
    days = frozenset(filter(form.is_of_days, _apart(header)))
    return SourceTable(source, delimiter, line, header, ignored, rows, days)


def rows_of(sheet: SourceTable) -> Iterator[TableRow]:
    """Read the rows below the header; blank ones are skipped. Raises ExchangeRefused.

    A spreadsheet's serial number in a column of days counts from 1900, whatever the calendar of the file.
    """
    for row in _rows(sheet.source, sheet.delimiter, sheet.header_line, sheet.header):
        days = {
            column: as_of_1900(str(row.cells[column]), sheet.source.epoch) for column in sheet.days & set(row.cells)
        }
        yield TableRow(row.line, {**row.cells, **days})


def _find_header(source: SourceFile, form: RecordForm) -> tuple[str, int, tuple[str, ...]]:
    """Return delimiter, line and cells of the line with most known columns, by the delimiter that finds most."""
    best: tuple[int, str, int, tuple[str, ...]] = (0, "", 0, ())
    for delimiter, line, cells in _heads(source):
        known = len(_known(form.read_headers(cells), cells))
        if known > best[0]:
            best = known, delimiter, line, tuple(cells)
    if best[0] < _ENOUGH:
        raise ExchangeRefused(ImportRefusal.NO_HEADER)
    return best[1:]


def _heads(source: SourceFile) -> Iterator[tuple[str, int, Sequence[str]]]:
    """Yield every way to read a header from the first lines: delimiter, line and cells."""
    if source.is_workbook:
        for number, cells in takewhile(lambda record: record[0] <= _HEAD_AT, records_of(source)):
            yield "", number, _without_empty_end(cells)
        return
    with text_of(source) as text:
        head = list(islice(text, _HEAD_LINES))
    for delimiter in _DELIMITERS:
        for start in range(min(_HEAD_AT, len(head))):
            yield delimiter, start + 1, _first_record(head[start:], delimiter)


def _without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    """Return the cells up to the last filled one: a sheet is as wide as its widest row."""
    last = max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return cells[:last]


def _known(reading: HeaderReading, cells: Sequence[str]) -> set[str]:
    return set(cells) - set(reading.ignored)


def _first_record(lines: Sequence[str], delimiter: str) -> Sequence[str]:
    """Return the first record from here; none where it cannot be divided: a title need not be well formed."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), ())
    except csv.Error:
        return ()


def _records(reader: "Reader") -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins; blank ones are left out."""
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num


def _rows(source: SourceFile, delimiter: str, header_line: int, header: Sequence[str]) -> Iterator[TableRow]:
    columns = _apart(header)
    if source.is_workbook:
        for number, cells in records_of(source):
            if number > header_line and any(cell.strip() for cell in cells):
                yield TableRow(number, _cells(columns, cells))
        return
    with text_of(source) as text:
        # A title above the header need not be well formed.
        skipped = sum(1 for _ in islice(text, header_line - 1))
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            for line, cells in islice(_records(reader), 1, None):
                yield TableRow(skipped + line, _cells(columns, cells))
        except csv.Error:
            # The error's message may quote a cell.
            raise ExchangeRefused(ImportRefusal.QUOTES, line=skipped + reader.line_num) from None


def _apart(header: Sequence[str]) -> tuple[str, ...]:
    """Make two columns with the same header different: headers are compared without space, and both must be checked."""
    seen: dict[str, int] = {}
    columns = []
    for name in header:
        times = seen[name] = seen.get(name, -1) + 1
        columns.append(name + " " * times)
    return tuple(columns)


def _cells(columns: Sequence[str], cells: Sequence[str]) -> Cells:
    """Assign cells to their columns. Filled ones after the last column are under None, as `case_columns` expects."""
    row: dict[str, object] = dict(zip(columns, cells, strict=False))
    beyond = cells[len(columns) :]
    if any(cell.strip() for cell in beyond):
        row[None] = list(beyond)  # type: ignore[index]  # csv.DictReader's own habit, which credit.file_formats.case_columns knows
    return row
