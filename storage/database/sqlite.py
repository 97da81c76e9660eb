"""SQLite: reads run on the event loop, writes run one at a time in their own thread.

A read takes some thirty microseconds, less than handing it to a thread. A write waits for the disk, so it may not
hold the loop. Each open snapshot has a connection of its own: in WAL mode a reader waits neither for the writer
nor for a checkpoint, and its snapshot stays the same while it awaits between two statements.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, NullPool, create_engine, event
from sqlalchemy.engine import URL, Dialect

from storage.database.session import Parameters, Rows, Session, Step, TextStep
from storage.errors import DatabaseClosed, SessionOver

IDLE_READERS = 8
"""How many read connections stay open between reads. More are opened when they are needed."""

READER_PATIENCE, WRITER_PATIENCE, CHECKPOINT_PATIENCE = 1_000, 10_000, 250
"""How many milliseconds each waits for a lock."""


def sqlite_engine(url: URL, *, read_only: bool = False) -> Engine:
    """Make an engine whose connections commit durably, erase deleted bytes, and begin no transaction by themselves.

    With `isolation_level=None` the driver leaves BEGIN to us; otherwise it would begin a
    transaction only before the first change, and a series of reads would not be one snapshot.
    """
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
        # A reader blocks the event loop while it waits, so it waits less; in WAL mode it waits for crash recovery only.
        connection.execute(f"PRAGMA busy_timeout = {READER_PATIENCE if read_only else WRITER_PATIENCE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        if sqlite3.sqlite_version_info < (3, 41):  # later ones have it
            connection.create_function("unhex", 1, _unhex, deterministic=True)
        connection.execute("PRAGMA temp_store = MEMORY")  # no sorting of personal data in files beside the database
        if read_only:
            connection.execute("PRAGMA query_only = ON")

    return engine


def _unhex(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


class _Inline:
    """A session that runs on the event loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        return _fetch(self._open(), statement, parameters)

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        return _fetch_text(self._open(), text, values)

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        _run_text(self._open(), text, rows)

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        return _execute(self._open(), statement, parameters)

    def end(self) -> None:
        """Release the connection: another session will use it."""
        self._connection = None

    def _open(self) -> Connection:
        if self._connection is None:
            raise SessionOver
        return self._connection


class _Threaded(_Inline):
    """A session that runs in the writer's thread."""

    def __init__(self, connection: Connection, run: Callable[..., Any]) -> None:
        super().__init__(connection)
        self._run = run

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        rows: Rows = await self._run(_fetch, self._open(), statement, parameters)
        return rows

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        rows: Sequence[Sequence[Any]] = await self._run(_fetch_text, self._open(), text, values)
        return rows

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        await self._run(_run_text, self._open(), text, rows)

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        hit: int = await self._run(_execute, self._open(), statement, parameters)
        return hit


class Sqlite:
    """One SQLite file: any number of readers, one writer."""

    def __init__(self, url: URL) -> None:
        self._readers = sqlite_engine(url, read_only=True)
        self._writer = sqlite_engine(url)
        self._idle: list[Connection] = []
        self._writing: Connection | None = None
        self._lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._closed = False
        # Only its owner may read the file; SQLite gives the WAL beside it the same mode.
        path = Path(url.database or "")
        if path.parent.is_dir():
            path.touch(mode=0o600)

    @property
    def dialect(self) -> Dialect:
        return self._readers.dialect

    @property
    def engines(self) -> tuple[Engine, ...]:
        return (self._readers, self._writer)

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        connection = self._take()
        try:
            return _fetch(connection, statement, parameters)
        finally:
            self._give_back(connection)

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        connection = self._take()
        try:
            return _fetch_text(connection, text, values)
        finally:
            self._give_back(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        connection = self._take()
        session = _Inline(connection)
        try:
            connection.exec_driver_sql("BEGIN")
            yield session
        finally:
            session.end()
            self._give_back(connection)

    def _take(self) -> Connection:
        if self._closed:
            raise DatabaseClosed
        return self._idle.pop() if self._idle else self._readers.connect()

    def _give_back(self, connection: Connection) -> None:
        connection.rollback()
        if self._closed or len(self._idle) >= IDLE_READERS:
            connection.close()
        else:
            self._idle.append(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        async with self._lock:
            connection = await self._begin()
            session = _Threaded(connection, self._run)
            try:
                yield session
                await self._run(connection.commit)
            except BaseException:
                await self._roll_back(connection)
                raise
            finally:
                session.end()

    async def write(self, steps: Sequence[Step]) -> None:
        """Run a whole transaction in one call of the thread; each call costs about as much as a statement."""
        async with self._lock:
            await self._run(_write, await self._connected(), steps)

    async def write_text(self, steps: Sequence[TextStep]) -> None:
        async with self._lock:
            await self._run(_write_text, await self._connected(), steps)

    async def _connected(self) -> Connection:
        if self._closed:
            raise DatabaseClosed
        if self._writing is None:
            self._writing = await self._run(self._writer.connect)
        return self._writing

    async def _begin(self) -> Connection:
        """Begin the one write transaction. A task that is cancelled meanwhile leaves no open transaction."""
        connection = await self._connected()
        try:
            await self._run(connection.exec_driver_sql, "BEGIN IMMEDIATE")
        except BaseException:
            await self._roll_back(connection)
            raise
        return connection

    async def _roll_back(self, connection: Connection) -> None:
        # INVARIANT: the rollback is queued before any other call, also after a cancellation; the thread runs one call
        # at a time.
        rolled_back: Future[None] = self._thread.submit(connection.rollback)
        await asyncio.shield(asyncio.wrap_future(rolled_back))

    async def _run(self, work: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - gives back what work does
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def checkpoint(self) -> bool:
        """Move the WAL into the database and empty it, so that deleted bytes are gone from both.

        Returns whether all of it was moved: an open snapshot holds its part of the WAL until it ends.
        """
        async with self._lock:
            return not await self._run(_checkpoint, await self._connected())

    async def close(self) -> None:
        async with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            if self._writing is not None:
                await self._run(self._writing.close)
                self._writing = None
            self._thread.shutdown()


def _fetch(connection: Connection, statement: Executable, parameters: Parameters | None) -> Rows:
    return [tuple(row) for row in connection.execute(statement, parameters)]


def _fetch_text(connection: Connection, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
    driver: Any = connection.connection.driver_connection
    rows: Sequence[Sequence[Any]] = driver.execute(text, values).fetchall()
    return rows


def _execute(
    connection: Connection, statement: Executable, parameters: Parameters | Sequence[Parameters] | None
) -> int:
    return connection.execute(statement, parameters).rowcount


def _run_text(connection: Connection, text: str, rows: Sequence[Sequence[object]]) -> None:
    driver: Any = connection.connection.driver_connection
    driver.executemany(text, rows)


def _write_text(connection: Connection, steps: Sequence[TextStep]) -> None:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for text, rows in steps:
            _run_text(connection, text, rows)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _write(connection: Connection, steps: Sequence[Step]) -> None:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for statement, parameters in steps:
            connection.execute(statement, parameters)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _checkpoint(connection: Connection) -> bool:
    """Return whether a reader or a writer prevented a whole checkpoint."""
    # It blocks the writers, so it gives up soon and is called again, and does not wait for a long snapshot.
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE}")
    busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {WRITER_PATIENCE}")
    connection.rollback()
    return bool(busy)
