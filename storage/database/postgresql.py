"""PostgreSQL: a pool of asyncpg connections, always to the primary."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Engine, Executable, event
from sqlalchemy.engine import URL, Dialect, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.database.session import Parameters, Rows, Session, Step, TextStep
from storage.errors import DatabaseClosed, SessionOver

DATA_EXCEPTION = "22"
"""The class of server errors whose messages quote the value that did not fit."""

QUOTED = re.compile(r"(invalid input for query argument \$\d+).*", re.DOTALL)
"""The place in the driver's message after which it quotes a value."""


def postgresql_engine(url: URL, *, connections: int = 16) -> AsyncEngine:
    """Make an engine whose commits are durable and whose errors quote no parameters."""
    engine = create_async_engine(
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
                "max_parallel_workers_per_gather": "0",  # so do parallel workers: 80 ms for a worklist of 0.4 ms
            },
            # A standby lags, and a withdrawn authorisation must not live on there.
            "target_session_attrs": "primary",
        },
    )
    event.listen(engine.sync_engine, "handle_error", _withhold_values)
    return engine


def _withhold_values(context: ExceptionContext) -> None:
    _withhold(*filter(None, [context.original_exception, context.sqlalchemy_exception]))


def _withhold(*errors: BaseException) -> None:
    """Remove quoted values from errors: the server's DETAIL shows a whole row, the driver shows a bad argument."""
    chain = list(errors)
    for error in chain:  # grows while it is walked
        chain.extend(filter(None, [error.__cause__]))
    for said, say in [(str(error.args[0]), _unquoted(error)) for error in chain if error.args]:
        for error in chain:
            error.args = tuple(part.replace(said, say) if isinstance(part, str) else part for part in error.args)
            if isinstance(getattr(error, "detail", None), str):
                error.detail = None  # type: ignore[attr-defined] # the driver's errors have it


def _unquoted(error: BaseException) -> str:
    if (getattr(error, "sqlstate", None) or "").startswith(DATA_EXCEPTION):
        return "a value does not fit"
    return QUOTED.sub(r"\1", str(error.args[0]))


def _is_unanswered(error: BaseException | None) -> bool:
    """Return whether a statement ended without the server's answer: the driver refused a value, or it was cancelled.

    The statement may be prepared then, and the server waits for its values: it has a transaction open, and refuses to
    begin one of another isolation level. No rollback ends this where no transaction was begun.
    """
    cause = getattr(error, "__cause__", None) or error
    # The driver raises some of the server's classes itself. What the server sent has a severity.
    return getattr(cause, "severity", None) is None


class _Async:
    """A session on one connection of the pool."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection: AsyncConnection | None = connection

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        return [tuple(row) for row in await self._open().execute(statement, parameters)]

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        return (await self._open().exec_driver_sql(text, tuple(values))).all()

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        for values in rows:
            await self._open().exec_driver_sql(text, tuple(values))

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        return (await self._open().execute(statement, parameters)).rowcount

    def end(self) -> None:
        """Release the connection: another session will use it."""
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
        self._closed = False

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @property
    def engines(self) -> tuple[Engine, ...]:
        return (self._engine.sync_engine, self._snapshots.sync_engine, self._single.sync_engine)

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        self._must_be_open()
        async with self._single.connect() as connection:
            try:
                return [tuple(row) for row in await connection.execute(statement, parameters)]
            except DBAPIError as error:
                if _is_unanswered(error.orig):
                    await connection.invalidate()
                raise

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        self._must_be_open()
        # Directly by the driver: SQLAlchemy's bookkeeping for a connection costs as much as a short statement.
        # No transaction is begun, so there is none to end.
        pooled = await self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        is_usable = True
        try:
            rows: Sequence[Sequence[Any]] = await driver.fetch(text, *values)
        except BaseException as error:
            _withhold(error)
            is_usable = not _is_unanswered(error)
            raise
        else:
            return rows
        finally:
            if driver.is_closed() or not is_usable:
                pooled.invalidate()
            pooled.close()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        self._must_be_open()
        async with self._snapshots.connect() as connection:
            session = _Async(connection)
            try:
                yield session
            finally:
                session.end()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        self._must_be_open()
        async with self._engine.begin() as connection:
            session = _Async(connection)
            try:
                yield session
            finally:
                session.end()

    async def write(self, steps: Sequence[Step]) -> None:
        async with self.writing() as session:
            for statement, parameters in steps:
                await session.execute(statement, parameters)

    async def write_text(self, steps: Sequence[TextStep]) -> None:
        if len(steps) == 1 and len(steps[0][1]) == 1:
            await self.fetch_text(steps[0][0], steps[0][1][0])  # one statement is a transaction by itself
            return
        async with self.writing() as session:
            for text, rows in steps:
                await session.run_text(text, rows)

    async def checkpoint(self) -> bool:
        """Do nothing: the server removes dead rows by its own VACUUM."""
        return True

    def _must_be_open(self) -> None:
        # Otherwise the pool would open new connections by itself, and no code would close them.
        if self._closed:
            raise DatabaseClosed

    async def close(self) -> None:
        self._closed = True
        await self._engine.dispose()
