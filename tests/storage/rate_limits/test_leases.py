"""Rates are shared by replicas without a write for each request, and the error of that is bounded."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from limits import parse
from limits.aio.storage import MemoryStorage

from storage.database.database import Database
from storage.rate_limits.leases import PARTS, DatabaseCounts, Lease, StoredCounts
from tests.storage.rate_limits.replicas import Clock, Replica, stay_within_the_bound

Replicas = Callable[[int, str], list[Replica]]


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[Replicas]:
    """Make replicas that share counts in one database."""
    databases: list[Database] = []
    made: list[Replica] = []
    clock = Clock()

    def make(number: int, limit: str) -> list[Replica]:
        for _ in range(number):
            databases.append(Database.open(database_url))
            made.append(Replica(DatabaseCounts(databases[-1], clock), clock, limit))
        return made

    yield make
    for each in made:
        await each.pool.close()
    for database in databases:
        await database.close()


def memory(clock: Clock, limit: str) -> Replica:
    return Replica(StoredCounts(MemoryStorage()), clock, limit)


@pytest.mark.parametrize("limit", ["1/minute", "7/minute", "100/minute", "600/hour"])
async def test_one_process_keeps_the_limit_exactly(limit: str) -> None:
    replica = memory(Clock(), limit)
    amount = parse(limit).amount
    assert await replica.admitted(amount + 50) == amount
    assert replica.counts.asked <= PARTS + 2, "a part at a time, not a request"


async def test_what_is_rare_is_never_written(replicas: Replicas) -> None:
    (one,) = replicas(1, "600/minute")
    assert await one.admitted(600 // PARTS // 2 - 1) == 600 // PARTS // 2 - 1
    assert one.counts.asked == 0


async def test_replicas_share_a_limit_within_its_bound(replicas: Replicas) -> None:
    """Between limit - n × 1.5 parts and limit + n parts: a part is 5 of 100 here."""
    await stay_within_the_bound(replicas(3, "100/minute"))


async def test_racing_replicas_stay_within_the_bound(replicas: Replicas) -> None:
    two = replicas(2, "40/minute")
    came = await asyncio.gather(*(each.admits() for _ in range(60) for each in two))
    assert 40 - 2 * 1.5 * 2 <= sum(came) <= 40 + 2 * 2


async def test_a_window_begins_at_a_whole_minute_and_then_anew() -> None:
    clock = Clock()
    replica = memory(clock, "10/minute")
    assert await replica.admitted(12) == 10
    assert datetime.fromtimestamp(replica.lease.ends, UTC) == datetime(2026, 3, 5, 1, 1, tzinfo=UTC)
    clock.at += timedelta(seconds=29)
    assert not await replica.admits()
    clock.at += timedelta(seconds=1)
    assert await replica.admitted(12) == 10


async def test_what_exceeds_one_limit_is_counted_by_no_other() -> None:
    replica = memory(Clock(), "10/minute")
    other = Lease(parse("4/minute"), "requests-of-department:d")
    both = [(replica.lease, 1), (other, 1)]
    came = [await replica.pool.spend_when_extended(both) for _ in range(6)]
    assert came == [None] * 4 + [other] * 2
    assert await replica.admitted(10) == 6


async def test_a_cost_above_a_part_takes_what_it_needs_at_once() -> None:
    replica = memory(Clock(), "1000/minute")
    assert [await replica.admits(400) for _ in range(3)] == [True, True, False]
    assert await replica.admits(200)
    assert replica.lease.remaining == 0
    assert replica.counts.asked <= 4


@pytest.mark.parametrize("spent", [0, 3, 40, 99])
async def test_what_remains_is_told_as_far_as_this_process_knows(spent: int) -> None:
    replica = memory(Clock(), "100/minute")
    assert await replica.admitted(spent) == spent
    await replica.pool.close()
    assert replica.lease.remaining == 100 - spent


async def test_nobody_waits_while_a_part_is_left() -> None:
    """The counts may be slow: what is in hand is spent meanwhile, and only then somebody waits."""
    replica = memory(Clock(), "100/minute")
    replica.counts.open.clear()
    assert await asyncio.wait_for(replica.admitted(5), 1) == 5, "the first part, on credit"
    waiting = asyncio.ensure_future(replica.admitted(3))
    await asyncio.sleep(0)
    assert not waiting.done()
    replica.counts.open.set()
    assert await waiting == 3
    assert replica.counts.asked <= 2, "all who wait are helped by one question"


async def test_a_process_that_reaches_no_counter_keeps_the_limit_alone() -> None:
    clock = Clock()
    replica = memory(clock, "100/minute")
    replica.counts.error = OSError("the counts are gone")
    assert await replica.admitted(60) == 60
    assert replica.errors
    replica.counts.error = None
    assert await replica.admitted(60) == 40, "what was spent alone is paid for"
    replica.counts.error, clock.at = OSError(), clock.at + timedelta(minutes=1)
    assert await replica.admitted(120) == 100
