"""On SQLite the index over the subjects of disclosures is written after the record, whole, once, and in short turns."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from storage.access_log.subject_index import index_waiting
from storage.database.database import Database
from storage.tables import disclosed_subjects, disclosures, unindexed_disclosures
from tests.storage.rows import EARLIER, key

ERASED = UUID(int=0)


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = Database.open(sqlite_url)
    yield opened
    await opened.close()


async def put(database: Database, *pages: list[UUID]) -> None:
    rows = [
        {
            "disclosure_id": UUID(int=serial), "at": EARLIER, "request_id": key("request"), "context_id": 1,
            "ground_id": 1, "actor_ref": "clerk-1", "seed": bytes(16), "subjects": subjects,
        }
        for serial, subjects in enumerate(pages, start=1)
    ]  # fmt: skip
    async with database.writing() as session:
        await session.execute(insert(disclosures), rows)
        await session.execute(insert(unindexed_disclosures), [{"disclosure_id": row["disclosure_id"]} for row in rows])


async def indexed(database: Database) -> list[tuple[UUID, int]]:
    found = await database.fetch(select(disclosed_subjects.c.subject_id, disclosed_subjects.c.disclosure_id))
    return sorted((subject_id, disclosure_id.int) for subject_id, disclosure_id in found)


async def waiting(database: Database) -> int:
    return len(await database.fetch(select(unindexed_disclosures)))


async def test_every_subject_is_indexed_but_the_erased_and_those_of_a_page_of_nobody(database):
    one, two = sorted((key("one"), key("two")))
    await put(database, [two, one], [ERASED, one], [], [two])
    await index_waiting(database)
    assert await indexed(database) == [(one, 1), (one, 2), (two, 1), (two, 4)]
    assert await waiting(database) == 0


@pytest.mark.parametrize(
    ("case", "disclosures_at_once", "subjects_at_once", "turns"),
    [
        ("all fit in one transaction", 9, 99, 1),
        ("so many disclosures", 2, 99, 4),
        ("so many subjects, and the page that exceeds them", 9, 3, 4),
        ("a page with more than all of that", 9, 1, 7),
    ],
)
async def test_a_transaction_is_short(database, monkeypatch, case, disclosures_at_once, subjects_at_once, turns):
    pages = [[key(f"{page} {serial}") for serial in range(2)] for page in range(7)]
    await put(database, *pages)
    begun = []
    writing = database.writing
    monkeypatch.setattr(database, "writing", lambda: begun.append(case) or writing())
    await index_waiting(database, disclosures_at_once, subjects_at_once)
    assert len(begun) == turns
    assert len(await indexed(database)) == 2 * len(pages)
