"""Processes that share a limit, each with a lease of its own."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from limits import parse

from storage.rate_limits.leases import PARTS, Adding, Lease, LeasePool, SharedCounts

START = datetime(2026, 3, 5, 1, 0, 30, tzinfo=UTC)


class Clock:
    at = START

    def __call__(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


class Counted:
    """Counts that note how often they were asked, and that may fail or wait."""

    def __init__(self, counts: SharedCounts) -> None:
        self._counts = counts
        self.asked = 0
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def add(self, addings: Sequence[Adding]) -> Sequence[int]:
        self.asked += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return await self._counts.add(addings)

    async def close(self) -> None:
        await self._counts.close()


class Replica:
    """One process: its pool, and its lease of what all count."""

    def __init__(self, counts: SharedCounts, clock: Clock, limit: str) -> None:
        self.errors: list[Exception] = []
        self.counts = Counted(counts)
        self.pool = LeasePool(self.counts, clock.seconds, self.errors.append)
        self.lease = Lease(parse(limit), "requests-of-actor:a")

    async def admits(self, amount: int = 1) -> bool:
        """Spend *amount*; return whether it was admitted."""
        return await self.pool.spend_when_extended([(self.lease, amount)]) is None

    async def admitted(self, tries: int, amount: int = 1) -> int:
        return sum([await self.admits(amount) for _ in range(tries)])


async def stay_within_the_bound(replicas: Sequence[Replica]) -> None:
    """Let *replicas* admit what they can of a limit that all share, and check it against the bound."""
    amount, number = replicas[0].lease.amount, len(replicas)
    part = max(1, amount // PARTS)
    admitted, refused = 0, False
    while not refused:
        came = await asyncio.gather(*(each.admits() for each in replicas))
        admitted, refused = admitted + sum(came), not all(came)
    assert admitted >= amount - number * 1.5 * part
    admitted += sum([await each.admitted(amount) for each in replicas])
    assert admitted <= amount + number * part
