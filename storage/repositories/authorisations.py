"""Authorisations and their events [5.1.6]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select

from consent.authorisation import Authorisation, ContestFinding
from consent.errors import VERSION_CONFLICT, Collision, NotFound
from consent.leaves.consent_events import ConsentEvent
from consent.notices.shown_notices import ShownNotice
from consent.vocabulary import FieldGroup, Purpose
from storage.database.conflicts import insert_once
from storage.queries.conditions.promise_conditions import undecided
from storage.repositories.ledger_leaves import append_committed, ledger_of
from storage.repositories.rows import SqlRepository, attributes, field_names, in_parts, select_named
from storage.tables import applications, authorisation_notices, authorisations, consent_events, departments, subjects

COLUMNS = field_names(Authorisation)
EVENT_COLUMNS = tuple(name for name in field_names(ConsentEvent) if name != "request")
COUNTED = "uses_made"
"""The column that reads count up: an event of an authorisation never resets it."""


class AuthorisationRepository(SqlRepository):
    """The table `authorisations` with its history in `consent_events`: implements `AuthorisationStore`."""

    async def load(self, subject_id: UUID, authorisation_id: UUID) -> Authorisation | None:
        own = authorisations.c.subject_id == subject_id, authorisations.c.authorisation_id == authorisation_id
        # Locked against uses: a narrowing has to know whether something was received [PIPL 47].
        row = await self._row(select_named(authorisations, COLUMNS).where(*own).with_for_update(key_share=True))
        return None if row is None else _authorisation(row)

    async def save(self, authorisation: Authorisation, expected_version: int) -> None:
        """Save a new authorisation (over version 0) or a changed one; raises VERSION_CONFLICT or NotFound."""
        row = attributes(authorisation, COLUMNS)
        await (self._change(row, expected_version) if expected_version else self._add(row))

    async def _add(self, row: dict[str, object]) -> None:
        if not await self._is_there(subjects.c.subject_id == row["subject_id"]):
            raise NotFound
        if await self._session.execute(insert_once(authorisations), row) == 0:
            raise Collision(VERSION_CONFLICT)

    async def _change(self, row: dict[str, object], expected_version: int) -> None:
        changes = {name: value for name, value in row.items() if name != COUNTED}
        own = {
            "subject_id": row["subject_id"],
            "authorisation_id": row["authorisation_id"],
            "version": expected_version,
        }
        # A read may have used it again since it was loaded: then narrowing to fewer uses comes too late.
        in_time = authorisations.c.uses_made <= row["uses_allowed"]
        if not await self._update_row(authorisations, own, changes, in_time):
            raise Collision(VERSION_CONFLICT)

    async def asked(self, subject_id: UUID, purpose: Purpose, recipient_code: str) -> Sequence[Authorisation]:
        # The second of two requests at once has to see the first.
        await self._lock_subject(subject_id)
        mine = (
            authorisations.c.subject_id == subject_id,
            authorisations.c.purpose == purpose.value,
            authorisations.c.recipient_code == recipient_code,
        )
        return await self._every(*mine)

    async def of_subjects(self, ids: Collection[UUID]) -> Mapping[UUID, Sequence[Authorisation]]:
        """Return every authorisation of these subjects, by subject."""
        found: dict[UUID, list[Authorisation]] = {}
        for part in in_parts(sorted(ids)):
            for each in await self._every(authorisations.c.subject_id.in_(part)):
                found.setdefault(each.subject_id, []).append(each)
        return found

    async def of_subject(self, subject_id: UUID) -> Sequence[Authorisation]:
        return await self._every(authorisations.c.subject_id == subject_id)

    async def _every(self, *conditions: ColumnElement[bool]) -> Sequence[Authorisation]:
        wanted = select_named(authorisations, COLUMNS).where(*conditions)
        return [_authorisation(row) for row in await self._rows(wanted)]

    async def filed_at(self, subject_id: UUID, application_id: UUID) -> datetime | None:
        own = applications.c.subject_id == subject_id, applications.c.application_id == application_id
        rows = await self._session.fetch(select(applications.c.filed_at).where(*own))
        return rows[0][0] if rows else None

    async def window_of(self, subject_id: UUID, application_id: UUID) -> str | None:
        filed = applications.c
        own = filed.subject_id == subject_id, filed.application_id == application_id, filed.confidential.is_(False)
        rows = await self._session.fetch(select(filed.department_code).where(*own, undecided(applications)))
        return str(rows[0][0]) if rows else None

    async def recipient_name(self, recipient_code: str) -> str:
        named = departments.c
        rows = await self._session.fetch(select(named.name_zh).where(named.code == recipient_code))
        if not rows:
            raise NotFound
        return str(rows[0][0])

    async def keep_notice(self, notice: ShownNotice, at: datetime) -> None:
        row = {"digest": notice.digest, "version": notice.version, "text": notice.text, "granted_at": at}
        await self._session.execute(insert_once(authorisation_notices), row)

    async def append_event(self, event: ConsentEvent) -> None:
        await self.append_events([event])

    async def append_events(self, events: Sequence[ConsentEvent]) -> None:
        """Append events and their entries of the ledger; the database itself refuses to change them later."""
        ledger = ledger_of(self._session)
        rows = [attributes(event, EVENT_COLUMNS) | ledger.provenance_columns for event in events]
        await self._session.execute(insert(consent_events), rows)
        for event, row in zip(events, rows, strict=True):
            made = replace(event, request=ledger.provenance)
            append_committed(self._session, consent_events, row, event.event_id, made.canonical_bytes())


def _authorisation(row: dict[str, Any]) -> Authorisation:
    finding = row["contest_finding"]
    words = {"purpose": Purpose(row["purpose"]), "groups": FieldGroup(row["groups"])}
    return Authorisation(**row | words | {"contest_finding": None if finding is None else ContestFinding(finding)})
