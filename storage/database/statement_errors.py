"""What an error of a driver means: the statement was refused, or the database is not available.

A refused statement is an error of SQLAlchemy on both databases: `IntegrityError` for a broken constraint, `DataError`
for a value that does not fit, and `DBAPIError` for the rest. Where the database cannot do its work, it is
`DatabaseUnavailable`.
No message quotes a value.
"""

import re
import sqlite3
from typing import Final

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from storage.database.conflicts import DATA_EXCEPTION, INTEGRITY
from storage.errors import DatabaseUnavailable, Outage

QUOTED: Final = re.compile(r"(invalid input for query argument \$\d+).*", re.DOTALL)
"""The place in the driver's message after which it quotes a value."""

POSTGRESQL_OUTAGES: Final = {
    "57014": Outage.SLOW,  # the time limit of a statement: nobody else cancels ours
    "55P03": Outage.LOCKED,
    "40P01": Outage.LOCKED,  # a deadlock: this transaction was the one that the server chose to end
    "40001": Outage.LOCKED,
    "25P03": Outage.SLOW,  # a transaction that was left open
    "25006": Outage.READ_ONLY,
    "57P01": Outage.UNREACHABLE,
    "57P02": Outage.UNREACHABLE,
    "57P03": Outage.UNREACHABLE,
    "57P05": Outage.UNREACHABLE,
}
POSTGRESQL_CLASSES: Final = {"08": Outage.UNREACHABLE, "53": Outage.FULL, "58": Outage.FULL}

SQLITE_OUTAGES: Final = {
    sqlite3.SQLITE_BUSY: Outage.LOCKED,
    sqlite3.SQLITE_LOCKED: Outage.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Outage.LOCKED,
    sqlite3.SQLITE_INTERRUPT: Outage.SLOW,
    sqlite3.SQLITE_FULL: Outage.FULL,
    sqlite3.SQLITE_IOERR: Outage.FULL,
    sqlite3.SQLITE_CANTOPEN: Outage.UNREACHABLE,
    sqlite3.SQLITE_NOTADB: Outage.UNREACHABLE,
    sqlite3.SQLITE_CORRUPT: Outage.UNREACHABLE,
    sqlite3.SQLITE_READONLY: Outage.READ_ONLY,
}
PRIMARY_CODE: Final = 0xFF
"""SQLite's extended codes have the primary one in their last byte."""


def is_answered(error: BaseException) -> bool:
    """Return whether the server itself refused the statement, so that its connection is as good as before.

    If the driver refused a value, or the statement was cancelled, the statement may be prepared, and the server waits
    for its values: it has a transaction open, and refuses to begin one of another isolation level. No rollback ends
    this where no transaction was begun.
    """
    # The driver raises some of the server's classes itself. What the server sent has a severity.
    return getattr(error, "severity", None) is not None


def refusal_of_postgresql(error: Exception, text: str) -> Exception:
    """Return what *error* of the driver means for the statement *text*."""
    _withhold(error)
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        outage = POSTGRESQL_OUTAGES.get(state) or POSTGRESQL_CLASSES.get(state[:2])
        return DatabaseUnavailable(outage) if outage else _refused(error, text, state[:2])
    if isinstance(error, TimeoutError | OSError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return DatabaseUnavailable(Outage.UNREACHABLE)
    return error


def refusal_of_sqlite(error: Exception, text: str) -> Exception:
    """Return what *error* of the driver means for the statement *text*."""
    if isinstance(error, sqlite3.IntegrityError):
        return _refused(error, text, INTEGRITY)
    if isinstance(error, sqlite3.DataError | sqlite3.ProgrammingError | sqlite3.InterfaceError):
        return _refused(error, text, DATA_EXCEPTION)
    if isinstance(error, sqlite3.Error):
        outage = SQLITE_OUTAGES.get(getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE)
        return DatabaseUnavailable(outage) if outage else _refused(error, text, "")
    return error


def _refused(error: Exception, text: str, kind: str) -> DBAPIError:
    refusal = {INTEGRITY: IntegrityError, DATA_EXCEPTION: DataError}.get(kind, DBAPIError)
    return refusal(text, None, error, hide_parameters=True)


def _withhold(error: BaseException) -> None:
    """Remove quoted values from errors: the server's DETAIL shows a whole row, the driver shows a bad argument."""
    chain = [error]
    for link in chain:  # grows while it is walked
        chain.extend(filter(None, [link.__cause__]))
        if link.args:
            link.args = (_unquoted(link), *link.args[1:])
        if isinstance(getattr(link, "detail", None), str):
            link.detail = None  # type: ignore[attr-defined] # the driver's errors have it


def _unquoted(error: BaseException) -> object:
    said = error.args[0]
    if not isinstance(said, str):
        return said
    if (getattr(error, "sqlstate", None) or "").startswith(DATA_EXCEPTION):
        return "a value does not fit"
    return QUOTED.sub(r"\1", said)
