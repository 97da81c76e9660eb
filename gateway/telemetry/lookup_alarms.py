"""Alarms about lookups by number: misses, neighbouring numbers, and persons whom the record refuses.

They are read from the entries of all replicas. Log lines and metrics hold counts and keyed hashes, never a number, an
account or a subject.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.settings.settings import Settings
from schema.core.limits import Quota
from storage.access_log.number_lookups import (
    SearchesOfCaller,
    TriedNeighbours,
    callers_in_conflict,
    callers_who_miss,
    count_lookups,
    tried_neighbours,
)
from storage.database.database import Database
from storage.database.session import Session
from storage.rate_limits.limiter import SqlRateLimiter

PAUSE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class LookupSnapshot:
    """The lookups of the time that the alarms look back over."""

    numbers: int = 0
    misses: Sequence[SearchesOfCaller] = ()
    neighbours: Sequence[TriedNeighbours] = ()
    conflicts: Sequence[SearchesOfCaller] = ()


class LookupAlarms:
    """Reads the entries, and logs each alarm about the same caller or neighbourhood once in that time."""

    def __init__(
        self, settings: Settings, database: Database, limiter: SqlRateLimiter, now: Callable[[], datetime]
    ) -> None:
        self._settings, self._database, self._limiter, self._now = settings, database, limiter, now

    async def read(self, session: Session) -> LookupSnapshot:
        """Return what there is to see now."""
        settings = self._settings
        since = self._now() - timedelta(minutes=settings.lookup_alarm_minutes)
        return LookupSnapshot(
            await count_lookups(session, since),
            await callers_who_miss(
                session, since, least=settings.lookup_alarm_least, percent=settings.lookup_alarm_misses
            ),
            await tried_neighbours(session, since, least=settings.lookup_alarm_neighbours),
            await callers_in_conflict(session, since, least=settings.lookup_alarm_conflicts),
        )

    async def look(self) -> None:
        """Log what is an alarm now and was not logged before, by whichever replica."""
        async with self._database.snapshot() as session:
            found = await self.read(session)
        log = structlog.get_logger()
        for one in found.misses:
            if await self._is_new("misses", one.caller):
                log.warning(
                    "lookups.misses", caller=one.caller, department=one.department, size=one.searches, count=one.misses
                )
        for each in found.neighbours:
            if await self._is_new("neighbours", each.neighbourhood):
                log.warning("lookups.neighbours", caller=each.caller, size=each.callers, count=each.numbers)
        for some in found.conflicts:
            if await self._is_new("conflicts", some.caller):
                count = some.searches - some.misses
                log.warning(
                    "lookups.conflicts", caller=some.caller, department=some.department, size=some.searches, count=count
                )

    async def keep_looking(self) -> None:
        """Look every half minute, and forget the counters whose window is over."""
        while True:
            await self.look()
            await self._limiter.sweep()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _is_new(self, alarm: str, whose: str) -> bool:
        return await self._limiter.take([(Quota.ALARMS, f"{alarm}:{whose}", 1)]) is None
