"""Small tables against what is said of them: by the log `system`, by their own digest, by a registration.

system_entries         each has its entry in the log
erasures               each label is stated: who is said to be erased without it would be passed over by the audit
areas, matters, ...    as the log stated them last, by a digest over their rows; trusted documents likewise
authorisation_notices  each text has its digest, and each grant that is bound to a digest its text
account_links          each was made at the instant of a registration by way of an account, and not ended; each that
                       was made and not ended is there
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from consent.leaves.provenance import CONTENT
from consent.ledger.system_entries import ErasedSubject, ReferenceData
from credit.subjects.record_events import RecordEvent
from credit.subjects.registration_record import RegistrationChannel
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.known_entries import known_entries
from storage.ledger.recomputed_entries import UNREADABLE
from storage.ledger.system_entries import digest_of_rows, stated
from storage.repositories.reference import everything
from storage.tables import (
    account_links,
    areas,
    authorisation_notices,
    authorisations,
    departments,
    erasures,
    matters,
    registrations,
    sectors,
    subject_events,
    subjects,
    system_entries,
    trusted_documents,
)

REFERENCE: Final = (areas, departments, matters, sectors, trusted_documents)


async def unstated_entries(session: Session) -> list[Contradiction]:
    """Return the rows of `system_entries` that the log does not have."""
    ids = [row[0] for row in await session.fetch(select(system_entries.c.entry_id))]
    known = await known_entries(session, ids)
    return [Contradiction(ContradictionCode.ROW_ADDED, system_entries.name, each) for each in ids if each not in known]


async def unstated_erasures(session: Session) -> list[Contradiction]:
    """Return the erasures whose label the log does not state."""
    labels = {entry.label for entry in await stated(session, ErasedSubject)}
    rows = await session.fetch(select(erasures.c.subject_id, erasures.c.label))
    return [
        Contradiction(ContradictionCode.ROW_ADDED, erasures.name, subject_id=subject_id)
        for subject_id, label in rows
        if bytes(label) not in labels
    ]


async def changed_reference_data(session: Session) -> list[Contradiction]:
    """Return the tables of reference data that are not as the log stated them last."""
    last = {entry.name: entry for entry in await stated(session, ReferenceData)}
    findings = []
    for table in REFERENCE:
        entry = last.get(table.name)
        if entry is not None:
            rows = await everything(session, table)
            if (len(rows), digest_of_rows(rows)) != (entry.rows, entry.digest):
                findings.append(Contradiction(ContradictionCode.STATE_DIFFERS, table.name, log="system"))
    return findings


async def changed_notices(session: Session) -> list[Contradiction]:
    """Return a finding where the text of a notice has another digest, and the grants whose notice is not there."""
    notice, granted = authorisation_notices.c, authorisations.c
    rows = await session.fetch(select(notice.digest, notice.text))
    differs = any(sha256(str(text).encode()).hexdigest() != digest for digest, text in rows)
    finding = Contradiction(ContradictionCode.STATE_DIFFERS, authorisation_notices.name, columns=("text",))
    is_kept = exists().where(notice.digest == granted.notice_digest)
    bound = select(granted.authorisation_id, granted.subject_id).where(granted.notice_digest.is_not(None), ~is_kept)
    deleted = [
        Contradiction(ContradictionCode.STATE_DELETED, authorisation_notices.name, authorisation_id, subject_id)
        for authorisation_id, subject_id in await session.fetch(bound)
    ]
    return [finding, *deleted] if differs else deleted


async def unmade_links(session: Session) -> list[Contradiction]:
    """Return the links of accounts that no registration tells of, or that were ended."""
    link, made, event = account_links.c, registrations.c, subject_events.c
    is_made = exists().where(
        made.subject_id == link.subject_id, made.at == link.linked_at, made.channel == RegistrationChannel.ACCOUNT.value
    )
    found = [row[0] for row in await session.fetch(select(link.subject_id).where(~is_made))]
    ended = await _ended_links(session, exists().where(link.subject_id == event.subject_id))
    there = await session.fetch(select(link.subject_id, link.linked_at))
    found += [subject_id for subject_id, linked_at in there if (subject_id, linked_at) in ended]
    return [Contradiction(ContradictionCode.STATE_ADDED, account_links.name, subject_id=each) for each in found]


async def deleted_links(session: Session) -> list[Contradiction]:
    """Return the links that a registration made, that are not there, and that nobody ended.

    Only registrations that commit to their account: those of before may have been ended without an event.
    """
    link, made, event = account_links.c, registrations.c, subject_events.c
    is_there = exists().where(link.subject_id == made.subject_id, link.linked_at == made.at)
    has_subject = exists().where(subjects.c.subject_id == made.subject_id)
    gone = select(made.subject_id, made.at).where(
        made.channel == RegistrationChannel.ACCOUNT.value, made[CONTENT].is_not(None), ~is_there, has_subject
    )
    rows = await session.fetch(gone)
    by_account = exists().where(made.subject_id == event.subject_id, made.channel == RegistrationChannel.ACCOUNT.value)
    ended = await _ended_links(session, by_account) if rows else set()
    return [
        Contradiction(ContradictionCode.STATE_DELETED, account_links.name, subject_id=subject_id)
        for subject_id, at in rows
        if (subject_id, at) not in ended
    ]


async def _ended_links(session: Session, condition: ColumnElement[bool]) -> set[tuple[UUID, datetime]]:
    """Return subject and instant of the links that were ended, of the subjects that meet *condition*."""
    event, found = subject_events.c, set[tuple[UUID, datetime]]()
    wanted = select(event.subject_id, event.facts).where(event.event == RecordEvent.ACCOUNT_UNLINKED.value, condition)
    for subject_id, facts in await session.fetch(wanted):
        with suppress(*UNREADABLE):  # else the row is named where it is compared with its entry
            found.add((subject_id, datetime.fromisoformat(facts["linked_at"])))
    return found


WALKS: Final[Mapping[str, Callable[[Session], Awaitable[list[Contradiction]]]]] = {
    "rows system_entries": unstated_entries,
    "rows erasures": unstated_erasures,
    "reference data": changed_reference_data,
    "notices": changed_notices,
    "account links": unmade_links,
    "deleted account links": deleted_links,
}
