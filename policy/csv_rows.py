"""The format of a policy file: rows of words, one on each line.

A file is UTF-8 (a byte-order mark and CRLF are accepted, because spreadsheets write them). Lines that begin with `#`
and blank lines are skipped; a `#` anywhere else is refused, because it would become part of a word. There is no
space around a word, and no row is shorter or longer than the header.
"""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from policy.errors import PolicyRefused

_NEWLINE = re.compile(r"\r\n|\n|\r")


class CsvRow(NamedTuple):
    """One row of words, with its file and line."""

    file: str
    line: int
    cells: tuple[str, ...]

    def refused(self, why: str, word: str = "") -> PolicyRefused:
        """Return the refusal of this row, or of one word of it."""
        return PolicyRefused(why, file=self.file, line=self.line, word=word)


def rows(file: str, content: bytes, header: tuple[str, ...]) -> Iterator[CsvRow]:
    """Return the rows below the header; raises PolicyRefused for a file that is not written as described above."""
    lines = _lines(file, content)
    first = next(lines, None)
    if first is None or first.cells != header:
        raise PolicyRefused(f"the header must be {','.join(header)}", file=file, line=first.line if first else 1)
    for row in lines:
        if len(row.cells) != len(header):
            raise row.refused(f"a row has {len(header)} words, this one {len(row.cells)}", row.cells[-1])
        for cell in row.cells:
            if "#" in cell:
                raise row.refused("a comment stands on a line of its own", cell)
            if cell != cell.strip():
                raise row.refused("there is a space before or after the word", cell)
        yield row


def _lines(file: str, content: bytes) -> Iterator[CsvRow]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(_NEWLINE.findall(content[: error.start].decode("latin-1"))) + 1
        raise PolicyRefused("the file is not UTF-8", file=file, line=line) from error
    for line, written in enumerate(_NEWLINE.split(text), start=1):
        if not written.strip() or written.startswith("#"):
            continue
        # Line by line: a quotation mark that is never closed must not swallow the rows below it.
        try:
            (cells,) = csv.reader([written], strict=True)
        except csv.Error as error:
            raise PolicyRefused("the row is not well formed", file=file, line=line, word=written) from error
        yield CsvRow(file, line, tuple(cells))
