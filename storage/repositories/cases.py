"""Restraint cases as departments keep them, for import. The procedure's own steps are written elsewhere [5.1.3]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from credit.subjects.subject import SealedText
from storage.database.conflicts import is_duplicate
from storage.database.session import Session
from storage.errors import Stale
from storage.repositories.notices.number_registry import CASE, note
from storage.repositories.subjects.subjects import AT_ONCE, sealed_text_columns
from storage.tables import restraint_cases

CaseNumber = tuple[UUID, str]
"""Whose case, and the authority's own number: what an import knows a case by."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as it is kept. *facts*, *evidence* and *notes* are sealed for this `case_id` at this `version`."""

    subject_id: UUID
    case_id: UUID
    number: str
    department_code: str
    sector_code: str
    area_code: str
    circumstance: str
    channel: str
    basis: str
    handler_ref: str
    collected_at: datetime
    changed_at: datetime
    version: int = 1
    facts: SealedText | None = None
    evidence: SealedText | None = None
    notes: SealedText | None = None
    application_id: UUID | None = None
    legal_document: str | None = None
    reviewer_ref: str | None = None
    verified_at: datetime | None = None
    noticed_on: date | None = None
    served_on: date | None = None
    stated_on: date | None = None
    reviewed_on: date | None = None
    determined_on: date | None = None
    published_on: date | None = None
    ends_on: date | None = None
    period_basis: str | None = None
    rectified_on: date | None = None
    removed_on: date | None = None
    dropped_on: date | None = None
    referred_on: date | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """A case that is there: what its next version is sealed for."""

    case_id: UUID
    version: int


SEALED = ("facts", "evidence", "notes")
PLAIN = tuple(field.name for field in fields(CaseRow) if field.name not in SEALED)


class RestraintCases:
    """The table `restraint_cases`, by (subject, number): taking a row in again changes it, and adds none."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def standing(self, numbers: Sequence[CaseNumber]) -> Mapping[CaseNumber, CaseVersion]:
        """Find which of these cases are there; what is not is left out."""
        found: dict[CaseNumber, CaseVersion] = {}
        table = restraint_cases.c
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            rows = await self._session.fetch(
                select(table.subject_id, table.number, table.case_id, table.version).where(
                    tuple_(table.subject_id, table.number).in_(some)
                )
            )
            found.update({(row[0], row[1]): CaseVersion(row[2], row[3]) for row in rows})
        return found

    async def add(self, cases: Sequence[CaseRow]) -> None:
        """Add new cases; raises Stale where one of them has been added since `standing` was asked."""
        if not cases:
            return
        try:
            await self._session.execute(insert(restraint_cases), [_row(case) for case in cases])
            await note(self._session, CASE, ((case.department_code, case.number) for case in cases))
        except IntegrityError as error:
            if is_duplicate(error):
                raise Stale("one of the cases", cases[0].case_id) from None
            raise

    async def change(self, case: CaseRow) -> None:
        """Put *case* in the place of its last version; raises Stale where that is not what stands."""
        hit = await self._session.execute(
            update(restraint_cases)
            .where(
                restraint_cases.c.subject_id == case.subject_id,
                restraint_cases.c.case_id == case.case_id,
                restraint_cases.c.version == case.version - 1,
            )
            .values(_row(case) | {"step_version": restraint_cases.c.step_version + 1})
        )
        if hit == 0:
            raise Stale("case", case.case_id)


def _row(case: CaseRow) -> dict[str, object]:
    row = {name: getattr(case, name) for name in PLAIN}
    return (
        row
        | sealed_text_columns("facts", case.facts)
        | sealed_text_columns("evidence", case.evidence)
        | sealed_text_columns("notes", case.notes)
    )
