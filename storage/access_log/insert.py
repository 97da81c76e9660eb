"""Disclosures, lookups and their entries of the ledger, written without SQLAlchemy: every answer waits for this.

SQLite gets a statement for each table, which takes several rows at once. PostgreSQL gets one statement over arrays,
which is one round trip and one transaction by itself. The subjects of all pages travel in one array, and each page
takes its slice:

    WITH pages AS (INSERT INTO disclosures … SELECT …, ($1::uuid[])[t.first:t.last] … FROM unnest($2, …) AS t)
    INSERT INTO pending_entries … VALUES (…)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.types import JSON, TypeEngine

from consent.disclosures.formats import Disclosure
from consent.disclosures.stored_parts import encode_parts
from consent.leaves.number_lookups import NumberLookup
from storage.access_log.interned_rows import InternedIds
from storage.database.column_types import Id, Ids
from storage.database.session import TextStep
from storage.tables import disclosures, number_lookups, pending_entries, unindexed_disclosures

PAGE = (
    "disclosure_id", "at", "request_id", "context_id", "ground_id", "actor_ref", "subjects", "parts", "seed",
    "delay_id", "opens_on",
)  # fmt: skip
WAITING = ("disclosure_id",)
LOOKUP = tuple(field.name for field in fields(NumberLookup))
PENDING = ("recorder", "number", "log", "sources", "leaves", "tag")

ROWS_AT_ONCE = 16
"""On SQLite, the most rows of one statement. For each statement the writer's thread waits for the interpreter."""

Row = Sequence[object]
Convert = Callable[[Any], Any]
_LENGTH = re.compile(r"\(\d+\)")


class AccessInsert:
    """The statements that insert disclosures, lookups and their pending row, made once for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._is_sqlite = dialect.name == "sqlite"
        self._lookup = {name: _convert(number_lookups, name, dialect) for name in LOOKUP}
        self._page = [_convert(disclosures, name, dialect) for name in PAGE]
        self._pending = [_convert(pending_entries, name, dialect) for name in PENDING]
        if self._is_sqlite:
            return
        pages, first = _pages(dialect), len(PAGE) + 3
        tried = _from_arrays(number_lookups, LOOKUP, first, dialect)
        self._texts = [
            pages,
            f"WITH pages AS ({pages}) {_pending(first, dialect)}",
            f"WITH pages AS ({pages}), tried AS ({tried}) {_pending(first + len(LOOKUP), dialect)}",
        ]

    def lookup_rows(self, lookups: Sequence[NumberLookup]) -> list[Row]:
        """Return lookups as the driver takes them; raises TypeError or ValueError for a bad value."""
        return [tuple(convert(getattr(each, name)) for name, convert in self._lookup.items()) for each in lookups]

    def page_steps(self, pages: Sequence[Disclosure], ids: InternedIds) -> list[TextStep]:
        """Return the statements that insert disclosures alone, for a transaction that writes its entries itself."""
        if self._is_sqlite:
            return self._sqlite_pages(pages, ids)
        return [(self._texts[0], [_arrays(pages, ids)])] if pages else []

    def group_steps(
        self, pages: Sequence[Disclosure], ids: InternedIds, lookups: Sequence[Row], pending: Row
    ) -> list[TextStep]:
        """Return the statements of one commit group, *pending* being its row in the order of `PENDING`."""
        if self._is_sqlite:
            row = [convert(value) for convert, value in zip(self._pending, pending, strict=True)]
            return [
                *self._sqlite_pages(pages, ids),
                *_inserts(number_lookups, LOOKUP, lookups),
                *_inserts(pending_entries, PENDING, [row]),
            ]
        if not lookups:
            return [(self._texts[1], [[*_arrays(pages, ids), *pending]])]
        columns = [list(values) for values in zip(*lookups, strict=True)]
        return [(self._texts[2], [[*_arrays(pages, ids), *columns, *pending]])]

    def _sqlite_pages(self, pages: Sequence[Disclosure], ids: InternedIds) -> list[TextStep]:
        rows = [
            [convert(value) for convert, value in zip(self._page, _page_row(each, ids), strict=True)] for each in pages
        ]
        waiting = [row[:1] for row in rows]
        return [*_inserts(disclosures, PAGE, rows), *_inserts(unindexed_disclosures, WAITING, waiting)]


@lru_cache(maxsize=8)
def access_insert(dialect: Dialect) -> AccessInsert:
    """Return the statements for *dialect*."""
    return AccessInsert(dialect)


def _page_row(page: Disclosure, ids: InternedIds) -> Row:
    ground_id, parts = encode_parts(page.parts, ids.grounds)
    return (
        page.disclosure_id,
        page.at,
        page.request_id,
        ids.contexts[page.context.digest],
        ground_id,
        page.actor_ref,
        page.subjects,
        parts,
        page.seed,
        page.delay_id,
        page.opens_on,
    )


def _arrays(pages: Sequence[Disclosure], ids: InternedIds) -> list[list[Any]]:
    """Return the arguments of `_pages`: the subjects of all pages, where each page begins and ends, and its columns."""
    subjects = list(chain.from_iterable(each.subjects for each in pages))
    first: list[int] = []
    last: list[int] = []
    end = 0
    for each in pages:
        first.append(end + 1)
        end += len(each.subjects)
        last.append(end)
    columns: list[list[Any]] = [list(values) for values in zip(*(_page_row(each, ids) for each in pages), strict=True)]
    columns = columns or [[] for _ in PAGE]
    del columns[_SUBJECTS]
    return [subjects, first, last, *columns]


_SUBJECTS = PAGE.index("subjects")


def _pages(dialect: Dialect) -> str:
    names = [name for name in PAGE if name != "subjects"]
    kinds = ["int", "int", *(_name(disclosures, name, dialect) for name in names)]
    arrays = ", ".join(f"${at}::{kind}[]" for at, kind in enumerate(kinds, start=2))
    values = ", ".join("($1::uuid[])[t.first:t.last]" if name == "subjects" else f"t.{name}" for name in PAGE)
    return (
        f"INSERT INTO disclosures ({', '.join(PAGE)}) SELECT {values} "
        f"FROM unnest({arrays}) AS t(first, last, {', '.join(names)})"
    )


def _pending(start: int, dialect: Dialect) -> str:
    values = ", ".join(f"${start + at}::{_name(pending_entries, name, dialect)}" for at, name in enumerate(PENDING))
    return f"INSERT INTO pending_entries ({', '.join(PENDING)}) VALUES ({values})"


def _convert(table: Table, name: str, dialect: Dialect) -> Convert:
    kind: TypeEngine[Any] = table.c[name].type
    if dialect.name == "sqlite" and isinstance(kind, Id):
        return _bytes_of_id
    if dialect.name == "sqlite" and isinstance(kind, Ids):
        return _bytes_of_ids
    if isinstance(kind, LargeBinary):
        return _as_it_is  # SQLAlchemy would wrap the bytes first
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert or _as_it_is


def _bytes_of_id(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _bytes_of_ids(values: Sequence[UUID]) -> bytes:
    return b"".join([value.bytes for value in values])


def _as_it_is(value: object) -> object:
    return str(value) if isinstance(value, str) else value  # enums by their wire name


def _inserts(table: Table, names: Sequence[str], rows: Sequence[Row]) -> list[TextStep]:
    """Return the statements that insert *rows* on SQLite."""
    steps: list[TextStep] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        steps.append((_insert(table, names, len(some)), [list(chain.from_iterable(some))]))
    return steps


@lru_cache(maxsize=256)
def _insert(table: Table, names: Sequence[str], rows: int) -> str:
    places = f"({', '.join('?' for _ in names)})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([places] * rows)}"


def _from_arrays(table: Table, names: Sequence[str], start: int, dialect: Dialect) -> str:
    """Return an insert of rows that travel as one array for each column. JSON would travel as text."""
    kinds = ["text" if isinstance(table.c[name].type, JSON) else _name(table, name, dialect) for name in names]
    arrays = ", ".join(f"${start + at}::{kind}[]" for at, kind in enumerate(kinds))
    columns = ", ".join(names)
    values = ", ".join(f"t.{name}" for name in names)
    return f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM unnest({arrays}) AS t({columns})"


def _name(table: Table, name: str, dialect: Dialect) -> str:
    # DANGER: a cast to VARCHAR(16) would cut off a longer word silently; without a length the column refuses it.
    return _LENGTH.sub("", ARRAY(table.c[name].type).compile(dialect).removesuffix("[]"))
