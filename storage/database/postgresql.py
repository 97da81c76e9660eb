"""PostgreSQL through its driver asyncpg: a pool of connections, always to the primary.

Each statement has two deadlines: the server stops it after `statement_seconds`, and soon after that we stop waiting for
the answer. So an answer that does not come means a dead connection and not a slow statement: it is dropped, with the
others that are idle, and a read is tried once more on a new one.
"""

import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NoReturn

import asyncpg
import orjson
from asyncpg import Connection
from sqlalchemy import Executable
from sqlalchemy.engine import URL, Dialect

from queryplan.signals import Signal
from storage.database.connection_pool import Connect, ConnectionPool
from storage.database.limits import DatabaseLimits
from storage.database.session import Parameters, Rows, Session, Step, TextStep
from storage.database.signals.exchange import OtherProcesses
from storage.database.signals.payloads import payloads
from storage.database.signals.postgresql_processes import CHANNEL, NOTIFY, PostgresqlProcesses
from storage.database.statement_errors import is_answered, refusal_of_postgresql
from storage.database.statements import StatementCompiler, dialect_of
from storage.errors import DatabaseUnavailable, Outage, SessionOver

SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
TRANSACTION: Final = "BEGIN"
KEPT_STATEMENTS: Final = 128
"""How many statements stay prepared on a connection, those used last, as long as the connection lives and however long
their text is. Each takes 0.1 to 2 MB of the server's memory, so this is about 90 MB a connection at most."""

KEEPALIVE: Final = {"idle": 30, "interval": 10, "count": 3}
"""A silent connection is asked after 30 seconds, and is dead a minute after its peer is."""


def connector(url: URL, dialect: Dialect, limits: DatabaseLimits) -> Connect:
    """Return what opens a connection to the database at *url*."""
    options = dict(dialect.create_connect_args(url)[1])

    async def connect() -> Connection:
        connection: Connection = await asyncpg.connect(
            **options,
            timeout=limits.wait_seconds,
            statement_cache_size=KEPT_STATEMENTS,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings=_server_settings(limits),
            # A standby lags, and a withdrawn authorisation must not live on there.
            target_session_attrs="primary",
        )
        _keep_alive(connection, limits)
        await _speak_json(connection)
        return connection

    return connect


def connection_pool(url: URL, dialect: Dialect, limits: DatabaseLimits) -> ConnectionPool:
    """Return the pool of connections to the database at *url*, all closed."""
    return ConnectionPool(connector(url, dialect, limits), limits)


def session_settings() -> dict[str, str]:
    """Return the settings of every session, of requests and of migrations."""
    return {
        "application_name": "chengxin",
        "timezone": "UTC",
        "synchronous_commit": "on",  # an access entry is durable before release, whatever the role's default
        "jit": "off",  # costs more than our short statements take
        "max_parallel_workers_per_gather": "0",  # so do parallel workers: 80 ms for a worklist of 0.4 ms
    }


def _server_settings(limits: DatabaseLimits) -> dict[str, str]:
    """Return the settings of a session. What a process leaves behind that dies or freezes, the server ends by them."""
    return session_settings() | {
        "statement_timeout": _milliseconds(limits.statement_seconds),
        "lock_timeout": _milliseconds(limits.lock_seconds),
        "idle_in_transaction_session_timeout": _milliseconds(limits.idle_seconds),
        "tcp_user_timeout": _milliseconds(limits.answer_seconds),
        **{f"tcp_keepalives_{name}": str(value) for name, value in KEEPALIVE.items()},
    }


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms"


def _keep_alive(connection: Connection, limits: DatabaseLimits) -> None:
    """Let the system end a connection whose peer is gone, also where nobody waits for an answer."""
    # The driver has no public name for the socket.
    peer: Any = connection._transport.get_extra_info("socket")  # noqa: SLF001 - as said
    if peer is None or peer.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {
        "TCP_KEEPIDLE": KEEPALIVE["idle"],
        "TCP_KEEPINTVL": KEEPALIVE["interval"],
        "TCP_KEEPCNT": KEEPALIVE["count"],
        "TCP_USER_TIMEOUT": round(limits.answer_seconds * 1000),
    }
    for name, value in options.items():
        if hasattr(socket, name):  # not every system has them all
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _speak_json(connection: Connection) -> None:
    """Exchange JSON as text, which SQLAlchemy's types write and read."""
    for name, prefix in (("json", b""), ("jsonb", b"\x01")):
        await connection.set_type_codec(
            name, schema="pg_catalog", format="binary", encoder=_encoder(prefix), decoder=_decoder(prefix)
        )


def _encoder(prefix: bytes) -> Callable[[str], bytes]:
    return lambda text: prefix + text.encode()


def _decoder(prefix: bytes) -> Callable[[bytes], Any]:
    return lambda data: orjson.loads(data[len(prefix) :])


class _Transaction:
    """A session on one connection of the pool."""

    def __init__(self, connection: Connection, statements: StatementCompiler, seconds: float) -> None:
        self._connection: Connection | None = connection
        self._statements = statements
        self._seconds = seconds
        self.failure: BaseException | None = None
        """Why the connection may not be used again."""

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        prepared = self._statements.prepare(statement, parameters)
        return prepared.converted(await self.fetch_text(prepared.text, prepared.rows[0]))

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        rows: Sequence[Sequence[Any]] = await self._run(self._open().fetch, text, *values)
        return rows

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        if len(rows) == 1:
            await self._run(self._open().execute, text, *rows[0])
        elif rows:
            await self._run(self._open().executemany, text, rows)

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        prepared = self._statements.prepare(statement, parameters)
        if prepared.is_many:
            await self.run_text(prepared.text, prepared.rows)
            return -1
        status: str = await self._run(self._open().execute, prepared.text, *prepared.rows[0])
        count = status.rpartition(" ")[2]
        return int(count) if count.isdecimal() else -1

    async def begin(self, how: str) -> None:
        """Begin the transaction."""
        await self._run(self._open().execute, how)

    async def commit(self) -> None:
        """Make everything durable; raises SessionOver where a statement failed, and the server rolls back instead."""
        if await self._run(self._open().execute, "COMMIT") != "COMMIT":
            raise SessionOver

    async def roll_back(self) -> None:
        """Undo what was not committed. Where the server does not answer, it does so when the connection ends."""
        if self.failure is None and self._open().is_in_transaction():
            with contextlib.suppress(Exception):
                await self._run(self._open().execute, "ROLLBACK")

    def end(self) -> Connection:
        """Release the connection: another session will use it."""
        connection, self._connection = self._open(), None
        return connection

    async def _run(self, call: Callable[..., Awaitable[Any]], text: str, *values: object) -> Any:  # noqa: ANN401 - as *call* gives it
        try:
            return await call(text, *values, timeout=self._seconds)
        except BaseException as error:  # noqa: BLE001 - `_raise` raises it again
            if not is_answered(error):
                self.failure = error
            _raise(error, text)

    def _open(self) -> Connection:
        if self._connection is None:
            raise SessionOver
        return self._connection


class Postgresql:
    """One PostgreSQL database: any number of readers and writers."""

    def __init__(self, url: URL, limits: DatabaseLimits) -> None:
        self._statements = StatementCompiler(dialect_of(url.set(drivername="postgresql+asyncpg")))
        self._pool = connection_pool(url, self.dialect, limits)
        self._connect = connector(url, self.dialect, limits)
        self._seconds = limits.answer_seconds

    @property
    def dialect(self) -> Dialect:
        return self._statements.dialect

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        prepared = self._statements.prepare(statement, parameters)
        return prepared.converted(await self.fetch_text(prepared.text, prepared.rows[0]))

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        return await self._fetch_one(text, values, tries=2)

    async def _fetch_one(self, text: str, values: Sequence[object], tries: int = 1) -> Sequence[Sequence[Any]]:
        """Run one statement, which is a transaction by itself: none is begun, so there is none to end.

        Where the connection turns out to be dead, it is tried again while there are *tries*.
        """
        while True:
            tries -= 1
            try:
                # Nothing is awaited for a connection that is free: most reads find one.
                connection = self._pool.take_idle() or await self._pool.take()
                try:
                    rows: Sequence[Sequence[Any]] = await connection.fetch(text, *values, timeout=self._seconds)
                except BaseException as error:  # noqa: BLE001 - `_raise` raises it again
                    self._give_back(connection, None if is_answered(error) else error)
                    _raise(error, text)
                self._pool.give_back(connection)
            except DatabaseUnavailable as error:
                if error.outage is not Outage.UNREACHABLE or not tries:
                    raise
            else:
                return rows

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        transaction = await self._begin(SNAPSHOT)
        try:
            yield transaction
        finally:
            await self._end(transaction)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        transaction = await self._begin(TRANSACTION)
        try:
            yield transaction
            await transaction.commit()
        finally:
            await self._end(transaction)

    async def _begin(self, how: str) -> _Transaction:
        """Begin a transaction; once more on another connection, where the first one turns out to be dead."""
        try:
            return await self._begin_once(how)
        except DatabaseUnavailable as error:
            if error.outage is not Outage.UNREACHABLE:
                raise
        return await self._begin_once(how)

    async def _begin_once(self, how: str) -> _Transaction:
        transaction = _Transaction(await self._pool.take(), self._statements, self._seconds)
        try:
            await transaction.begin(how)
        except BaseException:
            await self._end(transaction)
            raise
        return transaction

    async def _end(self, transaction: _Transaction) -> None:
        try:
            await transaction.roll_back()
        finally:
            self._give_back(transaction.end(), transaction.failure)

    async def write(self, steps: Sequence[Step]) -> None:
        async with self.writing() as session:
            for statement, parameters in steps:
                await session.execute(statement, parameters)

    async def write_text(self, steps: Sequence[TextStep]) -> None:
        if len(steps) == 1 and len(steps[0][1]) == 1:
            # One statement is a transaction by itself. It is not tried again: it may have become durable.
            await self._fetch_one(steps[0][0], steps[0][1][0])
            return
        async with self.writing() as session:
            for text, rows in steps:
                await session.run_text(text, rows)

    def other_processes(self) -> OtherProcesses:
        """Return the exchange of signals with them, by a connection besides those of the pool."""
        return PostgresqlProcesses(self._connect, self._seconds)

    async def send_signals(self, signals: Sequence[Signal]) -> None:
        """Send signals by a connection of the pool: for a process that ends."""
        for payload in payloads(signals):
            await self.fetch_text(NOTIFY, [CHANNEL, payload])

    async def checkpoint(self) -> bool:
        """Do nothing: the server removes dead rows by its own VACUUM."""
        return True

    def _give_back(self, connection: Connection, failure: BaseException | None) -> None:
        """Keep *connection*, or end it: for a caller that was cancelled, together with the statement that runs."""
        if failure is None:
            self._pool.give_back(connection)
        elif isinstance(failure, TimeoutError | OSError | asyncpg.PostgresConnectionError):
            self._pool.drop(connection)
        else:
            self._pool.cancel(connection)

    async def renew_statistics(self) -> None:
        """Do nothing: the server renews them by its own ANALYZE."""

    async def close(self) -> None:
        await self._pool.close()


def _raise(error: BaseException, text: str) -> NoReturn:
    """Raise what *error* of the driver means; a cancellation as it is."""
    if not isinstance(error, Exception):
        raise error
    refusal = refusal_of_postgresql(error, text)
    if refusal is error:
        raise error
    raise refusal from error
