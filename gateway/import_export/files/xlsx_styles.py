"""The styles of a workbook, of which one thing counts: which of them show a number as a date."""

from typing import Final

from openpyxl.styles.numbers import is_date_format

from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.files.xlsx_package import BROKEN, Attributes, Package

_BUILT_IN: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""The numbers of the formats for dates and times that need no definition; from 27 on, those of Chinese versions."""
_MOST: Final = 65_536


class DateStyles:
    """The styles that show dates, by the number that a cell names, as text."""

    def __init__(self) -> None:
        self._formats: dict[str, bool] = {str(number): True for number in _BUILT_IN}
        self._dates: set[str] = set()
        self._counted = 0
        self._is_counting = False

    @classmethod
    def of(cls, package: Package, name: str | None) -> "DateStyles":
        """Read the part *name*; where it is missing or damaged, no style shows dates."""
        styles = cls()
        if name is not None:
            try:
                package.read_whole(name, styles)
            except (ExchangeRefused, RuntimeError, *BROKEN):
                return cls()
        return styles

    def __contains__(self, style: str) -> bool:
        return style in self._dates

    def start(self, name: str, attributes: Attributes) -> None:
        match name:
            case "numFmt" if len(self._formats) < _MOST:
                self._formats[attributes.get("numFmtId", "")] = is_date_format(attributes.get("formatCode", ""))
            case "cellXfs":
                self._is_counting = True
            case "xf" if self._is_counting and self._counted < _MOST:
                if self._formats.get(attributes.get("numFmtId", "0"), False):
                    self._dates.add(str(self._counted))
                self._counted += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_counting = False

    def text(self, data: str) -> None:
        """Nothing: styles have attributes only."""
