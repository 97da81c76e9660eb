"""Reloads an operator's own policy tables at SIGHUP, while the server runs."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from gateway.jobs.background_jobs import running
from gateway.ledger.system_statements import state_policy
from gateway.services import Services, load_policy
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.errors import PolicyRefused


@asynccontextmanager
async def reload_at_sighup(services: Services) -> AsyncIterator[None]:
    """Reload the tables at each SIGHUP while the block runs. The tables of this release change with the code only."""
    if services.settings.policy_dir == POLICY_OF_THIS_RELEASE:
        yield
        return
    asked = asyncio.Event()

    async def reload_when_asked() -> None:
        while True:
            await asked.wait()
            asked.clear()
            await reload_policy(services)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    try:
        async with running({"policy": reload_when_asked}):
            yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


async def reload_policy(services: Services) -> None:
    """Decide by the tables as their files are now, from the next request on; where they are refused, by the former."""
    try:
        # Reading the tables takes a processor for up to a second: requests are answered meanwhile.
        policy = await asyncio.to_thread(load_policy, services.settings, services.schema)
        await policy.prepare_admitted()
        await services.graphql_service.adopt(policy)
    except PolicyRefused as refused:
        structlog.get_logger().error("policy.refused", error=str(refused))
    else:
        structlog.get_logger().info("policy.reloaded", policy_version=policy.version)
        await state_policy(services.database, policy.version, services.runtime.now())
