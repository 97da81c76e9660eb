"""Reads reference data from CSV files with the columns of its table."""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import JSON, Boolean, Integer, Table
from sqlalchemy.exc import IntegrityError

from consent.ledger.system_entries import ReferenceData
from storage.database.database import Database
from storage.ledger.attestation.closing import close_before_anybody
from storage.ledger.system_entries import digest_of_rows, state
from storage.repositories.reference import TABLES, everything, put
from storage.unit_of_work import SqlUnitOfWork

YES, NO = frozenset({"1", "true", "yes", "是"}), frozenset({"", "0", "false", "no", "否"})

MOST_DIGITS = 6


class ReferenceRefused(Exception):
    """A reference-data file that cannot be loaded. *hint* says what to correct."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


async def load(database: Database, name: str, path: Path, at: datetime) -> tuple[int, int]:
    """Load the rows of a CSV file into the table *name*, all or none; return how many are new, and how many there are.

    The log `system` states what the table has now.

    Raises ReferenceRefused for an unknown table, a wrong header, a missing or doubtful value, or a code that does not
    exist.
    """
    if name not in TABLES:
        raise ReferenceRefused(f"there is no table {name}", f"name one of {', '.join(TABLES)}")
    rows = read(TABLES[name], path)
    try:
        async with SqlUnitOfWork(database) as work:
            await close_before_anybody(work.session, at)
            put_in = await put(work.session, TABLES[name], rows)
            there = await everything(work.session, TABLES[name])
            await state(work.session, ReferenceData(at, name, len(there), digest_of_rows(there)), name)
            await work.commit()
            return put_in
    except IntegrityError:
        raise ReferenceRefused(
            "a row names a code that is not there", f"load the tables in this order: {', '.join(TABLES)}"
        ) from None


def read(table: Table, path: Path) -> Sequence[Mapping[str, object]]:
    """Return the rows of a CSV file (UTF-8, with or without BOM) for *table*. Raises ReferenceRefused."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            wanted = {column.name for column in table.c}
            needed = {column.name for column in table.c if not column.nullable and column.server_default is None}
            given = set(reader.fieldnames or ())
            if given - wanted or needed - given:
                raise ReferenceRefused(
                    f"the header of {path.name} does not fit",
                    f"the columns of {table.name} are {', '.join(table.c.keys())}",
                )
            rows = [_row(table, row, line) for line, row in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ReferenceRefused(f"{path.name} cannot be read", "give a CSV file in UTF-8") from None
    if not rows:
        raise ReferenceRefused(f"{path.name} has no rows", "give a CSV file with a header and at least one row")
    return rows


def _row(table: Table, row: Mapping[str, str | None], line: int) -> dict[str, object]:
    values: dict[str, object] = {}
    for column in table.c:
        raw = (row.get(column.name) or "").strip()
        if isinstance(column.type, Boolean):
            if raw.lower() not in YES | NO:
                raise ReferenceRefused(
                    f"line {line}: {column.name} is neither yes nor no", "write 是 or 否, true or false"
                )
            values[column.name] = raw.lower() in YES
        elif isinstance(column.type, Integer) and raw:
            if not (raw.isascii() and raw.isdigit() and len(raw) < MOST_DIGITS):
                raise ReferenceRefused(f"line {line}: {column.name} is not a number of days", "write a whole number")
            values[column.name] = int(raw)
        elif isinstance(column.type, JSON):
            # A list of codes, separated by spaces; an empty cell is an empty list.
            values[column.name] = raw.split()
        elif raw or column.nullable:
            values[column.name] = raw or None
        else:
            raise ReferenceRefused(f"line {line}: {column.name} is missing", "fill it in")
    if None in row:
        raise ReferenceRefused(f"line {line} has too many cells", "quote a cell that has a comma in it")
    return values
