"""The database: SQLite for one process, PostgreSQL for many, one interface for both.

database = Database.open("sqlite:///chengxin.db")
async with database.writing() as session:          # one transaction
    await session.execute(insert(areas), {...})
async with database.snapshot() as session:          # one snapshot
    rows = await session.fetch(select(areas.c.code))
rows = await database.fetch(select(areas.c.code))  # one statement, without a transaction: the cheapest

Each raises DatabaseUnavailable where the database does not answer or cannot do its work. A read is then tried once
more; a write may have become durable all the same.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol, Self

from sqlalchemy import Executable, make_url
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import ArgumentError

from consent.disclosures.pending_groups import Tag
from consent.templates import Templates, catalogue
from credit.calendar.calendar import PERIODS, Periods
from queryplan.plan import StoreUnavailable
from queryplan.signals import Signal
from storage.database.limits import SERVING, DatabaseLimits
from storage.database.postgresql import Postgresql
from storage.database.session import Parameters, Rows, Session, Step, TextStep
from storage.database.signals.exchange import Deliver, OtherProcesses, SignalExchange
from storage.database.signals.pending_signals import PendingSignals
from storage.database.sqlite import Sqlite
from storage.errors import StorageError, UnknownDatabase

__all__ = ["Database", "Parameters", "Rows", "Session", "Step", "TextStep", "parse_url"]

STATISTICS_SECONDS: Final = 60.0
CLOSING_SECONDS: Final = 1.0
"""How long the end of a process waits for the signals that it sends."""
BACKENDS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql",
    "postgresql+asyncpg": "postgresql",
}


class _Backend(Protocol):
    @property
    def dialect(self) -> Dialect: ...
    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows: ...
    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]: ...
    def snapshot(self) -> AbstractAsyncContextManager[Session]: ...
    def writing(self) -> AbstractAsyncContextManager[Session]: ...
    async def write(self, steps: Sequence[Step]) -> None: ...
    async def write_text(self, steps: Sequence[TextStep]) -> None: ...
    async def checkpoint(self) -> bool: ...
    async def renew_statistics(self) -> None: ...
    def other_processes(self) -> OtherProcesses: ...
    async def send_signals(self, signals: Sequence[Signal]) -> None: ...
    async def close(self) -> None: ...


def parse_url(url: str) -> URL:
    """Parse *url* and return the address of a database that we can open, with its plain dialect name.

    Raises UnknownDatabase; its message never quotes the URL, which may hold a password. SQLite in memory is
    refused too, because each of our connections would see its own, empty database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UnknownDatabase from None
    backend = BACKENDS.get(parsed.drivername)
    if backend is None or not parsed.database or ":memory:" in parsed.database:
        raise UnknownDatabase
    return parsed.set(drivername=backend)


class Database:
    """One database. The gateway's wiring opens it once, and closes it."""

    def __init__(
        self, backend: _Backend, periods: Periods = PERIODS, tag: Tag | None = None, templates: Templates | None = None
    ) -> None:
        self._backend = backend
        self.periods = periods
        """The periods that this deployment sets, for the due days that it stores."""
        self.tag = tag
        """Makes the keyed tag over entries of the ledger that wait; None where the key file is not at hand."""
        self.templates = catalogue() if templates is None else templates
        """The bounds of the authorisations on which something is read."""
        self.pending_signals = PendingSignals()
        """What this process has committed, for subscribers."""

    @classmethod
    def open(
        cls,
        url: str,
        limits: DatabaseLimits = SERVING,
        periods: Periods = PERIODS,
        tag: Tag | None = None,
        templates: Templates | None = None,
    ) -> Self:
        """Open the database at *url*; connections are made when they are first needed. Raises UnknownDatabase."""
        parsed = parse_url(url)
        backend = Sqlite(parsed, limits) if parsed.drivername == "sqlite" else Postgresql(parsed, limits)
        return cls(backend, periods, tag, templates)

    @property
    def dialect(self) -> Dialect:
        """The SQL dialect, for compiling statements ahead of time."""
        return self._backend.dialect

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        """Run one SELECT without a transaction: one round trip, and a snapshot by itself."""
        return await self._backend.fetch(statement, parameters)

    def fetch_text(self, text: str, values: Sequence[object]) -> Awaitable[Sequence[Sequence[Any]]]:
        """Run one SELECT like `fetch`, as SQL text of the dialect and without SQLAlchemy (see `Session.fetch_text`)."""
        return self._backend.fetch_text(text, values)

    def snapshot(self) -> AbstractAsyncContextManager[Session]:
        """Open one snapshot: every statement sees the same state, and none may write."""
        return self._backend.snapshot()

    def writing(self) -> AbstractAsyncContextManager[Session]:
        """Open one transaction: durable when left cleanly, rolled back when left by an exception."""
        return self._backend.writing()

    async def write(self, *steps: Step) -> None:
        """Run statements that return no rows as one transaction: cheaper than `writing`, where that is enough."""
        await self._backend.write(steps)

    def write_text(self, steps: Sequence[TextStep]) -> Awaitable[None]:
        """Run statements like `write`, as SQL text of the dialect and without SQLAlchemy."""
        return self._backend.write_text(steps)

    async def checkpoint(self) -> bool:
        """On SQLite, empty the write-ahead log so that deleted bytes are gone; call it after shredding.

        Returns False when a snapshot that is still open prevented it from finishing: call it again.
        """
        return await self._backend.checkpoint()

    async def renew_statistics(self) -> None:
        """On SQLite, renew the statistics by which statements are planned, if it has grown by half.

        PostgreSQL does this by itself.
        """
        await self._backend.renew_statistics()

    async def keep_statistics(self) -> None:
        """Renew the statistics now and every minute, until cancelled: SQLite asks this of a process that runs long."""
        while True:
            await self.renew_statistics()
            await asyncio.sleep(STATISTICS_SECONDS)

    def signal_exchange(self, deliver: Deliver) -> SignalExchange:
        """Return the exchange that gives signals to subscribers of this process and to other processes."""
        return SignalExchange(self.pending_signals, self._backend.other_processes(), deliver)

    async def close(self) -> None:
        """Send what is left for subscribers, and close every connection.

        Snapshots that are still open end by themselves.
        """
        left = self.pending_signals.take()
        if left:
            with contextlib.suppress(StoreUnavailable, StorageError, TimeoutError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await self._backend.send_signals(left)
        await self._backend.close()
