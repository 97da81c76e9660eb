"""Reads the entries of a log in their order."""

from typing import Final

from consent.ports import LOG_CODES, Log
from storage.database.database import Database

_LEAVES: Final = {
    name: f"""
        SELECT leaf FROM ledger_entries WHERE log = {log} AND leaf_index >= {first} AND leaf_index < {end}
        ORDER BY leaf_index
    """
    for name, log, first, end in (("postgresql", "$1", "$2", "$3"), ("sqlite", "?", "?", "?"))
}


async def read_entries(database: Database, log: Log, first: int, end: int) -> list[bytes]:
    """Return the entries of *log* from the leaf index *first* to before *end*, as many as there are."""
    rows = await database.fetch_text(_LEAVES[database.dialect.name], [LOG_CODES[log], first, end])
    return [bytes(leaf) for (leaf,) in rows]
