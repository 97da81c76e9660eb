"""For measurements inside this process: the time of a call, and a recorder that stores nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def timed(one: Callable[[], Awaitable[Any]], clients: int, rounds: int) -> tuple[float, float]:
    """Return wall and CPU microseconds of one call, with so many calls at a time."""
    await asyncio.gather(*(one() for _ in range(clients)))
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(max(1, rounds // clients)):
        await asyncio.gather(*(one() for _ in range(clients)))
    done = max(1, rounds // clients) * clients
    return (time.perf_counter() - wall) / done * 1e6, (time.process_time() - cpu) / done * 1e6


class Unrecorded:
    """Stores no record, to show what all else costs."""

    async def record(self, *arguments: Any, **named: Any) -> None:
        del arguments, named
