"""Counts what the guard refuses, by caller and hour, and enters each count into the ledger when its hour is over.

A process that is killed loses what it has counted since the hour began, and up to a minute of the hour before: refusals
show nothing of anybody, so no answer waits for a record. One that stops in an orderly way enters what it has counted.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.guard_refusals import GuardRefusals
from policy.actors import Actor
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork

EVERY_SECONDS: Final = 60.0
MOST: Final = 20_000
"""How many counts a process holds; refusals of further callers are counted together."""
OTHERS: Final = "0" * 32
"""What stands for those callers."""


class _Key(NamedTuple):
    hour: datetime
    caller: str
    role: str
    code: str


@dataclass(slots=True)
class GuardRefusalCounts:
    """The counts of one process. *tag* gives the keyed hash of a caller."""

    database: Database
    tag: Callable[[str, str], str]
    runtime: Runtime
    _counts: Counter[_Key] = field(default_factory=Counter)

    def note(self, actor: Actor, code: str) -> None:
        """Count one refusal."""
        hour = self.runtime.now().replace(minute=0, second=0, microsecond=0)
        key = _Key(hour, self.tag("caller", actor.ref), actor.role.value, code)
        if key not in self._counts and len(self._counts) >= MOST:
            key = key._replace(caller=OTHERS)
        self._counts[key] += 1

    async def keep_writing(self) -> None:
        """Enter the counts of each hour into the ledger once it is over, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.write(before=self.runtime.now().replace(minute=0, second=0, microsecond=0))

    async def write(self, before: datetime | None = None) -> int:
        """Enter the counts of the hours that began before *before*, or all, and return how many there were.

        What cannot be written is counted on.
        """
        taken = Counter({key: count for key, count in self._counts.items() if before is None or key.hour < before})
        if not taken:
            return 0
        for key in taken:
            del self._counts[key]
        try:
            async with SqlUnitOfWork(self.database) as work:
                await work.own_logs.append_refusals([self._row(key, count) for key, count in sorted(taken.items())])
                await work.commit()
        except BaseException:
            self._counts.update(taken)
            raise
        return len(taken)

    def _row(self, key: _Key, count: int) -> GuardRefusals:
        entry_id, salt = self.runtime.new_entry_id(self.runtime.now()), self.runtime.random(SALT_BYTES)
        return GuardRefusals(entry_id, key.hour, key.caller, key.role, key.code, count, salt)
