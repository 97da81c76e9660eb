"""Delegations and their events [5.1.6]."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, literal, select

from consent.delegation import Delegation, DelegationKind, GuardianshipFinding, Power, is_guarded, may_act
from consent.errors import VERSION_CONFLICT, Collision, NotFound
from consent.leaves.delegation_events import DelegationEvent
from consent.vocabulary import FieldGroup
from credit.cases.status import UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.scopes import Scope
from storage.database.conflicts import insert_once
from storage.queries.scopes import in_any
from storage.repositories.ledger_leaves import append_committed, ledger_of
from storage.repositories.rows import SqlRepository, attributes, field_names, in_parts, select_named
from storage.tables import delegation_events, delegations, subjects

COLUMNS = field_names(Delegation)
EVENT_COLUMNS = tuple(name for name in field_names(DelegationEvent) if name != "request")
AT_WINDOW = (Scope.SUBMITTED, Scope.FILED_OPEN)
"""Put on record by the window with nothing filed there since, or with something filed there that is open [4.2]."""


class DelegationRepository(SqlRepository):
    """The table `delegations` with its history in `delegation_events`: implements `DelegationStore`.

    A subject has few delegations, so the rules of `consent.delegation` decide over all of them.
    """

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date, power: str) -> bool:
        return may_act(await self._held(subject_id), delegate_ref, Power[power], today)

    async def is_guarded(self, subject_id: UUID, day: date) -> bool:
        return is_guarded(await self._held(subject_id), day)

    async def is_at_window(self, subject_id: UUID, department_code: str, today: date, registered_from: date) -> bool:
        """Return whether a clerk of the department could find the subject by its number [5.1.6]."""
        # Under every reading of [5.1.5] the same subjects are those of a window.
        theirs = in_any(AT_WINDOW, Entity.SUBJECT, subjects, UnrectifiedPolicy.STAYS)
        binds = {"actor_department": department_code, "today": today, "registered_from": registered_from}
        found = select(literal(1)).where(subjects.c.subject_id == subject_id, theirs)
        return bool(await self._session.fetch(found, binds))

    async def load(self, subject_id: UUID, delegation_id: UUID) -> Delegation | None:
        own = delegations.c.subject_id == subject_id, delegations.c.delegation_id == delegation_id
        row = await self._row(select_named(delegations, COLUMNS).where(*own))
        return None if row is None else _delegation(row)

    async def save(self, delegation: Delegation, expected_version: int) -> None:
        row = attributes(delegation, COLUMNS)
        # Whoever decides by all delegations of the subject waits for this one, or was faster.
        is_there = await self._lock_subject(delegation.subject_id)
        if expected_version == 0:
            if not is_there:
                raise NotFound
            if await self._session.execute(insert_once(delegations), row) == 0:
                raise Collision(VERSION_CONFLICT)
            return
        own = {
            "subject_id": delegation.subject_id,
            "delegation_id": delegation.delegation_id,
            "version": expected_version,
        }
        if not await self._update_row(delegations, own, row):
            raise Collision(VERSION_CONFLICT)

    async def append_event(self, event: DelegationEvent) -> None:
        await self.append_events([event])

    async def append_events(self, events: Sequence[DelegationEvent]) -> None:
        """Append events and their entries of the ledger; the database itself refuses to change them later."""
        ledger = ledger_of(self._session)
        rows = [attributes(event, EVENT_COLUMNS) | ledger.provenance_columns for event in events]
        await self._session.execute(insert(delegation_events), rows)
        for event, row in zip(events, rows, strict=True):
            made = replace(event, request=ledger.provenance)
            append_committed(self._session, delegation_events, row, event.event_id, made.canonical_bytes())

    async def of_subjects(self, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Delegation]]:
        """Return every delegation of these subjects, by subject."""
        found: dict[UUID, list[Delegation]] = {}
        for part in in_parts(ids):
            every = select_named(delegations, COLUMNS).where(delegations.c.subject_id.in_(part))
            for row in await self._rows(every):
                found.setdefault(row["subject_id"], []).append(_delegation(row))
        return found

    async def of_subject(self, subject_id: UUID) -> Sequence[Delegation]:
        await self._lock_subject(subject_id)
        return await self._held(subject_id)

    async def _held(self, subject_id: UUID) -> Sequence[Delegation]:
        return (await self.of_subjects([subject_id])).get(subject_id, ())


def _delegation(row: dict[str, Any]) -> Delegation:
    words = {"kind": DelegationKind(row["kind"]), "groups": FieldGroup(row["groups"]), "powers": Power(row["powers"])}
    finding = row["contest_finding"]
    return Delegation(**row | words | {"contest_finding": finding and GuardianshipFinding(finding)})
