"""Every entry is recomputed from its row, byte for byte; a row that no act can have written has none, and no crash."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, select, update

from consent.leaves.provenance import CONTENT, content_of
from consent.ports import Log
from credit.subjects.subject import Place, Sealed
from storage.database.database import Database
from storage.ledger.entry_sources import SOURCES
from storage.ledger.recomputed_entries import Key, keys_after, recomputed, source_rows, tables_of
from storage.tables import metadata, subject_keys
from tests.gateway.demo.districts import District, seeded_district
from tests.schema.shared_databases import shared_url, template
from tests.storage.access_record import pending

__all__ = ["shared_url", "template"]

NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
LOGS: tuple[Log, ...] = ("access", "consent")


@pytest.fixture(scope="module")
async def district(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[District]:
    async with seeded_district(shared_url, tmp_path_factory.mktemp("keys"), NOW) as seeded:
        yield seeded


@pytest.fixture
def database(district: District) -> Database:
    return district.database


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
        waiting = {source for log, source, _ in await pending(database) if log in LOGS}
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


# --- what was sealed -------------------------------------------------------------------------------------------------

Named = tuple[UUID, str, UUID]


async def named_last(district: District) -> Mapping[Named, str]:
    """Give the digest of each text by its subject, place and row, as the last entry that names it says."""
    found: dict[Named, tuple[datetime, str]] = {}
    for source in SOURCES:
        if CONTENT not in source.table.c:
            continue
        at = source.table.c["recorded_at" if "recorded_at" in source.table.c else "at"]
        for row in await district.database.fetch(select(source.table.c.subject_id, source.table.c[CONTENT], at)):
            for place, row_id, digest in content_of({CONTENT: row[1]}):
                key = row[0], place, UUID(row_id)
                found[key] = max(found.get(key, (row[2], digest)), (row[2], digest))
    return {key: digest for key, (_, digest) in found.items()}


async def box(district: District, subject_id: UUID, place: str, row_id: UUID) -> Sealed:
    """Give the sealed text that an entry names."""
    name, column = place.split(".")
    table: Table = metadata.tables[name]
    key = next(each.name for each in reversed(table.primary_key.columns.values()))
    wanted = select(table.c[f"{column}_sealed"], table.c.version, subject_keys.c.wrapped).where(
        table.c.subject_id == subject_id, table.c[key] == row_id, subject_keys.c.subject_id == subject_id
    )
    [(text, version, wrapped)] = await district.database.fetch(wanted)
    return Sealed(Place(name, column, subject_id, row_id, version), bytes(text), bytes(wrapped))


async def test_each_sealed_text_is_the_one_that_its_last_entry_names(district: District) -> None:
    named = await named_last(district)
    places = {place for _, place, _ in named}
    assert {"subjects.name", "identifiers.number", "restraint_cases.facts", "case_statements.text"} <= places
    for (subject_id, place, row_id), digest in named.items():
        sealed = await box(district, subject_id, place, row_id)
        assert district.keyring.content_digest_of(sealed).hex() == digest, place


async def test_a_text_that_somebody_with_the_keys_replaced_is_found(district: District) -> None:
    named = await named_last(district)
    (subject_id, place, row_id), digest = next(
        (key, digest) for key, digest in named.items() if key[1] == "subjects.name"
    )
    before = await box(district, subject_id, place, row_id)
    other = district.keyring.seal("另一人", before.place, before.key)
    table = metadata.tables["subjects"]
    row: Any = update(table).where(table.c.subject_id == subject_id)
    await district.database.write((row.values(name_sealed=other), None))
    after = await box(district, subject_id, place, row_id)
    assert district.keyring.content_digest_of(after).hex() != digest
    await district.database.write((row.values(name_sealed=before.text), None))
