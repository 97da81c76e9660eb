"""The existing records of the subjects and cases of a batch, still sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, tuple_

from consent.delegation import Delegation, is_guarded
from credit.core.values.document_numbers import number_key
from credit.core.values.identifiers import IdNumber
from credit.file_formats.case_rows import Intake
from credit.subjects.capacity import LegalCapacity, age_on, require_full_capacity
from credit.subjects.refusals import WithoutFullCapacity
from credit.subjects.subject import Place, Sealed, SubjectKind
from gateway.import_export.importing.candidates import ParsedRow
from queryplan.entities import Entity
from schema.execution.access_entries import Delay
from storage.database.session import Session
from storage.queries.conditions.entry_delays import running_delay
from storage.repositories.case_row import CaseRow
from storage.repositories.cases import CaseNumber, CaseRepository
from storage.repositories.subjects.delegations import DelegationRepository
from storage.repositories.subjects.subjects import SubjectRepository, Term
from storage.tables import applications, subject_keys, subjects

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class KnownSubject:
    """A subject on record. *name* is None where it was shredded or never stored."""

    subject_id: UUID
    kind: SubjectKind
    wrapped: bytes | None = field(repr=False)
    name: Sealed | None
    delay: Delay | None = None
    """The delay of the department's investigation, which covers a read of the subject too [5.1.6]."""


@dataclass(frozen=True, slots=True)
class ExistingRecords:
    """The existing records of a batch."""

    subjects: Mapping[Term, KnownSubject]
    cases: Mapping[CaseNumber, CaseRow]
    applications: Mapping[CaseNumber, UUID] = field(default_factory=dict)
    """By subject and number; left out where two windows have an application with the same number."""
    delegations: Mapping[UUID, Sequence[Delegation]] = field(default_factory=dict)

    def without_subjects(self) -> "ExistingRecords":
        """Return the records as they would be if no subject of the batch were on record."""
        return ExistingRecords({}, {})

    def subject(self, parsed_row: ParsedRow[Intake]) -> KnownSubject | None:
        """Return the subject of *parsed_row*."""
        return of_row(parsed_row, self.subjects)

    def case(self, parsed_row: ParsedRow[Intake]) -> CaseRow | None:
        """Return the case of *parsed_row*."""
        known = self.subject(parsed_row)
        return None if known is None else self.cases.get((known.subject_id, number_key(parsed_row.intake.number)))

    def application(self, parsed_row: ParsedRow[Intake]) -> UUID | None:
        """Return the application of *parsed_row*: its subject's own, and not a confidential one."""
        known, number = self.subject(parsed_row), parsed_row.intake.application_number
        return (
            None if known is None or number is None else self.applications.get((known.subject_id, number_key(number)))
        )

    def has_full_capacity(self, parsed_row: ParsedRow[Intake]) -> bool:
        """Return whether the person of *parsed_row* can be restrained [3.2].

        The form knows no day of the breach: the day of the determination counts, which is later. A case that is only
        collected is examined when it is verified.
        """
        known, intake = self.subject(parsed_row), parsed_row.intake
        number, day = intake.subject.identifier, intake.determined_on
        if day is None:
            return True
        age = age_on(number.born, day) if isinstance(number, IdNumber) else None
        try:
            require_full_capacity(LegalCapacity(age, known is not None and self._is_guarded(known.subject_id, day)))
        except WithoutFullCapacity:
            return False
        return True

    def _is_guarded(self, subject_id: UUID, day: date) -> bool:
        return is_guarded(self.delegations.get(subject_id, ()), day)


async def find_subjects(session: Session, batch: Sequence[ParsedRow[Any]]) -> Mapping[Term, UUID]:
    """Find the subjects of a batch by the blind index."""
    return await SubjectRepository(session).find_all([(one.kind, term) for one in batch for term in one.terms])


def of_row(parsed_row: ParsedRow[Any], found: Mapping[Term, Found]) -> Found | None:
    """Return what was found for the subject of *parsed_row*, by any version of its search term."""
    return next((found[parsed_row.kind, term] for term in parsed_row.terms if (parsed_row.kind, term) in found), None)


async def known_subjects(
    session: Session, batch: Sequence[ParsedRow[Any]], *, department: str | None, today: date
) -> Mapping[Term, KnownSubject]:
    """Find the subjects of a batch by the blind index, with their sealed names, for an actor of *department*."""
    found = await find_subjects(session, batch)
    known = await _subjects(session, sorted(set(found.values())), {"actor_department": department, "today": today})
    return {term: known[subject_id] for term, subject_id in found.items() if subject_id in known}


async def look_up(
    session: Session, batch: Sequence[ParsedRow[Intake]], *, department: str | None, today: date
) -> ExistingRecords:
    """Find the subjects of a batch, their cases and their applications, for an actor of *department*."""
    by_term = await known_subjects(session, batch, department=department, today=today)
    existing = ExistingRecords(by_term, {})
    numbers = {
        (subject.subject_id, number_key(parsed_row.intake.number))
        for parsed_row in batch
        if (subject := existing.subject(parsed_row)) is not None
    }
    filed = {
        (subject.subject_id, number_key(parsed_row.intake.application_number))
        for parsed_row in batch
        if parsed_row.intake.application_number is not None and (subject := existing.subject(parsed_row)) is not None
    }
    return ExistingRecords(
        by_term,
        await CaseRepository(session).existing(sorted(numbers)),
        await _applications(session, sorted(filed)),
        await DelegationRepository(session).of_subjects(sorted({one.subject_id for one in by_term.values()})),
    )


async def _subjects(session: Session, ids: Sequence[UUID], binds: Mapping[str, object]) -> Mapping[UUID, KnownSubject]:
    delays = [running_delay(Entity.SUBJECT, subjects, name) for name in ("delay_id", "opens_on")]
    columns = subjects.c.subject_id, subjects.c.kind, subjects.c.version, subjects.c.name_sealed, subject_keys.c.wrapped
    joined = subjects.outerjoin(subject_keys, subject_keys.c.subject_id == subjects.c.subject_id)
    statement = select(*columns, *delays).select_from(joined).where(subjects.c.subject_id.in_(ids))
    return {
        subject_id: KnownSubject(
            subject_id,
            SubjectKind(kind),
            wrapped,
            None
            if name is None or wrapped is None
            else Sealed(Place("subjects", "name", subject_id, subject_id, version), name, wrapped),
            None if delay_id is None else (delay_id, opens_on),
        )
        for subject_id, kind, version, name, wrapped, delay_id, opens_on in (
            await session.fetch(statement, binds) if ids else ()
        )
    }


async def _applications(session: Session, numbers: Sequence[CaseNumber]) -> Mapping[CaseNumber, UUID]:
    if not numbers:
        return {}
    table = applications.c
    statement = select(table.subject_id, table.number_key, table.application_id).where(
        tuple_(table.subject_id, table.number_key).in_(numbers), table.confidential.is_(False)
    )
    found: dict[CaseNumber, list[UUID]] = {}
    for subject_id, number, application_id in await session.fetch(statement):
        found.setdefault((subject_id, number), []).append(application_id)
    return {key: several[0] for key, several in found.items() if len(several) == 1}
