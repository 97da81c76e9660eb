"""Quotas are counted in the database: replicas share them, and what is refused is counted nowhere [5.1.6]."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from limits import parse_many
from sqlalchemy import func, select

from storage.database.database import Database
from storage.rate_limits.limiter import SqlRateLimiter
from storage.rate_limits.store import RateLimitStore
from storage.tables import rate_limits

START = datetime(2026, 3, 5, 1, tzinfo=UTC)
QUOTAS = {"of-actor": parse_many("3/hour;5/day"), "of-department": parse_many("4/hour"), "many": parse_many("10/hour")}


class Clock:
    at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[tuple[Clock, SqlRateLimiter, SqlRateLimiter]]:
    """Two stores on one database, as two processes have them."""
    clock, databases = Clock(), [Database.open(database_url) for _ in range(2)]
    one, other = (SqlRateLimiter(each, QUOTAS, clock) for each in databases)
    yield clock, one, other
    for each in databases:
        await each.close()


async def test_replicas_share_a_quota_and_say_until_when(replicas) -> None:
    clock, one, other = replicas
    assert [await each.take([("of-actor", "a", 1)]) for each in (one, other, one)] == [None] * 3
    clock.at += timedelta(minutes=20)
    assert await other.take([("of-actor", "a", 1)]) == START + timedelta(hours=1)
    assert await other.take([("of-actor", "b", 1)]) is None, "another's quota is its own"
    clock.at = START + timedelta(hours=1)
    assert [await each.take([("of-actor", "a", 1)]) for each in (one, other)] == [None] * 2
    assert await one.take([("of-actor", "a", 1)]) == START + timedelta(days=1), "the longest of the full windows"


async def test_racing_replicas_admit_exactly_the_quota(replicas) -> None:
    _, one, other = replicas
    came = await asyncio.gather(*(each.take([("many", "a", 1)]) for _ in range(10) for each in (one, other)))
    assert [each is None for each in came].count(True) == 10


async def test_what_is_refused_is_counted_for_nobody(replicas) -> None:
    """Else one account could use up its department's quota by trying on."""
    _, one, other = replicas
    for _ in range(9):
        await one.take([("of-actor", "a", 1), ("of-department", "d", 1)])
    assert await other.take([("of-actor", "b", 1), ("of-department", "d", 1)]) is None
    assert await other.take([("of-actor", "b", 1), ("of-department", "d", 1)]) is not None
    assert await other.take([("of-actor", "b", 2)]) is None, "the refusal by the department was not b's"


async def test_several_at_once_are_admitted_whole_or_not_at_all(replicas) -> None:
    _, one, _ = replicas
    assert await one.take([("many", "a", 8)]) is None
    assert await one.take([("many", "a", 3)]) is not None
    assert await one.take([("many", "a", 2)]) is None


async def test_counters_whose_window_is_over_are_forgotten(replicas, database: Database) -> None:
    clock, one, _ = replicas
    await one.take([("of-actor", "a", 1)])
    clock.at += timedelta(hours=2)
    await one.sweep()
    assert await database.fetch(select(rate_limits.c.key)) == [("LIMITER/of-actor/a/5/1/day",)]


async def test_the_store_holds_the_contract_of_the_library(database: Database) -> None:
    async with database.writing() as session:
        store = RateLimitStore(session, START)
        assert (await store.get("k"), await store.get_expiry("k"), await store.check()) == (0, START.timestamp(), True)
        assert [await store.incr("k", 60, amount) for amount in (1, 2)] == [1, 3]
        later = RateLimitStore(session, START + timedelta(seconds=59))
        assert (await later.incr("k", 60), await later.get_expiry("k")) == (4, START.timestamp() + 60)
        after = RateLimitStore(session, START + timedelta(seconds=60))
        assert (await after.get("k"), await after.incr("k", 60)) == (0, 1)
        await after.clear("k")
        await after.incr("other", 60)
        assert (await after.get("k"), await after.reset()) == (0, 1)
        assert await session.fetch(select(func.count()).select_from(rate_limits)) == [(0,)]
