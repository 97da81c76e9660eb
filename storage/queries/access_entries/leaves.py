"""Where an entry of the access log stands in the published log `access`: its leaf, by which anybody can prove it."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, select

from consent.ports import LOG_CODES
from storage.database.sql_ids import id_bytes
from storage.queries.literals import number
from storage.tables import ledger_entries


def leaf_index_of(row: FromClause) -> ColumnElement[Any]:
    """Return the place of the entry *row* in the log; NULL while it waits."""
    return _of_entry(row, "leaf_index")


def leaf_of(row: FromClause) -> ColumnElement[Any]:
    """Return what the log has of the entry *row*: a count and a commitment; NULL while it waits."""
    return _of_entry(row, "leaf")


def _of_entry(row: FromClause, column: str) -> ColumnElement[Any]:
    leaf = ledger_entries.alias("leaf")
    of_row = leaf.c.log == number(LOG_CODES["access"]), leaf.c.source == id_bytes(row.c.entry_id)
    return select(leaf.c[column]).where(*of_row).scalar_subquery()
