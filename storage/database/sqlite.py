"""SQLite through the driver: reads run on the event loop, writes run one at a time in their own thread.

A read takes some ten microseconds, less than handing it to a thread. A write waits for the disk, so it may not
hold the loop. Each open snapshot has a connection of its own: in WAL mode a reader waits neither for the writer
nor for a checkpoint, and its snapshot stays the same while it awaits between two statements.

A statement that runs too long is interrupted. Who waits for the writer, or for its thread, gives up after a while.
"""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from weakref import WeakSet

from sqlalchemy import Engine, Executable, NullPool, create_engine, event
from sqlalchemy.engine import URL, Dialect

from queryplan.signals import Signal
from storage.database.limits import DatabaseLimits
from storage.database.session import Parameters, Rows, Session, Step, TextStep
from storage.database.signals.exchange import OtherProcesses
from storage.database.signals.sqlite_processes import SqliteProcesses
from storage.database.statement_errors import refusal_of_sqlite
from storage.database.statements import DriverStatement, StatementCompiler, dialect_of
from storage.errors import DatabaseClosed, DatabaseUnavailable, Outage, SessionOver

IDLE_READERS: Final = 8
"""How many read connections stay open between reads. More are opened when they are needed."""

READER_PATIENCE, MIGRATION_PATIENCE, CHECKPOINT_PATIENCE = 1_000, 10_000, 250
"""How many milliseconds each waits for a lock."""

GROWTH: Final = 1.5
"""By how much a database grows until its statistics are renewed."""
ROWS_ANALYSED: Final = 400
"""How many rows of an index are looked at for its statistics, so that this takes milliseconds in a large file too."""

STEPS: Final = 20_000
"""After how many instructions SQLite asks whether it is time to stop: a fraction of a millisecond."""

T = TypeVar("T")


def sqlite_engine(url: URL) -> Engine:
    """Make the engine that migrations run by."""
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"isolation_level": None},
    )
    event.listen(engine, "connect", lambda connection, _: set_pragmas(connection, MIGRATION_PATIENCE))
    return engine


def set_pragmas(connection: sqlite3.Connection, patience: int) -> None:
    """Let *connection* commit durably, erase deleted bytes, and wait *patience* milliseconds for a lock."""
    connection.execute(f"PRAGMA busy_timeout = {patience}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # no sorting of personal data in files beside the database
    if sqlite3.sqlite_version_info < (3, 41):  # later ones have it
        connection.create_function("unhex", 1, _unhex, deterministic=True)


def _unhex(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


class _Connection:
    """A connection of the driver whose statements have a deadline. It begins no transaction by itself.

    With `isolation_level=None` the driver leaves BEGIN to us; otherwise it would begin a
    transaction only before the first change, and a series of reads would not be one snapshot.
    """

    def __init__(
        self, filename: str, options: Mapping[str, Any], seconds: float, patience: int, clock: Callable[[], float]
    ) -> None:
        with _explained("open"):
            self._driver: sqlite3.Connection = sqlite3.connect(
                filename, **{**options, "check_same_thread": False}, isolation_level=None, cached_statements=256
            )
            set_pragmas(self._driver, patience)
        self._seconds = seconds
        self._clock = clock
        self._ends = 0.0
        self.is_outdated = False
        """Whether the statistics that it plans by have changed since it was opened."""
        self._analysed_pages = 0
        self._driver.set_progress_handler(self._is_late, STEPS)

    def ask(self, text: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, and return its rows."""
        self._ends = self._clock() + self._seconds
        try:
            return self._driver.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise refusal_of_sqlite(error, text) from error

    def change(self, text: str, rows: Sequence[Sequence[object]]) -> int:
        """Run a statement that returns no rows, once for each of *rows*; return the number of rows that it changed."""
        self._ends = self._clock() + self._seconds
        try:
            if len(rows) == 1:
                return self._driver.execute(text, rows[0]).rowcount
            return self._driver.executemany(text, rows).rowcount
        except sqlite3.Error as error:
            raise refusal_of_sqlite(error, text) from error

    def analyse(self) -> bool:
        """Renew the statistics of the database, if it has grown since; return whether it has."""
        # Not `PRAGMA optimize`, which before SQLite 3.46 leaves out what this connection has not read.
        ((pages,),) = self.ask("PRAGMA page_count")
        if self._analysed_pages <= pages <= self._analysed_pages * GROWTH:
            return False
        self.ask(f"PRAGMA analysis_limit = {ROWS_ANALYSED}")
        self.ask("ANALYZE")
        self._analysed_pages = pages
        return True

    def roll_back(self) -> None:
        """Undo what was not committed, if anything."""
        if self._driver.in_transaction:
            self.ask("ROLLBACK")

    def interrupt(self) -> None:
        """Stop the statement that runs in another thread."""
        self._driver.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()

    def _is_late(self) -> bool:
        return self._clock() > self._ends


class _Inline:
    """A session that runs on the event loop."""

    def __init__(self, connection: _Connection, statements: StatementCompiler) -> None:
        self._connection: _Connection | None = connection
        self._statements = statements

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        prepared = self._statements.prepare(statement, parameters)
        return prepared.converted(await self.fetch_text(prepared.text, prepared.rows[0]))

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        return self._open().ask(text, values)

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        self._open().change(text, rows)

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        prepared = self._statements.prepare(statement, parameters)
        return self._open().change(prepared.text, prepared.rows)

    def end(self) -> None:
        """Release the connection: another session will use it."""
        self._connection = None

    def _open(self) -> _Connection:
        if self._connection is None:
            raise SessionOver
        return self._connection


class _Threaded(_Inline):
    """A session that runs in the writer's thread."""

    def __init__(self, connection: _Connection, statements: StatementCompiler, run: Callable[..., Any]) -> None:
        super().__init__(connection, statements)
        self._run = run

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        rows: Sequence[Sequence[Any]] = await self._run(self._open().ask, text, values)
        return rows

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        await self._run(self._open().change, text, rows)

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        prepared = self._statements.prepare(statement, parameters)
        hit: int = await self._run(self._open().change, prepared.text, prepared.rows)
        return hit


class Sqlite:
    """One SQLite file: any number of readers, one writer."""

    def __init__(self, url: URL, limits: DatabaseLimits) -> None:
        self._statements = StatementCompiler(dialect_of(url.set(drivername="sqlite+pysqlite")))
        (filename,), options = self.dialect.create_connect_args(url)
        self._filename, self._options, self._limits = filename, options, limits
        self._idle: list[_Connection] = []
        self._readers: WeakSet[_Connection] = WeakSet()
        self._writer: _Connection | None = None
        self._lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._closed = False
        # Only its owner may read the file; SQLite gives the WAL beside it the same mode.
        path = Path(url.database or "")
        if path.parent.is_dir():
            path.touch(mode=0o600)

    @property
    def dialect(self) -> Dialect:
        return self._statements.dialect

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        prepared = self._statements.prepare(statement, parameters)
        return prepared.converted(await self.fetch_text(prepared.text, prepared.rows[0]))

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        connection = self._take()
        try:
            return connection.ask(text, values)
        finally:
            self._give_back(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        connection = self._take()
        session = _Inline(connection, self._statements)
        try:
            connection.ask("BEGIN")
            yield session
        finally:
            session.end()
            self._give_back(connection)

    def _take(self) -> _Connection:
        if self._closed:
            raise DatabaseClosed
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_outdated:
                return connection
            connection.close()
        return self._reader()

    def _reader(self) -> _Connection:
        # A reader blocks the event loop while it waits, so it waits less; in WAL mode it waits for crash recovery only.
        # Its time is the processor's: on a busy machine a short read may take long, and is not at fault.
        connection = _Connection(
            self._filename, self._options, self._limits.loop_seconds, READER_PATIENCE, time.thread_time
        )
        connection.ask("PRAGMA query_only = ON")
        self._readers.add(connection)
        return connection

    def _give_back(self, connection: _Connection) -> None:
        try:
            connection.roll_back()
        except DatabaseUnavailable:
            connection.close()
            return
        if self._closed or len(self._idle) >= IDLE_READERS:
            connection.close()
        else:
            self._idle.append(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        async with self._turn() as connection:
            try:
                await self._run(connection.ask, "BEGIN IMMEDIATE")
                session = _Threaded(connection, self._statements, self._run)
                try:
                    yield session
                finally:
                    session.end()
                await self._run(connection.ask, "COMMIT")
            except BaseException:
                await self._roll_back(connection)
                raise

    async def write(self, steps: Sequence[Step]) -> None:
        await self._write([self._statements.prepare(*step) for step in steps])

    async def write_text(self, steps: Sequence[TextStep]) -> None:
        await self._write([DriverStatement(text, rows, ()) for text, rows in steps])

    async def _write(self, steps: Sequence[DriverStatement]) -> None:
        """Run a whole transaction in one call of the thread; each call costs about as much as a statement."""
        async with self._turn() as connection:
            await self._run(_write, connection, steps)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[_Connection]:
        """Give the writer's connection to one caller. Raises DatabaseUnavailable for one whose turn does not come."""
        try:
            async with asyncio.timeout(self._limits.lock_seconds):
                await self._lock.acquire()
        except TimeoutError:
            raise DatabaseUnavailable(Outage.BUSY) from None
        try:
            if self._closed:
                raise DatabaseClosed
            if self._writer is None:
                self._writer = await self._run(self._open_writer)
            yield self._writer
        finally:
            self._lock.release()

    def _open_writer(self) -> _Connection:
        patience = round(self._limits.lock_seconds * 1000)
        return _Connection(self._filename, self._options, self._limits.statement_seconds, patience, time.monotonic)

    async def _roll_back(self, connection: _Connection) -> None:
        # INVARIANT: the rollback is queued before any other call, also after a cancellation; the thread runs one call
        # at a time.
        rolled_back: Future[None] = self._thread.submit(connection.roll_back)
        with contextlib.suppress(TimeoutError, DatabaseUnavailable):
            async with asyncio.timeout(self._limits.answer_seconds):
                await asyncio.shield(asyncio.wrap_future(rolled_back))

    async def _run(self, work: Callable[..., T], *arguments: object) -> T:
        """Run *work* in the thread. A caller that is cancelled, or waits too long, also stops its statement."""
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        except (TimeoutError, asyncio.CancelledError) as error:
            if self._writer is not None:
                self._writer.interrupt()
            if isinstance(error, TimeoutError):
                raise DatabaseUnavailable(Outage.UNREACHABLE) from None
            raise

    def other_processes(self) -> OtherProcesses:
        """Return what notices that another process has committed."""
        return SqliteProcesses(self._data_version)

    async def send_signals(self, signals: Sequence[Signal]) -> None:
        """Do nothing: other processes notice a commit by the file."""

    async def _data_version(self) -> int:
        # Asked on the writer's connection: its own commits, which are those of this process, do not change it.
        async with self._turn() as connection:
            ((version,),) = await self._run(connection.ask, "PRAGMA data_version")
            return int(version)

    async def checkpoint(self) -> bool:
        """Move the WAL into the database and empty it, so that deleted bytes are gone from both.

        Returns whether all of it was moved: an open snapshot holds its part of the WAL until it ends.
        """
        async with self._turn() as connection:
            return not await self._run(_checkpoint, connection, round(self._limits.lock_seconds * 1000))

    async def renew_statistics(self) -> None:
        """Renew the statistics by which statements are planned, if the database has grown; reads use them from then on.

        Without statistics SQLite takes any index whose columns are compared with values for the best.
        """
        async with self._turn() as connection:
            if await self._run(connection.analyse):
                for reader in self._readers:  # a connection reads them once, when it is opened
                    reader.is_outdated = True

    async def close(self) -> None:
        with contextlib.suppress(DatabaseUnavailable, DatabaseClosed):
            async with self._turn():
                self._closed = True
                if self._writer is not None:
                    await self._run(self._writer.close)
                    self._writer = None
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        self._thread.shutdown(wait=False)


@contextlib.contextmanager
def _explained(text: str) -> Iterator[None]:
    """Raise what an error of the driver means for the statement *text*."""
    try:
        yield
    except sqlite3.Error as error:
        raise refusal_of_sqlite(error, text) from error


def _write(connection: _Connection, steps: Sequence[DriverStatement]) -> None:
    try:
        connection.ask("BEGIN IMMEDIATE")
        for step in steps:
            connection.change(step.text, step.rows)
        connection.ask("COMMIT")
    except BaseException:
        connection.roll_back()
        raise


def _checkpoint(connection: _Connection, patience: int) -> bool:
    """Return whether a reader or a writer prevented a whole checkpoint."""
    # It blocks the writers, so it gives up soon and is called again, and does not wait for a long snapshot.
    connection.ask(f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE}")
    ((busy, *_),) = connection.ask("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.ask(f"PRAGMA busy_timeout = {patience}")
    return bool(busy)
