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
from credit.core.labels import Labelled

PURPOSE: Final = "CREDIT_CHECK"


class Source(Labelled):
    """The two modules that staff consult [4.1]."""

    RESTRAINT_LIST = "RESTRAINT_LIST", "失信制约", "4.1"
    JOINT_MEASURES = "JOINT_MEASURES", "联合奖惩", "4.1"


class Finding(Labelled):
    """The answer of a source, and of both combined."""

    CLEAN = "CLEAN", "无不良信用记录", "4.1"
    ADVERSE = "ADVERSE", "有不良信用记录", "4.1"
    UNKNOWN = "UNKNOWN", "未能查询", "4.1"
    GOVERNED = "GOVERNED", "从国家联合奖惩备忘录", "3.3"


class Unanswered(Labelled):
    """Why the answer of a source is unknown. This is about the source, never about the subject."""

    NOT_CONFIGURED = "NOT_CONFIGURED", "未接入"
    NOT_AUTHORISED = "NOT_AUTHORISED", "授权范围不包括身份信息"
    UNREACHABLE = "UNREACHABLE", "无法连接"
    TOO_SLOW = "TOO_SLOW", "响应超时"
    REFUSED = "REFUSED", "对方拒绝"
    MALFORMED = "MALFORMED", "答复无法识别"
    PAUSED = "PAUSED", "连续失败，暂停查询"


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """One source's answer. *memorandum* names the national memorandum, only with GOVERNED [3.3].

    *reason* may say why the answer is unknown, and nothing else.
    """

    source: Source
    finding: Finding
    memorandum: str | None = None
    reason: Unanswered | None = None

    def __post_init__(self) -> None:
        named = self.memorandum is not None and bool(self.memorandum.strip())
        if named is not (self.finding is Finding.GOVERNED):
            raise InconsistentFacts
        if self.reason is not None and self.finding is not Finding.UNKNOWN:
            raise InconsistentFacts


@dataclass(frozen=True, slots=True)
class Combined:
    """The combined finding, the sources that caused it, and the memoranda that govern."""

    finding: Finding
    sources: tuple[Source, ...]
    memoranda: tuple[str, ...] = ()


def combine(answers: Collection[SourceAnswer]) -> Combined:
    """Return the combined finding of the *answers* [4.1] [3.3]. A subject is clean only if every source says clean.

    A source that did not answer is unknown, and unknown is never clean. A memorandum comes first: under it local
    measures neither add nor soften, so a local record does not matter.
    """
    found = dict.fromkeys(Source, Finding.UNKNOWN) | {answer.source: answer.finding for answer in answers}
    if len(answers) != len({answer.source for answer in answers}):
        raise InconsistentFacts
    memoranda = tuple(dict.fromkeys(answer.memorandum for answer in answers if answer.memorandum is not None))
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
