"""Sorts any number of rows in bounded memory: runs are sorted in memory, kept in files without a name, and merged.

The files hold personal data: they are in the folder of the output, only their owner can read them, and nothing of them
is left when the process ends, however it ends [5.1.6].
"""

import heapq
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, Final, Self

import orjson

from gateway.import_export.files.atomic_write import output_errors, temporary_file

Row = tuple[str, ...]
Key = Callable[[Row], Any]

MOST_ROWS: Final = 5_000
MOST_CHARACTERS: Final = 4_000_000
"""What is held in memory before it is sorted and kept in a file."""
FAN_IN: Final = 16
"""How many files are merged into one, so that few are open at a time."""


class SortedRows:
    """Rows that are given in any order, and taken in the order of *key*. Equal rows are taken once.

    *key* must distinguish rows that are not equal.
    """

    def __init__(self, folder: Path, key: Key) -> None:
        self._folder, self._key = folder, key
        self._held: list[Row] = []
        self._characters = 0
        self._levels: list[list[IO[bytes]]] = []

    def add(self, row: Row) -> None:
        """Add a row; raises ExchangeRefused where the folder takes no more."""
        self._held.append(row)
        self._characters += sum(map(len, row))
        if len(self._held) >= MOST_ROWS or self._characters >= MOST_CHARACTERS:
            self._keep(self._sorted(), 0)
            self._held, self._characters = [], 0

    def __iter__(self) -> Iterator[Row]:
        return self._merged([_read(file) for level in self._levels for file in level] + [self._sorted()])

    def _sorted(self) -> Iterator[Row]:
        return iter(sorted(self._held, key=self._key))

    def _keep(self, rows: Iterator[Row], level: int) -> None:
        """Keep sorted *rows* in a file; when a level is full, its files become one of the next level."""
        file = temporary_file(self._folder)
        if level == len(self._levels):
            self._levels.append([])
        self._levels[level].append(file)
        with output_errors():
            file.writelines(orjson.dumps(row) + b"\n" for row in rows)
            file.flush()
        full = self._levels[level]
        if len(full) == FAN_IN:
            self._keep(self._merged([_read(each) for each in full]), level + 1)
            self._levels[level] = []
            for each in full:
                each.close()

    def _merged(self, runs: list[Iterator[Row]]) -> Iterator[Row]:
        return map(itemgetter(0), groupby(heapq.merge(*runs, key=self._key)))

    def close(self) -> None:
        """Forget the rows."""
        for level in self._levels:
            for file in level:
                file.close()
        self._levels, self._held = [], []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read(file: IO[bytes]) -> Iterator[Row]:
    file.seek(0)
    return (tuple(orjson.loads(line)) for line in file)
