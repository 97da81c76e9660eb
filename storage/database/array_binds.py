"""A bind that holds several values: an array on PostgreSQL; JSON text or concatenated bytes on SQLite.

One statement serves any number of values, so it is compiled and planned once.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, Text, TypeDecorator, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

MOST_BYTES = 8
"""How many values of a bytes column may be searched at once: on SQLite, JSON cannot hold bytes."""


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
