"""A statement compiled once: its text, how its binds are written, and how its rows are read.

SQLAlchemy does no work when the statement runs: it would take longer than the database.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from credit.subjects.subject import Place, Sealed
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from storage.database.array_binds import Several
from storage.database.column_types import Instant
from storage.database.statements import result_converter
from storage.errors import InvalidPlan, WrongBind
from storage.queries.conditions.row_conditions import ACTOR_BINDS
from storage.queries.page_query import PARENTS
from storage.queries.select_builder import SealedColumnPositions

Convert = Callable[[Any], Any]
Columns = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One place in the text where a value goes."""

    name: str
    python_type: type | tuple[type, ...]
    convert: Convert | None
    fixed: object = None
    """The value of a bind that SQLAlchemy added."""

    def of(self, binds: Mapping[str, object]) -> object:
        """Return the value in the form that the driver takes. Raises WrongBind, which quotes no value."""
        if self.fixed is not None:
            return self.fixed
        value = binds.get(self.name)
        if value is None:
            # An unknown fact about the actor matches no row; a missing value of a filter is a mistake.
            if self.name not in ACTOR_BINDS and self.name not in binds:
                raise WrongBind(self.name)
            return None
        if not isinstance(value, self.python_type) or (self.python_type is date and isinstance(value, datetime)):
            raise WrongBind(self.name)
        if isinstance(value, str) and not _is_storable(value):
            raise WrongBind(self.name)
        try:
            return value if self.convert is None else self.convert(value)
        except (TypeError, ValueError):
            raise WrongBind(self.name) from None


@dataclass(frozen=True, slots=True)
class CompiledSelect:
    """A SELECT as SQL text of one dialect."""

    text: str
    arguments: tuple[Argument, ...]
    layout: Layout

    def values(self, binds: Mapping[str, object]) -> list[object]:
        """Return the values in the order of their places in the text. Raises WrongBind."""
        return [argument.of(binds) for argument in self.arguments]

    def rows(self, rows: Sequence[Sequence[Any]]) -> list[tuple[object, ...]]:
        """Convert the driver's rows to the selected columns: column by column, which is half the work."""
        if not rows:
            return []
        columns: Columns = list(zip(*rows, strict=True))
        return list(
            zip(
                *(
                    _values(columns, one) if isinstance(one, PlainValue) else _boxes(columns, one)
                    for one in self.layout
                ),
                strict=True,
            )
        )

    def plain(self, position: int) -> PlainValue:
        """Return where the plain value at *position* of the selected columns is in the driver's rows."""
        value = self.layout[position]
        if not isinstance(value, PlainValue):
            raise InvalidPlan("a key is a plain column")
        return value

    def first(self, keys: Iterable[object]) -> list[object]:
        """Convert *keys*, which are values of the first column as the driver gave them."""
        convert = self.plain(0).convert
        return [*keys] if convert is None else [convert(key) for key in keys]


def _is_storable(text: str) -> bool:
    """Return whether both databases can compare *text*: no NUL, no half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))


def compile_select(
    statement: Select[Any], dialect: Dialect, outputs: Sequence[int | SealedColumnPositions]
) -> CompiledSelect:
    """Compile *statement*, and resolve once how each bind and each value is converted."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    fixed: Mapping[str, object] = compiled.params
    values = [_value(index, column.type, dialect) for index, column in enumerate(statement.selected_columns)]
    return CompiledSelect(
        str(compiled),
        tuple(
            _argument(name, compiled.binds[name].type, fixed.get(name), dialect) for name in compiled.positiontup or ()
        ),
        tuple(values[output] if isinstance(output, int) else _sealed(values, output) for output in outputs),
    )


def _sealed(values: Sequence[PlainValue], parts: SealedColumnPositions) -> SealedValue:
    return SealedValue(
        parts.table, parts.item, parts.text, parts.key, values[parts.subject_id], values[parts.row_id], parts.version
    )


def _argument(name: str, kind: TypeEngine[Any], fixed: object, dialect: Dialect) -> Argument:
    if name == PARENTS:
        # Keys as the driver gave them, so in the form in which they are stored.
        return Argument(name, list, json.dumps if dialect.name == "sqlite" else None)
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return Argument(name, (list, tuple) if isinstance(kind, Several) else kind.python_type, convert, fixed)


def _value(index: int, kind: TypeEngine[Any], dialect: Dialect) -> PlainValue:
    if dialect.name != "sqlite" and isinstance(kind, Instant):
        return PlainValue(index, datetime, None)  # the driver gives the zone
    return PlainValue(index, kind.python_type, result_converter(kind, dialect))


def _values(columns: Columns, value: PlainValue) -> Sequence[Any]:
    values = columns[value.index]
    return values if value.convert is None else list(map(value.convert, values))


def _boxes(columns: Columns, value: SealedValue) -> Iterable[Sealed | None]:
    """Return the boxes of one column. A row without text, or with a shredded key, gives None."""
    table, item = value.table, value.item
    return [
        None if text is None or key is None else Sealed(Place(table, item, subject_id, row_id, version), text, key)
        for text, key, subject_id, row_id, version in zip(
            columns[value.text],
            columns[value.key],
            _values(columns, value.subject_id),
            _values(columns, value.row_id),
            columns[value.version],
            strict=True,
        )
    ]
