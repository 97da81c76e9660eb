"""What is stored of a case beside its dated facts: its sector and area, its sealed texts and their versions [5.1.3]."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from credit.subjects.subject import SealedText


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The determining department's sector and the subject's area: they decide who supervises a restraint [5.2.2]."""

    sector_code: str
    area_code: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a new case, sealed for its first version. *evidence* is a list of references, as JSON."""

    facts: SealedText
    evidence: SealedText | None = None
    notes: SealedText | None = None


@dataclass(frozen=True, slots=True)
class FactsVersion:
    """The facts and the basis of a case as one step left them; a later step that changes them adds another [5.1.4(4)].

    *facts* are sealed for this row and never sealed again, so the leaf of the step can commit to the box.
    """

    subject_id: UUID
    version_id: UUID
    case_id: UUID
    number: int
    """Counts the versions of a case from 1, the collected one."""
    step: str
    on: date
    at: datetime
    by_ref: str
    basis: str
    facts: SealedText | None


@dataclass(frozen=True, slots=True)
class CaseStatement:
    """A statement and defence, with its text sealed; its id is that of the step that recorded it [5.1.4(3)]."""

    subject_id: UUID
    statement_id: UUID
    case_id: UUID
    stated_on: date
    entered_at: datetime
    entered_by: str
    entered_as: str
    text: SealedText | None
