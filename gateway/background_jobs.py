"""Jobs that run beside the requests of a server: begun with it, ended with it, begun again when they fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

AGAIN_SECONDS = 5.0
Job = Callable[[], Awaitable[None]]


@asynccontextmanager
async def running(jobs: Mapping[str, Job]) -> AsyncIterator[None]:
    """Run *jobs*, each by its name in the log, for as long as the block lasts; then cancel them and wait."""
    tasks = [asyncio.create_task(_again_and_again(name, job), name=name) for name, job in jobs.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(name: str, job: Job) -> None:
    while True:
        try:
            await job()
        except Exception as failure:  # noqa: BLE001 - a job may not take the server down; what it said may be personal
            structlog.get_logger().error("background.failed", job=name, error=type(failure).__name__)
        await asyncio.sleep(AGAIN_SECONDS)
