"""Counts what is taken against quotas, all in one transaction: what is refused is not counted anywhere."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from limits import RateLimitItem
from limits.aio.strategies import FixedWindowRateLimiter
from sqlalchemy import delete

from storage.database.database import Database
from storage.rate_limits.store import RateLimitStore
from storage.tables import rate_limits

Taking = tuple[str, str, int]
"""The name of a quota, whose quota it is (a keyed hash or a code), and how much is taken."""


class _Exceeded(Exception):
    """A quota is used up until an instant; the transaction is rolled back."""

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until


class SqlRateLimiter:
    """Counts in fixed windows. Each quota has one limit or several, such as 120 an hour and 600 a day."""

    def __init__(
        self, database: Database, quotas: Mapping[str, Sequence[RateLimitItem]], now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._now = now

    async def take(self, takings: Sequence[Taking]) -> datetime | None:
        """Count *takings*; if one exceeds its quota, count none, and return the instant from which all may be tried.

        INVARIANT: callers name their quotas in the same order everywhere, so that two transactions cannot block each
        other.
        """
        try:
            async with self._database.writing() as session:
                await self._count(FixedWindowRateLimiter(RateLimitStore(session, self._now())), takings)
        except _Exceeded as exceeded:
            return exceeded.until
        return None

    async def sweep(self) -> None:
        """Forget the counters whose window is over."""
        await self._database.write((delete(rate_limits).where(rate_limits.c.ends_at <= self._now()), None))

    async def _count(self, windows: FixedWindowRateLimiter, takings: Sequence[Taking]) -> None:
        """Count *takings*; raises _Exceeded with the last end of the windows that are full."""
        ends = [
            (await windows.get_window_stats(limit, quota, whose)).reset_time
            for quota, whose, amount in takings
            for limit in self._quotas[quota]
            if not await windows.hit(limit, quota, whose, cost=amount)
        ]
        if ends:
            raise _Exceeded(datetime.fromtimestamp(math.ceil(max(ends)), UTC))
