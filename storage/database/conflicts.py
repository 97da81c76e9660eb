"""Detects rows that exist already, without failing the transaction."""

import sqlite3

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

DATA_EXCEPTION = "22"
INTEGRITY = "23"
UNIQUE_VIOLATION = "23505"
SQLITE_DUPLICATES = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})


def insert_once(table: Table) -> Insert:
    """Insert a row unless its key is taken; then the row count is 0 and the transaction continues.

    Both databases spell the clause the same; SQLAlchemy offers it for PostgreSQL, and compiles it for SQLite.
    """
    return insert(table).on_conflict_do_nothing()


def is_duplicate(error: IntegrityError) -> bool:
    """Return whether *error* is a taken key, and not another broken constraint."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorname in SQLITE_DUPLICATES
    return getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION


def is_of_content(error: Exception) -> bool:
    """Return whether the rows themselves caused *error*. An error of the database would fail for other rows too."""
    if isinstance(error, IntegrityError | DataError):
        return True
    return isinstance(error, StatementError) and not isinstance(error, DBAPIError)
