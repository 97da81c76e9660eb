"""What the archive keeps of a case beside its dated facts: where it belongs, its sealed texts [5.1.3] [5.1.4(3)]."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from credit.subjects.subject import SealedText


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Whose supervisors a restraint concerns: the determining department's sector, the subject's area [5.2.2]."""

    sector_code: str
    area_code: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a new case, sealed for its first version. *evidence* is a list of references, as JSON."""

    facts: SealedText
    evidence: SealedText | None = None
    notes: SealedText | None = None


@dataclass(frozen=True, slots=True)
class CaseStatement:
    """A statement and defence in its own words; its id is that of the step that took it [5.1.4(3)]."""

    subject_id: UUID
    statement_id: UUID
    case_id: UUID
    stated_on: date
    entered_at: datetime
    entered_by: str
    entered_as: str
    text: SealedText | None
