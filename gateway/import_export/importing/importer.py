"""What the importers of all kinds share: parsed rows, registered subjects, and the marks of done rows.

A subject is found by number, or registered. A clerk with a list of numbers must not find out who is on record (decision
5), so both cases have the same outcome, and nothing on record is changed; only a name that differs is refused [5.1.3].
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final, Generic, TypeVar
from uuid import UUID

from consent.leaves.number_lookups import Entrance, NumberLookup
from consent.vocabulary import Purpose
from credit.core.recorded_step import SALT_BYTES, RecordedStep
from credit.subjects.registration_record import RegistrationChannel, RegistrationRecord
from gateway.import_export.files.table_reader import Cells, TableRow
from gateway.import_export.importing.candidates import Content, ParsedRow, Problems, RowsSoFar, read_parsed_row
from gateway.import_export.importing.compare import RowOutcome, RowResult, refused_as_damaged
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.recorded_opening import ItemDamaged
from gateway.subjects.seal_registration import new_subject
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from schema.core.ports import TriedNumber
from storage.database.session import Session
from storage.repositories.messages.imported_rows import take_in
from storage.repositories.messages.outbox import NewMessage
from storage.repositories.subjects.subjects import NewSubject

NOTED: Final = frozenset({RowResult.TAKEN_IN, RowResult.CHANGED, RowResult.UNCHANGED})
"""The results that are recorded with the file."""

Existing = TypeVar("Existing")
Record = TypeVar("Record")


@dataclass(slots=True)
class ImportBatch(Generic[Record]):
    """The data that one transaction, or a part of it, will write; all of it is sealed."""

    rows: int
    subjects: list[NewSubject] = field(default_factory=list)
    added: list[Record] = field(default_factory=list)
    changed: list[Record] = field(default_factory=list)
    """Existing records with the data of the row."""
    steps: list[RecordedStep] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    lookups: list[NumberLookup] = field(default_factory=list)
    """One entry for each row that was looked up, refused or not [5.1.6]."""
    registrations: list[RegistrationRecord] = field(default_factory=list)
    """Who put whom on record, new or known."""
    notes: dict[RowResult, list[int]] = field(default_factory=dict)
    """The lines that are then done, by their result."""


@dataclass(slots=True)
class Importer(ABC, Generic[Content, Existing, Record]):
    """Imports one file of one kind for one actor. Done rows are marked under *mark*."""

    kind: ClassVar[str]
    purpose: ClassVar[Purpose]

    context: ImportContext
    mark: str
    registered: dict[bytes, tuple[UUID, bytes]] = field(default_factory=dict, repr=False, init=False)
    """Subjects that this run registers, with their wrapped keys, by search term: until the record has them."""

    @property
    def now(self) -> datetime:
        """The instant of the import."""
        return self.context.now

    def read(self, row: TableRow) -> ParsedRow[Content] | Problems:
        """Return the parsed row, or every problem with it."""
        return read_parsed_row(row.line, lambda: self.parse(row.cells), self.context.services.keyring)

    async def record(self, new: Sequence[ParsedRow[Content]], existing: Existing, seen: RowsSoFar) -> None:
        """Record what `compare` will open, before it is opened. By default nothing: no sealed data is opened."""

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> ImportBatch[Record]:
        """Seal the data to write. Sealing is slower than writing, so it is done before the transaction."""
        batch: ImportBatch[Record] = ImportBatch(len(row_outcomes), lookups=self.lookups(row_outcomes))
        for row_outcome in row_outcomes:
            if row_outcome.parsed_row is not None:
                self.prepare_row(row_outcome, row_outcome.parsed_row, batch)
            if row_outcome.outcome in NOTED:
                batch.notes.setdefault(row_outcome.outcome, []).append(row_outcome.line)
        return batch

    def lookups_only(self, row_outcomes: Sequence[RowOutcome]) -> ImportBatch[Record]:
        """Return a batch that writes nothing but who was looked up."""
        return ImportBatch(len(row_outcomes), lookups=self.lookups(row_outcomes))

    def lookups(self, row_outcomes: Sequence[RowOutcome]) -> list[NumberLookup]:
        """Return the entry of each row that was looked up [5.1.6]."""
        context, tried = self.context, [one.tried for one in row_outcomes if one.tried is not None]
        return context.services.lookups.entries(context.actor, self.purpose, Entrance.IMPORT, tried)

    def decide(self, parsed_row: ParsedRow[Content], existing: Existing, seen: RowsSoFar) -> RowOutcome:
        """Return the outcome of one row, with its number; the rows after it must agree with it.

        It is a hit if the record refuses the row: only then does the answer tell of somebody. What is taken in is
        answered alike for a new number and a known one, and what the department has recorded itself is no news to it.
        """
        try:
            row_outcome = self.compare(parsed_row, existing, seen)
            self.require_whole(row_outcome)
        except ItemDamaged as damaged:
            row_outcome = refused_as_damaged(parsed_row, damaged)
        is_refused = row_outcome.outcome is RowResult.REFUSED
        unknown = self.compare(parsed_row, self.without_subjects(existing), seen) if is_refused else row_outcome
        if not is_refused:
            seen.accept(parsed_row)
        return replace(
            row_outcome,
            warnings=() if is_refused else parsed_row.intake.warnings,
            tried=TriedNumber(parsed_row.number, is_hit=row_outcome.problems != unknown.problems),
        )

    def require_whole(self, row_outcome: RowOutcome) -> None:
        """Raise ItemDamaged unless all opens that `prepare_row` will seal again. By default it seals nothing again."""

    async def write(self, work: SealingUnitOfWork, batch: ImportBatch[Record]) -> None:
        """Write a batch; raises Stale or SubjectAlreadyRegistered where the record has changed in the meantime."""
        await work.subjects.register_all(batch.subjects)
        await self.write_records(work, batch)
        await work.subjects.record(batch.registrations)
        await work.own_logs.append_lookups(batch.lookups)
        await work.messages.enqueue_all(batch.messages)
        for outcome, lines in batch.notes.items():
            await take_in(work.session, self.mark, lines, outcome.value, self.now)

    async def finish(self, work: SealingUnitOfWork) -> None:
        """Do what comes last before the commit. By default nothing."""

    def forget(self) -> None:
        """Forget what a failed attempt would have written."""
        self.registered.clear()

    def register(self, parsed_row: ParsedRow[Content], batch: ImportBatch[Record]) -> tuple[UUID, bytes]:
        """Return the subject of a row that is not on record, with its wrapped key: once for each number of a run."""
        if parsed_row.term not in self.registered:
            context, registration = self.context, parsed_row.intake.subject
            new = new_subject(
                registration,
                context.services.keyring,
                area_name=context.lists.reference.areas[registration.area_code],
                by=context.actor.ref,
                at=context.now,
                new_id=context.services.runtime.new_id,
            )
            batch.subjects.append(new)
            self.registered[parsed_row.term] = new.subject_id, new.key.wrapped
        return self.registered[parsed_row.term]

    def note_registration(self, subject_id: UUID, batch: ImportBatch[Record], case_id: UUID | None = None) -> None:
        """Add to *batch* that this file puts the subject on record, whether it is new or known [5.1.6]."""
        context = self.context
        runtime, actor = context.services.runtime, context.actor
        made = RegistrationRecord(
            subject_id=subject_id,
            registration_id=runtime.new_id(),
            at=self.now,
            actor_ref=actor.ref,
            role=actor.role.value,
            department_code=actor.department,
            channel=RegistrationChannel.IMPORT,
            case_id=case_id,
            salt=runtime.random(SALT_BYTES),
        )
        batch.registrations.append(made)

    @abstractmethod
    def parse(self, cells: Cells) -> Content:
        """Return the content of a row; raises RowRefused."""

    @abstractmethod
    async def look_up(self, session: Session, new: Sequence[ParsedRow[Content]]) -> Existing:
        """Find the existing records of a batch."""

    @abstractmethod
    def compare(self, parsed_row: ParsedRow[Content], existing: Existing, seen: RowsSoFar) -> RowOutcome:
        """Return the outcome of one row."""

    @abstractmethod
    def without_subjects(self, existing: Existing, /) -> Existing:
        """Return *existing* as it would be if no subject of the batch were on record."""

    @abstractmethod
    def prepare_row(self, row_outcome: RowOutcome, parsed_row: ParsedRow[Content], batch: ImportBatch[Record]) -> None:
        """Add the sealed data of one compared row to *batch*."""

    @abstractmethod
    async def write_records(self, work: SealingUnitOfWork, batch: ImportBatch[Record]) -> None:
        """Write the added and the changed records; raises Stale."""
