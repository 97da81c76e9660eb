"""Ports of corrections and objections: repositories and re-encryption."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from credit.cases.case import Fact
from credit.core.recorded_step import RecordedStep
from credit.core.values.identifiers import Identifier
from credit.corrections.correction import Correction, Delivery, RecipientMessage
from credit.objections.objection import Objection, RecordKind
from credit.subjects.subject import Sealed, SealedText


@dataclass(frozen=True, slots=True)
class RecipientNotification:
    """A recipient that has to be notified of a correction, and the outbox message that notifies it."""

    subject_id: UUID
    telling_id: UUID
    correction_id: UUID
    message: RecipientMessage
    message_id: UUID
    left_at: datetime
    told_on: date | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery with its subject, and its outbox message, if any."""

    subject_id: UUID
    delivery_id: UUID
    delivery: Delivery
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Contested:
    """A record that its subject may object to: the department responsible for it, and the staff who handled it.

    *made_on* is the day since which it is on record.
    """

    kind: RecordKind
    record_id: UUID
    department_code: str | None
    handled_by: frozenset[str] = frozenset()
    made_on: date | None = None


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row with sealed columns, all bound to its version, so they are sealed again together. None: no value."""

    table: str
    subject_id: UUID
    row_id: UUID
    version: int
    boxes: Mapping[str, Sealed | None] = field(repr=False)
    masks: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Particulars:
    """Corrected particulars of a subject, each known to be well formed; None leaves a value unchanged."""

    name: str | None = field(default=None, repr=False)
    identifier: Identifier | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)


class CorrectionStore(Protocol):
    """Corrections, their recipients, and the deliveries about a case."""

    async def add(self, correction: Correction, at: datetime) -> None:
        """Add a correction, recorded at an instant."""
        ...

    async def load(self, subject_id: UUID, correction_id: UUID) -> Correction | None:
        """Return the correction, or None; it is locked until this unit of work ends."""
        ...

    async def of_subject(self, subject_id: UUID) -> Sequence[Correction]:
        """Return all corrections in the record of a subject."""
        ...

    async def save(self, correction: Correction, completed_on: date | None) -> None:
        """Save its remedy and completion over the version that was read; raises CaseChangedMeanwhile."""
        ...

    async def add_recipient(self, notification: RecipientNotification, correction: Correction) -> None:
        """Add a recipient that has to be notified of a correction."""
        ...

    async def recipients(self, subject_id: UUID, correction_id: UUID) -> Sequence[RecipientNotification]:
        """Return all recipients of a correction, notified or not."""
        ...

    async def correction_of(self, subject_id: UUID, telling_id: UUID) -> UUID | None:
        """Return the correction of a recipient notification, or None."""
        ...

    async def record_notified(self, notification: RecipientNotification, fact: Fact, at: datetime) -> bool:
        """Record that a recipient has been notified; False if that was recorded before."""
        ...

    async def deliver(self, sent: Sent) -> None:
        """Append a delivery about a case. There is no other operation: deliveries are never changed."""
        ...

    async def deliveries_of(self, subject_id: UUID) -> Sequence[Delivery]:
        """Return the deliveries about the cases of a subject."""
        ...


class ObjectionStore(Protocol):
    """Objections, and the records that they are about."""

    async def contested(self, subject_id: UUID, kind: RecordKind, record_id: UUID, today: date) -> Contested | None:
        """Return a record of the subject other than a case, or None if there is none that the subject may know."""
        ...

    async def add(self, objection: Objection, raised_as: str, text: SealedText | None, at: datetime) -> None:
        """Add an objection with its sealed text; a paper may stand without one."""
        ...

    async def load(self, subject_id: UUID, objection_id: UUID) -> Objection | None:
        """Return the objection, or None; it is locked until this unit of work ends."""
        ...

    async def of_record(self, subject_id: UUID, kind: RecordKind, record_id: UUID) -> Sequence[Objection]:
        """Return the objections to one record; no other can be raised to it until this unit of work ends."""
        ...

    async def save(self, objection: Objection, reasons: SealedText | None, at: datetime) -> None:
        """Save who answers it, and the answer, over the version that was read; raises CaseChangedMeanwhile."""
        ...

    async def append(self, step: RecordedStep) -> None:
        """Append a step of a record that is about no case, and its pending leaf."""
        ...


class SealedRows(Protocol):
    """Rows with sealed columns, and their re-encryption for the next version."""

    async def load(self, table: str, subject_id: UUID, row_id: UUID) -> SealedRow | None:
        """Return the sealed columns of a row with their key; None if there is no such row, or its key is destroyed."""
        ...

    async def save(self, row: SealedRow, boxes: Mapping[str, SealedText | None], at: datetime) -> None:
        """Replace all sealed columns of the row with *boxes*, sealed for the next version; CaseChangedMeanwhile."""
        ...
