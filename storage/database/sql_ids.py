"""Ids in SQL: as bytes, as text, and with the time that an id of version 7 begins with [RFC 9562 section 5.7].

On SQLite most tables have ids as text; those that grow with every read have them as 16 bytes (`column_types.Id`).
PostgreSQL has a type for ids, the same everywhere.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Uuid
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.database.column_types import Id


class id_bytes(FunctionElement[UUID]):  # noqa: N801 - reads like the SQL function that it is
    """An id that is text on SQLite, as tables with 16 bytes have it."""

    type = Id()
    name = "id_bytes"
    inherit_cache = True


class id_text(FunctionElement[UUID]):  # noqa: N801 - as above
    """An id that is 16 bytes on SQLite, as all other tables have it."""

    type = Uuid()
    name = "id_text"
    inherit_cache = True


class has_id(FunctionElement[bool]):  # noqa: N801 - as above
    """Whether several ids (`column_types.Ids`) have one, given as `column_types.Id`."""

    type = Boolean()
    name = "has_id"
    inherit_cache = True


class month_of_id(FunctionElement[datetime]):  # noqa: N801 - as above
    """The month, by UTC, in which an id of version 7 was made. PostgreSQL only."""

    type = DateTime(timezone=True)
    name = "month_of_id"
    inherit_cache = True


class first_id_of(FunctionElement[UUID]):  # noqa: N801 - as above
    """The least id that could be made at an instant. PostgreSQL only."""

    type = Id()
    name = "first_id_of"
    inherit_cache = True


class holds_bytes(FunctionElement[bool]):  # noqa: N801 - as above
    """Whether a column of bytes holds other bytes somewhere."""

    type = Boolean()
    name = "holds_bytes"
    inherit_cache = True


def zeros(count: str) -> str:
    """Return an array of so many zeros as SQL of SQLite, which has no function that counts."""
    return f"'[' || rtrim(replace(hex(zeroblob({count})), '00', '0,'), ',') || ']'"


@compiles(id_bytes, "sqlite")
def _id_bytes_sqlite(element: id_bytes, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - whatever the compiler passes on
    return f"unhex({compiler.process(element.clauses, **options)})"


@compiles(id_text, "sqlite")
def _id_text_sqlite(element: id_text, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    return f"nullif(lower(hex({compiler.process(element.clauses, **options)})), '')"


@compiles(id_bytes, "postgresql")
@compiles(id_text, "postgresql")
def _same_postgresql(element: FunctionElement[UUID], compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    return compiler.process(element.clauses, **options)


@compiles(has_id, "sqlite")
def _has_id_sqlite(element: has_id, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    ids, one = (compiler.process(clause, **options) for clause in element.clauses)
    return f"instr({ids}, {one}) % 16 = 1"


@compiles(has_id, "postgresql")
def _has_id_postgresql(element: has_id, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    ids, one = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{one} = ANY({ids})"


@compiles(month_of_id, "postgresql")
def _month_of_id_postgresql(element: month_of_id, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    made = f"left(translate(CAST({compiler.process(element.clauses, **options)} AS TEXT), '-', ''), 12)"
    return f"date_trunc('month', to_timestamp(CAST(CAST('x' || {made} AS BIT(48)) AS BIGINT) / 1000.0), 'UTC')"


@compiles(first_id_of, "postgresql")
def _first_id_of_postgresql(element: first_id_of, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    at = f"CAST(extract(epoch FROM {compiler.process(element.clauses, **options)}) * 1000 AS BIGINT)"
    return f"CAST(rpad(lpad(to_hex({at}), 12, '0'), 32, '0') AS UUID)"


@compiles(holds_bytes, "sqlite")
def _holds_bytes_sqlite(element: holds_bytes, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    whole, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"instr({whole}, {part}) > 0"


@compiles(holds_bytes, "postgresql")
def _holds_bytes_postgresql(element: holds_bytes, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    whole, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"position({part} IN {whole}) > 0"
