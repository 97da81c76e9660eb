"""The schema on disk is the schema in `storage/tables/`, and every step goes up and comes down."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import SchemaItem

from storage.database import migrate, revisions
from storage.database.database import Database
from storage.errors import UnknownDatabase
from storage.repositories.published_cases import differing
from storage.tables import deletion_duties, metadata, published_cases
from tests.forked import forked
from tests.storage.rows import (
    EARLIER,
    TODAY,
    authorisation,
    identifier,
    insert_rows,
    key,
    restraint,
    subject,
    subject_key,
)

# An index over an expression is in the tables, and is not compared.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")
PARTITIONS = "disclosures_"
"""How the names of partitions begin: the tables say nothing of them."""


async def look(url: str, question):
    """Ask *question* of a plain connection to *url*; what it writes is committed."""
    if url.startswith("sqlite"):
        engine = create_engine(url)
        with engine.begin() as connection:
            answer = question(connection)
        engine.dispose()
        return answer
    async_engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
    async with async_engine.begin() as connection:
        answer = await connection.run_sync(question)
    await async_engine.dispose()
    return answer


def tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if not name.startswith(PARTITIONS)}


def differences(connection: Connection) -> list[object]:
    def belongs(item: SchemaItem, name: str | None, kind: str, *_: object) -> bool:
        if kind == "table" and str(name).startswith(PARTITIONS):
            return False
        return item.info.get("only", connection.dialect.name) == connection.dialect.name

    opts = {"compare_type": True, "compare_server_default": True, "include_object": belongs}
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), metadata))


@pytest.mark.slow
async def test_each_revision_goes_up_and_comes_down_by_itself_and_all_together(empty_url, pytestconfig):
    """With --sample 5, every fifth revision comes down by itself, counted from the newest."""
    assert await asyncio.to_thread(revisions.current, empty_url) is None

    newest_first = list(migrate.scripts().walk_revisions())
    for revision in reversed(newest_first[:: pytestconfig.getoption("--sample")]):
        await asyncio.to_thread(migrate.migrate, empty_url, revision.revision)
        await asyncio.to_thread(migrate.downgrade, empty_url, revision.down_revision or "base")
    await asyncio.to_thread(migrate.migrate, empty_url)
    assert await look(empty_url, tables) == set(metadata.tables) | {"alembic_version"}
    assert await look(empty_url, differences) == []
    assert await asyncio.to_thread(revisions.current, empty_url) == revisions.head()

    await asyncio.to_thread(migrate.migrate, empty_url)  # again: nothing to do

    await asyncio.to_thread(migrate.downgrade, empty_url, "base")
    assert await look(empty_url, tables) == {"alembic_version"}
    assert await asyncio.to_thread(revisions.current, empty_url) is None


async def test_a_migrated_database_is_what_the_tables_say(database_url):
    assert await look(database_url, differences) == []


async def test_the_read_model_has_the_cases_that_were_there_before_it(empty_url):
    await asyncio.to_thread(migrate.migrate, empty_url, "0031")
    database = Database.open(empty_url)
    given = subject("one"), subject_key("one"), identifier("one"), restraint("listed", "one")
    await insert_rows(database, *given, authorisation("used", "one", uses_made=1, withdrawn_at=EARLIER))
    await database.close()  # its statements were prepared for the tables of then
    await asyncio.to_thread(migrate.migrate, empty_url)
    database = Database.open(empty_url)
    assert await database.fetch(select(published_cases.c.case_id)) == [(key("listed"),)]
    assert await differing(database) == 0
    row = deletion_duties.c
    ((duty_id, cause, since_on, counts_from_on),) = await database.fetch(
        select(row.duty_id, row.cause, row.since_on, row.counts_from_on)
    )
    assert (duty_id, cause, since_on) == (key("used"), "WITHDRAWN", EARLIER.date())
    assert counts_from_on >= TODAY, "the clock of what had ended starts with the release that keeps it"
    await database.close()


@pytest.mark.subprocess
async def test_processes_that_migrate_together_take_turns(empty_url):
    outcomes = await asyncio.gather(*(_migrate_in_a_process(empty_url) for _ in range(2)))
    assert outcomes == [0, 0]
    assert await look(empty_url, differences) == []


async def _migrate_in_a_process(url: str) -> int | None:
    async with forked(migrate.migrate, url) as process:
        return await process.wait()


@pytest.mark.parametrize("url", ["", "mysql://root:hunter2@host/db", "sqlite://"])
def test_an_address_that_we_cannot_open_is_refused_without_quoting_it(url):
    with pytest.raises(UnknownDatabase) as refused:
        migrate.migrate(url)
    assert "hunter2" not in str(refused.value)
