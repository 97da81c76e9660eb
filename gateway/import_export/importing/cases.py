"""Imports basic information: restraint cases and their subjects [5.1.3] [6.2]."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final
from uuid import UUID

from credit.cases.actions.take_step import LIST
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
from storage.repositories.messages.outbox import NewMessage
from storage.unit_of_work import SqlUnitOfWork

TOPICS: Final = {RowResult.TAKEN_IN: "restraint-case.taken-in", RowResult.CHANGED: "restraint-case.changed"}
"""The topic of the message about a written case [5.1.4(5)]."""


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    admit_import(context.services.policy, context.actor, context.lists)


async def open_importer(context: ImportContext, mark: str) -> "CaseImporter":
    """Return the importer for a file, whose rows are marked as done under *mark*."""
    recorded_opening = RecordedOpening(context.services, context.actor, mark)
    scopes = admit_import(context.services.policy, context.actor, context.lists)
    sector_of = context.lists.sectors.__getitem__
    comparer = RowComparer(context.actor, scopes, sector_of, recorded_opening.open, context.now)
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
        return await look_up(session, new)

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
            self.note_registration(subject_id, batch, case.case_id)
        elif row_outcome.changed is not None:
            case = self._resealed(row_outcome, parsed_row, row_outcome.changed)
            batch.changed.append(case)
        else:
            return
        batch.messages += self._messages(row_outcome.outcome, case)

    async def write_records(self, work: SqlUnitOfWork, batch: ImportBatch[CaseRow]) -> None:
        await work.cases.add(batch.added)
        for case in batch.changed:
            await work.cases.change(case)

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
            determined_on=intake.determined_on,
            published_on=intake.published_on,
            ends_on=intake.ends_on,
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

    def _messages(self, outcome: RowResult, case: CaseRow) -> list[NewMessage]:
        """Return one message for each recipient of the list; an unpublished case is on the platform's list only."""
        about = {
            "subject_id": str(case.subject_id),
            "case_id": str(case.case_id),
            "department_code": case.department_code,
        }
        recipients = LIST if case.published_on is not None else LIST[:1]
        return [
            NewMessage(self.context.services.runtime.new_id(), TOPICS[outcome], {"to": each, **about}, self.now)
            for each in recipients
            if not case.confidential
        ]
