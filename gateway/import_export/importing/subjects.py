"""Imports subjects: registration only, as `registerSubject` does it at the window [3.2] [5.1.3] [6.2]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from consent.vocabulary import DataClass, Purpose
from credit.file_formats.case_columns import NUMBER
from credit.file_formats.subject_rows import SubjectRow, parse_subject_row
from gateway.import_export.errors import RowFlaw
from gateway.import_export.files.table_reader import Cells
from gateway.import_export.importing.candidates import ParsedRow, RowsSoFar
from gateway.import_export.importing.compare import (
    RowOutcome,
    RowResult,
    compare_name,
    compare_with_file,
    name_to_compare,
)
from gateway.import_export.importing.existing_records import KnownSubject, known_subjects, of_row
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.importer import ImportBatch, Importer
from gateway.import_export.importing.recorded_opening import RecordedOpening
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from storage.database.session import Session
from storage.repositories.subjects.subjects import Term

WRITTEN: Final = (DataClass.SUBJECT,)
Owners = Mapping[Term, KnownSubject]


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    context.admit_writing(Purpose.APPLICATION_HANDLING, WRITTEN)


async def open_importer(context: ImportContext, mark: str) -> "SubjectImporter":
    """Return the importer for a file, whose rows are marked as done under *mark*."""
    opening = RecordedOpening(
        context.services, context.actor, mark, Purpose.APPLICATION_HANDLING, request_id=context.request_id
    )
    return SubjectImporter(context, mark, opening)


@dataclass(slots=True)
class SubjectImporter(Importer[SubjectRow, Owners, None]):
    """Imports subjects."""

    kind: ClassVar[str] = "subjects"
    purpose: ClassVar[Purpose] = Purpose.APPLICATION_HANDLING

    recorded_opening: RecordedOpening

    def parse(self, cells: Cells) -> SubjectRow:
        return parse_subject_row(cells, self.context.lists.reference, today=self.context.today)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[SubjectRow]]) -> Owners:
        return await known_subjects(session, new, department=self.context.actor.department, today=self.context.today)

    async def record(self, new: Sequence[ParsedRow[SubjectRow]], existing: Owners, seen: RowsSoFar) -> None:
        """Record the names that `compare` opens [5.1.6]."""
        await self.recorded_opening.record(
            box for one in new for box in name_to_compare(one, of_row(one, existing), seen)
        )

    def compare(self, parsed_row: ParsedRow[SubjectRow], existing: Owners, seen: RowsSoFar) -> RowOutcome:
        """Return the outcome of one row: taken in, whether or not its subject was known (decision 5)."""
        known = of_row(parsed_row, existing)
        return (
            compare_with_file(parsed_row, seen, RowFlaw.RECORD_TWICE.at(NUMBER))
            or compare_name(parsed_row, known, seen, self.recorded_opening.open)
            or RowOutcome(parsed_row.line, RowResult.TAKEN_IN, parsed_row, known)
        )

    def without_subjects(self, _existing: Owners, /) -> Owners:
        return {}

    def prepare_row(self, row_outcome: RowOutcome, parsed_row: ParsedRow[SubjectRow], batch: ImportBatch[None]) -> None:
        """Seal a new subject, and note who put it on record."""
        known = row_outcome.subject
        if row_outcome.outcome is RowResult.TAKEN_IN:
            self.note_registration(self.register(parsed_row, batch)[0] if known is None else known.subject_id, batch)

    async def write_records(self, work: SealingUnitOfWork, batch: ImportBatch[None]) -> None:
        """Write nothing but the subjects."""
