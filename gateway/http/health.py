"""Health checks: whether the process runs, and whether it is ready for requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.telemetry.logging import where

Check = Callable[[], Awaitable[object]]
CHECK_TIMEOUT = 2.0


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """Return `/healthz` (the process runs) and `/readyz` (every check passes). A check fails by raising."""

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
        async with asyncio.timeout(CHECK_TIMEOUT):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever the error is, we are not ready; the log says where it arose
        structlog.get_logger().warning("readiness.failed", check=name, **where(error))
        return False
    return True
