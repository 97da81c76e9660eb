"""Imports basic information: restraint cases and their subjects [5.1.3] [6.2].

A case enters as collected, or as a former record for the head to confirm; so nobody is notified by an import [5.1.4].
A later file may change it until it is verified or confirmed: as a step, and with a version of the earlier facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from consent.vocabulary import Purpose
from credit.cases.actions.amend import keep_former_version, keep_new_version
from credit.cases.case import Fact
from credit.cases.steps import StepName, written_record
from credit.core.context import Caller
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
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.crypto.masking import mask_text
from storage.database.session import Session
from storage.errors import Stale
from storage.repositories.case_row import PLAIN, CaseRow

FORMER: Final = "former_"
DAYS: Final = ("determined_on", "published_on", "ends_on")
SEALED: Final = ("facts", "evidence", "notes")
DECIDED_AS: Final[Mapping[str, str]] = {"period_basis": "citation"}
COUNTED: Final = frozenset({"version", "step_version", "changed_at"})
"""The columns that every change counts up, and no step decides."""


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """A case to write, and the step that leads to it; *is_amended*: its facts or its basis are not those on record."""

    row: CaseRow
    step: RecordedStep
    is_amended: bool = False
    digests: Sequence[tuple[Place, bytes]] = ()
    """The keyed digests of what was sealed for it, to which its step commits."""


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    admit_import(context.services.policy, context.actor, context.lists)


async def open_importer(context: ImportContext, mark: str) -> "CaseImporter":
    """Return the importer for a file, whose rows are marked as done under *mark*."""
    recorded_opening = RecordedOpening(context.services, context.actor, mark, request_id=context.request_id)
    scopes = admit_import(context.services.policy, context.actor, context.lists)
    sector_of = context.lists.sectors.__getitem__
    cut_over = context.services.settings.cut_over_on
    comparer = RowComparer(context.actor, scopes, sector_of, recorded_opening.open, context.now, cut_over)
    return CaseImporter(context, mark, recorded_opening, comparer)


@dataclass(slots=True)
class CaseImporter(Importer[Intake, ExistingRecords, RecordedCase]):
    """Imports cases."""

    kind: ClassVar[str] = "basic-information"
    purpose: ClassVar[Purpose] = Purpose.DETERMINATION

    recorded_opening: RecordedOpening
    comparer: RowComparer
    rewritten: list[CaseRow] = field(default_factory=list, repr=False)
    """The cases that the transaction has changed."""

    def parse(self, cells: Cells) -> Intake:
        return parse_row(cells, self.context.lists.reference, today=self.context.today)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[Intake]]) -> ExistingRecords:
        return await look_up(session, new, department=self.context.actor.department, today=self.context.today)

    async def record(self, new: Sequence[ParsedRow[Intake]], existing: ExistingRecords, seen: RowsSoFar) -> None:
        """Record what `compare` will open: the name, and the facts where all other items are equal [5.1.6]."""
        await self.recorded_opening.record(box for one in new for box in self.comparer.opens(one, existing, seen))

    def compare(self, parsed_row: ParsedRow[Intake], existing: ExistingRecords, seen: RowsSoFar) -> RowOutcome:
        return self.comparer.compare(parsed_row, existing, seen)

    def without_subjects(self, existing: ExistingRecords, /) -> ExistingRecords:
        return existing.without_subjects()

    def require_whole(self, row_outcome: RowOutcome) -> None:
        """Raise ItemDamaged for a case on record with a damaged item, or a subject whose key or name is damaged."""
        known, before = row_outcome.subject, row_outcome.before
        if known is None:
            return
        needed = [known.name] if before is None else [box_of(known, before, item) for item in SEALED]
        for box in needed:
            if box is not None:
                self.recorded_opening.require_whole(box)

    def prepare_row(
        self, row_outcome: RowOutcome, parsed_row: ParsedRow[Intake], batch: ImportBatch[RecordedCase]
    ) -> None:
        """Seal a new or changed case."""
        known = row_outcome.subject
        if row_outcome.outcome is RowResult.TAKEN_IN:
            if known is not None and known.wrapped is not None:
                subject_id, wrapped = known.subject_id, known.wrapped
            else:
                subject_id, wrapped = self.register(parsed_row, batch)
            case = self._case(parsed_row, subject_id, wrapped, row_outcome.application_id)
            name = StepName.COLLECTED if case.taken_over_on is None else StepName.TAKEN_OVER
            place = Place("restraint_cases", "facts", subject_id, case.case_id, 1)
            sealed = [(place, self._digest(parsed_row.intake.facts, place, wrapped))]
            batch.added.append(
                RecordedCase(case, self._step(name, case, _record(case) | _former_days(case)), digests=sealed)
            )
            self.note_registration(subject_id, batch, case.case_id)
        elif row_outcome.before is not None and row_outcome.changed is not None:
            batch.changed.append(self._changed(row_outcome, parsed_row, row_outcome.before, row_outcome.changed))

    async def write_records(self, work: SealingUnitOfWork, batch: ImportBatch[RecordedCase]) -> None:
        await work.cases.add([one.row for one in batch.added])
        for one in batch.added:
            _note(work, one)
            await work.cases.append(one.step)
        for one in batch.changed:
            await self._write_changed(work, one)

    async def finish(self, work: SealingUnitOfWork) -> None:
        """Date the changes by the end of the transaction.

        A long file is compared and written for minutes, and a walk over the cases finds those that changed by this
        instant (`queryplan.plan.Moving`).
        """
        await work.cases.date_changes(self.rewritten, self.context.services.runtime.now())
        self.rewritten.clear()

    def forget(self) -> None:
        Importer.forget(self)  # `super()` knows no class that `slots` has replaced
        self.rewritten.clear()

    async def _write_changed(self, work: SealingUnitOfWork, changed: RecordedCase) -> None:
        """Replace a case; if its facts or its basis differ, the earlier ones stay as a version of it [5.1.4(6)]."""
        _note(work, changed)
        row, step = changed.row, changed.step
        if changed.is_amended:
            context, actor = self.context, self.context.actor
            before = await work.cases.load(row.subject_id, row.case_id)
            if before is None:
                raise Stale("case", row.case_id)
            by = Caller(actor.ref, actor.role.value, actor.department)
            acting = context.services.graphql_service.action_context(by, context.now)
            number = await keep_former_version(work, acting, before)
            await work.cases.change(row)
            fact = Fact(context.today, actor.ref, actor.department, step.evidence, context.now)
            after = replace(before, basis=row.basis)
            kept = await keep_new_version(work, acting, StepName.RECOLLECTED, fact, after, number + 1)
            step = replace(step, facts={**step.facts, **kept})
        else:
            await work.cases.change(row)
        self.rewritten.append(row)
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
            handler_ref=self.context.actor.account,
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

    def _changed(
        self, row_outcome: RowOutcome, parsed_row: ParsedRow[Intake], before: CaseRow, changed: CaseRow
    ) -> RecordedCase:
        """Seal facts and carried items for the new version: boxes of the old version cannot be opened there."""
        known, facts = row_outcome.subject, parsed_row.intake.facts
        assert known is not None  # noqa: S101 - a changed case has a subject with a key, or it would be refused
        assert known.wrapped is not None  # noqa: S101 - the same
        place = Place("restraint_cases", "facts", changed.subject_id, changed.case_id, changed.version)
        wrapped = known.wrapped

        def carry(item: str, carried: SealedText | None) -> SealedText | None:
            box = box_of(known, before, item)
            if box is None or carried is None:
                return carried
            return SealedText(self.recorded_opening.reseal(box, replace(place, column=item), wrapped), carried.mask)

        row = replace(
            changed,
            facts=self._sealed(facts, place, wrapped),
            evidence=carry("evidence", changed.evidence),
            notes=carry("notes", changed.notes),
        )
        stored = box_of(known, before, "facts")
        has_other_facts = stored is None or not self.context.services.keyring.compares(
            stored, lambda text: text == facts
        )
        step = self._step(StepName.RECOLLECTED, row, _changes(before, row))
        # What is carried keeps its digest, which an earlier entry has.
        sealed = [(place, self._digest(facts, place, wrapped))] if has_other_facts else []
        return RecordedCase(row, step, has_other_facts or row.basis != before.basis, sealed)

    def _sealed(self, text: str, place: Place, wrapped: bytes) -> SealedText:
        return SealedText(self.context.services.keyring.seal(text, place, wrapped), mask_text(text))

    def _digest(self, text: str, place: Place, wrapped: bytes) -> bytes:
        return self.context.services.keyring.content_digest(text, place, wrapped)

    def _step(self, name: StepName, case: CaseRow, facts: Mapping[str, Any]) -> RecordedStep:
        """Return the step that leads to the case, with the file as its evidence [5.1.1]."""
        runtime, actor = self.context.services.runtime, self.context.actor
        return RecordedStep(
            subject_id=case.subject_id,
            step_id=runtime.new_id(),
            about=case.case_id,
            step=name.value,
            on=self.context.today,
            at=self.now,
            actor_ref=actor.ref,
            role=actor.role.value,
            department_code=actor.department,
            evidence=(f"import:{self.mark}",),
            facts=facts,
            salt=runtime.random(SALT_BYTES),
        )


def _record(case: CaseRow) -> dict[str, Any]:
    return written_record(
        case.number, case.department_code, case.circumstance, case.channel, case.basis, case.handler_ref
    )


def _note(work: SealingUnitOfWork, recorded: RecordedCase) -> None:
    for place, digest in recorded.digests:
        work.note_sealed(place, digest)


def _former_days(case: CaseRow) -> dict[str, str | None]:
    """Return the days of a former record, as its step decides them; nothing for a case that is only collected."""
    return {} if case.taken_over_on is None else {name: _text(getattr(case, f"{FORMER}{name}")) for name in DAYS}


def _changes(before: CaseRow, after: CaseRow) -> dict[str, str | None]:
    """Return the plain columns that a later file changes, by the names under which steps decide them."""
    return {
        DECIDED_AS.get(name, name.removeprefix(FORMER)): _text(getattr(after, name))
        for name in PLAIN
        if name not in COUNTED and getattr(after, name) != getattr(before, name)
    }


def _text(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)
