"""Reads workbooks (.xlsx): the first visible sheet, as the text that a CSV file would contain.

A spreadsheet's change of a value cannot be undone: a number of more than fifteen digits has lost its last ones. It is
read as the spreadsheet shows it, and refused later as rounded. Dates lose nothing. A cell with an error is its word,
such as `#N/A`. Of the styles only the formats of dates count, so damaged ones do no harm.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import BinaryIO, Final

from gateway.import_export.errors import ExchangeRefused, FileFlaw, ImportRefusal
from gateway.import_export.files.serial_dates import EPOCH, EPOCH_OF_1904, day_of_serial
from gateway.import_export.files.xlsx_package import BROKEN, Attributes, Package, opened, relationship_id, unreadable
from gateway.import_export.files.xlsx_shared_strings import SharedStrings
from gateway.import_export.files.xlsx_styles import DateStyles
from gateway.import_export.files.xlsx_text import decoded

ENCODING: Final = "xlsx"
"""The encoding that stands for a workbook."""
LONGEST_CELL: Final = 32_767
"""The most characters of a cell, by the limits of Excel."""

_LONGEST_ESCAPED: Final = 7 * LONGEST_CELL
_LAST_ROW: Final = 1_048_576
_LAST_COLUMN: Final = 16_384
_EXACT: Final = 10**15
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_PLACE: Final = re.compile(r"([A-Z]{1,3})[0-9]+")
_YES: Final = frozenset({"1", "true", "on"})
_NO: Final = frozenset({"0", "false", "off"})
_MIDNIGHT: Final = " 00:00:00"
_ERROR: Final = "#VALUE!"
_OTHER_PACKAGES: Final = (
    ("xl/workbook.bin", FileFlaw.BINARY_WORKBOOK),
    ("content.xml", FileFlaw.OPEN_DOCUMENT),
    ("index/document.iwa", FileFlaw.NUMBERS),
    ("index.zip", FileFlaw.NUMBERS),
    ("word/document.xml", FileFlaw.OFFICE_DOCUMENT),
    ("ppt/presentation.xml", FileFlaw.OFFICE_DOCUMENT),
)
"""What an archive is by a part that it has, if it is no .xlsx."""

Row = tuple[int, list[str]]


def epoch_of(file: BinaryIO) -> date:
    """Return the day 0 of the workbook's calendar; raises ExchangeRefused for a file that is no workbook."""
    try:
        with opened(file) as package:
            return _Workbook.of(package).epoch
    except BROKEN:
        raise unreadable(FileFlaw.DAMAGED) from None
    except RuntimeError:  # zipfile has no better error for a member with a password
        raise unreadable(FileFlaw.PASSWORD) from None


def records_of(file: BinaryIO) -> Iterator[Row]:
    """Yield the rows of the first visible sheet with their numbers, also without text. Raises ExchangeRefused."""
    sheet: _Sheet | None = None
    try:
        with opened(file) as package:
            workbook = _Workbook.of(package)
            styles = DateStyles.of(package, workbook.part_of("styles"))
            shared = SharedStrings.of(package, workbook.part_of("sharedstrings"))
            sheet = _Sheet(styles, shared, workbook.epoch)
            for _ in package.read(workbook.first_sheet(), sheet):
                yield from sheet.taken()
    except BROKEN:
        raise unreadable(FileFlaw.DAMAGED, None if sheet is None else sheet.line) from None
    except RuntimeError:
        raise unreadable(FileFlaw.PASSWORD) from None


class _Workbook:
    """The part that lists the sheets. *epoch* is the day 0 of its calendar."""

    def __init__(self, package: Package, name: str) -> None:
        self.epoch = EPOCH
        self._sheets: list[str] = []
        self._is_workbook = False
        package.read_whole(name, self)
        if not self._is_workbook:
            raise unreadable(FileFlaw.MARKUP)
        self._related = package.related(name)

    @classmethod
    def of(cls, package: Package) -> "_Workbook":
        """Return the workbook of *package*; raises ExchangeRefused for a package of another kind."""
        for part, flaw in _OTHER_PACKAGES:
            if part in package:
                raise ExchangeRefused(ImportRefusal.OTHER_FORMAT, flaw=flaw)
        if "[Content_Types].xml" not in package:
            raise ExchangeRefused(ImportRefusal.OTHER_FORMAT, flaw=FileFlaw.ARCHIVE)
        main = (part for kind, part in package.related().values() if kind == "officeDocument")
        return cls(package, next(main, "xl/workbook.xml"))

    def first_sheet(self) -> str:
        """Return the part of the first visible sheet with cells."""
        for sheet in self._sheets:
            kind, part = self._related.get(sheet, ("", ""))
            if kind == "worksheet":
                return part
        raise unreadable(FileFlaw.NO_SHEET)

    def part_of(self, kind: str) -> str | None:
        """Return the part of this *kind*, in small letters, if the workbook has one."""
        return next((part for found, part in self._related.values() if found.lower() == kind), None)

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "workbook":
            self._is_workbook = True
        elif name == "workbookPr" and attributes.get("date1904") in _YES:
            self.epoch = EPOCH_OF_1904
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            self._sheets.append(relationship_id(attributes))

    def end(self, name: str) -> None:
        """Nothing: the workbook part has attributes only."""

    def text(self, data: str) -> None:
        """Nothing: likewise."""


class _Sheet:
    """Takes the elements of a sheet; `taken` gives the rows that are complete. *line* is the row being read."""

    def __init__(self, styles: DateStyles, shared: SharedStrings, epoch: date) -> None:
        self.line = 0
        self._styles, self._shared, self._epoch = styles, shared, epoch
        self._rows: list[Row] = []
        self._cells: list[str] = []
        self._columns: dict[str, int] = {}
        self._column = 0
        self._kind = ""
        self._style = ""
        self._holds = ""
        """The element that holds the text of the cell; blank outside of a cell."""
        self._is_text = False
        self._is_phonetic = False
        self._pieces: list[str] = []
        self._length = 0

    def taken(self) -> list[Row]:
        """Return the rows that were completed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: Attributes) -> None:
        if name == self._holds:
            self._is_text = not self._is_phonetic
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "rPh":
            self._is_phonetic = True

    def end(self, name: str) -> None:
        if name == self._holds:
            self._is_text = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._rows.append((self.line, self._cells))
        elif name == "rPh":
            self._is_phonetic = False

    def text(self, data: str) -> None:
        if self._is_text:
            self._length += len(data)
            if self._length > _LONGEST_ESCAPED:
                raise self._long_cell()
            self._pieces.append(data)

    def _begin_row(self, stated: str | None) -> None:
        number = self.line + 1 if stated is None else int(stated)
        if not self.line < number <= _LAST_ROW:
            raise unreadable(FileFlaw.CELL, self.line)
        self.line, self._cells, self._column = number, [], 0

    def _begin_cell(self, attributes: Attributes) -> None:
        if (place := attributes.get("r")) is not None:
            self._column = self._column_of(place)
        if self._column >= _LAST_COLUMN:
            raise unreadable(FileFlaw.CELL, self.line)
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._holds = "t" if self._kind == "inlineStr" else "v"
        self._pieces, self._length = [], 0

    def _end_cell(self) -> None:
        text = self._shown("".join(self._pieces))
        if len(text) > LONGEST_CELL:
            raise self._long_cell()
        if text:
            self._cells += [""] * (self._column + 1 - len(self._cells))
            self._cells[self._column] = text
        self._column += 1
        self._holds = ""

    def _column_of(self, place: str) -> int:
        """Return the column of `AB12`, from 0."""
        match = _PLACE.fullmatch(place)
        if match is None:
            raise unreadable(FileFlaw.CELL, self.line)
        at = 0
        for letter in match[1]:
            at = at * 26 + ord(letter) - 64
        return at - 1

    def _shown(self, written: str) -> str:
        """Return the content of a cell as a CSV file would contain it."""
        if self._kind in {"inlineStr", "str"}:
            return decoded(written)
        if self._kind == "e":
            # An error without its word must not become a blank.
            return written if written.startswith("#") else _ERROR
        return self._value(written.strip()) if written.strip() else ""

    def _value(self, written: str) -> str:
        """Return the content of a cell whose text is not in it, or has a form."""
        match self._kind:
            case "s":
                return self._shared_text(written)
            case "n":
                return self._number(written)
            case "b" if written in _YES | _NO:
                return "是" if written in _YES else "否"
            case "d":
                return _day(written)
        raise unreadable(FileFlaw.CELL, self.line)

    def _shared_text(self, written: str) -> str:
        at = int(written)
        if not 0 <= at < len(self._shared):
            raise unreadable(FileFlaw.SHARED_TEXT, self.line)
        return self._shared[at]

    def _number(self, written: str) -> str:
        if not _NUMBER.fullmatch(written):
            raise unreadable(FileFlaw.CELL, self.line)
        value = float(written)
        if self._style in self._styles and (day := day_of_serial(value, self._epoch)) is not None:
            return day
        return _digits(value)

    def _long_cell(self) -> ExchangeRefused:
        return ExchangeRefused(ImportRefusal.LONG_CELL, line=self.line)


def _day(written: str) -> str:
    """Return the day, or the day and time, of a strict workbook's date; other text as it stands."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return written
    return found.strftime("%Y-%m-%d %H:%M:%S").removesuffix(_MIDNIGHT)


def _digits(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else repr(value)
