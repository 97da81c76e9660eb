"""How the ledger stands in the database: what waits, what is integrated, what was found wrong, epochs and audits.

One source for `/metrics` and for `chengxin ledger status`. Counts, instants and codes alone: nothing of a person.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, func, select

from consent.errors import NotCanonical, SystemEntryRefused
from consent.ledger.system_entries import parse_system_entry
from consent.ports import LOG_CODES, Log
from storage.database.array_binds import id_pairs, joined_pairs
from storage.database.column_types import Instant
from storage.database.session import Session
from storage.ledger.audit.positions import AuditProgress, read_audit
from storage.ledger.entry_sources import SOURCES
from storage.ledger.epoch_heads import StoredEpoch, last_epoch
from storage.ledger.waiting_groups import WaitingEntry, WaitingGroup
from storage.tables import (
    disclosure_openings,
    disclosures,
    held_groups,
    ledger_entries,
    ledger_restores,
    ledger_trees,
    number_lookups,
    pending_entries,
)

MOST_COUNTED: Final = 10_000
"""Beyond this, groups that wait are not counted one by one."""
_FIRST_GROUPS: Final = 8
"""How many groups are looked at for the oldest: they lie about in the order in which they were written."""

_OF_SUBJECTS: Final = [
    (source.table, source.key)
    for source in SOURCES
    if source.log == "consent" and any(isinstance(each.type, Instant) for each in source.table.c)
]
_OF_ACCESS: Final = [(disclosures, "disclosure_id"), (disclosure_openings, "source"), (number_lookups, "entry_id")]
"""Without refusals of the guard, whose rows say the hour alone, and reads of before revision 25."""


@dataclass(frozen=True, slots=True)
class LogState:
    """How one log stands. *waiting* groups of all logs are counted up to MOST_COUNTED."""

    size: int = 0
    integrated_at: datetime | None = None
    """When the last entry was integrated."""
    waiting: int = 0
    oldest_waiting: datetime | None = None
    """When the oldest act that waits happened, among the first groups; None where none waits, or no row says it."""
    held: Mapping[str, int] = field(default_factory=dict)
    """Groups that the sequencer refused, by the reason."""
    lost: int = 0
    """Published entries whose rows restores have lost."""
    lost_subjects: int = 0
    """How many subjects these count for."""
    restored_at: datetime | None = None
    """When the last such restore was found."""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The figures of one moment."""

    logs: Mapping[Log, LogState]
    epoch: StoredEpoch | None = None
    """The last epoch that was made."""
    audit: AuditProgress | None = None
    """Where the audit in the background stands; None before the first one."""
    begun_at: datetime | None = None
    """When the log `system` began, so that what was never made is known to be late."""

    @property
    def oldest_waiting(self) -> datetime | None:
        """When the oldest act that waits for any log happened."""
        return min((each.oldest_waiting for each in self.logs.values() if each.oldest_waiting), default=None)


async def read_ledger_state(session: Session) -> LedgerState:
    """Return how the ledger stands, at a cost that does not grow with it."""
    trees = await _trees(session)
    waiting, held, lost = await _waiting(session), await _held(session), await _lost(session)
    logs: dict[Log, LogState] = {}
    for log in LOG_CODES:
        size, integrated_at = trees.get(log, (0, None))
        groups = waiting.get(log, 0)
        first = await _first_waiting(session, log) if groups else []
        oldest = await _earliest_act(session, log, first) if first else None
        restored = lost.get(log, (0, 0, None))
        logs[log] = LogState(size, integrated_at, groups, oldest, held.get(log, {}), *restored)
    return LedgerState(logs, await last_epoch(session), await read_audit(session), await acted_at(session, "system", 0))


async def acted_at(session: Session, log: Log, leaf_index: int) -> datetime | None:
    """Return when the act behind one entry happened; None where there is no such entry, or no row says it."""
    table = ledger_entries.c
    columns = table.source, table.owner, table.leaf
    rows = await session.fetch(select(*columns).where(table.log == LOG_CODES[log], table.leaf_index == leaf_index))
    return await _earliest_act(session, log, [WaitingEntry(*rows[0])]) if rows else None


async def _trees(session: Session) -> Mapping[Log, tuple[int, datetime]]:
    table, names = ledger_trees.c, {code: log for log, code in LOG_CODES.items()}
    rows = await session.fetch(select(table.log, table.size, table.integrated_at))
    return {names[code]: (size, integrated_at) for code, size, integrated_at in rows}


async def _waiting(session: Session) -> Mapping[Log, int]:
    some = select(pending_entries.c.log).limit(MOST_COUNTED).subquery()
    return dict(await session.fetch(select(some.c.log, func.count()).group_by(some.c.log)))


async def _first_waiting(session: Session, log: Log) -> Sequence[WaitingEntry]:
    """Return the first entry of each of the first groups of *log*: those of a group are of one commit."""
    some = select(pending_entries).limit(MOST_COUNTED).subquery()
    columns = [some.c[name] for name in WaitingGroup.__slots__]
    found: list[WaitingEntry] = []
    for row in await session.fetch(select(*columns).where(some.c.log == log).limit(_FIRST_GROUPS)):
        with suppress(NotCanonical):
            found += WaitingGroup(*row).entries()[:1]
    return found


async def _held(session: Session) -> Mapping[Log, Mapping[str, int]]:
    table = held_groups.c
    found: dict[Log, dict[str, int]] = {}
    for log, reason, count in await session.fetch(
        select(table.log, table.reason, func.count()).group_by(table.log, table.reason)
    ):
        found.setdefault(log, {})[reason] = count
    return found


async def _lost(session: Session) -> Mapping[Log, tuple[int, int, datetime]]:
    table, names = ledger_restores.c, {code: log for log, code in LOG_CODES.items()}
    sums = func.sum(table.end_index - table.first_index), func.sum(table.subjects), func.max(table.found_at)
    rows = await session.fetch(select(table.log, *sums).group_by(table.log))
    return {names[code]: (int(entries), int(subjects), found_at) for code, entries, subjects, found_at in rows}


# --- when acts happened: the ids of most rows show no time ------------------------------------------------------------


async def _earliest_act(session: Session, log: Log, entries: Sequence[WaitingEntry]) -> datetime | None:
    """Return when the first of the acts behind *entries* happened; None where no row says it."""
    found: list[datetime | None] = []
    if log == "system":
        for each in entries:
            with suppress(SystemEntryRefused):
                found.append(parse_system_entry(each.leaf).at)
    elif log == "consent":
        pairs, owner, own = id_pairs("pairs")
        owned = joined_pairs((each.owner, each.source) for each in entries if each.owner is not None)
        for table, key in _OF_SUBJECTS:
            rows = pairs.join(table, (table.c.subject_id == owner) & (table.c[key] == own))
            wanted = select(func.min(_instant(table))).select_from(rows)
            found += [row[0] for row in await session.fetch(wanted, {"pairs": owned})]
    else:
        ids = [each.source for each in entries]
        for table, key in _OF_ACCESS:
            wanted = select(func.min(_instant(table))).where(table.c[key].in_(ids))
            found += [row[0] for row in await session.fetch(wanted)]
    return min((each for each in found if each is not None), default=None)


def _instant(table: Table) -> ColumnElement[datetime]:
    """Return the column that says when the act of a row happened: the only instant of its table."""
    (column,) = (each for each in table.c if isinstance(each.type, Instant))
    return column
