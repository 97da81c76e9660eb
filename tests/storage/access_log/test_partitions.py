"""On PostgreSQL the access record has a partition for each month, made ahead; nothing fails where one is missing."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.uuid7 import time_ordered
from storage.access_log import partitions
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from tests.consent.samples import TODAY
from tests.storage.access_log.pages import page
from tests.storage.access_record import stored_disclosures

pytestmark = pytest.mark.postgres
NOVEMBER, DECEMBER, LATER = (datetime(2031, month, 30, 23, 59, 59, tzinfo=UTC) for month in (11, 12, 5))


@pytest.fixture
async def database(postgresql_url):
    opened = Database.open(postgresql_url)
    yield opened
    await opened.close()
    async with Database.open(postgresql_url).writing() as session:
        found = await session.fetch(text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'disclosures\\_203%'"))
        for (name,) in found:
            await session.execute(text(f"DROP TABLE {name}"))


def of(at: datetime):
    return page(disclosure_id=time_ordered(at, lambda length: b"\7" * length), at=at)


async def places(database: Database) -> dict[UUID, str]:
    rows = await database.fetch(text("SELECT disclosure_id, tableoid::regclass::text FROM disclosures"))
    return {row[0]: row[1] for row in rows}


async def test_a_month_has_its_partition_before_it_begins_and_what_came_before_moves_there(database):
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    early = of(NOVEMBER)
    await recorder.record([early], today=TODAY)
    assert await places(database) == {early.disclosure_id: "disclosures_other"}

    both = (partitions.make_months_ahead(database, date(2031, 11, 30)) for _ in range(2))
    await asyncio.gather(*both)  # two processes that start together
    later = [of(DECEMBER), of(datetime(2032, 1, 1, tzinfo=UTC)), of(datetime(2032, 2, 1, tzinfo=UTC)), of(LATER)]
    await recorder.record(later, today=TODAY)
    await recorder.close()
    assert list((await places(database)).values()) == [
        "disclosures_2031_11", "disclosures_2031_12", "disclosures_2032_01", "disclosures_other", "disclosures_other",
    ]  # fmt: skip
    assert {each.commitment for each in await stored_disclosures(database)} == {
        each.commitment for each in [early, *later]
    }
    for table in ("disclosures", "disclosures_2031_11"):
        with pytest.raises(DBAPIError, match="appended only"):
            async with database.writing() as session:
                await session.execute(text(f"UPDATE {table} SET actor_ref = 'nobody'"))


WAITING = text(
    "SELECT sum(gin_clean_pending_list(inhrelid)) FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid "
    "WHERE inhparent = 'ix_disclosures_subjects'::regclass AND indrelid = 'disclosures_2031_11'::regclass"
)
"""How many pages wait for the index; counting them cleans it."""


@pytest.mark.parametrize(
    ("why", "looks", "rows_at_the_last", "is_clean"),
    [
        ("few rows wait", 0, None, False),
        ("few rows have waited for long", partitions.MOST_SECONDS, None, True),
        ("many rows wait", 0, -partitions.ROWS_THAT_WAIT, True),
        ("the server has lost its count", 0, 1 << 40, True),
    ],
)
async def test_subjects_wait_for_the_index_until_they_are_many_or_old(database, why, looks, rows_at_the_last, is_clean):
    del why
    await partitions.make_months_ahead(database, date(2031, 11, 1))
    recorder, index = GroupCommitRecorder(database, granted=granted_by_its_row), partitions.SubjectIndex(database)
    await index.look()
    await recorder.record([of(NOVEMBER)], today=TODAY)
    await recorder.close()
    index._looks = looks
    if rows_at_the_last is not None:
        index._inserted += rows_at_the_last
    await index.look()
    ((waiting,),) = await database.fetch(WAITING)
    assert (waiting == 0) is is_clean


@pytest.mark.parametrize(("month", "after"), [((2026, 11), (2026, 12)), ((2026, 12), (2027, 1))])
def test_ids_of_a_month_begin_with_its_first_instant(month, after):
    first, following = date(*month, 1), date(*after, 1)
    assert partitions.following(first) == following
    at = datetime(*month, 1, tzinfo=UTC)
    assert partitions.first_id(first) <= time_ordered(at, bytes) < partitions.first_id(following)
