"""How the ledger stands: what waits, what is integrated, and what was found wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from consent.ports import LOG_CODES, Log
from storage.database.session import Session
from storage.ledger.integrate import read_trees
from storage.tables import held_groups, ledger_restores, pending_entries

MOST_COUNTED: Final = 10_000
"""Beyond this, groups that wait are not counted one by one."""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The figures of one moment. *sizes* are the entries of each log, *waiting* groups at most MOST_COUNTED."""

    sizes: Mapping[Log, int]
    waiting: int
    held: int
    lost: int
    """Entries that restores have lost."""


async def read_ledger_state(session: Session) -> LedgerState:
    """Return how the ledger stands, at a cost that does not grow with it."""
    trees = await read_trees(session)
    some = select(pending_entries.c.log).limit(MOST_COUNTED).subquery()
    ((waiting,),) = await session.fetch(select(func.count()).select_from(some))
    ((held,),) = await session.fetch(select(func.count()).select_from(held_groups))
    ranges = ledger_restores.c
    ((lost,),) = await session.fetch(select(func.coalesce(func.sum(ranges.end_index - ranges.first_index), 0)))
    return LedgerState({log: trees[log].size if log in trees else 0 for log in LOG_CODES}, waiting, held, int(lost))
