"""Imports basic information: restraint cases and their subjects [5.1.3] [6.2].

A case enters as collected, or as a former record for the head to confirm; so nobody is notified by an import [5.1.4].
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from credit.cases.steps import StepName
from credit.core.recorded_step import SALT_BYTES, RecordedStep
from credit.file_formats.case_rows import Intake, parse_row
from credit.subjects.subject import Place, SealedText
from gateway.import_export.authorize import admit_import
from gateway.import_export.files.table_reader import Cells
from gateway.import_export.importing.candidates import ParsedRow, RowsSoFar
from gateway.import_export.importing.compare import RowComparer, RowOutcome, RowResult, box_of
from gateway.import_export.importing.existing_records import ExistingRecords, look_up
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.importer import ImportBatch, Importer
from gateway.import_export.importing.recorded_opening import RecordedOpening
from policy.crypto.masking import mask_text
from storage.database.session import Session
from storage.repositories.case_row import CaseRow
from storage.unit_of_work import SqlUnitOfWork


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    admit_import(context.services.policy, context.actor, context.lists)


async def open_importer(context: ImportContext, mark: str) -> "CaseImporter":
    """Return the importer for a file, whose rows are marked as done under *mark*."""
    recorded_opening = RecordedOpening(context.services, context.actor, mark)
    scopes = admit_import(context.services.policy, context.actor, context.lists)
    sector_of = context.lists.sectors.__getitem__
    cut_over = context.services.settings.cut_over_on
    comparer = RowComparer(context.actor, scopes, sector_of, recorded_opening.open, context.now, cut_over)
    return CaseImporter(context, mark, recorded_opening, comparer)


@dataclass(slots=True)
class CaseImporter(Importer[Intake, ExistingRecords, CaseRow]):
    """Imports cases."""

    kind: ClassVar[str] = "basic-information"

    recorded_opening: RecordedOpening
    comparer: RowComparer

    def parse(self, cells: Cells) -> Intake:
        return parse_row(cells, self.context.lists.reference, today=self.context.today)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[Intake]]) -> ExistingRecords:
        return await look_up(session, new, department=self.context.actor.department, today=self.context.today)

    async def record(self, new: Sequence[ParsedRow[Intake]], existing: ExistingRecords, seen: RowsSoFar) -> None:
        """Record what `compare` will open: the name, and the facts where all other items are equal [5.1.6]."""
        await self.recorded_opening.record(box for one in new for box in self.comparer.opens(one, existing, seen))

    def compare(self, parsed_row: ParsedRow[Intake], existing: ExistingRecords, seen: RowsSoFar) -> RowOutcome:
        return self.comparer.compare(parsed_row, existing, seen)

    def prepare_row(self, row_outcome: RowOutcome, parsed_row: ParsedRow[Intake], batch: ImportBatch[CaseRow]) -> None:
        """Seal a new or changed case."""
        known = row_outcome.subject
        if row_outcome.outcome is RowResult.TAKEN_IN:
            if known is not None and known.wrapped is not None:
                subject_id, wrapped = known.subject_id, known.wrapped
            else:
                subject_id, wrapped = self.register(parsed_row, batch)
            case = self._case(parsed_row, subject_id, wrapped, row_outcome.application_id)
            batch.added.append(case)
            batch.steps.append(self._step(case))
            self.note_registration(subject_id, batch, case.case_id)
        elif row_outcome.changed is not None:
            batch.changed.append(self._resealed(row_outcome, parsed_row, row_outcome.changed))

    async def write_records(self, work: SqlUnitOfWork, batch: ImportBatch[CaseRow]) -> None:
        await work.cases.add(batch.added)
        for case in batch.changed:
            await work.cases.change(case)
        for step in batch.steps:
            await work.cases.append(step)

    def _case(
        self, parsed_row: ParsedRow[Intake], subject_id: UUID, wrapped: bytes, application_id: UUID | None
    ) -> CaseRow:
        intake, case_id = parsed_row.intake, self.context.services.runtime.new_id()
        place = Place("restraint_cases", "facts", subject_id, case_id, 1)
        return CaseRow(
            subject_id=subject_id,
            case_id=case_id,
            number=intake.number,
            department_code=intake.department_code,
            sector_code=self.context.lists.sectors[intake.department_code],
            area_code=intake.subject.area_code,
            circumstance=intake.circumstance.value,
            channel=intake.channel.value,
            basis=intake.basis,
            legal_document=intake.legal_document,
            handler_ref=self.context.actor.ref,
            collected_at=self.now,
            changed_at=self.now,
            facts=self._sealed(intake.facts, place, wrapped),
            taken_over_on=None if intake.determined_on is None else self.context.today,
            former_determined_on=intake.determined_on,
            former_published_on=intake.published_on,
            former_ends_on=intake.ends_on,
            period_basis=intake.period_basis,
            application_id=application_id,
        )

    def _resealed(self, row_outcome: RowOutcome, parsed_row: ParsedRow[Intake], changed: CaseRow) -> CaseRow:
        """Seal facts and carried items for the new version: boxes of the old version cannot be opened there."""
        known = row_outcome.subject
        assert known is not None  # noqa: S101 - a changed case has a subject with a key, or it would be refused
        assert known.wrapped is not None  # noqa: S101 - the same
        old = replace(changed, version=changed.version - 1)
        place = Place("restraint_cases", "facts", changed.subject_id, changed.case_id, changed.version)
        wrapped = known.wrapped

        def carry(item: str, carried: SealedText | None) -> SealedText | None:
            box = box_of(known, old, item)
            if box is None or carried is None:
                return carried
            return SealedText(self.recorded_opening.reseal(box, replace(place, column=item), wrapped), carried.mask)

        return replace(
            changed,
            facts=self._sealed(parsed_row.intake.facts, place, wrapped),
            evidence=carry("evidence", changed.evidence),
            notes=carry("notes", changed.notes),
        )

    def _sealed(self, text: str, place: Place, wrapped: bytes) -> SealedText:
        return SealedText(self.context.services.keyring.seal(text, place, wrapped), mask_text(text))

    def _step(self, case: CaseRow) -> RecordedStep:
        """Return the step that begins the case, with the file as its evidence [5.1.1]."""
        runtime, actor = self.context.services.runtime, self.context.actor
        former = {
            name: getattr(case, f"former_{name}").isoformat()
            for name in ("determined_on", "published_on", "ends_on")
            if case.taken_over_on is not None
        }
        return RecordedStep(
            subject_id=case.subject_id,
            step_id=runtime.new_id(),
            about=case.case_id,
            step=(StepName.COLLECTED if case.taken_over_on is None else StepName.TAKEN_OVER).value,
            on=self.context.today,
            at=self.now,
            actor_ref=actor.ref,
            role=actor.role.value,
            department_code=actor.department,
            evidence=(f"file:{self.mark}",),
            facts=former,
            salt=runtime.random(SALT_BYTES),
        )
