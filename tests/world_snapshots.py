"""Writes the sample data of `tests.builders` quickly: it is built once for a key file, and then copied.

A copy is of the bytes that the database itself gave: a SQLite file, or PostgreSQL's binary COPY of each table.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from policy.crypto.keyring import Keyring
from storage.database.database import Database, parse_url
from storage.tables import metadata
from tests.builders import Ids, World, build_world
from tests.storage.engines import administrator_of

TABLES = [table.name for table in metadata.sorted_tables]
SERIAL = [
    (table.name, column.name) for table in metadata.sorted_tables for column in table.c if column.autoincrement is True
]
CATCH_UP = "".join(
    f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max({column})) FROM {table};"
    for table, column in SERIAL
)
"""Rows that are copied bring their places along; the next one has to come behind them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The world, and its rows: a whole file, or the bytes of each table."""

    world: World
    rows: bytes | Mapping[str, bytes]


SNAPSHOTS: dict[tuple[str, str], Snapshot] = {}
"""By kind of database and key file. They last for the session."""


async def record_world(url: str, keyring: Keyring) -> World:
    """Put the world on record in the empty, migrated database at *url*, which nobody has opened yet."""
    kind = parse_url(url).drivername
    found = SNAPSHOTS.get((kind, keyring.kek_id))
    if found is None:
        database = Database.open(url, tag=keyring.pending_tag)
        world = await build_world(database, keyring)
        await database.close()
        found = SNAPSHOTS[kind, keyring.kek_id] = await take_snapshot(url, world)
    else:
        await restore(url, found)
    original = found.world
    return replace(
        original, keyring=keyring, new_id=Ids(found.world.new_id.taken), parties=dict(original.parties),
        cases=dict(original.cases), held=dict(original.held),
    )  # fmt: skip


async def take_snapshot(url: str, world: World) -> Snapshot:
    """Read every row of the database at *url*, which nobody has open any more."""
    is_file = parse_url(url).drivername == "sqlite"
    return Snapshot(world, _closed_file(url) if is_file else await _copy_out(url))


async def restore(url: str, snapshot: Snapshot) -> None:
    """Put the rows on record in the empty, migrated database at *url*, which nobody has opened yet."""
    if isinstance(snapshot.rows, bytes):
        _file(url).write_bytes(snapshot.rows)
    else:
        await _copy_in(url, snapshot.rows)


def _file(url: str) -> Path:
    return Path(parse_url(url).database or "")


def _closed_file(url: str) -> bytes:
    path = _file(url)
    assert not path.with_name(f"{path.name}-wal").exists(), "the last connection to close brings the file up to date"
    return path.read_bytes()


async def _copy_out(url: str) -> Mapping[str, bytes]:
    found = {}
    async with administrator_of(url) as connection:
        for table in TABLES:
            rows = io.BytesIO()
            if await connection.copy_from_query(f"SELECT * FROM {table}", output=rows, format="binary") != "COPY 0":
                found[table] = rows.getvalue()
    return found


async def _copy_in(url: str, rows: Mapping[str, bytes]) -> None:
    async with administrator_of(url) as connection, connection.transaction():
        for table, copied in rows.items():
            await connection.copy_to_table(table, source=io.BytesIO(copied), format="binary")
        await connection.execute(CATCH_UP)
