"""The connections of one process to PostgreSQL: a limited number, the one used last taken first.

asyncpg's own pool takes 45 µs for each use, twice the time of a short statement, because it releases a connection in a
task of its own. This one takes 3 µs. Whoever uses a connection says how it ended:

    connection = await pool.take()
    pool.give_back(connection)     the server has answered everything
    pool.drop(connection)          it did not answer in time: the connection is dead, and others may be as well
    pool.cancel(connection)        nobody waits for its answer any more: ask the server to stop the statement
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from asyncpg import Connection

from storage.database.limits import DatabaseLimits
from storage.errors import DatabaseClosed, DatabaseUnavailable, Outage

Connect = Callable[[], Awaitable["Connection"]]


class ConnectionPool:
    """Opens connections when they are needed, and keeps them until they break."""

    def __init__(self, connect: Connect, limits: DatabaseLimits) -> None:
        self._connect = connect
        self._limits = limits
        self._idle: list[Connection] = []
        self._ours: set[Connection] = set()
        """The connections that may be used again, idle or in use."""
        self._slots = limits.connections
        """How many more connections may be opened."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def in_use(self) -> int:
        """How many connections are in use, opened or ended."""
        return self._limits.connections - self._slots - len(self._idle)

    def take_idle(self) -> Connection | None:
        """Return a connection that nobody else uses, or None where none is open and free. Raises DatabaseClosed."""
        if self._closed:
            raise DatabaseClosed
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._forget(connection)
        return None

    async def take(self) -> Connection:
        """Return a connection that nobody else uses. Raises DatabaseUnavailable and DatabaseClosed."""
        while (connection := self.take_idle()) is None:
            if self._slots:
                return await self._open()
            await self._wait()
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep *connection* for the next caller. `take_idle` drops it if it is closed."""
        if self._closed:
            connection.terminate()
            self._forget(connection)
        elif connection not in self._ours:
            self._end(connection)
        else:
            self._idle.append(connection)
            if self._waiting:
                self._wake()

    def drop(self, connection: Connection) -> None:
        """End *connection*, which is dead, and use none of those again that are open now: they may be dead as well."""
        connection.terminate()
        self._forget(connection)
        idle, self._idle = self._idle, []
        self._ours.clear()
        for other in idle:
            other.terminate()
            self._forget(other)

    def cancel(self, connection: Connection) -> None:
        """End *connection* after asking the server to stop its statement. Its place stays taken until then."""
        self._end(connection)

    async def close(self) -> None:
        """Close every connection. Those in use are closed when they are given back."""
        self._closed = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        while self._idle:
            self._end(self._idle.pop())
        if self._ending:
            await asyncio.wait(self._ending)

    async def _open(self) -> Connection:
        self._slots -= 1
        try:
            async with asyncio.timeout(self._limits.wait_seconds):
                connection = await self._connect()
        except BaseException as error:
            self._free()
            if isinstance(error, Exception):
                raise DatabaseUnavailable(Outage.UNREACHABLE) from error
            raise
        self._ours.add(connection)
        return connection

    async def _wait(self) -> None:
        """Wait until a connection or the place for one is free."""
        loop = asyncio.get_running_loop()
        free: asyncio.Future[None] = loop.create_future()
        self._waiting.append(free)
        timer = loop.call_later(self._limits.wait_seconds, self._give_up, free)
        try:
            await free
        except asyncio.CancelledError:
            if free in self._waiting:
                self._waiting.remove(free)
            elif not free.cancelled():
                self._wake()  # it was this caller's turn: it is the next one's now
            raise
        finally:
            timer.cancel()

    def _give_up(self, waiting: asyncio.Future[None]) -> None:
        if not waiting.done():
            self._waiting.remove(waiting)
            waiting.set_exception(DatabaseUnavailable(Outage.BUSY))

    def _end(self, connection: Connection) -> None:
        task = asyncio.get_running_loop().create_task(self._end_in_time(connection))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end_in_time(self, connection: Connection) -> None:
        """Close *connection*: the driver first asks the server to stop what runs on it, by a connection of its own."""
        try:
            async with asyncio.timeout(self._limits.wait_seconds):
                await connection.close()
        except Exception:  # noqa: BLE001 - it is ended in any case
            connection.terminate()
        finally:
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        self._ours.discard(connection)
        self._free()

    def _free(self) -> None:
        self._slots += 1
        self._wake()

    def _wake(self) -> None:
        """Let the caller continue that has waited longest."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
