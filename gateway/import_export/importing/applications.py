"""Imports a window's applications and their applicants [4.2] [6.2].

A row creates an application, or moves an existing one forward: accepted, decided, withdrawn. A file never changes
recorded data: each step has its own date and actor. Of the subject the name alone is opened, to be compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import select

from consent.vocabulary import DataClass, Purpose
from credit.applications.actions import filing_facts
from credit.applications.application import Application, ApplicationStep, Facilitation
from credit.applications.application import Outcome as Ending
from credit.applications.refusals import ApplicationChangedMeanwhile, ApplicationNumberTaken
from credit.calendar.deadlines import civil_date
from credit.core.late_entries import PaperWithdrawal
from credit.core.recorded_step import SALT_BYTES, RecordedStep
from credit.core.values.document_numbers import number_key
from credit.file_formats.application_rows import ApplicationRow, Window, parse_application_row
from credit.file_formats.case_columns import APPLICATION_NUMBER
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
from storage.errors import Stale
from storage.repositories.applications import ApplicationRepository
from storage.repositories.messages.outbox import NewMessage
from storage.repositories.subjects.subjects import Term
from storage.tables import matters

WRITTEN: Final = (DataClass.APPLICATION, DataClass.SUBJECT)


@dataclass(frozen=True, slots=True)
class ExistingApplications:
    """The existing records of a batch: subjects by search term, the department's applications by number."""

    subjects: Mapping[Term, KnownSubject]
    filed: Mapping[str, Application]


@dataclass(frozen=True, slots=True)
class ApplicationOutcome(RowOutcome):
    """A row, with its existing application if there is one."""

    existing: Application | None = None


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    context.admit_writing(Purpose.APPLICATION_HANDLING, WRITTEN)


async def open_importer(context: ImportContext, mark: str) -> "ApplicationImporter":
    """Return the importer of the actor's department for a file, whose rows are marked as done under *mark*."""
    department = str(context.actor.department)
    async with context.services.database.snapshot() as session:
        rows = await session.fetch(
            select(matters.c.code, matters.c.name_zh).where(matters.c.department_code == department)
        )
    window = Window(department, {code: name for code, name in rows})  # noqa: C416 - a row of the database is no pair
    opening = RecordedOpening(
        context.services, context.actor, mark, Purpose.APPLICATION_HANDLING, request_id=context.request_id
    )
    return ApplicationImporter(context, mark, window, opening)


@dataclass(slots=True)
class ApplicationImporter(Importer[ApplicationRow, ExistingApplications, Application]):
    """Imports applications of one service window."""

    kind: ClassVar[str] = "applications"
    purpose: ClassVar[Purpose] = Purpose.APPLICATION_HANDLING

    window: Window
    recorded_opening: RecordedOpening

    def parse(self, cells: Cells) -> ApplicationRow:
        return parse_application_row(cells, self.context.lists.reference, self.window, now=self.now)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[ApplicationRow]]) -> ExistingApplications:
        numbers = sorted({one.intake.number for one in new})
        filed = await ApplicationRepository(session).numbered(self.window.department, numbers)
        actor, today = self.context.actor, self.context.today
        known = await known_subjects(session, new, department=actor.department, today=today)
        return ExistingApplications(known, {number_key(str(one.number)): one for one in filed})

    async def record(
        self, new: Sequence[ParsedRow[ApplicationRow]], existing: ExistingApplications, seen: RowsSoFar
    ) -> None:
        """Record the names that `compare` opens [5.1.6]."""
        await self.recorded_opening.record(
            box for one in new for box in name_to_compare(one, of_row(one, existing.subjects), seen)
        )

    def compare(
        self, parsed_row: ParsedRow[ApplicationRow], existing: ExistingApplications, seen: RowsSoFar
    ) -> RowOutcome:
        return (
            compare_with_file(parsed_row, seen, RowFlaw.RECORD_TWICE.at(APPLICATION_NUMBER))
            or compare_name(parsed_row, of_row(parsed_row, existing.subjects), seen, self.recorded_opening.open)
            or self._compare_with_record(parsed_row, existing)
        )

    def without_subjects(self, existing: ExistingApplications, /) -> ExistingApplications:
        return replace(existing, subjects={})

    def prepare_row(
        self, row_outcome: RowOutcome, parsed_row: ParsedRow[ApplicationRow], batch: ImportBatch[Application]
    ) -> None:
        """Seal a new subject, and make the steps that the row states."""
        row, found = parsed_row.intake, row_outcome.existing if isinstance(row_outcome, ApplicationOutcome) else None
        if found is not None:
            moved = self._contestable(_moved_forward(found, row))
            steps = self._steps(found, moved)
            batch.changed.append(moved)
            batch.steps += steps
            batch.messages += self._messages(moved, steps)
            return
        filed = Application(
            subject_id=row_outcome.subject_id or self.register(parsed_row, batch)[0],
            application_id=self.context.services.runtime.new_id(),
            matter_code=row.matter_code,
            department_code=self.window.department,
            number=row.number,
            channel=row.channel or Facilitation.ORDINARY,
            clerk_ref=self.context.actor.account,
            filed_at=row.filed.at,
        )
        moved = _moved_forward(filed, row)
        batch.added.append(moved)
        self.note_registration(filed.subject_id, batch)
        batch.steps.append(self._step(filed, ApplicationStep.FILED, row.filed.at, filing_facts(filed)))
        batch.steps += self._steps(filed, moved)

    async def write_records(self, work: SealingUnitOfWork, batch: ImportBatch[Application]) -> None:
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

    def _compare_with_record(self, parsed_row: ParsedRow[ApplicationRow], existing: ExistingApplications) -> RowOutcome:
        line, row, known = parsed_row.line, parsed_row.intake, of_row(parsed_row, existing.subjects)
        subject_id = None if known is None else known.subject_id
        found = existing.filed.get(number_key(row.number))
        if found is None:
            return ApplicationOutcome(line, RowResult.TAKEN_IN, parsed_row, subject_id=subject_id)
        # An actor who may not know of an application gets the same answer as for another subject's number.
        if found.confidential or found.subject_id != subject_id or not _agrees(found, row):
            return RowOutcome(line, RowResult.REFUSED, problems=(RowFlaw.APPLICATION_NOT_OPEN.at(APPLICATION_NUMBER),))
        if _moved_forward(found, row) == found:
            return RowOutcome(line, RowResult.UNCHANGED)
        return ApplicationOutcome(line, RowResult.CHANGED, parsed_row, existing=found)

    def _contestable(self, moved: Application) -> Application:
        """Return *moved* with its withdrawal as one that an officer entered: its applicant can contest it [5.1.6]."""
        if moved.outcome is not Ending.WITHDRAWN or moved.decided_at is None or moved.paper_withdrawal is not None:
            return moved
        actor, on = self.context.actor, civil_date(moved.decided_at)
        return replace(moved, paper_withdrawal=PaperWithdrawal(on, self.context.today, actor.ref))

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

    def _step(self, of: Application, step: ApplicationStep, at: datetime, facts: Mapping[str, Any]) -> RecordedStep:
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
            evidence=(f"import:{self.mark}",),
            facts=facts,
            salt=runtime.random(SALT_BYTES),
        )

    def _messages(self, moved: Application, steps: Sequence[RecordedStep]) -> list[NewMessage]:
        """Return the messages to the applicant: one for each step, as at the window."""
        about = {
            "to": "subject",
            "subject_id": str(moved.subject_id),
            "application_id": str(moved.application_id),
            "department_code": moved.department_code,
        }
        return [
            NewMessage(self.context.services.runtime.new_id(), f"application.{step.step.lower()}", about, self.now)
            for step in steps
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
        # What the applicant has contested is not withdrawn by a file either.
        and (row.outcome is not Ending.WITHDRAWN or found.outcome is not None or found.paper_withdrawal is None)
        # An application that has ended cannot be accepted afterwards.
        and (found.decided_at is None or row.accepted is None or found.accepted_at is not None)
    )


def _moved_forward(found: Application, row: ApplicationRow) -> Application:
    accepted_at = None if row.accepted is None else row.accepted.at
    decided_at = None if row.decided is None else row.decided.at
    return replace(
        found,
        accepted_at=found.accepted_at or accepted_at,
        decided_at=found.decided_at or decided_at,
        outcome=found.outcome or row.outcome,
    )
