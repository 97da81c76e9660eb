"""Every entry is recomputed from its row, byte for byte; a row that no act can have written has none, and no crash."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from consent.ports import Log
from storage.database.database import Database
from storage.ledger.entry_sources import SOURCES
from storage.ledger.recomputed_entries import Key, keys_after, recomputed, source_rows, tables_of
from tests.gateway.demo.districts import seeded_district
from tests.schema.shared_databases import shared_url, template
from tests.storage.access_record import pending

__all__ = ["shared_url", "template"]

NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
LOGS: tuple[Log, ...] = ("access", "consent")


@pytest.fixture(scope="module")
async def database(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    async with seeded_district(shared_url, tmp_path_factory.mktemp("keys"), NOW) as district:
        yield district.database


async def owners(database: Database) -> dict[UUID, UUID]:
    """Give the subject of each row of the log `consent`."""
    found = {}
    for source in SOURCES:
        if source.is_owned:
            rows = await database.fetch(select(source.table.c[source.key], source.table.c.subject_id))
            found |= {row[0]: row[1] for row in rows}
    return found


@pytest.mark.parametrize("knows_owners", [False, True])
async def test_every_pending_entry_is_that_of_its_row(database, knows_owners):
    known = await owners(database)
    for log in LOGS:
        waiting = {source: entry for of_log, source, entry in await pending(database) if of_log == log}
        of = [known.get(source) for source in waiting] if knows_owners else None
        async with database.snapshot() as session:
            assert await recomputed(session, log, list(waiting), of) == waiting


async def test_a_walk_gives_every_row_once_in_pages_of_any_size(database):
    async with database.snapshot() as session:
        waiting = {source for _, source, _ in await pending(database)}
        walked: list[UUID] = []
        for log in LOGS:
            for table in tables_of(log):
                after: Key | None = None
                while page := await keys_after(session, table, after, 7 if len(walked) < 500 else 500):
                    walked += [key[-1] for key in page]
                    after = page[-1]
    assert len(walked) == len(set(walked))
    assert set(walked) == waiting


async def test_an_unknown_source_has_no_entry(database):
    unknown = uuid4()
    async with database.snapshot() as session:
        for log in LOGS:
            assert await recomputed(session, log, [unknown]) == {unknown: None}
            assert await source_rows(session, log, [unknown], [uuid4()]) == {}
        assert await recomputed(session, "consent", []) == {}
