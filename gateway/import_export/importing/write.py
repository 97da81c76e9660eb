"""Writes compared rows: subjects, cases, messages and marks of done rows, in the given transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from credit.cases.actions.take_step import LIST
from credit.file_formats.case_rows import Intake
from credit.subjects.subject import Place, SealedText
from gateway.import_export.importing.candidates import ParsedRow
from gateway.import_export.importing.compare import RowOutcome, RowResult, box_of
from gateway.import_export.importing.recorded_opening import RecordedOpening
from gateway.import_export.reference_lists import Lists
from gateway.subjects.seal_registration import new_subject
from gateway.wiring import Services
from policy.actors import Actor
from policy.crypto.masking import mask_text
from storage.repositories.case_row import CaseRow
from storage.repositories.messages.imported_rows import take_in
from storage.repositories.messages.outbox import NewMessage
from storage.repositories.subjects.subjects import NewSubject
from storage.unit_of_work import SqlUnitOfWork

TOPICS: Final = {RowResult.TAKEN_IN: "restraint-case.taken-in", RowResult.CHANGED: "restraint-case.changed"}
"""The topic of the message about a written case [5.1.4(5)]."""
NOTED: Final = (RowResult.TAKEN_IN, RowResult.CHANGED, RowResult.UNCHANGED)


@dataclass(slots=True)
class CaseBatch:
    """The data that one transaction, or a part of it, will write; all of it is sealed."""

    rows: int
    subjects: list[NewSubject] = field(default_factory=list)
    added: list[CaseRow] = field(default_factory=list)
    changed: list[CaseRow] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    notes: dict[RowResult, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Writer:
    """Seals and writes for one import of *actor*."""

    services: Services
    actor: Actor
    lists: Lists
    recorded_opening: RecordedOpening
    file: str
    now: datetime
    made: dict[bytes, tuple[UUID, bytes]] = field(default_factory=dict, repr=False)
    """Subjects that this run registers, until the record has them."""

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> CaseBatch:
        """Seal the new and changed cases. Sealing is slower than writing, so it is done before the transaction."""
        batch = CaseBatch(len(row_outcomes))
        for row_outcome in row_outcomes:
            parsed_row = row_outcome.parsed_row
            if parsed_row is not None and row_outcome.outcome is RowResult.TAKEN_IN:
                subject_id, wrapped = self._owner(row_outcome, parsed_row, batch)
                batch.added.append(self._case(parsed_row, subject_id, wrapped, row_outcome.application_id))
                batch.messages += self._messages(row_outcome.outcome, batch.added[-1])
            elif parsed_row is not None and row_outcome.changed is not None:
                batch.changed.append(self._resealed(row_outcome, parsed_row, row_outcome.changed))
                batch.messages += self._messages(row_outcome.outcome, batch.changed[-1])
            if row_outcome.outcome in NOTED:
                batch.notes.setdefault(row_outcome.outcome, []).append(row_outcome.line)
        return batch

    async def write(self, work: SqlUnitOfWork, batch: CaseBatch) -> None:
        """Write a batch; raises Stale or SubjectAlreadyRegistered where the record has changed in the meantime."""
        await work.subjects.register_all(batch.subjects)
        await work.cases.add(batch.added)
        for case in batch.changed:
            await work.cases.change(case)
        await work.messages.leave_all(batch.messages)
        for outcome, lines in batch.notes.items():
            await take_in(work.session, self.file, lines, outcome.value, self.now)

    def _owner(self, row_outcome: RowOutcome, parsed_row: ParsedRow[Intake], batch: CaseBatch) -> tuple[UUID, bytes]:
        """Return the case's subject: one on record, one registered for an earlier row, or a new one."""
        if row_outcome.subject is not None and row_outcome.subject.wrapped is not None:
            return row_outcome.subject.subject_id, row_outcome.subject.wrapped
        if parsed_row.term not in self.made:
            registration = parsed_row.intake.subject
            new = new_subject(
                registration,
                self.services.keyring,
                area_name=self.lists.reference.areas[registration.area_code],
                by=self.actor.ref,
                at=self.now,
                new_id=self.services.runtime.new_id,
            )
            batch.subjects.append(new)
            self.made[parsed_row.term] = new.subject_id, new.key.wrapped
        return self.made[parsed_row.term]

    def _case(
        self, parsed_row: ParsedRow[Intake], subject_id: UUID, wrapped: bytes, application_id: UUID | None
    ) -> CaseRow:
        intake, case_id = parsed_row.intake, self.services.runtime.new_id()
        place = Place("restraint_cases", "facts", subject_id, case_id, 1)
        return CaseRow(
            subject_id=subject_id,
            case_id=case_id,
            number=intake.number,
            department_code=intake.department_code,
            sector_code=self.lists.sectors[intake.department_code],
            area_code=intake.subject.area_code,
            circumstance=intake.circumstance.value,
            channel=intake.channel.value,
            basis=intake.basis,
            legal_document=intake.legal_document,
            handler_ref=self.actor.ref,
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
        return SealedText(self.services.keyring.seal(text, place, wrapped), mask_text(text))

    def _messages(self, outcome: RowResult, case: CaseRow) -> list[NewMessage]:
        """Return one message for each recipient of the list; an unpublished case is on the platform's list only."""
        about = {
            "subject_id": str(case.subject_id),
            "case_id": str(case.case_id),
            "department_code": case.department_code,
        }
        recipients = LIST if case.published_on is not None else LIST[:1]
        return [
            NewMessage(self.services.runtime.new_id(), TOPICS[outcome], {"to": each, **about}, self.now)
            for each in recipients
            if not case.confidential
        ]
