"""By which rights a subject was shown: its own part of a disclosure, and nothing of the others' [5.1.6].

The database gives the parts of the whole page with their grounds in one value. It is cut down to one subject here,
before it leaves storage.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from consent.disclosures.stored_parts import part_at
from storage.database.sql_ids import zeros

OwnGround = tuple[str, str, Sequence[Sequence[str]], UUID | None]
"""A legal basis, its clauses, the fields that were shown by it, and the authorisation that was used."""


class OwnGrounds(TypeDecorator[list[OwnGround]]):
    """The grounds of one subject in one entry of its log.

    The database gives JSON text, for a disclosure and for an entry of before:

        [place in the page, parts in hexadecimal digits or null, [[ground_id, basis, citation, fields], …]]
        [[basis, citation, fields, authorisation_id]]
    """

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[OwnGround] | None:  # noqa: ARG002 - as asked
        """Return what is the subject's own, in the order asked."""
        if value is None:
            return None
        stored = json.loads(value)
        if len(stored) == 1:
            ((basis, citation, fields, authorisation_id),) = stored
            return [(basis, citation, fields, None if authorisation_id is None else UUID(authorisation_id))]
        place, parts, grounds = stored
        known = {ground_id: ground for ground_id, *ground in grounds or ()}
        only = next(iter(known), None)
        part = part_at(only, None if parts is None else bytes.fromhex(parts), place)
        return [(*known[ground_id], used) for ground_id, used in part]


class own_grounds(FunctionElement[list[OwnGround]]):  # noqa: N801 - reads like the SQL function that it is
    """The JSON text of `OwnGrounds`, of the columns *kept*, *ground_id*, *parts* and *place*."""

    type = OwnGrounds()
    name = "own_grounds"
    inherit_cache = True


def grounds_of(row: FromClause) -> ColumnElement[Any]:
    """Return the grounds of the subject in the entry *row*."""
    return own_grounds(row.c.kept, row.c.ground_id, row.c.parts, row.c.place)


@compiles(own_grounds, "postgresql")
def _own_grounds_postgresql(element: own_grounds, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - whatever the compiler passes on
    kept, ground_id, parts, place = (compiler.process(clause, **options) for clause in element.clauses)
    # Its first byte counts the ids; each has four. They are below 2^31.
    byte = f"CAST(get_byte({parts}, 4 * n + %d) AS BIGINT)"
    listed = f"{byte % 1} * 16777216 + {byte % 2} * 65536 + {byte % 3} * 256 + {byte % 4}"
    ids = f"ARRAY(SELECT {listed} FROM generate_series(0, get_byte({parts}, 0) - 1) AS n)"
    wanted = f"CASE WHEN {parts} IS NULL THEN ARRAY[CAST({ground_id} AS BIGINT)] ELSE {ids} END"
    ground = "json_build_array(g.ground_id, g.basis, g.citation, g.fields)"
    grounds = f"(SELECT json_agg({ground}) FROM access_grounds AS g WHERE g.ground_id = ANY({wanted}))"
    return f"coalesce({kept}, CAST(json_build_array({place}, encode({parts}, 'hex'), {grounds}) AS TEXT))"


@compiles(own_grounds, "sqlite")
def _own_grounds_sqlite(element: own_grounds, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    kept, ground_id, parts, place = (compiler.process(clause, **options) for clause in element.clauses)
    digits = f"hex({parts})"
    listed = " + ".join(f"{_digit(digits, f'8 * n.key + {3 + at}')} * {16 ** (7 - at)}" for at in range(8))
    count = f"{_digit(digits, '1')} * 16 + {_digit(digits, '2')}"
    ids = f"SELECT {listed} FROM json_each({zeros(count)}) AS n WHERE {parts} IS NOT NULL"
    ground = "json_array(g.ground_id, g.basis, g.citation, json(g.fields))"
    found = f"g.ground_id = {ground_id} OR g.ground_id IN ({ids})"
    grounds = f"(SELECT json_group_array({ground}) FROM access_grounds AS g WHERE {found})"
    whole = f"CASE WHEN {parts} IS NOT NULL THEN {digits} END"
    return f"coalesce({kept}, json_array({place}, {whole}, json({grounds})))"


def _digit(digits: str, at: str) -> str:
    """Return the value of one hexadecimal digit as SQL of SQLite, which reads no such numbers."""
    return f"instr('123456789ABCDEF', substr({digits}, {at}, 1))"
