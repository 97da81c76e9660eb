"""Connections for tests: they share what takes long to make, connections and compiled statements, and wait for no disk.

A connection to PostgreSQL costs about as much as all statements of a test. So the pool of the database that tests use
one after another is put aside when a `Database` is closed, and the next one that is opened takes it.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import URL, Dialect

from storage.database import postgresql, sqlite
from storage.database.connection_pool import ConnectionPool
from storage.database.database import parse_url
from storage.database.limits import SERVING, DatabaseLimits
from storage.database.statements import StatementCompiler
from storage.tables import metadata

TABLES = [table.name for table in reversed(metadata.sorted_tables)]
FILLED = "SELECT " + ", ".join(f"EXISTS (SELECT FROM {table})" for table in TABLES)
CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL ($1::int[])"
)
SHARED: list["SharedDatabase"] = []
"""The one of the session, once there is one."""


class SharedDatabase:
    """The database at *url*, which tests use one after another. *administrator* is the connection of the fixtures."""

    def __init__(self, url: str, administrator: asyncpg.Connection) -> None:
        self.url, self.administrator = url, administrator
        self._parsed, self._make = parse_url(url), postgresql.connection_pool
        self._loop = asyncio.get_running_loop()
        self._idle: list[_LentPool] = []

    async def empty(self) -> None:
        """Cut what a test left connected, and delete every row."""
        kept = [process for pool in self._idle for process in pool.processes()]
        await self.administrator.fetch(CUT, [self.administrator.get_server_pid(), *kept])
        filled = await self.administrator.fetchrow(FILLED)
        assert filled is not None
        for table in [table for table, is_filled in zip(TABLES, filled, strict=True) if is_filled]:
            await self.administrator.execute(f"DELETE FROM {table}")

    def pool(self, url: URL, dialect: Dialect, limits: DatabaseLimits) -> ConnectionPool:
        """Give a pool that nobody else uses. What has an event loop of its own needs connections of its own."""
        made = self._make(url, dialect, limits)
        if not self.serves(url) or limits != SERVING:
            return made
        return self._idle.pop().lent() if self._idle else _LentPool(made._connect, limits, self._idle)

    def serves(self, url: URL) -> bool:
        """Whether what runs now may use the connections to the database at *url* that are kept."""
        return url == self._parsed and asyncio._get_running_loop() is self._loop

    async def close(self) -> None:
        """Close the connections that are kept."""
        for pool in self._idle:
            await ConnectionPool.close(pool)


class _LentPool(ConnectionPool):
    """A pool that is put aside when it is closed; where one of its connections is in use, it ends instead."""

    def __init__(self, connect: Callable[[], object], limits: DatabaseLimits, idle: "list[_LentPool]") -> None:
        super().__init__(connect, limits)  # type: ignore[arg-type] # it is that of a pool
        self._put_aside = idle

    def processes(self) -> list[int]:
        """Return the server's processes of the connections that are kept."""
        return [connection.get_server_pid() for connection in self._idle if not connection.is_closed()]

    def lent(self) -> "_LentPool":
        """Open it for the next one who uses it."""
        self._closed = False
        return self

    async def close(self) -> None:
        if self._ending:
            await asyncio.wait(self._ending)
        if self.in_use:
            await super().close()
        elif not self._closed:
            self._closed = True
            self._put_aside.append(self)


@asynccontextmanager
async def shared_database(url: str) -> AsyncIterator[SharedDatabase]:
    """Open the migrated database at *url*, and let every `Database` of that URL use the connections that are kept."""
    async with administrator_of(url) as administrator:
        shared = SharedDatabase(url, administrator)
        SHARED.append(shared)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postgresql, postgresql.connection_pool.__name__, shared.pool)
            yield shared
        SHARED.remove(shared)
        await shared.close()


@asynccontextmanager
async def administrator_of(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection that checks no foreign key, for rows that are copied or deleted as a whole."""
    for shared in SHARED:
        if shared.serves(parse_url(url)):
            yield shared.administrator
            return
    connection = await asyncpg.connect(url, server_settings={"session_replication_role": "replica"})
    try:
        yield connection
    finally:
        await connection.close()


def without_durability(set_pragmas: Callable[[sqlite3.Connection, int], None]) -> Callable[..., None]:
    """Let SQLite not wait for the disk, as the PostgreSQL of the tests does not: what a process wrote stays."""

    @wraps(set_pragmas)
    def set_them(connection: sqlite3.Connection, patience: int) -> None:
        set_pragmas(connection, patience)
        connection.execute("PRAGMA synchronous = OFF")

    return set_them


def sharing_compiled() -> Callable[[Dialect], StatementCompiler]:
    """Return what gives all databases of a kind one compiler, and the statements that it has compiled."""
    compilers: dict[str, StatementCompiler] = {}
    return lambda dialect: compilers.setdefault(dialect.name, StatementCompiler(dialect))


@contextmanager
def noted_statements() -> Iterator[list[str]]:
    """Note every statement of one row or none that SQLite runs, COMMIT included."""
    noted: list[str] = []
    ask = sqlite._Connection.ask

    def note(connection: sqlite._Connection, text: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        noted.append(text)
        return ask(connection, text, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite._Connection, ask.__name__, note)
        yield noted
