"""Compares each row with the file and the record: taken in, changed, unchanged, or refused with every reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from credit.cases.rules.taking_over import flaw_of_former_record
from credit.cases.status import MONTHS
from credit.core.errors import InvalidItem, Problem
from credit.core.flaws import Flaw
from credit.core.values.document_numbers import number_key
from credit.core.values.names import same_name
from credit.file_formats.case_columns import (
    CASE_NUMBER,
    DEPARTMENT,
    DETERMINED_ON,
    FACTS,
    KIND,
    NAME,
    NUMBER,
    PUBLISHED_ON,
    VALIDITY,
)
from credit.file_formats.case_rows import Intake
from credit.file_formats.validity import period
from credit.subjects.subject import Place, Sealed
from gateway.import_export.errors import RowFlaw
from gateway.import_export.importing.candidates import ParsedRow, Problems, RowsSoFar
from gateway.import_export.importing.existing_records import ExistingRecords, KnownSubject
from gateway.import_export.importing.recorded_opening import ItemDamaged
from policy.actors import Actor
from queryplan.scopes import Scope
from schema.core.ports import TriedNumber
from storage.repositories.case_row import CaseRow


class RowResult(StrEnum):
    """The result of a row. The first three are recorded with the file, so that a row is done once."""

    TAKEN_IN = "TAKEN_IN"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    ALREADY_THERE = "ALREADY_THERE"
    """An earlier run over the same file has done the row."""
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row and its result. *before* is its case on record, *changed* with new plain columns and old sealed items."""

    line: int
    outcome: RowResult
    parsed_row: ParsedRow[Any] | None = None
    subject: KnownSubject | None = None
    before: CaseRow | None = None
    changed: CaseRow | None = None
    problems: Problems = ()
    subject_id: UUID | None = None
    """The subject on record, where the kind of record needs no more of it."""
    application_id: UUID | None = None
    """The application of an imported case."""
    unlinked: bool = False
    """Whether the row names an application that is not on its subject's record."""
    warnings: Problems = ()
    """What the row gives and the record leaves out."""
    tried: TriedNumber | None = None
    """The number of the row, and whether the record refuses the row; None for a row that was not looked up."""


Open = Callable[[Sealed], str]
HEADER_OF: Final[Mapping[str, str]] = {"name": NAME, "facts": FACTS}
"""The column of a row whose stored value is damaged. One that the row only carries over has none: the case's number."""


@dataclass(frozen=True, slots=True)
class RowComparer:
    """Decides on rows. *scopes* are those in which the policy lets *actor* write; *open* opens recorded boxes.

    *cut_over* is the date before which completed cases were determined elsewhere; None where none is taken over.
    """

    actor: Actor
    scopes: Sequence[Scope]
    sectors: Callable[[str], str]
    open: Open
    now: datetime
    cut_over: date | None

    def compare(self, parsed_row: ParsedRow[Intake], existing: ExistingRecords, seen: RowsSoFar) -> RowOutcome:
        """Return the outcome of one row."""
        if not self._may_write(parsed_row.intake.department_code):
            return _refused(parsed_row, RowFlaw.OTHER_DEPARTMENT.at(DEPARTMENT))
        link, twice = existing.application(parsed_row), RowFlaw.CASE_TWICE.at(CASE_NUMBER)
        row_outcome = compare_with_file(parsed_row, seen, twice) or self._compare_with_record(
            parsed_row, existing, link, seen
        )
        if row_outcome.outcome is RowResult.REFUSED:
            return row_outcome
        if row_outcome.outcome is not RowResult.UNCHANGED and not existing.has_full_capacity(parsed_row):
            return _refused(parsed_row, RowFlaw.WITHOUT_FULL_CAPACITY.at(NUMBER))
        return replace(
            row_outcome, application_id=link, unlinked=parsed_row.intake.application_number is not None and not link
        )

    def opens(
        self, parsed_row: ParsedRow[Intake], existing: ExistingRecords, seen: RowsSoFar
    ) -> Iterator[tuple[KnownSubject, Sealed]]:
        """Yield the boxes that `compare` may open for this row, so that they can be recorded first."""
        known, case = existing.subject(parsed_row), existing.case(parsed_row)
        if known is None or not self._may_write(parsed_row.intake.department_code):
            return
        yield from name_to_compare(parsed_row, known, seen)
        if (
            case is not None
            and self._is_open(case)
            and self._merged(case, parsed_row.intake, existing.application(parsed_row)) == case
        ):
            box = box_of(known, case, "facts")
            if box is not None:
                yield known, box

    def _compare_with_record(
        self, parsed_row: ParsedRow[Intake], existing: ExistingRecords, link: UUID | None, seen: RowsSoFar
    ) -> RowOutcome:
        """Compare a row with the record."""
        intake, known, case = parsed_row.intake, existing.subject(parsed_row), existing.case(parsed_row)
        if (differs := compare_name(parsed_row, known, seen, self.open)) is not None:
            return differs
        if case is None:
            if refusal := self._not_taken_over(intake):
                return _refused(parsed_row, refusal)
            return RowOutcome(parsed_row.line, RowResult.TAKEN_IN, parsed_row, known)
        # An actor who may not know of the case gets the same answer as one who may not change it.
        if known is None or not self._is_open(case):
            return _refused(parsed_row, RowFlaw.CASE_NOT_OPEN.at(CASE_NUMBER))
        return self._compare_with_case(parsed_row, known, case, link)

    def _compare_with_case(
        self, parsed_row: ParsedRow[Intake], known: KnownSubject, case: CaseRow, link: UUID | None
    ) -> RowOutcome:
        """Compare a row with its existing case. A blank cell deletes nothing.

        An import changes a case that is only collected, or a former record that is not confirmed yet. A case that has
        gone further is corrected [5.1.4(6)], and none is determined by a file [5.1.4].
        """
        merged = self._merged(case, parsed_row.intake, link)
        if isinstance(merged, Problem):
            return _refused(parsed_row, merged)
        if merged == case and self._same_facts(known, case, parsed_row.intake):
            return RowOutcome(parsed_row.line, RowResult.UNCHANGED, parsed_row, known)
        if _is_under_way(merged):
            return _refused(parsed_row, RowFlaw.CASE_NOT_OPEN.at(CASE_NUMBER))
        if case.taken_over_on is not None and (refusal := self._not_taken_over(parsed_row.intake)):
            return _refused(parsed_row, refusal)
        changed = replace(merged, version=case.version + 1, changed_at=self.now)
        return RowOutcome(parsed_row.line, RowResult.CHANGED, parsed_row, known, case, changed)

    def _merged(self, case: CaseRow, intake: Intake, link: UUID | None) -> CaseRow | Problem:
        """Return *case* with the plain columns of the row, or the problem of inconsistent dates [5.1.5]."""
        prefix = "former_" if case.taken_over_on is not None and case.determined_on is None else ""
        days = self._days(case, intake, prefix)
        if isinstance(days, Problem):
            return days
        return replace(
            case,
            department_code=intake.department_code,
            sector_code=self.sectors(intake.department_code),
            area_code=intake.subject.area_code,
            circumstance=intake.circumstance.value,
            channel=intake.channel.value,
            basis=intake.basis,
            application_id=link or case.application_id,
            **days,
        )

    def _days(self, case: CaseRow, intake: Intake, prefix: str) -> dict[str, Any] | Problem:
        """Return what the row says of a determination, by column; a former record has columns with a *prefix*."""
        if intake.determined_on is None:
            return {}
        published_on = intake.published_on or getattr(case, f"{prefix}published_on")
        period_basis = intake.period_basis or case.period_basis
        if published_on is not None and published_on < intake.determined_on:
            return Problem.of(PUBLISHED_ON, InvalidItem(Flaw.BEFORE_DETERMINED))
        try:
            given = intake.ends_on or intake.months or MONTHS
            ends_on = period(intake.determined_on, published_on, given, by_law=period_basis is not None).ends_on
        except InvalidItem as error:
            return Problem.of(VALIDITY, error)
        return {
            f"{prefix}determined_on": intake.determined_on,
            f"{prefix}published_on": published_on,
            f"{prefix}ends_on": ends_on,
            "legal_document": _as_stored(case.legal_document, intake.legal_document),
            "period_basis": period_basis,
        }

    def _not_taken_over(self, intake: Intake) -> Problem | None:
        """Return why a completed row is not taken over; None for one that is, and for a collected case."""
        if intake.determined_on is None:
            return None
        flaw = flaw_of_former_record(intake.determined_on, intake.published_on, self.cut_over)
        return None if flaw is None else Problem.of(DETERMINED_ON, InvalidItem(flaw))

    def _same_facts(self, known: KnownSubject, case: CaseRow, intake: Intake) -> bool:
        box = box_of(known, case, "facts")
        return box is not None and self.open(box) == intake.facts

    def _is_open(self, case: CaseRow) -> bool:
        return not case.confidential and self._may_write(case.department_code)

    def _may_write(self, department_code: str) -> bool:
        return Scope.ALL in self.scopes or (
            Scope.DEPARTMENT in self.scopes and department_code == self.actor.department
        )


def compare_with_file(parsed_row: ParsedRow[Any], seen: RowsSoFar, differs: Problem) -> RowOutcome | None:
    """Compare a row with the rows before it: one number has one name, and equal keys have equal content.

    *differs* is the problem of a row whose record an earlier row gives differently. None: the file decides nothing.
    """
    if conflict := seen.conflict(parsed_row):
        return _refused(parsed_row, conflict)
    match seen.repeats(parsed_row):
        case True:
            return RowOutcome(parsed_row.line, RowResult.UNCHANGED)
        case False:
            return _refused(parsed_row, differs)
    return None


def _is_under_way(case: CaseRow) -> bool:
    """Return whether a case has gone further than its collection, so that a file changes nothing in it."""
    return any(
        (case.verified_at, case.noticed_on, case.served_on, case.stated_on, case.reviewed_on, case.determined_on)
    ) or any((case.published_on, case.removed_on, case.dropped_on, case.referred_on))


def name_to_compare(
    parsed_row: ParsedRow[Any], known: KnownSubject | None, seen: RowsSoFar
) -> Iterator[tuple[KnownSubject, Sealed]]:
    """Yield the sealed name that `compare_name` opens for this row, so that it can be recorded first."""
    if known is None or known.name is None or known.kind is not parsed_row.intake.subject.kind:
        return
    if not seen.knows(parsed_row):
        yield known, known.name


def compare_name(
    parsed_row: ParsedRow[Any], known: KnownSubject | None, seen: RowsSoFar, opened: Open
) -> RowOutcome | None:
    """Return the refusal of a row that names a subject on record otherwise: a person has to decide [5.1.3]."""
    if known is None or seen.knows(parsed_row):
        return None
    subject = parsed_row.intake.subject
    if known.kind is not subject.kind:
        return _refused(parsed_row, RowFlaw.KIND_CONFLICT.at(KIND))
    if known.name is None or not same_name(opened(known.name), subject.name):
        return _refused(parsed_row, RowFlaw.NAME_CONFLICT.at(NAME))
    return None


def refused_as_damaged(parsed_row: ParsedRow[Any], damaged: ItemDamaged) -> RowOutcome:
    """Return the refusal of a row that needs a stored value which does not open."""
    return _refused(parsed_row, RowFlaw.DAMAGED.at(HEADER_OF.get(damaged.item[1], CASE_NUMBER)))


def _as_stored(stored: str | None, given: str | None) -> str | None:
    """Return the number as it is stored, if *given* is the same in another habit of typing."""
    same = stored is not None and given is not None and number_key(stored) == number_key(given)
    return stored if same else given


def box_of(known: KnownSubject, case: CaseRow, item: str) -> Sealed | None:
    """Return a sealed item of a case with its place."""
    sealed_text = getattr(case, item)
    if sealed_text is None or known.wrapped is None:
        return None
    return Sealed(
        Place("restraint_cases", item, known.subject_id, case.case_id, case.version), sealed_text.sealed, known.wrapped
    )


def _refused(parsed_row: ParsedRow[Any], problem: Problem) -> RowOutcome:
    return RowOutcome(parsed_row.line, RowResult.REFUSED, problems=(problem,))
