"""Imports a window's applications and their applicants [4.2] [6.2].

A row creates an application, or moves an existing one forward: accepted, decided, withdrawn. A file never changes
recorded data: each step has its own date and actor. No sealed data of the subject is opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from consent.vocabulary import DataClass, Purpose
from credit.applications.application import Application, ApplicationStep, Facilitation
from credit.applications.application import Outcome as Ending
from credit.applications.refusals import ApplicationChangedMeanwhile, ApplicationNumberTaken
from credit.calendar.deadlines import civil_date
from credit.core.errors import RowRefused
from credit.core.recorded_step import SALT_BYTES, RecordedStep
from credit.file_formats.application_rows import ApplicationRow, Window, parse_application_row
from credit.file_formats.case_columns import APPLICATION_NUMBER
from gateway.import_export.errors import RowFlaw
from gateway.import_export.files.table_reader import TableRow
from gateway.import_export.importing.candidates import ParsedRow, Problems, RowsSoFar, parsed_row_of
from gateway.import_export.importing.compare import RowOutcome, RowResult
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.subjects_of_rows import RowSubjects, compare_with_file, find_owners, owner_of
from storage.database.session import Session
from storage.errors import Stale
from storage.repositories.applications import ApplicationRepository
from storage.repositories.messages.imported_rows import take_in
from storage.repositories.messages.outbox import NewMessage
from storage.repositories.subjects.subjects import NewSubject, Term
from storage.tables import matters
from storage.unit_of_work import SqlUnitOfWork

WRITTEN: Final = (DataClass.APPLICATION, DataClass.SUBJECT)
NOTED: Final = frozenset({RowResult.TAKEN_IN, RowResult.CHANGED, RowResult.UNCHANGED})


@dataclass(frozen=True, slots=True)
class ExistingSubjects:
    """The existing records of a batch: subjects by search term, the department's applications by number."""

    owners: Mapping[Term, UUID]
    filed: Mapping[str, Application]


@dataclass(frozen=True, slots=True)
class Filing(RowOutcome):
    """A row with its existing subject and application, if there are any."""

    known: UUID | None = None
    existing: Application | None = None


@dataclass(slots=True)
class ApplicationBatch:
    """The data that one transaction, or a part of it, will write."""

    rows: int
    subjects: list[NewSubject] = field(default_factory=list)
    added: list[Application] = field(default_factory=list)
    changed: list[Application] = field(default_factory=list)
    """Existing applications, each at the version that the change replaces."""
    steps: list[RecordedStep] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    notes: dict[RowResult, list[int]] = field(default_factory=dict)


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    context.admit_writing(Purpose.APPLICATION_HANDLING, WRITTEN)


async def open_importer(context: ImportContext, mark: str) -> "ApplicationImporter":
    """Return the importer of the actor's department for a file, whose rows are marked as done under *mark*."""
    department = str(context.actor.department)
    async with context.services.database.reading() as session:
        rows = await session.fetch(
            select(matters.c.code, matters.c.name_zh).where(matters.c.department_code == department)
        )
    window = Window(department, {code: name for code, name in rows})  # noqa: C416 - a row of the database is no pair
    return ApplicationImporter(context, mark, context.now, window, RowSubjects(context))


@dataclass(slots=True)
class ApplicationImporter:
    """Imports applications."""

    context: ImportContext
    mark: str
    now: datetime
    window: Window
    row_subjects: RowSubjects
    kind: str = "applications"

    def read(self, row: TableRow) -> ParsedRow[ApplicationRow] | Problems:
        """Return the parsed row, or every problem with it."""
        context = self.context
        try:
            read = parse_application_row(row.cells, context.lists.reference, self.window, now=self.now)
        except RowRefused as refused:
            return refused.problems
        return parsed_row_of(row.line, read, context.services.keyring)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[ApplicationRow]]) -> ExistingSubjects:
        """Find the existing subjects and applications."""
        numbers = sorted({one.intake.number for one in new})
        filed = await ApplicationRepository(session).numbered(self.window.department, numbers)
        return ExistingSubjects(await find_owners(session, new), {str(one.number): one for one in filed})

    async def record(
        self, new: Sequence[ParsedRow[ApplicationRow]], existing: ExistingSubjects, seen: RowsSoFar
    ) -> None:
        """Record nothing: no sealed data is opened."""

    def compare(self, parsed_row: ParsedRow[ApplicationRow], existing: ExistingSubjects, seen: RowsSoFar) -> RowOutcome:
        """Return the outcome of one row; the rows after it must agree with it."""
        row_outcome = compare_with_file(parsed_row, seen, APPLICATION_NUMBER) or self._compare_with_record(
            parsed_row, existing
        )
        if row_outcome.outcome is not RowResult.REFUSED:
            seen.accept(parsed_row)
        return row_outcome

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> ApplicationBatch:
        """Seal new subjects, and make the steps that the rows state."""
        batch = ApplicationBatch(len(row_outcomes))
        for row_outcome in row_outcomes:
            if isinstance(row_outcome, Filing) and row_outcome.parsed_row is not None:
                self._file(row_outcome, row_outcome.parsed_row, batch)
            if row_outcome.outcome in NOTED:
                batch.notes.setdefault(row_outcome.outcome, []).append(row_outcome.line)
        return batch

    async def write(self, work: SqlUnitOfWork, batch: ApplicationBatch) -> None:
        """Write a batch; raises Stale or SubjectAlreadyRegistered where the record has changed in the meantime."""
        await work.subjects.register_all(batch.subjects)
        for one in batch.added:
            try:
                await work.applications.add(one)
            except ApplicationNumberTaken:
                raise Stale("application", one.application_id) from None
        for one in batch.changed:
            try:
                await work.applications.save(one, one.version, self.now)
            except ApplicationChangedMeanwhile:
                raise Stale("application", one.application_id) from None
        for step in batch.steps:
            await work.applications.append(step)
        await work.messages.leave_all(batch.messages)
        for outcome, lines in batch.notes.items():
            await take_in(work.session, self.mark, lines, outcome.value, self.now)

    def forget(self) -> None:
        """Forget the subjects that a failed attempt would have registered."""
        self.row_subjects.made.clear()

    def _compare_with_record(self, parsed_row: ParsedRow[ApplicationRow], existing: ExistingSubjects) -> RowOutcome:
        row, known = parsed_row.intake, owner_of(parsed_row, existing.owners)
        found = existing.filed.get(row.number)
        if found is None:
            return Filing(parsed_row.line, RowResult.TAKEN_IN, parsed_row, known=known)
        # An actor who may not know of an application gets the same answer as for another subject's number.
        if found.confidential or found.subject_id != known or not _agrees(found, row):
            return RowOutcome(
                parsed_row.line, RowResult.REFUSED, problems=(RowFlaw.APPLICATION_NOT_OPEN.at(APPLICATION_NUMBER),)
            )
        if _led_further(found, row) == found:
            return RowOutcome(parsed_row.line, RowResult.UNCHANGED)
        return Filing(parsed_row.line, RowResult.CHANGED, parsed_row, known=known, existing=found)

    def _file(self, row_outcome: Filing, parsed_row: ParsedRow[ApplicationRow], batch: ApplicationBatch) -> None:
        row, found = parsed_row.intake, row_outcome.existing
        if found is not None:
            led = _led_further(found, row)
            batch.changed.append(led)
            batch.steps += self._steps(found, led)
            batch.messages += self._messages(found, led)
            return
        filed = Application(
            subject_id=self.row_subjects.owner(parsed_row, row_outcome.known, batch.subjects),
            application_id=self.context.services.runtime.new_id(),
            matter_code=row.matter_code,
            department_code=self.window.department,
            number=row.number,
            channel=row.channel or Facilitation.ORDINARY,
            clerk_ref=self.context.actor.ref,
            filed_at=row.filed.at,
        )
        led = _led_further(filed, row)
        batch.added.append(led)
        batch.steps.append(self._step(filed, ApplicationStep.FILED, row.filed.at, {"matter_code": row.matter_code}))
        batch.steps += self._steps(filed, led)

    def _steps(self, before: Application, after: Application) -> list[RecordedStep]:
        """Return the steps between the two, each on its own day, entered now, with the file as its evidence."""
        steps = []
        if after.accepted_at is not None and before.accepted_at is None:
            steps.append(self._step(after, ApplicationStep.ACCEPTED, after.accepted_at, {}))
        if after.decided_at is not None and before.decided_at is None and after.outcome is not None:
            withdrawn = after.outcome is Ending.WITHDRAWN
            step = ApplicationStep.WITHDRAWN if withdrawn else ApplicationStep.DECIDED
            facts = {} if withdrawn else {"outcome": after.outcome.value}
            steps.append(self._step(after, step, after.decided_at, facts))
        return steps

    def _step(self, of: Application, step: ApplicationStep, at: datetime, facts: Mapping[str, str]) -> RecordedStep:
        runtime, actor = self.context.services.runtime, self.context.actor
        return RecordedStep(
            subject_id=of.subject_id,
            step_id=runtime.new_id(),
            about=of.application_id,
            step=step.value,
            on=civil_date(at),
            at=self.now,
            actor_ref=actor.ref,
            role=actor.role.value,
            department_code=actor.department,
            evidence=(f"file:{self.mark}",),
            facts=facts,
            salt=runtime.random(SALT_BYTES),
        )

    def _messages(self, before: Application, after: Application) -> list[NewMessage]:
        """Return the messages to the applicant: one for each step, as at the window."""
        about = {
            "to": "subject",
            "subject_id": str(after.subject_id),
            "application_id": str(after.application_id),
            "department_code": after.department_code,
        }
        return [
            NewMessage(self.context.services.runtime.new_id(), f"application.{step.step.lower()}", about, self.now)
            for step in self._steps(before, after)
        ]


def _agrees(found: Application, row: ApplicationRow) -> bool:
    """Return whether a row contradicts nothing on record; a blank cell does not delete data."""
    return (
        found.matter_code == row.matter_code
        and row.filed.agrees(found.filed_at)
        and (row.accepted is None or found.accepted_at is None or row.accepted.agrees(found.accepted_at))
        and (row.decided is None or found.decided_at is None or row.decided.agrees(found.decided_at))
        and (row.outcome is None or found.outcome in {None, row.outcome})
        and row.channel in {None, found.channel}
        # An application that has ended cannot be accepted afterwards.
        and (found.decided_at is None or row.accepted is None or found.accepted_at is not None)
    )


def _led_further(found: Application, row: ApplicationRow) -> Application:
    accepted_at = None if row.accepted is None else row.accepted.at
    decided_at = None if row.decided is None else row.decided.at
    return replace(
        found,
        accepted_at=found.accepted_at or accepted_at,
        decided_at=found.decided_at or decided_at,
        outcome=found.outcome or row.outcome,
    )
