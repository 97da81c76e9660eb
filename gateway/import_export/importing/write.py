"""Writes what was judged: subjects, cases, messages and the notes of rows done, all in the transaction given."""

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
"""What the courier is told of, by the topic of its message [5.1.4(5)]."""
NOTED: Final = (RowResult.TAKEN_IN, RowResult.CHANGED, RowResult.UNCHANGED)


@dataclass(slots=True)
class CaseBatch:
    """What one transaction, or a part of one, will write: everything is sealed already."""

    rows: int
    subjects: list[NewSubject] = field(default_factory=list)
    added: list[CaseRow] = field(default_factory=list)
    changed: list[CaseRow] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    notes: dict[RowResult, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Writer:
    """Seals and writes for one import, in the name of *actor*."""

    services: Services
    actor: Actor
    lists: Lists
    recorded_opening: RecordedOpening
    file: str
    now: datetime
    made: dict[bytes, tuple[UUID, bytes]] = field(default_factory=dict, repr=False)
    """Whom this run registers, until they can be found on record."""

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> CaseBatch:
        """Seal what *verdicts* take in or change. Slow beside writing it, so it is done before the transaction."""
        batch = CaseBatch(len(row_outcomes))
        for outcome_of_row in row_outcomes:
            parsed_row = outcome_of_row.parsed_row
            if parsed_row is not None and outcome_of_row.outcome is RowResult.TAKEN_IN:
                subject_id, wrapped = self._owner(outcome_of_row, parsed_row, batch)
                batch.added.append(self._case(parsed_row, subject_id, wrapped, outcome_of_row.application_id))
                batch.messages += self._messages(outcome_of_row.outcome, batch.added[-1])
            elif parsed_row is not None and outcome_of_row.changed is not None:
                batch.changed.append(self._resealed(outcome_of_row, parsed_row, outcome_of_row.changed))
                batch.messages += self._messages(outcome_of_row.outcome, batch.changed[-1])
            if outcome_of_row.outcome in NOTED:
                batch.notes.setdefault(outcome_of_row.outcome, []).append(outcome_of_row.line)
        return batch

    async def write(self, work: SqlUnitOfWork, batch: CaseBatch) -> None:
        """Write a batch; raises Stale or SubjectAlreadyRegistered where the record has moved in the meantime."""
        await work.subjects.register_all(batch.subjects)
        await work.cases.add(batch.added)
        for case in batch.changed:
            await work.cases.change(case)
        await work.messages.leave_all(batch.messages)
        for outcome, lines in batch.notes.items():
            await take_in(work.session, self.file, lines, outcome.value, self.now)

    def _owner(self, outcome_of_row: RowOutcome, parsed_row: ParsedRow[Intake], batch: CaseBatch) -> tuple[UUID, bytes]:
        """Return whose case it is: a subject on record, one registered a row ago, or a new one."""
        if outcome_of_row.subject is not None and outcome_of_row.subject.wrapped is not None:
            return outcome_of_row.subject.subject_id, outcome_of_row.subject.wrapped
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
            facts=self._kept(intake.facts, place, wrapped),
            determined_on=intake.determined_on,
            published_on=intake.published_on,
            ends_on=intake.ends_on,
            period_basis=intake.period_basis,
            application_id=application_id,
        )

    def _resealed(self, outcome_of_row: RowOutcome, parsed_row: ParsedRow[Intake], changed: CaseRow) -> CaseRow:
        """Seal facts, and what is carried over, for the new version: boxes of the old one would stay shut there."""
        known = outcome_of_row.subject
        assert known is not None  # noqa: S101 - a changed case has an owner with a key, or it would be refused
        assert known.wrapped is not None  # noqa: S101 - the same
        old = replace(changed, version=changed.version - 1)
        place = Place("restraint_cases", "facts", changed.subject_id, changed.case_id, changed.version)
        wrapped = known.wrapped

        def carry(item: str, kept: SealedText | None) -> SealedText | None:
            box = box_of(known, old, item)
            if box is None or kept is None:
                return kept
            return SealedText(self.recorded_opening.reseal(box, replace(place, column=item), wrapped), kept.mask)

        return replace(
            changed,
            facts=self._kept(parsed_row.intake.facts, place, wrapped),
            evidence=carry("evidence", changed.evidence),
            notes=carry("notes", changed.notes),
        )

    def _kept(self, text: str, place: Place, wrapped: bytes) -> SealedText:
        return SealedText(self.services.keyring.seal(text, place, wrapped), mask_text(text))

    def _messages(self, outcome: RowResult, case: CaseRow) -> list[NewMessage]:
        """Return one message for each who keeps the list; what was never published is on the platform's only."""
        about = {
            "subject_id": str(case.subject_id),
            "case_id": str(case.case_id),
            "department_code": case.department_code,
        }
        told = LIST if case.published_on is not None else LIST[:1]
        return [
            NewMessage(self.services.runtime.new_id(), TOPICS[outcome], {"to": each, **about}, self.now)
            for each in told
            if not case.confidential
        ]
