"""Jobs that run beside the requests of a server: they start and end with it, and restart when they fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

AGAIN_SECONDS = 5.0
Job = Callable[[], Awaitable[None]]


@asynccontextmanager
async def running(jobs: Mapping[str, Job]) -> AsyncIterator[None]:
    """Run *jobs*, each under its name in the log, while the block runs; then cancel them and wait."""
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
        except Exception as failure:  # noqa: BLE001 - a failing job may not stop the server; its message may be personal data
            structlog.get_logger().error("background.failed", job=name, error=type(failure).__name__)
        await asyncio.sleep(AGAIN_SECONDS)
