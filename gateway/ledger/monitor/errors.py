"""What a log, seen from outside, has against it: each contradiction by its word, and what could not be checked.

MonitorError
├── LogContradiction    the log contradicts itself, its keys, its witnesses, or what it showed before
└── LogUnchecked        it gives no answer, or what was asked cannot be checked; nothing is said against it
"""

from collections.abc import Mapping
from typing import Any

from consent.ledger.flaws import LedgerWord
from consent.ports import Log


class ContradictionWord(LedgerWord):
    """What a log contradicts."""

    # fmt: off
    BAD_CHECKPOINT = ("BAD_CHECKPOINT",
        "the checkpoint is not one that a log of the policy has signed", "检查点不是策略所列日志签署的")
    NO_QUORUM = ("NO_QUORUM", "too few witnesses have cosigned the checkpoint", "检查点的见证方联署不足")
    CHECKPOINT_GONE = ("CHECKPOINT_GONE", "the log shows no checkpoint any more", "日志不再提供检查点")
    ROLLBACK = ("ROLLBACK", "the log is smaller than it was", "日志比此前所见的小")
    SPLIT_VIEW = ("SPLIT_VIEW", "the log has signed two roots for one size", "日志为同一大小签署了两个不同的根")
    NOT_CONSISTENT = ("NOT_CONSISTENT",
        "the log does not continue what it was: earlier entries were changed", "日志不是此前所见的延续，既有条目被改动")
    TILE_MISSING = ("TILE_MISSING", "a tile that the checkpoint covers is missing", "缺少检查点所覆盖的分块")
    TILE_MALFORMED = ("TILE_MALFORMED", "a tile is malformed", "分块格式有误")
    TILE_DIFFERS = ("TILE_DIFFERS", "a tile of hashes is not that of the entries", "哈希分块与条目不符")
    ROOT_DIFFERS = ("ROOT_DIFFERS", "the entries do not give the root of the checkpoint", "条目得不出检查点的根")
    ENTRY_MALFORMED = ("ENTRY_MALFORMED", "an entry has a form that no entry has", "存在不符合格式的条目")
    EPOCH_ORDER = ("EPOCH_ORDER", "the epochs are not in order", "各期的顺序有误")
    SUMS_DIFFER = ("SUMS_DIFFER",
        "the subjects that entries state are not those that an epoch accounts for", "条目所载主体数与该期账目不符")
    LOST_NOT_STATED = ("LOST_NOT_STATED",
        "an epoch counts more as lost than the restores state", "某期记为丢失的数量超过所公布的恢复事件")
    ERASED_NOT_STATED = ("ERASED_NOT_STATED",
        "an epoch counts more as erased than the erasures state", "某期记为已删除的数量超过所公布的删除事件")
    TAKEN_OVER_AGAIN = ("TAKEN_OVER_AGAIN",
        "rows are taken over after that was closed", "接收旧记录的程序结束之后又接收了记录")
    RESTORE_DIFFERS = ("RESTORE_DIFFERS",
        "a restore states other numbers than its entries", "恢复事件所载数字与条目不符")
    PROOF_MISSING = ("PROOF_MISSING", "the log gives no proof of an entry that it has", "日志不提供其所含条目的证明")
    PROOF_REFUSED = ("PROOF_REFUSED", "the log gives a proof that proves nothing", "日志提供的证明无效")
    COPY_DIFFERS = ("COPY_DIFFERS", "the log is not the one that was copied before", "日志与此前所复制的不符")
    # fmt: on


class MonitorError(Exception):
    """Anything that keeps a log from being verified."""


class LogContradiction(MonitorError):
    """The log contradicts something. *facts* are numbers and hashes; *evidence* are the signed notes that show it."""

    def __init__(
        self,
        word: ContradictionWord,
        log: Log,
        facts: Mapping[str, int | str] | None = None,
        evidence: tuple[bytes, ...] = (),
    ) -> None:
        super().__init__(f"{log}: {word.message}")
        self.word, self.log, self.facts, self.evidence = word, log, dict(facts or {}), evidence

    def report(self) -> dict[str, Any]:
        """Return it for machines, without the evidence."""
        texts = {"message": self.word.message, "message_zh": self.word.message_zh}
        return {"result": "contradiction", "word": str(self.word), "log": self.log, **texts, "facts": self.facts}

    def lines(self) -> list[str]:
        """Return it for readers."""
        numbers = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return [
            f"{self.word}: {self.log}：{self.word.message_zh} · {self.word.message}",
            *([numbers] if numbers else []),
        ]


class LogUnchecked(MonitorError):
    """The log could not be checked, for the reason that the message states."""
