"""The shared strings of a workbook: texts that its cells name by number."""

from array import array
from typing import Final

from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.xlsx_package import Attributes, Package
from gateway.import_export.files.xlsx_text import decoded

_MOST_BYTES: Final = 32 * 2**20
_MOST_STRINGS: Final = 2_000_000


class SharedStrings:
    """The texts in order, packed as UTF-8: as objects, a million of them would take ten times the room."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._ends = array("I")
        self._is_text = False
        self._is_phonetic = False

    @classmethod
    def of(cls, package: Package, name: str | None) -> "SharedStrings":
        """Read the part *name*, if there is one; raises ExchangeRefused."""
        strings = cls()
        if name is not None:
            package.read_whole(name, strings)
        return strings

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: int) -> str:
        begin = self._ends[at - 1] if at else 0
        return decoded(self._packed[begin : self._ends[at]].decode())

    def start(self, name: str, _attributes: Attributes) -> None:
        if name == "t":
            self._is_text = not self._is_phonetic
        elif name == "rPh":
            self._is_phonetic = True

    def end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "si":
            self._ends.append(len(self._packed))
            if len(self._ends) > _MOST_STRINGS:
                raise ExchangeRefused(ImportRefusal.TOO_LARGE)

    def text(self, data: str) -> None:
        if self._is_text:
            self._packed += data.encode()
            if len(self._packed) > _MOST_BYTES:
                raise ExchangeRefused(ImportRefusal.TOO_LARGE)
