"""Loaded documents: stated in the log `system`, and taken over by every process as they are stated."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from consent.ledger.system_entries import ReferenceData, parse_system_entry
from consent.vocabulary import Purpose
from gateway.documents import stored_documents
from gateway.documents.check_documents import CheckedDocument
from gateway.documents.errors import TooMuchText
from gateway.documents.stored_documents import StoredDocuments, load, retire, stored
from policy.actors import Role
from schema.core.ports import TrustedDocument
from storage.database.database import Database
from storage.ledger.audit.system_records import changed_reference_data
from storage.tables import trusted_documents
from tests.builders import NOW
from tests.gateway.documents.manifests import FIRST, ME, NEXT, hash_of
from tests.storage.access_record import pending


def document(text: str, purpose: Purpose | None = None, *roles: Role) -> CheckedDocument:
    return CheckedDocument(hash_of(text), text, "A", purpose=purpose, roles=frozenset(roles))


def process(database: Database) -> tuple[StoredDocuments, list[dict[str, TrustedDocument]]]:
    """Give what one process reads, and what it took over, one after another."""
    adopted: list[dict[str, TrustedDocument]] = []
    return StoredDocuments(database, lambda found: adopted.append(dict(found))), adopted


async def stated(database: Database) -> Sequence[ReferenceData]:
    entries = [parse_system_entry(entry) for log, _, entry in await pending(database) if log == "system"]
    return [each for each in entries if isinstance(each, ReferenceData)]


async def test_what_is_loaded_and_retired_is_stated_and_taken_over_by_every_process(database: Database) -> None:
    (one, by_one), (other, by_other) = process(database), process(database)
    await one.renew()
    assert by_one == []
    assert await load(database, [document(FIRST), document(NEXT, Purpose.FOCUSED_CHECK, Role.REGULATOR)], NOW) == (2, 2)
    assert await load(database, [document(ME), document(FIRST)], NOW - timedelta(seconds=9)) == (1, 3)
    await one.renew()
    await one.renew()
    assert len(by_one) == 1, "the same is not read again"
    assert by_one[0][hash_of(NEXT)] == TrustedDocument(NEXT, Purpose.FOCUSED_CHECK, frozenset({Role.REGULATOR}))
    assert await retire(database, {hash_of(ME), "0" * 64}, NOW) == (1, 2)
    await one.renew()
    await other.renew()
    assert by_one[1] == by_other[0]
    assert by_one[1].keys() == {hash_of(FIRST), hash_of(NEXT)}
    entries = await stated(database)
    assert [(each.name, each.rows) for each in entries] == [("trusted_documents", rows) for rows in (2, 3, 2)]
    assert entries[0].at < entries[1].at < entries[2].at, "also where a clock is behind"
    rows, is_stated = await stored(database)
    assert ([row["text"] for row in rows], is_stated) == (sorted([FIRST, NEXT], key=hash_of), True)


async def test_rows_that_somebody_has_changed_are_taken_over_by_nobody(database: Database) -> None:
    reader, adopted = process(database)
    await load(database, [document(FIRST)], NOW)
    await reader.renew()
    await load(database, [document(NEXT)], NOW)
    async with database.writing() as session:
        await session.execute(update(trusted_documents).values(roles=["head"]))
    with capture_logs() as lines:
        await reader.renew()
        await reader.renew()
    assert [line["event"] for line in lines] == ["documents.unstated"]
    assert len(adopted) == 1, "it goes on with what it had"
    assert (await stored(database))[1] is False


async def test_a_process_holds_so_many_bytes_and_no_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_documents, "MOST_BYTES", len(FIRST) + 10)
    await load(database, [document(FIRST)], NOW)
    with pytest.raises(TooMuchText):
        await load(database, [document(NEXT)], NOW)
    assert len((await stored(database))[0]) == 1


async def test_the_audit_names_documents_that_are_not_as_stated(database: Database) -> None:
    await load(database, [document(FIRST)], NOW)
    async with database.writing() as session:
        assert await changed_reference_data(session) == []
        await session.execute(update(trusted_documents).values(purpose="AUDIT"))
        assert [each.table for each in await changed_reference_data(session)] == ["trusted_documents"]
