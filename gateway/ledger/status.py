"""How the ledger of a gateway stands, for whoever watches it: database, store, witnesses, and what of it alarms.

The store is read before the database, which therefore has at least what was published, unless it was put back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from consent.ledger.flaws import LedgerWord
from consent.ledger.notes.log_policy import NONE, LogPolicy
from consent.ports import LOG_CODES, Log
from gateway.ledger.errors import LedgerStoreError
from gateway.ledger.monitor.checkpoints import accepted
from gateway.ledger.monitor.errors import LogContradiction
from gateway.ledger.sequencer_alarm import PATIENCE_SECONDS
from gateway.ledger.stores.tile_store import CHECKPOINT, Stored, TileStore
from storage.database.database import Database
from storage.ledger.ledger_state import LedgerState, LogState, acted_at, read_ledger_state

PATIENCE: Final = timedelta(seconds=PATIENCE_SECONDS)
"""How long an entry may wait for its log, and then for a checkpoint."""
LATE: Final = 2
"""After so many of its intervals an epoch, or an audit, is late."""
RESTORE_SHOWN: Final = timedelta(days=1)
"""How long a restore alarms: what it has lost stays lost, and is a figure afterwards."""


class StatusWord(LedgerWord):
    """What alarms."""

    # fmt: off
    NOT_INTEGRATED = ("NOT_INTEGRATED",
        "entries have waited for their log for more than a minute", "有条目等待入账超过一分钟")
    HELD = "HELD", "groups of entries were refused and are kept apart", "有条目组校验不符，已另行保存"
    NOT_PUBLISHED = ("NOT_PUBLISHED",
        "integrated entries have not been published for more than a minute", "已入账条目超过一分钟未公布")
    BAD_CHECKPOINT = ("BAD_CHECKPOINT",
        "the checkpoint in the store is not one that this log has signed", "存储中的检查点不是本日志签署的")
    NO_QUORUM = "NO_QUORUM", "too few witnesses have cosigned the checkpoint", "检查点的见证方联署不足"
    BEHIND_THE_STORE = ("BEHIND_THE_STORE",
        "the database has fewer entries than were published: it was put back",
        "数据库条目少于已公布条目，曾被恢复到较早时点")
    LOST_IN_A_RESTORE = ("LOST_IN_A_RESTORE",
        "within a day, published entries were lost in a restore of the database", "一天内因数据库恢复丢失了已公布条目")
    EPOCH_LATE = "EPOCH_LATE", "no epoch was made for twice its interval", "超过两个周期未生成新一期"
    AUDIT_LATE = "AUDIT_LATE", "no audit has ended for twice its interval", "超过两个周期未完成核对"
    AUDIT_FOUND = ("AUDIT_FOUND",
        "records contradict the ledger; 'chengxin ledger audit' names them", "核对发现记录与账本不一致")
    # fmt: on


@dataclass(frozen=True, slots=True)
class StatusAlarm:
    """What alarms, and in which log."""

    word: StatusWord
    log: Log | None = None


@dataclass(frozen=True, slots=True)
class PublishedState:
    """What the store has of a log: the last checkpoint, when it was written, and who of the policy cosigned it."""

    size: int = 0
    written_at: datetime | None = None
    cosigned_by: Sequence[str] = ()
    not_cosigned_by: Sequence[str] = ()
    alarm: StatusWord | None = None


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """How the ledger stood at one moment; *published* is None where the store could not be read, for *unseen*."""

    at: datetime
    state: LedgerState
    published: Mapping[Log, PublishedState] | None = None
    unpublished_since: Mapping[Log, datetime] = field(default_factory=dict)
    """When the act behind the first entry happened that is integrated and not published."""
    unseen: str | None = None

    def alarms(self, epochs_every: timedelta, audits_every: timedelta) -> list[StatusAlarm]:
        """Return what alarms; where *audits_every* is zero there are no audits in the background."""
        found = [alarm for log in LOG_CODES for alarm in self._of_log(log)]
        epoch, audit = self.state.epoch, self.state.audit
        if self._is_late(None if epoch is None else epoch.made_at, epochs_every):
            found.append(StatusAlarm(StatusWord.EPOCH_LATE))
        if audits_every and self._is_late(None if audit is None else audit.finished_at, audits_every):
            found.append(StatusAlarm(StatusWord.AUDIT_LATE))
        if audit is not None and audit.most_findings:
            found.append(StatusAlarm(StatusWord.AUDIT_FOUND))
        return found

    def _of_log(self, log: Log) -> Iterator[StatusAlarm]:
        state = self.state.logs[log]
        if self._is_over(state.oldest_waiting, PATIENCE):
            yield StatusAlarm(StatusWord.NOT_INTEGRATED, log)
        if state.held:
            yield StatusAlarm(StatusWord.HELD, log)
        if state.restored_at is not None and not self._is_over(state.restored_at, RESTORE_SHOWN):
            yield StatusAlarm(StatusWord.LOST_IN_A_RESTORE, log)
        if self.published is None:
            return
        published = self.published[log]
        if published.alarm is not None:
            yield StatusAlarm(published.alarm, log)
        if self._is_over(self.unpublished_since.get(log), PATIENCE):
            yield StatusAlarm(StatusWord.NOT_PUBLISHED, log)
        if published.size > state.size:
            yield StatusAlarm(StatusWord.BEHIND_THE_STORE, log)

    def _is_late(self, last: datetime | None, every: timedelta) -> bool:
        return self._is_over(last or self.state.begun_at, LATE * every)

    def _is_over(self, since: datetime | None, patience: timedelta) -> bool:
        return since is not None and self.at - since > patience


async def read_status(database: Database, store: TileStore, policy: LogPolicy, now: datetime) -> LedgerStatus:
    """Return how the ledger stands; raises what the database raises."""
    published, unseen = None, None
    try:
        published = await read_published(store, policy)
    except LedgerStoreError as error:
        unseen = f"{type(error).__name__}: {error}"
    async with database.snapshot() as session:
        state = await read_ledger_state(session)
        since: dict[Log, datetime] = {}
        for log, each in (published or {}).items():
            if each.size < state.logs[log].size:
                at = await acted_at(session, log, each.size) or state.logs[log].integrated_at
                since |= {} if at is None else {log: at}
    return LedgerStatus(now, state, published, since, unseen)


async def read_published(store: TileStore, policy: LogPolicy) -> Mapping[Log, PublishedState]:
    """Return what the store has of each log, for `/metrics` too; raises LedgerStoreError."""
    stored = {log: await store.read(f"{log}/{CHECKPOINT}") for log in LOG_CODES}
    return {log: _published(log, each, policy) for log, each in stored.items()}


def _published(log: Log, stored: Stored | None, policy: LogPolicy) -> PublishedState:
    if stored is None:
        return PublishedState()
    try:
        seen = accepted(stored.content, log, replace(policy, quorum=NONE), None)
    except LogContradiction:
        return PublishedState(written_at=stored.written_at, alarm=StatusWord.BAD_CHECKPOINT)
    cosigners = {each.key for each in policy.witnesses if each.name in seen.cosigned_by}
    missing = tuple(each.name for each in policy.witnesses if each.name not in seen.cosigned_by)
    alarm = None if policy.is_quorum(cosigners) else StatusWord.NO_QUORUM
    return PublishedState(seen.checkpoint.size, stored.written_at, seen.cosigned_by, missing, alarm)


def state_of(status: LedgerStatus, log: Log) -> tuple[LogState, PublishedState | None]:
    """Return how one log stands in the database and in the store."""
    return status.state.logs[log], None if status.published is None else status.published[log]
