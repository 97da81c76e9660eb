"""The records that one subject gets receipts of: a read of its data, and the events of an authorisation [5.1.6]."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from consent.disclosures.proofs import SubjectProof
from consent.errors import NotCanonical
from storage.database.database import Database
from storage.ledger.recomputed_entries import opened_records, stored_disclosures
from storage.tables import access_entries, authorisation_notices, consent_events

Opened = tuple[bytes, bytes]
"""Salt and canonical bytes of a record that is about one subject."""


async def own_read(database: Database, subject_id: UUID, entry_id: UUID) -> SubjectProof | Opened | None:
    """Return what the subject holds of a read: of a disclosure, or of a read before revision 25; None for neither."""
    async with database.snapshot() as session:
        disclosure = (await stored_disclosures(session, [entry_id])).get(entry_id)
        if disclosure is None:
            return (await opened_records(session, access_entries, subject_id, [entry_id])).get(entry_id)
    try:
        return disclosure.proof(subject_id)
    except (ValueError, NotCanonical):  # it does not show this subject, or its row is damaged
        return None


async def shown_notice(database: Database, digest: str) -> str | None:
    """Return the text of the notice with this digest, or None."""
    notice = authorisation_notices.c
    rows = await database.fetch(select(notice.text).where(notice.digest == digest))
    return str(rows[0][0]) if rows else None


async def own_events(database: Database, subject_id: UUID, authorisation_id: UUID) -> Sequence[Opened]:
    """Return the events of an authorisation, in the order in which they happened."""
    event = consent_events.c
    wanted = (
        select(event.event_id)
        .where(event.subject_id == subject_id, event.authorisation_id == authorisation_id)
        .order_by(event.at, event.event_id)
    )
    async with database.snapshot() as session:
        ids = [found for (found,) in await session.fetch(wanted)]
        records = await opened_records(session, consent_events, subject_id, ids)
    return [records[each] for each in ids if each in records]
