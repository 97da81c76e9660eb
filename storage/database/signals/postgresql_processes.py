"""Other processes on PostgreSQL: LISTEN and NOTIFY on a connection of its own, which no statement of a request uses.

A NOTIFY takes a lock of the whole database while its transaction commits, so it is never part of one that a request
waits for: each is a transaction by itself, for all signals of a quarter of a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from asyncpg import Connection

from queryplan.signals import ANYBODY, Signal
from storage.database.signals.exchange import Deliver
from storage.database.signals.payloads import payloads, signals_of
from storage.database.signals.pending_signals import MOST

CHANNEL: Final = "chengxin_signals"
NOTIFY: Final = "SELECT pg_notify($1, $2)"
HEARTBEAT_SECONDS: Final = 10.0
"""How often the connection is asked whether it still is one."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0
"""Between two attempts to connect: twice as long after each that failed."""


class PostgresqlProcesses:
    """Implements `OtherProcesses`. *seconds* is how long one statement may take."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], seconds: float) -> None:
        self._connect, self._seconds = connect, seconds
        self._connection: Connection | None = None
        self._unsent: dict[Signal, None] = {}
        self._turn = asyncio.Lock()

    async def send(self, signals: Sequence[Signal]) -> None:
        self._unsent.update(dict.fromkeys(signals))
        if len(self._unsent) > 2 * MOST:
            self._unsent = dict.fromkeys(ANYBODY)
        connection = self._connection
        if connection is None or not self._unsent:
            return
        unsent, self._unsent = self._unsent, {}
        try:
            for payload in payloads(unsent):
                await self._run(connection, NOTIFY, CHANNEL, payload)
        except Exception:  # noqa: BLE001 - the connection is made anew, and the signals are sent on that
            self._unsent = {**unsent, **self._unsent}
            connection.terminate()

    async def keep_listening(self, deliver: Deliver) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                connection = await self._connect()
            except Exception:  # noqa: BLE001 - whatever it is, the next attempt may succeed
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            try:
                await self._listen(connection, deliver)
            except Exception:  # noqa: BLE001, S110 - the connection is dead: it is made anew below
                pass
            finally:
                self._connection = None
                connection.terminate()
            await asyncio.sleep(FIRST_PAUSE)
            pause = FIRST_PAUSE

    async def _listen(self, connection: Connection, deliver: Deliver) -> None:
        """Deliver what comes on *connection* until it is closed, or does not answer."""
        closed = asyncio.Event()
        own = connection.get_server_pid()

        def heard(_: Any, sender: int, __: str, payload: str) -> None:  # noqa: ANN401 - as the driver calls it
            if sender != own:
                deliver(_signals_or_anybody(payload))

        connection.add_termination_listener(lambda _: closed.set())
        await connection.add_listener(CHANNEL, heard)
        self._connection = connection
        deliver(ANYBODY)  # what was sent before is lost to this process
        while not closed.is_set():
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await closed.wait()
            except TimeoutError:
                await self._run(connection, "SELECT 1")

    async def _run(self, connection: Connection, text: str, *values: object) -> None:
        async with self._turn:  # the driver runs one statement at a time
            await connection.execute(text, *values, timeout=self._seconds)


def _signals_or_anybody(payload: str) -> Sequence[Signal]:
    """Return the signals of a payload; of one that a later release sends and this one cannot read, ANYBODY."""
    try:
        return signals_of(payload)
    except ValueError:
        return ANYBODY
