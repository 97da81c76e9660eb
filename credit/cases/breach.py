"""A breach from which a restraint case starts: a default, an unmet commitment, a focused check [5.1.2] [5.1.3]."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from credit.cases.refusals import Lacking
from credit.cases.rules.grounds import Grounds
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.refusals import FINDING_UNSUPPORTED


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach that has come to light. It is collected information, not yet verified and not yet notified [5.1.4].

    Raises FINDING_UNSUPPORTED if facts or evidence are missing: the authority is responsible for both [5.1.1].
    """

    subject_id: UUID
    application_id: UUID | None
    """The application during which it happened [3.1]; None if a focused check found it and names none."""
    department_code: str
    circumstance: Circumstance
    channel: CollectionChannel
    established_on: date
    """The first day on which the facts make the circumstance."""
    facts_zh: str = field(repr=False)
    evidence: tuple[str, ...] = field(repr=False)
    """References to documents, never their content."""
    grounds: Grounds | None = None
    """What the circumstance itself requires; `grounds.require` checks it again when the case is made."""

    def __post_init__(self) -> None:
        if not self.facts_zh.strip() or not any(reference.strip() for reference in self.evidence):
            raise Lacking(FINDING_UNSUPPORTED)
