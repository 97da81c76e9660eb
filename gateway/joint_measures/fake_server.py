"""A simulation of docs/joint-measures.md for demos and tests: a real HTTP server without data of the city.

A number that is not entered is clean. It can be set to be slow, to refuse, or to fail a number of times.
In demo mode the gateway reaches it in-process; `chengxin demo joint-measures` serves it on a port of its own.
"""

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from credit.joint_measures.source_answer import Finding
from gateway.joint_measures.client import PATH
from gateway.json_input import parse_json

DEMO_TOKEN: Final = "demo-joint-measures"  # noqa: S105 - it opens the simulated module only
INSIDE: Final = "http://joint-measures.demo"


@dataclass(slots=True)
class FakeServerBehaviour:
    """The answers of the simulation, and its failures. Tests change it while it runs."""

    answers: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """By number: a finding, and the memorandum with GOVERNED."""
    kind: str | None = None
    """The kind of every memorandum; without it none is told, as by a module that knows no kinds."""
    everybody: tuple[str, str | None] = (Finding.CLEAN.value, None)
    """The answer for all other numbers."""
    slow_seconds: float = 0.0
    refuse: int | None = None
    """A status with which every request is refused."""
    fail_times: int = 0
    """How many of the next requests fail with 503."""
    body: bytes | None = None
    """The exact body of every response, if set."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Every request that came, with its address."""


def peer(behaviour: FakeServerBehaviour, token: str = DEMO_TOKEN) -> Starlette:
    """Return the module as an app."""

    async def check(request: Request) -> Response:
        question = parse_json(await request.body())
        behaviour.asked.append({"address": str(request.url), **question})
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"error": "unauthorised"}, 401)
        if behaviour.slow_seconds:
            await asyncio.sleep(behaviour.slow_seconds)
        if behaviour.refuse is not None:
            return JSONResponse({"error": "refused"}, behaviour.refuse)
        if behaviour.fail_times > 0:
            behaviour.fail_times -= 1
            return JSONResponse({"error": "try again"}, 503)
        if behaviour.body is not None:
            return Response(behaviour.body, media_type="application/json")
        finding, memorandum = behaviour.answers.get(question["subject"]["number"], behaviour.everybody)
        named = {"memorandum": memorandum, "kind": behaviour.kind}
        return JSONResponse({"finding": finding, **{name: value for name, value in named.items() if value is not None}})

    return Starlette(routes=[Route(PATH, check, methods=["POST"])])


def inside(behaviour: FakeServerBehaviour | None = None) -> httpx.AsyncClient:
    """Return a client that calls a simulation in this process, without a socket."""
    app = peer(behaviour or FakeServerBehaviour())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=INSIDE)
