"""Two gateways on one database: who subscribes at one hears of what happens at the other. A crash loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.databases import on_both
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.subscriptions.acts import READS, WORK, collect, read
from tests.schema.subscriptions.listeners import PATIENCE, QUICK, Listening, listen


@asynccontextmanager
async def replicas(
    url: str, kek: Path, *, exchanging: bool, **given: str
) -> AsyncIterator[tuple[ServiceUnderTest, ServiceUnderTest]]:
    """Open two gateways on the database at *url*; with *exchanging* each exchanges signals, as beside its requests."""
    settings = settings_for(kek, url, **QUICK, **given)
    async with open_service(settings) as one, open_service(settings, world=one.world) as two:
        jobs = [
            asyncio.create_task(
                each.services.database.signal_exchange(each.services.subscriptions.hub.publish).keep_running()
            )
            for each in (one, two)
            if exchanging
        ]
        try:
            yield one, two
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
        assert one.failures == two.failures == []


async def next_answer(heard: Listening) -> bytes:
    """Wait for what comes by itself."""
    async with asyncio.timeout(PATIENCE):
        return await anext(heard.running)


@on_both
async def test_what_happens_at_one_is_heard_at_the_other(
    database_url: str, kek: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By NOTIFY, or by the file; at the latest after the spread of all who look."""
    monkeypatch.setattr("schema.execution.subscriptions.hub.SPREAD_SECONDS", 0.05)
    async with replicas(database_url, kek, exchanging=True) as (one, two):
        work, mine = await listen(two, WORK, "handler"), await listen(two, READS, "person-1")
        await collect(one, "案-1")
        assert "案-1" in (await next_answer(work)).decode()
        await read(one)
        seen = ""
        while "regulator-1" not in seen:  # the handler's event is a read, too
            seen = (await next_answer(mine)).decode()


@on_both
async def test_a_signal_that_is_lost_is_a_delay(database_url: str, kek: Path) -> None:
    """One gateway dies between its commit and its signal: the look that every subscription has by itself finds it."""
    async with replicas(database_url, kek, exchanging=False, SUBSCRIPTION_LOOK_SECONDS="1") as (one, two):
        work = await listen(two, WORK, "handler")
        work.running.listener.forget()  # else it would look at its beginning
        await collect(one, "案-1")
        assert "案-1" in (await next_answer(work)).decode()
