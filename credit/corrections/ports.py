"""What the actions on corrections and objections need of others: their stores, and the boxes that are sealed anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from credit.cases.case import Fact
from credit.core.recorded_step import RecordedStep
from credit.corrections.correction import Correction, Delivery, RecipientMessage
from credit.objections.objection import Objection, RecordKind
from credit.subjects.identifiers import Identifier
from credit.subjects.subject import Sealed, SealedText


@dataclass(frozen=True, slots=True)
class RecipientNotification:
    """A recipient that has to be told of a correction, and the message of the outbox that carries it."""

    subject_id: UUID
    telling_id: UUID
    correction_id: UUID
    message: RecipientMessage
    message_id: UUID
    left_at: datetime
    told_on: date | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as it is kept: about whom, and with which message of the outbox, if any."""

    subject_id: UUID
    delivery_id: UUID
    delivery: Delivery
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Contested:
    """A record that its subject may object to: which department answers for it, and who had a hand in it."""

    kind: RecordKind
    record_id: UUID
    department_code: str | None
    handled_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row with sealed columns, all bound to its version: sealed anew together, or not at all. None: no value."""

    table: str
    subject_id: UUID
    row_id: UUID
    version: int
    boxes: Mapping[str, Sealed | None] = field(repr=False)
    masks: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is put right of who a subject is, each known to be well formed; None leaves it as it is."""

    name: str | None = field(default=None, repr=False)
    identifier: Identifier | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)


class CorrectionStore(Protocol):
    """Corrections, who has to be told of each, and what went out about a case."""

    async def add(self, correction: Correction, at: datetime) -> None:
        """Keep a new correction, recorded at an instant."""
        ...

    async def load(self, subject_id: UUID, correction_id: UUID) -> Correction | None:
        """Return the correction, or None; nobody else changes it until this unit of work ends."""
        ...

    async def of_subject(self, subject_id: UUID) -> Sequence[Correction]:
        """Return all corrections in the record of a subject."""
        ...

    async def save(self, correction: Correction, completed_on: date | None) -> None:
        """Keep how it was mended and completed over the version read; raises CaseChangedMeanwhile."""
        ...

    async def leave(self, telling: RecipientNotification, correction: Correction) -> None:
        """Keep that a recipient has to be told of a correction."""
        ...

    async def tellings(self, subject_id: UUID, correction_id: UUID) -> Sequence[RecipientNotification]:
        """Return who has to be told of a correction, told since or not."""
        ...

    async def correction_of(self, subject_id: UUID, telling_id: UUID) -> UUID | None:
        """Return the correction that a telling is of, or None."""
        ...

    async def tell(self, telling: RecipientNotification, fact: Fact, at: datetime) -> bool:
        """Note that a recipient has been told; False where that was noted before."""
        ...

    async def deliver(self, sent: Sent) -> None:
        """Append what went out about a case. There is no other verb: deliveries are never changed."""
        ...

    async def deliveries_of(self, subject_id: UUID) -> Sequence[Delivery]:
        """Return what went out about the cases of a subject."""
        ...


class ObjectionStore(Protocol):
    """Objections, and the records that they are about."""

    async def contested(self, subject_id: UUID, kind: RecordKind, record_id: UUID) -> Contested | None:
        """Return a record of the subject other than a case, or None where it has none that it may know of."""
        ...

    async def add(self, objection: Objection, raised_as: str, text: SealedText, at: datetime) -> None:
        """Keep a new objection with its sealed text."""
        ...

    async def load(self, subject_id: UUID, objection_id: UUID) -> Objection | None:
        """Return the objection, or None; nobody else changes it until this unit of work ends."""
        ...

    async def of_record(self, subject_id: UUID, kind: RecordKind, record_id: UUID) -> Sequence[Objection]:
        """Return the objections to one record; no other is raised to it until this unit of work ends."""
        ...

    async def save(self, objection: Objection, reasons: SealedText | None, at: datetime) -> None:
        """Keep who answers it, and the answer, over the version read; raises CaseChangedMeanwhile."""
        ...

    async def append(self, step: RecordedStep) -> None:
        """Append a step of what is about no case, and pend its leaf."""
        ...


class SealedRows(Protocol):
    """Rows with sealed columns, and their next version."""

    async def load(self, table: str, subject_id: UUID, row_id: UUID) -> SealedRow | None:
        """Return the boxes of a row with their key; None where there is no such row, or no key any more."""
        ...

    async def save(self, row: SealedRow, boxes: Mapping[str, SealedText | None], at: datetime) -> None:
        """Put *boxes*, sealed at the next version, in the place of all of the row's; raises CaseChangedMeanwhile."""
        ...
