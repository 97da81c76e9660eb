"""Time limits with one timer for all of them: who is late is ended, and nobody else."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from schema.execution import time_limits
from schema.execution.time_limits import TimeLimits


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(time_limits, "LOOK_SECONDS", 0.001)
    return


def is_as_before() -> bool:
    current = asyncio.current_task()
    return current is not None and current.cancelling() == 0


async def test_what_is_late_is_ended_and_what_is_in_time_goes_on() -> None:
    limits = TimeLimits()

    async def late() -> str:
        try:
            with limits.within(0.005):
                await asyncio.sleep(30)
        except TimeoutError:
            return "late" if is_as_before() else "still cancelled"
        return "in time"

    async def early() -> str:
        with limits.within(30):
            await asyncio.sleep(0.01)
        return "in time"

    assert await asyncio.gather(late(), early(), late()) == ["late", "in time", "late"]


async def test_the_inner_limit_ends_its_work_and_not_that_of_the_outer_one() -> None:
    limits = TimeLimits()
    with limits.within(30):
        with pytest.raises(TimeoutError), limits.within(0.001):
            await asyncio.sleep(30)
        await asyncio.sleep(0)
    assert is_as_before()


async def test_of_two_limits_that_end_together_the_outer_one_is_told() -> None:
    limits, told = TimeLimits(), list[str]()

    async def inner() -> None:
        try:
            with limits.within(0.001):
                await asyncio.sleep(30)
        except TimeoutError:
            told.append("the inner one")

    with pytest.raises(TimeoutError), limits.within(0.001):
        await inner()
    assert told == []
    assert is_as_before()


async def test_what_was_done_all_the_same_stands() -> None:
    with TimeLimits().within(0.001):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(30)
        done = "committed"
    assert done == "committed"
    assert is_as_before()


async def test_who_is_cancelled_by_another_stays_cancelled() -> None:
    limits = TimeLimits()

    async def work() -> None:
        with limits.within(0.001):
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_they_serve_one_event_loop_after_another() -> None:
    limits = TimeLimits()

    async def late() -> None:
        with pytest.raises(TimeoutError), limits.within(0.001):
            await asyncio.sleep(30)

    for _ in range(2):
        asyncio.run(late())
