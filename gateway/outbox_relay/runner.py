"""Keeps the courier going inside the server, or by `chengxin courier run`: a round, a pause, and again."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import structlog

from gateway.outbox_relay.http_delivery import PATIENCE
from gateway.outbox_relay.recipients import recipients
from gateway.outbox_relay.record_delivery import on_delivered
from gateway.outbox_relay.relay import OutboxRelay
from gateway.telemetry.logging import where
from gateway.wiring import Services

GRACE = PATIENCE + 5.0
"""How long a round that is under way may take to end when the house closes."""


@asynccontextmanager
async def relay_of(services: Services) -> AsyncIterator[OutboxRelay]:
    """Give the courier of *parts*; raises SettingRefused for recipients that are not in the agreed form."""
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        yield OutboxRelay(
            database=services.database,
            keyring=services.keyring,
            graphql_service=services.graphql_service,
            runtime=services.runtime,
            unrectified=services.graphql_service.reading.unrectified,
            recipients=recipients(services.settings),
            client=client,
            chance=random.SystemRandom().random,
            on_delivered=on_delivered,
        )


async def keep_running(relay: OutboxRelay, stop: asyncio.Event, pause: float) -> None:
    """Go on until *stop*; whatever breaks a round is logged, and the next round tries again."""
    while not stop.is_set():
        try:
            await relay.round()
        except Exception as error:  # noqa: BLE001 - the courier outlives a database that is away
            structlog.get_logger().error("courier.round-broke", **where(error))
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            continue


@asynccontextmanager
async def at_work(services: Services) -> AsyncIterator[None]:
    """Keep the courier going as long as the house is open, where there is anybody to go to."""
    async with relay_of(services) as relay:
        if not (services.settings.courier and relay.recipients):
            yield
            return
        stop = asyncio.Event()
        task = asyncio.create_task(keep_running(relay, stop, services.settings.courier_seconds))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait({task}, timeout=GRACE)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
