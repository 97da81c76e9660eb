"""Access entries, lookups and their leaves, written without SQLAlchemy, because every answer waits for this.

SQLite gets two statements with many rows. PostgreSQL gets one statement over arrays, which is one round trip and one
transaction by itself:

    WITH entries AS (INSERT INTO access_entries … SELECT … FROM unnest($1, $2, …))
    INSERT INTO pending_entries … SELECT … FROM unnest(…)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.types import JSON, TypeEngine

from consent.log_entries import AccessEntry, NumberLookup
from storage.database.session import TextStep
from storage.tables import access_entries, number_lookups, pending_entries

ENTRY = tuple(field.name for field in fields(AccessEntry))
LOOKUP = tuple(field.name for field in fields(NumberLookup))
LEAF = ("log", "entry_id", "leaf_hash", "appended_at")
"""The columns of a leaf. Ids and instants have the same form in both tables."""

Row = Sequence[object]
_LENGTH = re.compile(r"\(\d+\)")
Convert = Callable[[Any], Any]


class LogInsert:
    """The statements that insert entries of one kind with their leaves, compiled once for one dialect."""

    def __init__(self, dialect: Dialect, table: Table, names: Sequence[str]) -> None:
        self._is_sqlite = dialect.name == "sqlite"
        self._entry = {name: _convert(table, name, dialect) for name in names}
        if self._is_sqlite:
            self._texts = [_insert(table, names), _insert(pending_entries, LEAF)]
        else:
            self._texts = [_both(dialect, table, names)]

    def rows(self, entries: Sequence[AccessEntry] | Sequence[NumberLookup]) -> list[tuple[Row, Row]]:
        """Return entries and their leaves as the driver takes them; raises TypeError or ValueError for a bad value."""
        hashes = [entry.leaf_hash() for entry in entries]  # first, to refuse an entry without a canonical form as such
        names = self._entry
        columns = [_column([getattr(entry, name) for entry in entries], names[name]) for name in names]
        by_name = dict(zip(names, columns, strict=True))
        leaves = zip(["access"] * len(entries), by_name["entry_id"], hashes, by_name["at"], strict=True)
        return list(zip(zip(*columns, strict=True), leaves, strict=True))

    def steps(self, rows: Sequence[tuple[Row, Row]]) -> list[TextStep]:
        """Return the statements that insert *rows*, to be run in one transaction."""
        if not rows:
            return []
        entries, leaves = zip(*rows, strict=True)
        if self._is_sqlite:
            return [(self._texts[0], entries), (self._texts[1], leaves)]
        arrays = [list(values) for side in (entries, leaves) for values in zip(*side, strict=True)]
        return [(self._texts[0], [arrays])]


def _column(values: Sequence[object], convert: Convert) -> list[object]:
    """Convert the values of one column. Entries of one answer share most values, and each is converted once."""
    converted: list[object] = []
    last, written = object(), None
    for value in values:
        if value is not last and (type(value) is not tuple or value != last):
            last, written = value, convert(value)
        converted.append(written)
    return converted


def _convert(table: Table, name: str, dialect: Dialect) -> Convert:
    kind: TypeEngine[Any] = table.c[name].type
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert or _as_it_is


def _as_it_is(value: object) -> object:
    return str(value) if isinstance(value, str) else value  # enums by their wire name


def _insert(table: Table, names: Sequence[str]) -> str:
    places = ", ".join("?" for _ in names)
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"


def access_insert(dialect: Dialect) -> LogInsert:
    """Return the statements for access entries."""
    return LogInsert(dialect, access_entries, ENTRY)


def lookup_insert(dialect: Dialect) -> LogInsert:
    """Return the statements for lookups by number."""
    return LogInsert(dialect, number_lookups, LOOKUP)


def _both(dialect: Dialect, table: Table, names: Sequence[str]) -> str:
    """Return the one statement for PostgreSQL. JSON travels as text, since a driver has no arrays of it."""
    first = _from_arrays(table, names, 1, dialect)
    second = _from_arrays(pending_entries, LEAF, 1 + len(names), dialect)
    return f"WITH entries AS ({first}) {second}"


def _from_arrays(table: Table, names: Sequence[str], start: int, dialect: Dialect) -> str:
    kinds = ["text" if isinstance(table.c[name].type, JSON) else _name(table, name, dialect) for name in names]
    arrays = ", ".join(f"${start + at}::{kind}[]" for at, kind in enumerate(kinds))
    values = ", ".join(f"t.{name}::json" if isinstance(table.c[name].type, JSON) else f"t.{name}" for name in names)
    columns = ", ".join(names)
    return f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM unnest({arrays}) AS t({columns})"


def _name(table: Table, name: str, dialect: Dialect) -> str:
    # DANGER: a cast to VARCHAR(16) would cut off a longer word silently; without a length the column refuses it.
    return _LENGTH.sub("", ARRAY(table.c[name].type).compile(dialect).removesuffix("[]"))
