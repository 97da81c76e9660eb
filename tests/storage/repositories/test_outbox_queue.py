"""The queue of the outbox relay: in order for each case, leased while it is sent, given up and taken up again."""

from datetime import timedelta
from uuid import UUID

import pytest

from storage.database.database import Database
from storage.repositories.messages.outbox_queue import NOTHING_TO_TELL, OpenRoutes, OutboxQueue
from storage.unit_of_work import SqlUnitOfWork
from tests.storage.reference_fixtures import NOW

EVERYBODY = OpenRoutes(frozenset({"platform"}), departments=frozenset({"LZ-SCJG"}))
LEASE = timedelta(seconds=60)
CASE, OTHER = UUID(int=7_001), UUID(int=7_002)


async def leave(database: Database, number: int, case: UUID | None = CASE, to: str | None = "platform") -> UUID:
    about = {"to": to, "case_id": case and str(case), "department_code": "LZ-SCJG", "n": str(number)}
    async with SqlUnitOfWork(database) as work:
        filled = {name: value for name, value in about.items() if value is not None}
        await work.outbox("restraint-case.published", filled, UUID(int=number), NOW + timedelta(minutes=number))
        await work.commit()
    return UUID(int=number)


async def take(database: Database, recipients: OpenRoutes = EVERYBODY, *, later: timedelta = LEASE, limit: int = 9):
    now = NOW + timedelta(days=1) + later
    async with SqlUnitOfWork(database) as work:
        taken = await work.outbox_queue.lease(recipients, limit, now=now, until=now + LEASE)
        await work.commit()
    return [message.message_id.int for message in taken]


async def do(database: Database, act):
    async with SqlUnitOfWork(database) as work:
        done = await act(work.outbox_queue)
        await work.commit()
    return done


async def test_one_of_each_case_at_a_time_the_oldest_first(database):
    for number, case in ((3, CASE), (1, CASE), (2, OTHER), (4, None), (5, None)):
        await leave(database, number, case)
    # Of a case it is the place that counts, which is the order in which messages were left.
    assert await take(database) == [2, 3, 4, 5]
    assert await take(database) == []
    await do(database, lambda queue: queue.sent(UUID(int=3), NOW))
    assert await take(database) == [1]


async def test_another_route_of_the_same_case_does_not_wait(database):
    await leave(database, 1)
    await leave(database, 2, to="supervisors")
    await leave(database, 3, to="subject")
    await leave(database, 4, to=None)
    assert await take(database) == [1, 2]


@pytest.mark.parametrize(
    ("recipients", "taken"),
    [
        (OpenRoutes(), []),
        (OpenRoutes(frozenset({"platform"})), [1]),
        (OpenRoutes(departments=frozenset({"LZ-SCJG"})), [2]),
        (OpenRoutes(departments=frozenset({"LZ-WJJ"})), []),
    ],
)
async def test_what_nobody_is_configured_for_stays_and_is_not_dead(database, recipients, taken):
    await leave(database, 1)
    await leave(database, 2, to="supervisors")
    assert await take(database, recipients) == taken
    waiting = await do(database, lambda queue: queue.waiting())
    assert sum(one.count for one in waiting) == 2
    assert not await do(database, lambda queue: queue.given_up(9))


async def test_what_a_killed_courier_had_in_its_hands_is_due_again_after_the_lease(database):
    await leave(database, 1)
    assert await take(database) == [1]
    assert await take(database, later=LEASE * 1.5) == []
    assert await take(database, later=LEASE * 2) == [1]


async def test_a_failure_holds_its_own_case_only(database):
    for number, case in ((1, CASE), (2, CASE), (3, OTHER)):
        await leave(database, number, case)
    assert await take(database) == [1, 3]
    await do(database, lambda queue: queue.failed(UUID(int=1), "HTTP_500", NOW + timedelta(days=3)))
    await do(database, lambda queue: queue.sent(UUID(int=3), NOW))
    assert await take(database) == []
    assert await take(database, later=timedelta(days=3)) == [1]


async def test_a_dead_letter_blocks_nothing_and_returns_at_the_end(database):
    for number in (1, 2, 3):
        await leave(database, number)
    assert await take(database) == [1]
    await do(database, lambda queue: queue.died(UUID(int=1), "REFUSED_422", NOW))
    (dead,) = await do(database, lambda queue: queue.given_up(9))
    assert (dead.message_id.int, dead.attempts, dead.failure, dead.route) == (1, 1, "REFUSED_422", "platform")
    assert await take(database) == [2]
    assert await do(database, lambda queue: queue.revive(UUID(int=1)))
    assert not await do(database, lambda queue: queue.revive(UUID(int=1)))
    await do(database, lambda queue: queue.sent(UUID(int=2), NOW))
    assert await take(database) == [3]
    await do(database, lambda queue: queue.sent(UUID(int=3), NOW))
    assert await take(database) == [1]


async def test_what_was_taken_and_not_tried_counts_as_no_attempt(database):
    await leave(database, 1)
    await take(database)
    await do(database, lambda queue: queue.give_back([UUID(int=1)]))
    (waiting,) = await do(database, lambda queue: queue.waiting())
    assert (waiting.attempts, waiting.failure, waiting.department_code) == (0, None, "LZ-SCJG")
    assert await take(database) == [1]


async def test_whether_anything_was_sent_before(database):
    async def sent_before(queue: OutboxQueue) -> bool:
        (message,) = await queue.lease(EVERYBODY, 1, now=NOW + timedelta(days=9), until=NOW + timedelta(days=10))
        return await queue.has_notified(message)

    await leave(database, 1)
    await leave(database, 2)
    await leave(database, 3)
    assert not await do(database, sent_before)
    await do(database, lambda queue: queue.sent(UUID(int=1), NOW, failure=NOTHING_TO_TELL))
    assert not await do(database, sent_before)
    await do(database, lambda queue: queue.sent(UUID(int=2), NOW))
    assert await do(database, sent_before)


@pytest.mark.postgres
async def test_two_couriers_do_not_take_the_same_message(postgresql_url):
    database = Database.open(postgresql_url)
    for number in (1, 2):
        await leave(database, number, None)
    later = {"now": NOW + timedelta(days=1), "until": NOW + timedelta(days=2)}
    async with SqlUnitOfWork(database) as one, SqlUnitOfWork(database) as other:
        taken = [
            (await courier.outbox_queue.lease(EVERYBODY, 1, **later))[0].message_id.int for courier in (one, other)
        ]
    assert taken == [1, 2]
    await database.close()
