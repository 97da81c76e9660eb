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
from gateway.import_export.files.table_reader import Row
from gateway.import_export.importing.candidates import Candidate, Problems, Seen, candidate_of
from gateway.import_export.importing.compare import Outcome, Verdict
from gateway.import_export.importing.import_context import Opening
from gateway.import_export.importing.subjects_of_rows import Enrolling, find_owners, held_to_file, owner_of
from storage.database.session import Session
from storage.repositories.messages.imported_rows import take_in
from storage.repositories.subjects.subjects import NewSubject, Term
from storage.unit_of_work import UnitOfWork

WRITTEN: Final = (DataClass.SUBJECT,)


@dataclass(frozen=True, slots=True)
class Registered(Verdict):
    """A row, and who on record it is about, if anybody."""

    known: UUID | None = None


@dataclass(slots=True)
class Batch:
    """What one transaction, or a part of one, will write."""

    rows: int
    subjects: list[NewSubject] = field(default_factory=list)
    notes: dict[Outcome, list[int]] = field(default_factory=dict)


def admit(opening: Opening) -> None:
    """Refuse who may not; raises ExchangeRefused."""
    opening.admit_writing(Purpose.APPLICATION_HANDLING, WRITTEN)


async def open_desk(opening: Opening, mark: str) -> "Enrolment":
    """Return the desk for a file, whose rows are noted under *mark*."""
    return Enrolment(opening, mark, opening.now, Enrolling(opening))


@dataclass(slots=True)
class Enrolment:
    """The desk."""

    opening: Opening
    mark: str
    now: datetime
    enrolling: Enrolling
    kind: str = "subjects"

    def read(self, row: Row) -> Candidate[SubjectRow] | Problems:
        """Return the row, or everything that is wrong with it."""
        opening = self.opening
        try:
            read = parse_subject_row(row.cells, opening.lists.reference, today=opening.today)
        except RowRefused as refused:
            return refused.problems
        return candidate_of(row.line, read, opening.parts.keyring)

    async def look_up(self, session: Session, new: Sequence[Candidate[SubjectRow]]) -> Mapping[Term, UUID]:
        """Find who is on record."""
        return await find_owners(session, new)

    async def record(self, new: Sequence[Candidate[SubjectRow]], standing: Mapping[Term, UUID], seen: Seen) -> None:
        """Record nothing: nothing on record is opened."""

    def judge(self, candidate: Candidate[SubjectRow], standing: Mapping[Term, UUID], seen: Seen) -> Verdict:
        """Return what becomes of one row: taken in, whether or not its subject was known (decision 5)."""
        verdict = held_to_file(candidate, seen, NUMBER)
        if verdict is None:
            verdict = Registered(candidate.line, Outcome.TAKEN_IN, candidate, known=owner_of(candidate, standing))
        if verdict.outcome is not Outcome.REFUSED:
            seen.accept(candidate)
        return verdict

    def prepare(self, verdicts: Sequence[Verdict]) -> Batch:
        """Seal who is new."""
        batch = Batch(len(verdicts))
        for verdict in verdicts:
            if isinstance(verdict, Registered) and verdict.candidate is not None:
                self.enrolling.owner(verdict.candidate, verdict.known, batch.subjects)
            if verdict.outcome in {Outcome.TAKEN_IN, Outcome.UNCHANGED}:
                batch.notes.setdefault(verdict.outcome, []).append(verdict.line)
        return batch

    async def write(self, work: UnitOfWork, batch: Batch) -> None:
        """Register them; raises SubjectAlreadyRegistered where somebody else has in the meantime."""
        await work.subjects.register_all(batch.subjects)
        for outcome, lines in batch.notes.items():
            await take_in(work.session, self.mark, lines, outcome.value, self.now)

    def forget(self) -> None:
        """Forget whom an attempt that failed was about to register."""
        self.enrolling.made.clear()
