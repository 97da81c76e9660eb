"""A database that freezes, is slow, locked, used up or gone: each ends soon and by name, and what follows works."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy import insert, select, text

from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.access_log.write_check import WriteCheck
from storage.database.database import Database
from storage.database.limits import DatabaseLimits
from storage.errors import AccessNotRecorded, DatabaseUnavailable, Outage
from storage.tables import areas, disclosures
from tests.consent.samples import TODAY
from tests.storage.access_log.pages import page
from tests.storage.outages.freezable_proxy import FreezableProxy, proxy_before
from tests.storage.reference_fixtures import count, lay, settle

pytestmark = pytest.mark.postgres

QUICK = DatabaseLimits(connections=3, statement_seconds=1.0)
SOON = 10.0
"""Far below what a system waits for a dead peer, and enough for a busy machine."""
AREA = {"code": "1", "name_zh": "名", "name_en": "name"}
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE $1 AND state = 'active' AND pid <> pg_backend_pid()"


@pytest.fixture
async def proxy(postgresql_url: str) -> AsyncIterator[FreezableProxy]:
    async with proxy_before(postgresql_url) as proxy:
        yield proxy


async def open_all(database: Database) -> None:
    """Open every connection."""
    await asyncio.gather(*(database.fetch(text("SELECT pg_sleep(0.05)")) for _ in range(QUICK.connections)))


@pytest.fixture
async def database(proxy: FreezableProxy) -> AsyncIterator[Database]:
    """Give a database behind the proxy, with every connection open."""
    database = Database.open(proxy.url, QUICK)
    await open_all(database)
    yield database
    await database.close()


async def fetch(database: Database) -> object:
    return await database.fetch(select(areas.c.code))


async def fetch_text(database: Database) -> object:
    return await database.fetch_text("SELECT 1", ())


async def snapshot(database: Database) -> object:
    async with database.snapshot() as session:
        return await session.fetch(select(areas.c.code))


async def writing(database: Database) -> object:
    async with database.writing() as session:
        return await session.execute(insert(areas), AREA)


@pytest.mark.parametrize("ask", [fetch, fetch_text, snapshot, writing])
async def test_what_begins_on_a_frozen_connection_is_tried_on_another(
    proxy: FreezableProxy, database: Database, ask: Callable[[Database], Awaitable[object]]
):
    assert await proxy.freeze() == QUICK.connections
    async with asyncio.timeout(SOON):
        await ask(database)
        await asyncio.gather(*(fetch(database) for _ in range(8)))  # none meets another of the frozen ones


async def test_a_record_on_a_frozen_connection_is_refused_soon_and_the_next_one_is_made(
    proxy: FreezableProxy, database: Database
):
    """It is not tried again, since the server may have it. Nothing is shown without its record."""
    await lay(database)
    await settle(database)
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    await recorder.record([page()], today=TODAY)
    await open_all(database)
    await proxy.freeze()
    async with asyncio.timeout(SOON):
        with pytest.raises(AccessNotRecorded) as refused:
            await recorder.record([page()], today=TODAY)
        assert isinstance(refused.value.__cause__, DatabaseUnavailable)
        await recorder.record([page()], today=TODAY)
        await recorder.close()
    assert await count(database, disclosures) == 2


async def test_a_transaction_that_freezes_ends_and_is_not_committed(proxy: FreezableProxy, database: Database):
    async with asyncio.timeout(SOON):
        with pytest.raises(DatabaseUnavailable, match="unreachable"):  # noqa: PT012 - the middle is what is tested
            async with database.writing() as session:
                await session.execute(insert(areas), AREA)
                await proxy.freeze()
                await session.fetch(select(areas.c.code))
        assert await database.fetch(select(areas.c.code)) == []


async def test_a_process_ends_while_its_connections_are_frozen(proxy: FreezableProxy, database: Database):
    await lay(database)
    await settle(database)
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    await recorder.record([page()], today=TODAY)
    await proxy.freeze()
    async with asyncio.timeout(SOON):
        recording = asyncio.create_task(recorder.record([page()], today=TODAY))
        await asyncio.sleep(0.05)
        await recorder.close()
        await database.close()
        await asyncio.wait([recording])
    assert isinstance(recording.exception(), AccessNotRecorded)


async def test_a_server_that_is_gone_is_used_again_when_it_is_back(proxy: FreezableProxy, database: Database):
    check = WriteCheck(database, 7)
    await check.check()
    check.require_recent()
    await proxy.stop()
    for ask in (fetch, fetch_text, snapshot, writing):
        with pytest.raises(DatabaseUnavailable, match="unreachable"):
            await ask(database)
    await check.check()
    with pytest.raises(DatabaseUnavailable, match="unreachable"):
        check.require_recent()
    await proxy.start()
    await check.check()
    check.require_recent()
    assert await fetch(database) == []


async def test_a_write_check_that_hangs_is_red_and_green_again(proxy: FreezableProxy, database: Database):
    check = WriteCheck(database, 7)
    with pytest.raises(DatabaseUnavailable):
        check.require_recent()  # nothing was tried yet
    async with database.writing() as holder:
        await check.check()
        check.require_recent()
        await holder.fetch(text("LOCK TABLE write_checks"))
        await check.check()
        with pytest.raises(DatabaseUnavailable, match="locked"):
            check.require_recent()
    await check.check()
    check.require_recent()


@pytest.mark.parametrize(
    ("statement", "outage"),
    [("SELECT pg_sleep(30)", Outage.SLOW), ("SELECT * FROM areas WHERE code = '1' FOR UPDATE", Outage.LOCKED)],
)
async def test_a_statement_that_is_slow_or_waits_for_a_frozen_holder_ends_by_name(
    database: Database, statement: str, outage: Outage
):
    await database.write((insert(areas), AREA))
    async with asyncio.timeout(SOON), database.writing() as holder:
        await holder.fetch(text("SELECT * FROM areas FOR UPDATE"))
        with pytest.raises(DatabaseUnavailable) as refused:
            await database.fetch_text(statement, ())
        assert refused.value.outage is outage


async def test_a_transaction_that_its_process_forgot_is_ended_by_the_server(postgresql_url: str):
    database = Database.open(postgresql_url, QUICK)
    wanted = {
        "statement_timeout": "1s", "lock_timeout": "750ms", "idle_in_transaction_session_timeout": "1min",
        "tcp_user_timeout": "1250", "tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    }  # fmt: skip
    assert {name: (await database.fetch(text(f"SHOW {name}")))[0][0] for name in wanted} == wanted
    await database.close()


async def test_who_finds_no_connection_is_refused_soon_and_the_place_is_not_lost(database: Database):
    async def hold(seconds: float) -> None:
        async with database.writing():
            await asyncio.sleep(seconds)

    holders = [asyncio.create_task(hold(1.5)) for _ in range(QUICK.connections)]
    await asyncio.sleep(0.1)
    with pytest.raises(DatabaseUnavailable, match="busy"):
        await fetch(database)
    given_up = asyncio.create_task(fetch(database))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(*holders)
    await asyncio.gather(*(hold(0) for _ in range(QUICK.connections * 4)))


async def test_a_cancelled_request_stops_its_statement(database: Database, postgresql_url: str):
    note = "SELECT pg_sleep(0.95), 'cancelled soon'"
    observer = await asyncpg.connect(postgresql_url)

    async def runs(wanted: int) -> None:
        async with asyncio.timeout(0.8):
            while await observer.fetchval(RUNNING, "%cancelled soon%") != wanted:
                pass

    task = asyncio.create_task(database.fetch_text(note, ()))
    await runs(1)
    task.cancel()
    await runs(0)  # long before it would have ended by itself
    await observer.close()
    started = time.monotonic()
    await asyncio.gather(*(fetch(database) for _ in range(QUICK.connections)))
    assert time.monotonic() - started < SOON
