"""Entries commit to what was sealed: each text is the one that its last entry names, and no other [5.1.6]."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Table, select

from consent.leaves.provenance import CONTENT, content_of
from credit.subjects.subject import Place, Sealed
from storage.ledger.entry_sources import SOURCES
from storage.tables import metadata, subject_keys
from tests.gateway.demo.districts import District, seeded_district

NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
Named = tuple[UUID, str, UUID]


async def named_last(district: District) -> Mapping[Named, str]:
    """Give the digest of each text by its subject, place and row, as the last entry that names it says."""
    found: dict[Named, tuple[datetime, str]] = {}
    for table in (source.table for source in SOURCES if CONTENT in source.table.c):
        at = table.c["recorded_at" if "recorded_at" in table.c else "at"]
        for subject_id, content, instant in await district.database.fetch(
            select(table.c.subject_id, table.c[CONTENT], at)
        ):
            for place, row_id, digest in content_of({CONTENT: content}):
                key = subject_id, place, UUID(row_id)
                found[key] = max(found.get(key, (instant, digest)), (instant, digest))
    return {key: digest for key, (_, digest) in found.items()}


async def box(district: District, subject_id: UUID, place: str, row_id: UUID) -> Sealed:
    """Give the sealed text that an entry names."""
    name, column = place.split(".")
    table: Table = metadata.tables[name]
    key = table.primary_key.columns.values()[-1]
    wanted = select(table.c[f"{column}_sealed"], table.c.version, subject_keys.c.wrapped)
    own = table.c.subject_id == subject_id, key == row_id, subject_keys.c.subject_id == subject_id
    [(text, version, wrapped)] = await district.database.fetch(wanted.where(*own))
    return Sealed(Place(name, column, subject_id, row_id, version), bytes(text), bytes(wrapped))


async def test_each_text_is_the_one_that_its_last_entry_names(sqlite_url: str, tmp_path: Path) -> None:
    async with seeded_district(sqlite_url, tmp_path, NOW) as district:
        named = await named_last(district)
        places = {place for _, place, _ in named}
        assert {"subjects.name", "identifiers.number", "restraint_cases.facts", "case_statements.text"} <= places
        for (subject_id, place, row_id), digest in named.items():
            sealed = await box(district, subject_id, place, row_id)
            assert district.keyring.content_digest_of(sealed).hex() == digest, place
            other = Sealed(sealed.place, district.keyring.seal("另一段", sealed.place, sealed.key), sealed.key)
            assert district.keyring.content_digest_of(other).hex() != digest, "with the keys, and yet found"
