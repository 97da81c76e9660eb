"""PostgreSQL: a pool of asyncpg connections, always to the primary."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import Engine, Executable
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import SessionOver
from storage.session import Parameters, Rows, Session


def postgresql_engine(url: URL, *, connections: int = 16) -> AsyncEngine:
    """Make an engine whose commits are durable and whose errors quote no parameters."""
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        connect_args={
            "prepared_statement_cache_size": 512,
            "server_settings": {
                "application_name": "chengxin",
                "timezone": "UTC",
                "synchronous_commit": "on",  # an access entry is durable before release, whatever the role's default
                "lock_timeout": "10s",
                "jit": "off",  # costs more than our short statements take
            },
            # A standby lags, and a withdrawn authorisation must not live on there.
            "target_session_attrs": "primary",
        },
    )


class _Async:
    """A session on one connection of the pool."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection: AsyncConnection | None = connection

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        return [tuple(row) for row in await self._open().execute(statement, parameters)]

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        return (await self._open().execute(statement, parameters)).rowcount

    def end(self) -> None:
        """Let go of the connection: it will be another session's."""
        self._connection = None

    def _open(self) -> AsyncConnection:
        if self._connection is None:
            raise SessionOver
        return self._connection


class Postgresql:
    """One PostgreSQL database: any number of readers and writers."""

    def __init__(self, url: URL) -> None:
        self._engine = postgresql_engine(url)
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @property
    def engines(self) -> tuple[Engine, ...]:
        return (self._engine.sync_engine, self._snapshots.sync_engine, self._single.sync_engine)

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        async with self._single.connect() as connection:
            return [tuple(row) for row in await connection.execute(statement, parameters)]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        async with self._snapshots.connect() as connection:
            session = _Async(connection)
            try:
                yield session
            finally:
                session.end()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        async with self._engine.begin() as connection:
            session = _Async(connection)
            try:
                yield session
            finally:
                session.end()

    async def checkpoint(self) -> bool:
        """Nothing to do here: dead rows are the server's, and go with its own VACUUM."""
        return True

    async def close(self) -> None:
        await self._engine.dispose()
