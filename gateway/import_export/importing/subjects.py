"""Imports subjects: registration only, as `registerSubject` does it at the window [3.2] [5.1.3] [6.2]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from consent.vocabulary import DataClass, Purpose
from credit.core.errors import RowRefused
from credit.file_formats.case_columns import NUMBER
from credit.file_formats.subject_rows import SubjectRow, parse_subject_row
from gateway.import_export.files.table_reader import TableRow
from gateway.import_export.importing.candidates import ParsedRow, Problems, RowsSoFar, parsed_row_of
from gateway.import_export.importing.compare import RowOutcome, RowResult
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.subjects_of_rows import RowSubjects, compare_with_file, find_owners, owner_of
from storage.database.session import Session
from storage.repositories.messages.imported_rows import take_in
from storage.repositories.subjects.subjects import NewSubject, Term
from storage.unit_of_work import SqlUnitOfWork

WRITTEN: Final = (DataClass.SUBJECT,)


@dataclass(frozen=True, slots=True)
class Registered(RowOutcome):
    """A row, with its existing subject if there is one."""

    known: UUID | None = None


@dataclass(slots=True)
class SubjectBatch:
    """The data that one transaction, or a part of it, will write."""

    rows: int
    subjects: list[NewSubject] = field(default_factory=list)
    notes: dict[RowResult, list[int]] = field(default_factory=dict)


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    context.admit_writing(Purpose.APPLICATION_HANDLING, WRITTEN)


async def open_importer(context: ImportContext, mark: str) -> "SubjectImporter":
    """Return the importer for a file, whose rows are marked as done under *mark*."""
    return SubjectImporter(context, mark, context.now, RowSubjects(context))


@dataclass(slots=True)
class SubjectImporter:
    """Imports subjects."""

    context: ImportContext
    mark: str
    now: datetime
    row_subjects: RowSubjects
    kind: str = "subjects"

    def read(self, row: TableRow) -> ParsedRow[SubjectRow] | Problems:
        """Return the parsed row, or every problem with it."""
        context = self.context
        try:
            read = parse_subject_row(row.cells, context.lists.reference, today=context.today)
        except RowRefused as refused:
            return refused.problems
        return parsed_row_of(row.line, read, context.services.keyring)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[SubjectRow]]) -> Mapping[Term, UUID]:
        """Find the existing subjects."""
        return await find_owners(session, new)

    async def record(
        self, new: Sequence[ParsedRow[SubjectRow]], existing: Mapping[Term, UUID], seen: RowsSoFar
    ) -> None:
        """Record nothing: no sealed data is opened."""

    def compare(self, parsed_row: ParsedRow[SubjectRow], existing: Mapping[Term, UUID], seen: RowsSoFar) -> RowOutcome:
        """Return the outcome of one row: taken in, whether or not its subject was known (decision 5)."""
        row_outcome = compare_with_file(parsed_row, seen, NUMBER)
        if row_outcome is None:
            row_outcome = Registered(
                parsed_row.line, RowResult.TAKEN_IN, parsed_row, known=owner_of(parsed_row, existing)
            )
        if row_outcome.outcome is not RowResult.REFUSED:
            seen.accept(parsed_row)
        return row_outcome

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> SubjectBatch:
        """Seal new subjects."""
        batch = SubjectBatch(len(row_outcomes))
        for row_outcome in row_outcomes:
            if isinstance(row_outcome, Registered) and row_outcome.parsed_row is not None:
                self.row_subjects.owner(row_outcome.parsed_row, row_outcome.known, batch.subjects)
            if row_outcome.outcome in {RowResult.TAKEN_IN, RowResult.UNCHANGED}:
                batch.notes.setdefault(row_outcome.outcome, []).append(row_outcome.line)
        return batch

    async def write(self, work: SqlUnitOfWork, batch: SubjectBatch) -> None:
        """Register the new subjects; raises SubjectAlreadyRegistered where another writer was faster."""
        await work.subjects.register_all(batch.subjects)
        for outcome, lines in batch.notes.items():
            await take_in(work.session, self.mark, lines, outcome.value, self.now)

    def forget(self) -> None:
        """Forget the subjects that a failed attempt would have registered."""
        self.row_subjects.made.clear()
