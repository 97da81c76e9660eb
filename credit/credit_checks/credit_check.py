"""The credit check before an incentive: two sources, their answers, and the combined finding [4.1] [3.3].

No record says why an application has no check. A subject that refused, was never asked, or did not answer leaves the
same trace: none [5.1.6].
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from credit.calendar.deadlines import civil_date
from credit.core.errors import InconsistentFacts
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer

PURPOSE: Final = "CREDIT_CHECK"


@dataclass(frozen=True, slots=True)
class Combined:
    """The combined finding, the sources that caused it, and the penalty memoranda that govern."""

    finding: Finding
    sources: tuple[Source, ...]
    memoranda: tuple[str, ...] = ()


def combine(answers: Collection[SourceAnswer]) -> Combined:
    """Return the combined finding of the *answers* [4.1] [3.3]. A subject is clean only if every source says clean.

    A source that did not answer is unknown, and unknown is never clean. A penalty memorandum comes first: under it
    local measures neither add nor soften, so a local record does not matter. **Reading**: a reward memorandum is no
    adverse record, so such an answer counts as clean.
    """
    found = dict.fromkeys(Source, Finding.UNKNOWN) | {answer.source: answer.bearing for answer in answers}
    if len(answers) != len({answer.source for answer in answers}):
        raise InconsistentFacts
    governing = (answer.memorandum for answer in answers if not answer.is_rewarded and answer.memorandum is not None)
    memoranda = tuple(dict.fromkeys(governing))
    for finding in (Finding.GOVERNED, Finding.ADVERSE, Finding.UNKNOWN, Finding.CLEAN):
        sources = tuple(source for source in Source if found[source] is finding)
        if sources:
            return Combined(finding, sources, memoranda)
    raise InconsistentFacts  # no other finding exists


@dataclass(frozen=True, slots=True)
class CreditCheck:
    """A credit check, stored with the application: who, when, for what, on what authorisation, and the answers.

    A check always has an authorisation, so no check reveals a refused one [5.1.6].
    """

    check_id: UUID
    application_id: UUID
    subject_id: UUID
    by: str
    department_code: str
    at: datetime
    purpose: str
    authorisation_id: UUID
    answers: tuple[SourceAnswer, ...]

    def __post_init__(self) -> None:
        if self.purpose != PURPOSE:
            raise InconsistentFacts
        combine(self.answers)

    @property
    def on(self) -> date:
        """The day of the check, in Shanghai."""
        return civil_date(self.at)

    @property
    def combined(self) -> Combined:
        """The combined finding of the sources."""
        return combine(self.answers)

    def valid_until(self, valid_days: int = 0) -> date:
        """Return the last day on which the check is valid. Without *valid_days* that is its own day [5.2.1]."""
        return self.on + timedelta(days=valid_days)

    def is_fresh(self, today: date, valid_days: int = 0) -> bool:
        """Return whether the check is valid today."""
        return self.on <= today <= self.valid_until(valid_days)
