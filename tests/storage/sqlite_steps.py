"""How much SQLite does for a statement, whatever else the machine does meanwhile."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from typing import Any

from sqlalchemy import make_url

from storage.database.sqlite import set_pragmas

EACH = 100


def sqlite_steps(url: str, statement: str, values: Sequence[object]) -> int:
    """Return how many instructions of SQLite's virtual machine *statement* takes, in hundreds."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += EACH
        return 0

    with closing(sqlite3.connect(str(make_url(url).database))) as connection:
        set_pragmas(connection, patience=0)
        connection.set_progress_handler(count, EACH)
        connection.execute(statement, [_stored(value) for value in values]).fetchall()
    return counted


def _stored(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else value
