"""The rows of a file that were imported, so that an import that was killed continues where it stopped."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import insert, select

from storage.database.session import Session
from storage.tables import imports


async def taken_in(session: Session, file_hashes: Collection[str]) -> Mapping[int, str]:
    """Return the imported rows of a file, each with its outcome, by each hash under which the file may be known."""
    rows = await session.fetch(select(imports.c.row, imports.c.outcome).where(imports.c.file_hash.in_(file_hashes)))
    return {row: outcome for row, outcome in rows}  # noqa: C416 - a row of the database is no pair for the types


async def take_in(session: Session, file_hash: str, rows: Collection[int], outcome: str, at: datetime) -> None:
    """Note rows as imported, in the transaction that imports them."""
    if rows:
        done = [{"file_hash": file_hash, "row": row, "outcome": outcome, "at": at} for row in rows]
        await session.execute(insert(imports), done)
