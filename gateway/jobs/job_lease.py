"""The lease of a job that one process does: taken, renewed while it lasts, and taken over after its holder is lost."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from uuid import UUID

import structlog

from gateway.telemetry.logging import where
from storage.database.database import Database
from storage.repositories.messages.leases import LEASE_SECONDS, end_lease, take_lease

RENEW_SECONDS: Final = LEASE_SECONDS / 3
SURE_SECONDS: Final = LEASE_SECONDS * 2 / 3
"""How long after its last renewal the holder relies on a lease: it must stop before another can begin."""


class JobLease:
    """The lease of *job*, as one process has it. A process that was frozen finds out here, before it does anything."""

    def __init__(self, database: Database, job: str, holder: UUID, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._job = job
        self._holder = holder
        self._clock = clock
        self._sure_until = clock()

    @property
    def is_held(self) -> bool:
        """Whether no other process can have the lease at this moment."""
        return self._clock() < self._sure_until

    @contextlib.asynccontextmanager
    async def for_a_round(self) -> AsyncIterator[bool]:
        """Hold the lease during a round; gives False where another process has it."""
        if not await self.renew():
            yield False
            return
        renewal = asyncio.create_task(self._keep(), name=f"{self._job}-lease")
        try:
            yield True
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)
            await self._without_failing(self.end())

    async def renew(self) -> bool:
        """Take the lease, or renew it; return whether this process has it now."""
        asked = self._clock()
        is_ours = await take_lease(self._database, self._job, self._holder)
        self._sure_until = asked + SURE_SECONDS if is_ours else asked
        return is_ours

    async def end(self) -> None:
        """Let another process begin at once."""
        self._sure_until = self._clock()
        await end_lease(self._database, self._job, self._holder)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self._without_failing(self.renew())

    async def _without_failing(self, work: Awaitable[object]) -> None:
        """Wait for *work*. If it fails, the lease ends by itself."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - as said
            structlog.get_logger().warning("lease.failed", job=self._job, **where(error))
