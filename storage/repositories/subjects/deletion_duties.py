"""The duties of recipients to delete what they received on authorisations [5.1.6] [PIPL 47]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, or_, update

from consent.authorisation import Authorisation
from consent.deletions.deletion_duty import DeletionCause, DeletionDuty, DeletionOutcome, end_of, of_first_use
from consent.errors import VERSION_CONFLICT, Collision
from consent.vocabulary import FieldGroup
from credit.calendar.deadlines import deletion_due
from storage.database.conflicts import insert_once
from storage.repositories.deadlines.due_days import CountingRepository
from storage.repositories.rows import attributes, field_names, in_parts, select_named, these
from storage.tables import deletion_duties

COLUMNS: Final = field_names(DeletionDuty)
ACKNOWLEDGED: Final = ("acknowledged_at", "acknowledged_on", "acknowledged_by", "outcome", "reference", "version")


class DeletionRepository(CountingRepository):
    """The table `deletion_duties`: implements `DeletionStore`."""

    async def follow(self, authorisation: Authorisation) -> None:
        if authorisation.granted_at is None:
            return
        ids = authorisation.subject_id, authorisation.authorisation_id
        if authorisation.uses_made:  # the release before this one made no duty
            duty = of_first_use(*ids, authorisation.recipient_code, authorisation.expires_on)
            await self._session.execute(insert_once(deletion_duties), _row(duty))
        cause, since_on = end_of(authorisation)
        row, due_on = deletion_duties.c, deletion_due(since_on, await self._calendar.get()).on
        own = row.subject_id == ids[0], row.duty_id == ids[1], row.acknowledged_on.is_(None)
        moved = {"cause": cause.value, "since_on": since_on, "counts_from_on": since_on, "due_on": due_on}
        # Where the end stays, so does its clock: what had ended before revision 40 counts from a later day.
        await self._session.execute(
            update(deletion_duties)
            .where(*own, or_(row.since_on != since_on, row.cause != cause.value))
            .values(moved | {"version": row.version + 1})
        )

    async def require(self, duty: DeletionDuty) -> None:
        due_on = deletion_due(duty.counts_from_on, await self._calendar.get()).on
        await self._session.execute(insert(deletion_duties), _row(duty) | {"due_on": due_on})

    async def load(self, subject_id: UUID, duty_id: UUID) -> DeletionDuty | None:
        row = deletion_duties.c
        own = row.subject_id == subject_id, row.duty_id == duty_id
        found = await self._row(select_named(deletion_duties, COLUMNS).where(*own).with_for_update())
        return None if found is None else _duty(found)

    async def of_subject(self, subject_id: UUID) -> Sequence[DeletionDuty]:
        """Return every duty about a subject."""
        wanted = select_named(deletion_duties, COLUMNS).where(deletion_duties.c.subject_id == subject_id)
        return [_duty(row) for row in await self._rows(wanted)]

    async def look_at_these(self, keys: Collection[tuple[UUID, UUID]]) -> Sequence[DeletionDuty]:
        """Return the duties with these keys, each a subject and a duty, without a lock."""
        found: list[DeletionDuty] = []
        for part in in_parts(sorted(keys)):
            wanted = select_named(deletion_duties, COLUMNS).where(these(deletion_duties, part, "duty_id"))
            found += [_duty(row) for row in await self._rows(wanted)]
        return found

    async def acknowledge(self, duty: DeletionDuty, over: int) -> None:
        own = {"subject_id": duty.subject_id, "duty_id": duty.duty_id, "version": over}
        if not await self._update_row(deletion_duties, own, attributes(duty, ACKNOWLEDGED)):
            raise Collision(VERSION_CONFLICT)

    async def to_chase(self, today: date, most: int) -> Sequence[DeletionDuty]:
        """Return duties whose last day is over and of which nobody was reminded; locked, without those of others."""
        row = deletion_duties.c
        over = row.acknowledged_on.is_(None), row.chased_at.is_(None), row.due_on < today
        wanted = select_named(deletion_duties, COLUMNS).where(*over).order_by(row.due_on).limit(most)
        return [_duty(found) for found in await self._rows(wanted.with_for_update(skip_locked=True))]

    async def chased(self, duty: DeletionDuty, at: datetime) -> None:
        """Keep that the recipient was reminded."""
        own = {"subject_id": duty.subject_id, "duty_id": duty.duty_id}
        await self._update_row(deletion_duties, own, {"chased_at": at})

    async def end_all(self, subject_id: UUID, erased_on: date) -> None:
        """Let every duty about an erased subject begin on that day, unless it began before."""
        row = deletion_duties.c
        ahead = row.subject_id == subject_id, row.since_on > erased_on
        ended = {
            "cause": DeletionCause.ERASED.value,
            "since_on": erased_on,
            "counts_from_on": erased_on,
            "due_on": deletion_due(erased_on, await self._calendar.get()).on,
            "version": row.version + 1,
        }
        await self._session.execute(update(deletion_duties).where(*ahead).values(ended))


def _row(duty: DeletionDuty) -> dict[str, Any]:
    return attributes(duty, COLUMNS) | {"cause": duty.cause.value}


def _duty(row: Mapping[str, Any]) -> DeletionDuty:
    found = DeletionDuty(**{**row, "cause": DeletionCause(row["cause"])})
    return replace(
        found,
        groups=None if row["groups"] is None else FieldGroup(row["groups"]),
        outcome=None if row["outcome"] is None else DeletionOutcome(row["outcome"]),
    )
