"""What an operator watches besides requests: messages that wait, what lies in quarantine, and the joint module.

Read from the database when `/metrics` is asked for, so that every process says the same of it; figures only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from gateway.joint_measures.circuit_breaker import CircuitState
from gateway.telemetry.logging import where
from storage.database.database import Database
from storage.repositories.messages.inbound_messages import InboundMessageRepository
from storage.repositories.messages.outbox_queue import CARRIED, OutboxQueue

PATIENCE: Final = 2.0
"""Seconds that a scrape waits for the database."""


@dataclass(frozen=True, slots=True)
class QueueRoute:
    """Of one route: how many messages wait, and how old the oldest is."""

    waiting: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """How things stand now. What could not be read is None, and `reads` says so."""

    circuit: CircuitState | None
    reads: bool = False
    routes: Mapping[str, QueueRoute] = field(default_factory=dict)
    dead: int | None = None
    quarantined: int | None = None


QueueMetrics = Callable[[], Awaitable[QueueSnapshot]]


def read_queue_metrics(
    database: Database, now: Callable[[], datetime], circuit: Callable[[], CircuitState | None]
) -> QueueMetrics:
    """Return who looks, each time it is asked; never raises: a database that is away is one of the figures."""

    async def watched() -> QueueSnapshot:
        try:
            async with asyncio.timeout(PATIENCE), database.reading() as session:
                outbox_queue = OutboxQueue(session)
                waiting = await outbox_queue.waiting()
                dead, quarantined = await outbox_queue.count_given_up(), await InboundMessageRepository(session).count()
        except Exception as error:  # noqa: BLE001 - the figures of the process itself are shown all the same
            structlog.get_logger().warning("watching.failed", **where(error))
            return QueueSnapshot(circuit())
        routes = dict.fromkeys(CARRIED, QueueRoute())
        for one in waiting:
            if one.route in routes:
                so_far, age = routes[one.route], (now() - one.oldest).total_seconds()
                routes[one.route] = QueueRoute(so_far.waiting + one.count, max(so_far.oldest_seconds, age, 0.0))
        return QueueSnapshot(circuit(), True, routes, dead, quarantined)

    return watched
