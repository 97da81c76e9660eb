"""Reference data: sectors, areas, departments and matters. It has no personal data, and the district provides it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.dialects.postgresql import insert

from storage.database.session import Session
from storage.repositories.rows import named
from storage.tables import areas, departments, matters, sectors

TABLES: Mapping[str, Table] = {table.name: table for table in (sectors, areas, departments, matters)}
"""In the order in which they can be loaded: departments name their sector, matters their department."""


async def put(session: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> tuple[int, int]:
    """Add rows by their code, and update existing ones; return how many were new, and how many exist now.

    Rows that are no longer in *rows* stay, because records may refer to them.
    """
    count = select(func.count()).select_from(table)
    before = (await session.fetch(count))[0][0]
    added = insert(table)
    changed = {column.name: added.excluded[column.name] for column in table.c if not column.primary_key}
    await session.execute(added.on_conflict_do_update(index_elements=[table.c.code], set_=changed), rows)
    after = (await session.fetch(count))[0][0]
    return after - before, after


async def everything(session: Session, table: Table) -> Sequence[Mapping[str, Any]]:
    """Return all rows of a table, by their code."""
    return named(table.c.keys(), await session.fetch(select(*table.c).order_by(table.c.code)))
