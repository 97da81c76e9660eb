"""A bind that holds several values: an array on PostgreSQL; JSON text or concatenated bytes on SQLite.

One statement serves any number of values, so it is compiled and planned once.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    LargeBinary,
    Select,
    Text,
    TypeDecorator,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

MOST_BYTES = 8
"""How many values of a bytes column may be searched at once: on SQLite, JSON cannot hold bytes."""
_HEX = 32


class Several(TypeDecorator[Sequence[Any]]):
    """A sequence of values of one type, each in the form in which the database stores that type."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose an array where the database has one."""
        if dialect.name != "sqlite":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(self.item if isinstance(self.item, LargeBinary) else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the driver's form
        """Return the values in the form that the driver takes."""
        if value is None:
            return None
        if not all(isinstance(item, self.item.python_type) for item in value):
            raise TypeError("a value is of another type than its column")
        if isinstance(self.item, LargeBinary) and (
            len(value) > MOST_BYTES or any(len(item) != self.item.length for item in value)
        ):
            raise ValueError("too many values of bytes, or one of another length")
        if dialect.name != "sqlite":
            return list(value)
        if isinstance(self.item, LargeBinary):
            return b"".join(value)
        stored = self.item.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([stored(item) if stored else item for item in value])


def one_of(column: ColumnElement[Any], values: Select[Any], dialect: Dialect) -> ColumnElement[bool]:
    """Return the condition that *column* equals one of the few *values*.

    PostgreSQL reads them first, as an array, and looks each up: a subquery it might join to all rows in their order.
    """
    return column.in_(values) if dialect.name == "sqlite" else column == func.any(func.array(values.scalar_subquery()))


def among(column: ColumnElement[Any], name: str, dialect: Dialect) -> ColumnElement[bool]:
    """Return the condition that *column* equals a value of the bind *name*. Bytes must have the column's length."""
    values = bindparam(name, type_=Several(column.type), required=False)
    if dialect.name != "sqlite":
        return column == func.any(values)
    if not isinstance(column.type, LargeBinary):
        return column.in_(select(func.json_each(values).table_valued("value").c.value))
    width, places = column.type.length, list(range(MOST_BYTES))
    place = func.json_each(literal_column(f"'{places}'")).table_valued("value").c.value
    return column.in_(select(func.substr(values, place * literal_column(f"{width}") + literal_column("1"), width)))


class json_items(FunctionElement[str]):  # noqa: N801 - reads like the SQL function that it is
    """The items of a list of texts, given as JSON; a table with the column `value` on both databases."""

    type = Text()
    name = "json_items"
    inherit_cache = True


def id_pairs(name: str) -> tuple[FromClause, ColumnElement[UUID], ColumnElement[UUID]]:
    """Return a table of the pairs of ids in the bind *name* (`joined_pairs`), and its two columns, to join by a key.

    A list of row values would do on PostgreSQL; SQLite reads a whole table for one.
    """
    items = json_items(bindparam(name, type_=Text())).table_valued(column("value", Text())).alias()
    first, second = (cast(func.substr(items.c.value, start, _HEX), Uuid()) for start in (1, _HEX + 1))
    return items, first, second


def joined_pairs(pairs: Iterable[tuple[UUID, UUID]]) -> str:
    """Return the bind of `id_pairs`."""
    return json.dumps([first.hex + second.hex for first, second in pairs])


@compiles(json_items, "sqlite")
def _json_items_sqlite(element: json_items, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - whatever the compiler passes on
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(json_items, "postgresql")
def _json_items_postgresql(element: json_items, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"
