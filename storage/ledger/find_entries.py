"""Finds the place of an entry in its log by its commitment.

An entry of `consent` or `access` ends in its commitment. One of `system` is readable as it is, so its commitment is
SHA-256 of the entry, whose first 16 bytes are the source of the row.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

from consent.ports import LOG_CODES, Log
from storage.database.database import Database

COMMITMENT_BYTES: Final = 32
_IN_INDEX: Final = 8
"""The bytes of a commitment in the index of SQLite."""
_SOURCE_BYTES: Final = 16
# The expressions are those of the indexes in `storage.tables.ledger`, letter by letter: else none is used. No order and
# no limit: with them a planner walks the primary key.
_BY_COMMITMENT: Final = {
    "postgresql": """
        SELECT leaf_index FROM ledger_entries WHERE log = $1 AND substring(leaf FROM octet_length(leaf) - 31) = $2
    """,
    "sqlite": """
        SELECT leaf_index FROM ledger_entries
        WHERE log = ? AND substr(leaf, length(leaf) - 31) = ? AND substr(leaf, length(leaf) - 31, 8) = ?
    """,
}
_BY_SOURCE: Final = {
    "postgresql": "SELECT leaf_index, leaf FROM ledger_entries WHERE source = $2 AND log = $1",
    "sqlite": "SELECT leaf_index, leaf FROM ledger_entries WHERE log = ? AND source = ?",
}


async def find_entry(database: Database, log: Log, commitment: bytes) -> int | None:
    """Return the leaf index of the entry with this commitment of 32 bytes, or None where *log* has none."""
    if len(commitment) != COMMITMENT_BYTES:
        return None
    dialect, code = database.dialect.name, LOG_CODES[log]
    if log == "system":
        named = commitment[:_SOURCE_BYTES]
        source = UUID(bytes=named) if dialect == "postgresql" else named
        found = await database.fetch_text(_BY_SOURCE[dialect], [code, source])
        return next((int(index) for index, leaf in found if sha256(leaf).digest() == commitment), None)
    values = [code, commitment] if dialect == "postgresql" else [code, commitment, commitment[:_IN_INDEX]]
    rows = await database.fetch_text(_BY_COMMITMENT[dialect], values)
    return min((int(index) for (index,) in rows), default=None)
