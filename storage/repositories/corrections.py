"""Corrections, the recipients to notify of each, and the deliveries about a case.

A correction is read with its recipients. A recipient that is not notified yet has a row in `correction_told` without a
day. Deliveries are read for the whole subject, because its identity concerns all of its cases [5.1.4(6)].
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from credit.calendar.deadlines import correction_due
from credit.cases.case import Fact, RemovalCause, instant
from credit.cases.steps import StepName
from credit.core import late_entries
from credit.core.errors import CaseChangedMeanwhile
from credit.corrections.correction import (
    Correction,
    Delivery,
    NotifiedRecipient,
    RecipientMessage,
    RecordItem,
    Remedy,
    Route,
)
from credit.corrections.ports import RecipientNotification, Sent
from storage.repositories.deadlines.due_days import CountingRepository
from storage.repositories.rows import column_names, fact_of, in_parts, joined, select_named, these
from storage.tables import correction_told, corrections, deliveries

COLUMNS = column_names(corrections)
RECIPIENT = column_names(correction_told)


class CorrectionRepository(CountingRepository):
    """The tables `corrections`, `correction_told` and `deliveries`: implements `CorrectionStore`."""

    async def add(self, correction: Correction, at: datetime) -> None:
        found = correction.discovered
        row = {
            "subject_id": correction.subject_id,
            "correction_id": correction.correction_id,
            "case_id": correction.case_id,
            "objection_id": correction.objection_id,
            "department_code": correction.department_code,
            "remedy": correction.remedy.value,
            "cause": correction.cause.value,
            "items": sorted(item.value for item in correction.items),
            "discovered_on": found.on,
            "due_on": correction_due(found.on, await self._calendar.get()).on,
            "discovered_at": at,
            "discovered_by": found.by or "",
            "discovered_evidence": joined(found.evidence),
            "late_entries": late_entries.column([(StepName.CORRECTION_DISCOVERED, found.late)]),
        }
        await self._session.execute(insert(corrections), row)

    async def load(self, subject_id: UUID, correction_id: UUID) -> Correction | None:
        """Return the correction, locked until the transaction ends, or None where that subject has none of this id.

        Two requests that notify its last two recipients at once must see each other, or neither would complete it.
        """
        own = corrections.c.subject_id == subject_id, corrections.c.correction_id == correction_id
        found = await self._read(*own, lock=True)
        return found[0] if found else None

    async def look_at_these(self, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Correction]:
        """Return the corrections with these keys, each a subject and a correction, without a lock."""
        found: list[Correction] = []
        for part in in_parts(sorted(keys)):
            found += await self._read(these(corrections, part, "correction_id"))
        return found

    async def of_subject(self, subject_id: UUID) -> Sequence[Correction]:
        """Return all corrections in the record of a subject, the oldest first."""
        return await self._read(corrections.c.subject_id == subject_id)

    async def save(self, correction: Correction, completed_on: date | None) -> None:
        done = correction.done
        changes: dict[str, object] = {"completed_on": completed_on, "step_version": correction.version + 1}
        if done is not None:
            changes |= {
                "done_on": done.on,
                "done_at": instant(done),
                "done_by": done.by,
                "done_evidence": joined(done.evidence),
            }
        own = {
            "subject_id": correction.subject_id,
            "correction_id": correction.correction_id,
            "step_version": correction.version,
        }
        if not await self._update_row(corrections, own, changes):
            raise CaseChangedMeanwhile

    async def add_recipient(self, notification: RecipientNotification, correction: Correction) -> None:
        row = {
            "subject_id": notification.subject_id,
            "telling_id": notification.telling_id,
            "correction_id": notification.correction_id,
            "case_id": correction.case_id,
            "department_code": correction.department_code,
            "recipient": notification.message.recipient,
            "route": notification.message.route.value,
            "items": sorted(item.value for item in notification.message.items),
            "left_at": notification.left_at,
            "message_id": notification.message_id,
        }
        await self._session.execute(insert(correction_told), row)

    async def recipients(self, subject_id: UUID, correction_id: UUID) -> Sequence[RecipientNotification]:
        own = correction_told.c.subject_id == subject_id, correction_told.c.correction_id == correction_id
        rows = await self._fetch_recipients(*own)
        remedy = await self._session.fetch(
            select(corrections.c.remedy).where(
                corrections.c.subject_id == subject_id, corrections.c.correction_id == correction_id
            )
        )
        return [_recipient_notification(row, Remedy(remedy[0][0])) for row in rows] if remedy else []

    async def correction_of(self, subject_id: UUID, telling_id: UUID) -> UUID | None:
        rows = await self._session.fetch(
            select(correction_told.c.correction_id).where(
                correction_told.c.subject_id == subject_id, correction_told.c.telling_id == telling_id
            )
        )
        return rows[0][0] if rows else None

    async def record_notified(self, notification: RecipientNotification, fact: Fact, at: datetime) -> bool:
        own = {"subject_id": notification.subject_id, "telling_id": notification.telling_id, "told_on": None}
        values = {"told_on": fact.on, "told_at": at, "told_by": fact.by}
        return await self._update_row(correction_told, own, values)

    async def deliver(self, sent: Sent) -> None:
        delivery = sent.delivery
        row = {
            "subject_id": sent.subject_id,
            "delivery_id": sent.delivery_id,
            "case_id": delivery.case_id,
            "recipient": delivery.recipient,
            "route": delivery.route.value,
            "items": sorted(item.value for item in delivery.items),
            "sent_at": delivery.sent_at,
            "message_id": sent.message_id,
        }
        await self._session.execute(insert(deliveries), row)

    async def deliveries_of(self, subject_id: UUID) -> Sequence[Delivery]:
        names = ("case_id", "recipient", "route", "items", "sent_at")
        rows = await self._rows(select_named(deliveries, names).where(deliveries.c.subject_id == subject_id))
        return [Delivery(**row | {"route": Route(row["route"]), "items": _items(row["items"])}) for row in rows]

    async def _read(self, *which: Any, lock: bool = False) -> list[Correction]:  # noqa: ANN401 - SQLAlchemy's conditions
        wanted = select_named(corrections, COLUMNS).where(*which)
        wanted = wanted.order_by(corrections.c.discovered_on, corrections.c.correction_id)
        rows = await self._rows(wanted.with_for_update() if lock else wanted)
        if not rows:
            return []
        recipients = await self._fetch_recipients(
            correction_told.c.correction_id.in_([row["correction_id"] for row in rows]),
            correction_told.c.told_on.is_not(None),
        )
        return [_correction(row, [each for each in recipients if _is_of(each, row)]) for row in rows]

    async def _fetch_recipients(self, *which: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
        wanted = select_named(correction_told, RECIPIENT).where(*which)
        return await self._rows(wanted.order_by(correction_told.c.recipient, correction_told.c.route))


def _is_of(recipient: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return bool(recipient["correction_id"] == row["correction_id"] and recipient["subject_id"] == row["subject_id"])


def _correction(row: Mapping[str, Any], recipients: Sequence[Mapping[str, Any]]) -> Correction:
    department = row["department_code"]
    late = late_entries.of_step(row["late_entries"], StepName.CORRECTION_DISCOVERED)
    return Correction(
        correction_id=row["correction_id"],
        subject_id=row["subject_id"],
        case_id=row["case_id"],
        remedy=Remedy(row["remedy"]),
        cause=RemovalCause(row["cause"]),
        items=_items(row["items"]),
        discovered=replace(_fact(row, "discovered", department), late=late),
        done=None if row["done_on"] is None else _fact(row, "done", department),
        notified=tuple(
            NotifiedRecipient(each["recipient"], Route(each["route"]), _notified(each)) for each in recipients
        ),
        department_code=department,
        objection_id=row["objection_id"],
        version=row["step_version"],
    )


def _recipient_notification(row: Mapping[str, Any], remedy: Remedy) -> RecipientNotification:
    message = RecipientMessage(row["recipient"], Route(row["route"]), remedy, _items(row["items"]))
    return RecipientNotification(
        subject_id=row["subject_id"],
        telling_id=row["telling_id"],
        correction_id=row["correction_id"],
        message=message,
        message_id=row["message_id"],
        left_at=row["left_at"],
        told_on=row["told_on"],
    )


def _fact(row: Mapping[str, Any], name: str, department: str) -> Fact:
    return fact_of(row[f"{name}_on"], row[f"{name}_at"], row[f"{name}_by"], department, row[f"{name}_evidence"])


def _notified(row: Mapping[str, Any]) -> Fact:
    return fact_of(row["told_on"], row["told_at"], row["told_by"], None, None)


def _items(names: Sequence[str]) -> frozenset[RecordItem]:
    return frozenset(RecordItem(name) for name in names)
