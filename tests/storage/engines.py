"""Engines for tests: they share what takes long to make, connections and compiled statements, and wait for no disk.

A connection to PostgreSQL costs about as much as all statements of a test. So an engine of the database that tests use
one after another is put aside when a `Database` is closed, and the next one that is opened takes it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import postgresql
from storage.database.database import parse_url
from storage.tables import metadata

Made = TypeVar("Made", Engine, AsyncEngine)

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
        self._parsed, self._make = parse_url(url), postgresql.postgresql_engine
        self._loop = asyncio.get_running_loop()
        self._idle: list[Engine] = []
        self._processes: dict[Engine, list[int]] = {}

    async def empty(self) -> None:
        """Cut what a test left connected, and delete every row."""
        kept = [process for engine in self._idle for process in self._processes[engine]]
        await self.administrator.fetch(CUT, [self.administrator.get_server_pid(), *kept])
        filled = await self.administrator.fetchrow(FILLED)
        assert filled is not None
        for table in [table for table, is_filled in zip(TABLES, filled, strict=True) if is_filled]:
            await self.administrator.execute(f"DELETE FROM {table}")

    def engine(self, url: URL) -> AsyncEngine:
        """Give an engine that nobody else uses. What has an event loop of its own needs connections of its own."""
        if not self.serves(url):
            return self._make(url)
        return _LentEngine(self._idle.pop() if self._idle else self._new(), self._idle)

    def serves(self, url: URL) -> bool:
        """Whether what runs now may use the connections to the database at *url* that are kept."""
        return url == self._parsed and asyncio._get_running_loop() is self._loop

    def _new(self) -> Engine:
        engine = self._make(self._parsed).sync_engine
        processes: list[int] = []
        self._processes[engine] = processes
        event.listen(engine, "connect", lambda made, _: processes.append(made.driver_connection.get_server_pid()))
        event.listen(engine, "checkout", self._checked_out)
        return engine

    def _checked_out(self, *_: object) -> None:
        assert asyncio.get_running_loop() is self._loop, "open it in a thread, as `open_server` does"

    async def close(self) -> None:
        """Close the connections that are kept."""
        for engine in self._idle:
            await AsyncEngine(engine).dispose()


class _LentEngine(AsyncEngine):
    """An engine that is put aside when it is disposed of; where a transaction is open, its connections end instead."""

    def __init__(self, engine: Engine, idle: list[Engine]) -> None:
        super().__init__(engine)
        self._idle: list[Engine] | None = idle

    async def dispose(self, close: bool = True) -> None:  # noqa: FBT001, FBT002 - as SQLAlchemy has it
        idle, self._idle = self._idle, None
        if idle is None:
            return
        if self.sync_engine.pool.checkedout():  # type: ignore[attr-defined] # a pool with a limit counts
            await super().dispose(close)
        else:
            idle.append(self.sync_engine)


@asynccontextmanager
async def shared_database(url: str) -> AsyncIterator[SharedDatabase]:
    """Open the migrated database at *url*, and let every `Database` of that URL use the engines that are kept."""
    async with administrator_of(url) as administrator:
        shared = SharedDatabase(url, administrator)
        SHARED.append(shared)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postgresql, postgresql.postgresql_engine.__name__, shared.engine)
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


def without_durability(make: Callable[..., Engine]) -> Callable[..., Engine]:
    """Let SQLite not wait for the disk, as the PostgreSQL of the tests does not: what a process wrote stays."""

    @wraps(make)
    def made(*given: Any, **named: Any) -> Engine:
        engine = make(*given, **named)
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        return engine

    return made


def sharing_compiled(make: Callable[..., Made]) -> Callable[..., Made]:
    """Let the engines that *make* returns share a dialect, and the statements that are compiled for it."""
    dialects: list[Dialect] = []
    compiled: dict[Any, Any] = {}

    @wraps(make)
    def made(*given: Any, **named: Any) -> Made:
        result = make(*given, **named)
        engine = result if isinstance(result, Engine) else result.sync_engine
        if not dialects or dialects[0].server_version_info is None:  # nothing has connected yet, and asked the server
            dialects[:] = [engine.dialect]
        engine.dialect = dialects[0]
        engine.update_execution_options(compiled_cache=compiled)
        return result

    return made
