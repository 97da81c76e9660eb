"""Whether the process lives, and whether it can do its work: two questions of whoever runs it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.telemetry.logging import where

Check = Callable[[], Awaitable[object]]
PATIENCE = 2.0


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """Return `/healthz`, which says that we run, and `/readyz`, which asks each of *checks*. One that raises fails."""

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        passed = await asyncio.gather(*(_passes(name, check) for name, check in checks.items()))
        words = {name: "ready" if good else "not ready" for name, good in zip(checks, passed, strict=True)}
        overall = "ready" if all(passed) else "not ready"
        return JSONResponse({"status": overall, "checks": words}, 200 if all(passed) else 503)

    return [Route("/healthz", alive), Route("/readyz", ready)]


async def _passes(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready, and the log says where
        structlog.get_logger().warning("readiness.failed", check=name, **where(error))
        return False
    return True
