"""Limits on rates that replicas share, without a write for each request: a process takes a part of a window at once.

A window begins at a whole multiple of its length since 1970, so that replicas agree on it without asking. In each, a
process may spend a first part on credit; when half of what it has is spent, it takes a further part from the shared
count in the background, and pays for the credit with the first. Whoever spends little never causes a write.

    part       a twentieth of the limit, at least 1
    at most    limit + n × part is admitted by n processes in one window
    at least   limit - n × 1.5 × part, before one of them refuses what costs no more than a part

One process alone keeps the limit exactly. While that cannot be reached, each process counts for itself: at most
n × limit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from typing import Final, Protocol

from limits import RateLimitItem
from limits.aio.storage import Storage

from storage.database.database import Database
from storage.rate_limits.store import RateLimitStore

PARTS: Final = 20
"""Into how many parts a window is divided: the more, the more exact, and the more often the count is asked."""
AT_ONCE: Final = 200
"""How many leases one transaction extends: the others wait for the next one."""
Adding = tuple[RateLimitItem, Sequence[str], int]
"""A limit, what it counts and in which window, and how much is added."""


class SharedCounts(Protocol):
    """The counts that replicas share."""

    async def add(self, addings: Sequence[Adding]) -> Sequence[int]:
        """Add each amount; return each count after it. Raises what the store raises."""
        ...

    async def close(self) -> None:
        """Close what was opened for it."""
        ...


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """Counts in a store of the library `limits`: in Redis, or in the memory of the one process of SQLite."""

    store: Storage
    closing: Callable[[], Awaitable[None]] | None = None

    async def add(self, addings: Sequence[Adding]) -> Sequence[int]:
        found = (self.store.incr(limit.key_for(*what), limit.get_expiry(), amount) for limit, what, amount in addings)
        return await asyncio.gather(*found)

    async def close(self) -> None:
        if self.closing is not None:
            await self.closing()


@dataclass(frozen=True, slots=True)
class DatabaseCounts:
    """Counts in the table `rate_limits`, all of one call in one transaction."""

    database: Database
    now: Callable[[], datetime]

    async def add(self, addings: Sequence[Adding]) -> Sequence[int]:
        keyed = [(limit.key_for(*what), limit.get_expiry(), amount) for limit, what, amount in addings]
        counted: dict[str, int] = {}
        async with self.database.writing() as session:
            store = RateLimitStore(session, self.now())
            for key, expiry, amount in sorted(keyed):  # INVARIANT: in one order, so that no two block each other
                counted[key] = await store.incr(key, expiry, amount)
        return [counted[key] for key, _, _ in keyed]

    async def close(self) -> None:
        """Do nothing: the database is closed by who opened it."""


class Lease:
    """What this process may still spend of one limit, for one counted thing, in the window that runs.

    *left* may be spent at once. *taken* is all that the process was given in the window, on *credit* or paid for.
    *is_full*: the shared count has no more. *counted* is where that stood when it was last asked.
    """

    __slots__ = (
        "_items", "amount", "asked", "counted", "credit", "ends", "is_full", "left", "limit", "low", "part", "seconds",
        "short", "taken", "what",
    )  # fmt: skip

    def __init__(self, limit: RateLimitItem, what: str) -> None:
        self.limit, self.what = limit, what
        self.amount, self.seconds = limit.amount, limit.get_expiry()
        self.part = max(1, self.amount // PARTS)
        self.low = self.part // 2
        self.ends = 0.0
        self.asked: asyncio.Future[None] | None = None
        self.renew(0.0)

    def renew(self, now: float) -> None:
        """Begin the window of the instant *now*, in seconds since 1970."""
        self.ends = (floor(now / self.seconds) + 1) * float(self.seconds)
        self.left = self.taken = self.credit = self.part
        self.counted = self.short = 0
        self.is_full = False

    def adding(self) -> Adding:
        """Return what to add to the shared count: the credit, and the next part."""
        window = str(round(self.ends) // self.seconds)
        return self.limit, (self.what, window), self.credit + max(self.part, self.short)

    def extend(self, added: int, counted: int) -> None:
        """Take what the shared count still had: it stands at *counted* after *added*."""
        free = max(0, self.amount - (counted - added))
        given = min(added, free) - self.credit
        self.credit, self.counted = 0, min(counted, self.amount)
        self._give(max(0, given))
        self.is_full = counted >= self.amount

    def extend_alone(self, added: int) -> None:
        """Take the next part on credit, where the shared count was not reached."""
        given = max(0, min(added - self.credit, self.amount - self.taken))
        self.credit += given
        self._give(given)
        self.is_full = self.taken >= self.amount

    def _give(self, given: int) -> None:
        self.left += given
        self.taken += given
        self.short = 0

    @property
    def remaining(self) -> int:
        """How much of the limit is not used up, as far as this process knows."""
        spent_here = self.taken - self.left
        return max(0, self.amount - max(spent_here, self.counted - self.left))


class LeasePool:
    """Spends leases, and extends them in the background. *seconds* are those since 1970.

    *unreached* gets the error where the shared count was not reached.
    """

    def __init__(
        self, counts: SharedCounts, seconds: Callable[[], float], unreached: Callable[[Exception], None]
    ) -> None:
        self._counts, self._seconds, self._unreached = counts, seconds, unreached
        self._asked: dict[Lease, asyncio.Future[None]] = {}
        self._extending: asyncio.Task[None] | None = None

    def spend(self, spendings: Sequence[tuple[Lease, int]]) -> bool:
        """Spend every amount, or none where one lease has too little; return whether it did. It asks nobody."""
        now = self._seconds()
        for lease, amount in spendings:
            if now >= lease.ends:
                lease.renew(now)
            if lease.left < amount:
                return False
        for lease, amount in spendings:
            lease.left -= amount
            if lease.left <= lease.low and lease.asked is None and not lease.is_full:
                self._ask(lease)
        return True

    async def spend_when_extended(self, spendings: Sequence[tuple[Lease, int]]) -> Lease | None:
        """Spend every amount, once the leases that have too little are extended.

        Returns None, or the lease whose limit is used up until its end, where nothing was spent.
        """
        while not self.spend(spendings):
            short = [(lease, amount) for lease, amount in spendings if lease.left < amount]
            full = [lease for lease, _ in short if lease.is_full]
            if full:
                return max(full, key=lambda lease: lease.ends)
            for lease, amount in short:
                lease.short = max(lease.short, amount - lease.left)
            await asyncio.gather(*(asyncio.shield(self._ask(lease)) for lease, _ in short))
        return None

    def seconds_left(self, lease: Lease) -> int:
        """Return in how many whole seconds, at the earliest, the window of *lease* is over."""
        return max(0, ceil(lease.ends - self._seconds()))

    async def close(self) -> None:
        """Let what is being extended end, and close the counts."""
        if self._extending is not None:
            await asyncio.gather(self._extending, return_exceptions=True)
        await self._counts.close()

    def _ask(self, lease: Lease) -> "asyncio.Future[None]":
        if lease.asked is None:
            loop = asyncio.get_running_loop()
            lease.asked = self._asked[lease] = loop.create_future()
            if self._extending is None or self._extending.done() or self._extending.get_loop() is not loop:
                self._extending = loop.create_task(self._extend())
        return lease.asked

    async def _extend(self) -> None:
        """Extend the leases that are asked for, until none is: those that come meanwhile are extended together."""
        while self._asked:
            chosen = [*self._asked][:AT_ONCE]
            waiting = {lease: self._asked.pop(lease) for lease in chosen}
            addings = [lease.adding() for lease in chosen]
            counted: Sequence[int] | None = None
            try:
                counted = await self._counts.add(addings)
            except Exception as error:  # noqa: BLE001 - a limit on rates may not stop the service
                self._unreached(error)
            for at, (lease, (_, what, added)) in enumerate(zip(chosen, addings, strict=True)):
                if what[1] == str(round(lease.ends) // lease.seconds):  # else its window is over
                    if counted is None:
                        lease.extend_alone(added)
                    else:
                        lease.extend(added, counted[at])
                lease.asked = None
                waiting[lease].set_result(None)
