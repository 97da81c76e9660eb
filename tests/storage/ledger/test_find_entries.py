"""The place of an entry is found by its commitment, through an index, on both databases [5.1.6]."""

from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from consent.ports import LOG_CODES
from storage.database.database import Database
from storage.ledger.find_entries import _BY_COMMITMENT, find_entry
from storage.tables import ledger_entries

MANY = 3_000


def commitment(log, index):
    return sha256(f"{log} {index}".encode()).digest()


def entry(log, index):
    """Return an entry of several subjects, of one, or a readable one."""
    if log == "system":
        return f'{{"type":"policy/1","number":{index}}}'.encode()
    return (b"\0\3" if index % 2 else b"") + commitment(log, index)


def source(log, index):
    named = sha256(entry(log, index)).digest() if log == "system" else sha256(f"row {log} {index}".encode()).digest()
    return UUID(bytes=named[:16])


@pytest.fixture
async def filled(database: Database) -> Database:
    rows = [
        {"log": LOG_CODES[log], "leaf_index": index, "source": source(log, index), "leaf": entry(log, index)}
        for log, count in (("consent", 40), ("access", MANY), ("system", 5))
        for index in range(count)
    ]
    async with database.writing() as session:
        await session.execute(insert(ledger_entries), rows)
    return database


async def test_an_entry_is_found_in_its_own_log_alone(filled):
    for log, index in (("consent", 0), ("consent", 39), ("access", 1), ("access", MANY - 1)):
        assert await find_entry(filled, log, commitment(log, index)) == index
        for other in LOG_CODES:
            assert other == log or await find_entry(filled, other, commitment(log, index)) is None
    readable = sha256(entry("system", 3)).digest()
    assert await find_entry(filled, "system", readable) == 3
    assert await find_entry(filled, "consent", readable) is None


async def test_what_is_no_commitment_of_an_entry_is_not_found(filled):
    near = bytearray(commitment("access", 0))
    near[-1] ^= 1  # its beginning is that in the index of SQLite
    readable = bytearray(sha256(entry("system", 0)).digest())
    readable[-1] ^= 1  # its beginning is the source of a row
    known = commitment("access", 0)
    for unknown in (bytes(32), bytes(near), bytes(readable), b"", known[:31], known + b"\0"):
        for log in LOG_CODES:
            assert await find_entry(filled, log, unknown) is None


async def test_the_search_goes_through_the_index(filled):
    statement = _BY_COMMITMENT[filled.dialect.name]
    if filled.dialect.name == "sqlite":
        plan = await filled.fetch_text(f"EXPLAIN QUERY PLAN {statement}", [1, bytes(32), bytes(8)])
    else:
        async with filled.writing() as session:
            await session.execute(text("ANALYZE ledger_entries"))
        literal = statement.replace("$1", "1").replace("$2", r"'\x00'")
        plan = await filled.fetch_text(f"EXPLAIN {literal}", [])
    assert "ix_ledger_entries_commitment" in " ".join(str(each) for row in plan for each in row)
