"""Writes a table row by row, as CSV or as a workbook, in the format that the file's name says."""

import codecs
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.xlsx_writer import write_workbook

Codec = Literal["utf-8-sig", "utf-8", "gb18030"]


def write_table(
    file: BinaryIO, name: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[str]], encoding: Codec
) -> None:
    """Write *rows* to *file* in the format of *name*; raises ExchangeRefused where they cannot be encoded."""
    if name.suffix.lower() == ".xlsx":
        write_workbook(file, title, header, rows)
        return
    writer = csv.writer(_Encoded(file, encoding))
    writer.writerow(header)
    writer.writerows(rows)


class _Encoded:
    """What the CSV writer writes to."""

    def __init__(self, file: BinaryIO, encoding: Codec) -> None:
        self._file = file
        self._encoder = codecs.getincrementalencoder(encoding)()

    def write(self, text: str) -> int:
        try:
            return self._file.write(self._encoder.encode(text))
        except UnicodeEncodeError:
            # The error's message would quote the text.
            raise ExchangeRefused(ImportRefusal.UNENCODABLE) from None
