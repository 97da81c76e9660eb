"""The answer of a source about a subject, and the national memoranda that it names [4.1] [3.3].

A credit check before an incentive asks both sources; a determination asks the joint module alone.
"""

from dataclasses import dataclass
from datetime import datetime

from credit.core.errors import InconsistentFacts
from credit.core.labels import Labelled


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


class MemorandumKind(Labelled):
    """The two kinds of national memoranda [3.3].

    **Reading**: a subject under a penalty memorandum follows it, and local measures neither add nor soften. A reward
    memorandum bars nothing, and is no adverse record.
    """

    PENALTY = "PENALTY", "惩戒", "3.3"
    REWARD = "REWARD", "激励", "3.3"


class Unanswered(Labelled):
    """Why the answer of a source is unknown. This is about the source, never about the subject."""

    NOT_CONFIGURED = "NOT_CONFIGURED", "未接入"
    NOT_AUTHORISED = "NOT_AUTHORISED", "授权范围不包括身份信息"
    NO_NUMBER = "NO_NUMBER", "没有可供查询的号码"
    UNREACHABLE = "UNREACHABLE", "无法连接"
    TOO_SLOW = "TOO_SLOW", "响应超时"
    REFUSED = "REFUSED", "对方拒绝"
    MALFORMED = "MALFORMED", "答复无法识别"
    PAUSED = "PAUSED", "连续失败，暂停查询"


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """One source's answer. *memorandum* names the national memorandum, only with GOVERNED [3.3].

    *kind* is that of the memorandum; a memorandum without a kind counts as one of penalties. *reason* may say why the
    answer is unknown, and nothing else.
    """

    source: Source
    finding: Finding
    memorandum: str | None = None
    reason: Unanswered | None = None
    kind: MemorandumKind | None = None

    def __post_init__(self) -> None:
        named = self.memorandum is not None and bool(self.memorandum.strip())
        if named is not (self.finding is Finding.GOVERNED):
            raise InconsistentFacts
        if self.reason is not None and self.finding is not Finding.UNKNOWN:
            raise InconsistentFacts
        if self.kind is not None and self.finding is not Finding.GOVERNED:
            raise InconsistentFacts

    @property
    def is_rewarded(self) -> bool:
        """Whether a reward memorandum governs, which bars nothing [3.3]."""
        return self.finding is Finding.GOVERNED and self.kind is MemorandumKind.REWARD

    @property
    def bearing(self) -> Finding:
        """The finding that counts against the subject: under a reward memorandum there is none [4.1] [3.3]."""
        return Finding.CLEAN if self.is_rewarded else self.finding


@dataclass(frozen=True, slots=True)
class DatedAnswer:
    """The answer of a source, with the instant at which it was given."""

    answer: SourceAnswer
    at: datetime
