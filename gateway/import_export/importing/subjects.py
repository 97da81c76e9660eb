"""Takes in subjects: registration only, as `registerSubject` does it at the window [3.2] [5.1.3] [6.2]."""

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
from gateway.import_export.importing.subjects_of_rows import Enrolling, find_owners, held_to_file, owner_of
from storage.database.session import Session
from storage.repositories.messages.imported_rows import take_in
from storage.repositories.subjects.subjects import NewSubject, Term
from storage.unit_of_work import SqlUnitOfWork

WRITTEN: Final = (DataClass.SUBJECT,)


@dataclass(frozen=True, slots=True)
class Registered(RowOutcome):
    """A row, and who on record it is about, if anybody."""

    known: UUID | None = None


@dataclass(slots=True)
class SubjectBatch:
    """What one transaction, or a part of one, will write."""

    rows: int
    subjects: list[NewSubject] = field(default_factory=list)
    notes: dict[RowResult, list[int]] = field(default_factory=dict)


def admit(opening: ImportContext) -> None:
    """Refuse who may not; raises ExchangeRefused."""
    opening.admit_writing(Purpose.APPLICATION_HANDLING, WRITTEN)


async def open_importer(opening: ImportContext, mark: str) -> "Enrolment":
    """Return the desk for a file, whose rows are noted under *mark*."""
    return Enrolment(opening, mark, opening.now, Enrolling(opening))


@dataclass(slots=True)
class Enrolment:
    """The desk."""

    opening: ImportContext
    mark: str
    now: datetime
    enrolling: Enrolling
    kind: str = "subjects"

    def read(self, row: TableRow) -> ParsedRow[SubjectRow] | Problems:
        """Return the row, or everything that is wrong with it."""
        opening = self.opening
        try:
            read = parse_subject_row(row.cells, opening.lists.reference, today=opening.today)
        except RowRefused as refused:
            return refused.problems
        return parsed_row_of(row.line, read, opening.services.keyring)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[SubjectRow]]) -> Mapping[Term, UUID]:
        """Find who is on record."""
        return await find_owners(session, new)

    async def record(
        self, new: Sequence[ParsedRow[SubjectRow]], existing: Mapping[Term, UUID], seen: RowsSoFar
    ) -> None:
        """Record nothing: nothing on record is opened."""

    def compare(self, parsed_row: ParsedRow[SubjectRow], existing: Mapping[Term, UUID], seen: RowsSoFar) -> RowOutcome:
        """Return what becomes of one row: taken in, whether or not its subject was known (decision 5)."""
        outcome_of_row = held_to_file(parsed_row, seen, NUMBER)
        if outcome_of_row is None:
            outcome_of_row = Registered(
                parsed_row.line, RowResult.TAKEN_IN, parsed_row, known=owner_of(parsed_row, existing)
            )
        if outcome_of_row.outcome is not RowResult.REFUSED:
            seen.accept(parsed_row)
        return outcome_of_row

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> SubjectBatch:
        """Seal who is new."""
        batch = SubjectBatch(len(row_outcomes))
        for outcome_of_row in row_outcomes:
            if isinstance(outcome_of_row, Registered) and outcome_of_row.parsed_row is not None:
                self.enrolling.owner(outcome_of_row.parsed_row, outcome_of_row.known, batch.subjects)
            if outcome_of_row.outcome in {RowResult.TAKEN_IN, RowResult.UNCHANGED}:
                batch.notes.setdefault(outcome_of_row.outcome, []).append(outcome_of_row.line)
        return batch

    async def write(self, work: SqlUnitOfWork, batch: SubjectBatch) -> None:
        """Register them; raises SubjectAlreadyRegistered where somebody else has in the meantime."""
        await work.subjects.register_all(batch.subjects)
        for outcome, lines in batch.notes.items():
            await take_in(work.session, self.mark, lines, outcome.value, self.now)

    def forget(self) -> None:
        """Forget whom an attempt that failed was about to register."""
        self.enrolling.made.clear()
