"""The existing records of the subjects and cases of a batch, still sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, tuple_

from credit.file_formats.case_rows import Intake
from credit.subjects.subject import Place, Sealed, SubjectKind
from gateway.import_export.importing.candidates import ParsedRow
from storage.database.session import Session
from storage.repositories.case_row import CaseRow
from storage.repositories.cases import CaseNumber, CaseRepository
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


@dataclass(frozen=True, slots=True)
class ExistingRecords:
    """The existing records of a batch."""

    subjects: Mapping[Term, KnownSubject]
    cases: Mapping[CaseNumber, CaseRow]
    applications: Mapping[CaseNumber, UUID] = field(default_factory=dict)
    """By subject and number; left out where two windows have an application with the same number."""

    def subject(self, parsed_row: ParsedRow[Intake]) -> KnownSubject | None:
        """Return the subject of *parsed_row*."""
        return of_row(parsed_row, self.subjects)

    def case(self, parsed_row: ParsedRow[Intake]) -> CaseRow | None:
        """Return the case of *parsed_row*."""
        known = self.subject(parsed_row)
        return None if known is None else self.cases.get((known.subject_id, parsed_row.intake.number))

    def application(self, parsed_row: ParsedRow[Intake]) -> UUID | None:
        """Return the application of *parsed_row*: its subject's own, and not a confidential one."""
        known, number = self.subject(parsed_row), parsed_row.intake.application_number
        return None if known is None or number is None else self.applications.get((known.subject_id, number))


async def find_subjects(session: Session, batch: Sequence[ParsedRow[Any]]) -> Mapping[Term, UUID]:
    """Find the subjects of a batch by the blind index."""
    return await SubjectRepository(session).find_all([(one.kind, term) for one in batch for term in one.terms])


def of_row(parsed_row: ParsedRow[Any], found: Mapping[Term, Found]) -> Found | None:
    """Return what was found for the subject of *parsed_row*, by any version of its search term."""
    return next((found[parsed_row.kind, term] for term in parsed_row.terms if (parsed_row.kind, term) in found), None)


async def known_subjects(session: Session, batch: Sequence[ParsedRow[Any]]) -> Mapping[Term, KnownSubject]:
    """Find the subjects of a batch by the blind index, with their sealed names."""
    found = await find_subjects(session, batch)
    known = await _subjects(session, sorted(set(found.values())))
    return {term: known[subject_id] for term, subject_id in found.items() if subject_id in known}


async def look_up(session: Session, batch: Sequence[ParsedRow[Intake]]) -> ExistingRecords:
    """Find the subjects of a batch, their cases and their applications."""
    by_term = await known_subjects(session, batch)
    existing = ExistingRecords(by_term, {})
    numbers = {
        (subject.subject_id, parsed_row.intake.number)
        for parsed_row in batch
        if (subject := existing.subject(parsed_row)) is not None
    }
    filed = {
        (subject.subject_id, parsed_row.intake.application_number)
        for parsed_row in batch
        if parsed_row.intake.application_number is not None and (subject := existing.subject(parsed_row)) is not None
    }
    return ExistingRecords(
        by_term, await CaseRepository(session).existing(sorted(numbers)), await _applications(session, sorted(filed))
    )


async def _subjects(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, KnownSubject]:
    columns = subjects.c.subject_id, subjects.c.kind, subjects.c.version, subjects.c.name_sealed, subject_keys.c.wrapped
    joined = subjects.outerjoin(subject_keys, subject_keys.c.subject_id == subjects.c.subject_id)
    statement = select(*columns).select_from(joined).where(subjects.c.subject_id.in_(ids))
    return {
        subject_id: KnownSubject(
            subject_id,
            SubjectKind(kind),
            wrapped,
            None
            if name is None or wrapped is None
            else Sealed(Place("subjects", "name", subject_id, subject_id, version), name, wrapped),
        )
        for subject_id, kind, version, name, wrapped in (await session.fetch(statement) if ids else ())
    }


async def _applications(session: Session, numbers: Sequence[CaseNumber]) -> Mapping[CaseNumber, UUID]:
    if not numbers:
        return {}
    table = applications.c
    statement = select(table.subject_id, table.number, table.application_id).where(
        tuple_(table.subject_id, table.number).in_(numbers), table.confidential.is_(False)
    )
    found: dict[CaseNumber, list[UUID]] = {}
    for subject_id, number, application_id in await session.fetch(statement):
        found.setdefault((subject_id, number), []).append(application_id)
    return {key: several[0] for key, several in found.items() if len(several) == 1}
