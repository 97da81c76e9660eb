"""Writers that really run at once: each in a thread, with an event loop and connections of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from consent.errors import ConsentError
from credit.core.errors import CreditError
from storage.database.database import Database

T = TypeVar("T")
Act = Callable[[Database], Awaitable[T]]


async def race(url: str, acts: Sequence[Act[T]]) -> list[T | str]:
    """Start all *acts* at one signal, each with its own connections; give the result of each, or its code."""
    signal = Barrier(len(acts))

    def run(act: Act[T]) -> T | str:
        async def at_its_own_door() -> T:
            database = Database.open(url)
            try:
                await database.fetch_text("SELECT 1", ())  # connected before the signal
                await asyncio.to_thread(signal.wait, 30)
                return await act(database)
            finally:
                await database.close()

        try:
            return asyncio.run(at_its_own_door())
        except (CreditError, ConsentError) as refused:
            return refused.code

    with ThreadPoolExecutor(len(acts)) as threads:
        running = asyncio.get_running_loop()
        return list(await asyncio.gather(*(running.run_in_executor(threads, run, act) for act in acts)))
