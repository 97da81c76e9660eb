"""Reference data: sectors, areas, departments, matters, and trusted documents. It has no personal data."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from storage.database.session import Session
from storage.repositories.rows import named
from storage.tables import areas, departments, matters, sectors, trusted_documents

TABLES: Mapping[str, Table] = {table.name: table for table in (sectors, areas, departments, matters)}
"""In the order in which they can be loaded: departments name their sector, matters their department."""


async def put(session: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> tuple[int, int]:
    """Add rows by their key, and update existing ones; return how many were new, and how many exist now.

    Rows that are no longer in *rows* stay, because records may refer to them.
    """
    count = select(func.count()).select_from(table)
    before = (await session.fetch(count))[0][0]
    added = insert(table)
    changed = {column.name: added.excluded[column.name] for column in table.c if not column.primary_key}
    await session.execute(added.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed), rows)
    after = (await session.fetch(count))[0][0]
    return after - before, after


async def everything(session: Session, table: Table) -> Sequence[Mapping[str, Any]]:
    """Return all rows of a table, by their key."""
    return named(table.c.keys(), await session.fetch(select(*table.c).order_by(*table.primary_key)))


async def lock_documents(session: Session, dialect: str) -> None:
    """Let nobody else change trusted documents until the transaction ends: what is stated of them is the whole."""
    if dialect == "postgresql":  # a transaction that writes is the only one on SQLite
        await session.execute(text(f"LOCK TABLE {trusted_documents.name} IN SHARE ROW EXCLUSIVE MODE"))


async def remove_documents(session: Session, ids: Collection[str]) -> int:
    """Delete trusted documents; return how many there were."""
    column = trusted_documents.c.document_id
    return sum([await session.execute(delete(trusted_documents).where(column == each)) for each in sorted(ids)])
