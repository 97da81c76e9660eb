"""Queue metrics for operators: waiting messages, items in quarantine, the joint module, lookups, and the ledger.

Read from the database, and from the store of the ledger, at each request of `/metrics`, so that every process reports
the same; counts only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from consent.ports import Log
from gateway.joint_measures.circuit_breaker import CircuitState
from gateway.ledger.errors import LedgerStoreError
from gateway.ledger.status import PublishedState
from gateway.telemetry.logging import where
from gateway.telemetry.lookup_alarms import LookupSnapshot
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.ledger_state import LedgerState, read_ledger_state
from storage.repositories.messages.inbound_messages import InboundMessageRepository
from storage.repositories.messages.outbox_queue import CARRIED, OutboxQueue

SCRAPE_TIMEOUT: Final = 2.0
"""Seconds that a scrape waits for the store of the ledger, and then for the database."""


@dataclass(frozen=True, slots=True)
class QueueRoute:
    """One route: how many messages wait, and the age of the oldest."""

    waiting: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """The queues now. A figure that could not be read is None; `reads` says whether the database could be read."""

    circuit: CircuitState | None
    reads: bool = False
    routes: Mapping[str, QueueRoute] = field(default_factory=dict)
    dead: int | None = None
    quarantined: int | None = None
    lookups: LookupSnapshot | None = None
    ledger: LedgerState | None = None
    published: Mapping[Log, PublishedState] | None = None
    damaged: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Sealed values that did not open in this process, by table and column."""


QueueMetrics = Callable[[], Awaitable[QueueSnapshot]]
ReadPublished = Callable[[], Awaitable[Mapping[Log, PublishedState] | None]]
"""Gives what the store of the ledger has."""


async def _no_store() -> None:
    """Give nothing, for there is no store."""


def read_queue_metrics(
    database: Database,
    now: Callable[[], datetime],
    circuit: Callable[[], CircuitState | None],
    read_lookups: Callable[[Session], Awaitable[LookupSnapshot]],
    damaged: Callable[[], Mapping[tuple[str, str], int]] = dict,
    read_published: ReadPublished = _no_store,
) -> QueueMetrics:
    """Return the reader of the figures. It never raises: an unreachable database or store is one of the figures."""

    async def stored() -> Mapping[Log, PublishedState] | None:
        try:
            async with asyncio.timeout(SCRAPE_TIMEOUT):
                return await read_published()
        except (LedgerStoreError, TimeoutError) as error:
            structlog.get_logger().warning("watching.failed", **where(error))
            return None

    async def watched() -> QueueSnapshot:
        published = await stored()  # before the database, which therefore has at least that
        try:
            async with asyncio.timeout(SCRAPE_TIMEOUT), database.snapshot() as session:
                outbox_queue = OutboxQueue(session)
                waiting = await outbox_queue.waiting()
                dead, quarantined = await outbox_queue.count_given_up(), await InboundMessageRepository(session).count()
                lookups, ledger = await read_lookups(session), await read_ledger_state(session)
        except Exception as error:  # noqa: BLE001 - the process's own figures are still shown
            structlog.get_logger().warning("watching.failed", **where(error))
            return QueueSnapshot(circuit(), published=published, damaged=damaged())
        routes = dict.fromkeys(CARRIED, QueueRoute())
        for one in waiting:
            if one.route in routes:
                so_far, age = routes[one.route], (now() - one.oldest).total_seconds()
                routes[one.route] = QueueRoute(so_far.waiting + one.count, max(so_far.oldest_seconds, age, 0.0))
        return QueueSnapshot(circuit(), True, routes, dead, quarantined, lookups, ledger, published, damaged())

    return watched
