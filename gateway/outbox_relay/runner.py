"""Runs the relay inside the server, or by `chengxin courier run`: a round, a pause, and again."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import httpx
import structlog

from gateway.jobs.job_lease import JobLease
from gateway.outbox_relay.http_delivery import DELIVERY_SECONDS
from gateway.outbox_relay.recipients import recipients
from gateway.outbox_relay.record_delivery import on_delivered
from gateway.outbox_relay.relay import JOB, OutboxRelay
from gateway.services import Services
from gateway.telemetry.logging import where

GRACE = DELIVERY_SECONDS + 5.0
"""How long a round may take to finish when the gateway stops."""


@asynccontextmanager
async def relay_of(services: Services) -> AsyncIterator[OutboxRelay]:
    """Yield the relay of *services*; raises SettingRefused for recipients that are not in the agreed form."""
    async with httpx.AsyncClient(timeout=DELIVERY_SECONDS) as client:
        yield OutboxRelay(
            database=services.database,
            keyring=services.keyring,
            graphql_service=services.graphql_service,
            runtime=services.runtime,
            unrectified=services.graphql_service.read_executor.unrectified,
            recipients=recipients(services.settings),
            client=client,
            chance=random.SystemRandom().random,
            on_delivered=on_delivered,
            lease=JobLease(services.database, JOB, services.runtime.new_id()),
            traced=nullcontext if services.telemetry is None else partial(services.telemetry.work, JOB),
        )


async def keep_running(relay: OutboxRelay, stop: asyncio.Event, pause: float) -> None:
    """Run rounds until *stop*; a failed round is logged, and the next one tries again."""
    while not stop.is_set():
        try:
            await relay.round()
        except Exception as error:  # noqa: BLE001 - the courier survives a database that is down
            structlog.get_logger().error("courier.round-broke", **where(error))
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            continue


@asynccontextmanager
async def relay_in_background(services: Services) -> AsyncIterator[None]:
    """Run the relay while the gateway serves, if any recipient is configured."""
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
