"""A database file that is locked, full or slow: each ends soon and by name, and what follows works."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert, select, text

from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.access_log.write_check import WriteCheck
from storage.database import sqlite
from storage.database.database import Database
from storage.database.limits import DatabaseLimits
from storage.errors import AccessNotRecorded, DatabaseUnavailable
from storage.tables import areas, disclosures
from tests.consent.samples import TODAY
from tests.storage.access_log.pages import page
from tests.storage.reference_fixtures import count, lay, settle

QUICK = DatabaseLimits(statement_seconds=0.4)
SOON = 10.0
AREA = {"code": "1", "name_zh": "名", "name_en": "name"}
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database.open(sqlite_url, QUICK)
    yield database
    await database.close()


async def test_a_database_that_another_process_locks_refuses_writes_soon_and_by_name(
    database: Database, sqlite_url: str
):
    await lay(database)
    await settle(database)
    recorder, check = GroupCommitRecorder(database, granted=granted_by_its_row), WriteCheck(database, 7)
    await check.check()
    check.require_recent()
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with asyncio.timeout(SOON):
        with pytest.raises(AccessNotRecorded) as refused:
            await recorder.record([page()], today=TODAY)
        assert str(refused.value.__cause__).endswith("locked")
        with pytest.raises(DatabaseUnavailable, match="locked"):
            await database.write((insert(areas), {**AREA, "code": "2"}))
        await check.check()
    with pytest.raises(DatabaseUnavailable, match="locked"):
        check.require_recent()
    assert await count(database, disclosures) == 0  # readers do not wait
    other.execute("ROLLBACK")
    other.close()
    await recorder.record([page()], today=TODAY)
    await check.check()
    check.require_recent()
    assert await count(database, disclosures) == 1


async def test_a_full_disk_refuses_writes_by_name(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    set_pragmas = sqlite.set_pragmas

    def full(connection: sqlite3.Connection, patience: int) -> None:
        set_pragmas(connection, patience)
        connection.execute("PRAGMA max_page_count = 1")  # it becomes the pages that there are

    monkeypatch.setattr(sqlite, set_pragmas.__name__, full)
    database = Database.open(sqlite_url, QUICK)
    with pytest.raises(DatabaseUnavailable, match="full"):
        await database.write((insert(areas), [{**AREA, "code": f"{at}", "name_zh": "名" * 32} for at in range(2_000)]))
    assert await database.fetch(select(areas.c.code)) == []
    await database.close()


async def test_a_file_that_may_not_be_written_refuses_writes_by_name(sqlite_url: str):
    path = sqlite_url.removeprefix("sqlite:///")
    database = Database.open(f"sqlite:///file:{path}?mode=ro&uri=true", QUICK)
    check = WriteCheck(database, 7)
    await check.check()
    with pytest.raises(DatabaseUnavailable, match="read-only"):
        check.require_recent()
    await database.close()


async def test_a_statement_that_runs_too_long_is_stopped(database: Database):
    async with asyncio.timeout(SOON):
        with pytest.raises(DatabaseUnavailable, match="slow"):
            await database.fetch_text(ENDLESS, ())
        with pytest.raises(DatabaseUnavailable, match="slow"):  # noqa: PT012 - the middle is what is tested
            async with database.writing() as session:
                await session.execute(insert(areas), AREA)
                await session.fetch(text(ENDLESS))
    assert await database.fetch(select(areas.c.code)) == []


async def test_a_writer_that_waits_too_long_for_its_turn_is_refused(database: Database):
    async with asyncio.timeout(SOON), database.writing() as session:
        with pytest.raises(DatabaseUnavailable, match="busy"):
            await database.write((insert(areas), AREA))
        await session.execute(insert(areas), AREA)
    assert await count(database, areas) == 1


async def test_a_cancelled_request_stops_its_statement(sqlite_url: str):
    database = Database.open(sqlite_url, DatabaseLimits(statement_seconds=60))

    async def write() -> None:
        async with database.writing() as session:
            await session.execute(insert(areas), AREA)
            await session.fetch(text(ENDLESS))

    async with asyncio.timeout(SOON):
        task = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        await database.write((insert(areas), {**AREA, "code": "2"}))  # the thread is free
    assert await database.fetch(select(areas.c.code)) == [("2",)]
    await database.close()
