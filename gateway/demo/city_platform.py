"""The other side, for demos and tests: a real HTTP peer that takes what the courier brings, and can be made to fail.

    POST /restraints         takes a letter (docs/city-platform.md): bearer token, Idempotency-Key, order within a case
    POST /control            {"mode": "up" | "slow" | "down" | "refuse", "seconds": 2, "status": 503, "retry_after": 5}
    GET  /counts             what came: letters taken, the same again, out of order, refused
    GET  /cases/{case_id}    what is kept of one case: how it stands, and every letter's number in its order

It forgets everything when it ends, and holds made-up people only.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.outbox_relay.payloads import SCHEMA, PayloadState

MODES: Final = frozenset({"up", "slow", "down", "refuse"})
LARGEST: Final = 64 * 1024
REQUIRED: Final = frozenset({"schema", "message_id", "case_id", "sequence", "topic", "state", "restraint"})


@dataclass(slots=True)
class PlatformBehaviour:
    """How the peer behaves for now."""

    mode: str = "up"
    seconds: float = 2.0
    status: int = 503
    retry_after: int | None = None


@dataclass(slots=True)
class StoredCase:
    """One case as the peer has it. *stale* counts letters that came after a newer one."""

    state: str
    sequence: int
    restraint: Mapping[str, Any] | None = field(repr=False)
    sequences: list[int] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CityPlatform:
    """What the peer keeps, in memory."""

    token: str | None = None
    behaviour: PlatformBehaviour = field(default_factory=PlatformBehaviour)
    cases: dict[str, StoredCase] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    last: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The last letter that was one."""
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("asked", "taken", "again", "stale", "refused", "turned_away"), 0)
    )

    def app(self) -> Starlette:
        """Return the peer as an app."""
        return Starlette(
            routes=[
                Route("/restraints", self._take, methods=["POST"]),
                Route("/control", self._control, methods=["POST"]),
                Route("/counts", self._count),
                Route("/cases/{case_id}", self._show),
            ]
        )

    async def _take(self, request: Request) -> Response:
        self.counts["asked"] += 1
        away = await self._behave()
        if away is not None:
            self.counts["turned_away"] += 1
            return away
        if self.token is not None and request.headers.get("authorization") != f"Bearer {self.token}":
            return self._refuse(401, "TOKEN_REFUSED")
        key, body = request.headers.get("idempotency-key"), await request.body()
        if not key or len(body) > LARGEST:
            return self._refuse(400, "BAD_REQUEST")
        if key in self.keys:
            self.counts["again"] += 1
            return JSONResponse({"outcome": "AGAIN"})
        letter = _read(body)
        if letter is None or letter["message_id"] != key:
            return self._refuse(422, "NOT_A_LETTER")
        return JSONResponse({"outcome": self._keep(key, letter)})

    def _keep(self, key: str, letter: Mapping[str, Any]) -> str:
        """Keep what a letter says, unless something newer of the same case is here."""
        self.keys.add(key)
        self.last = letter
        known = self.cases.get(letter["case_id"])
        if known is not None and letter["sequence"] <= known.sequence:
            self.counts["stale"] += 1
            return "STALE"
        self.counts["taken"] += 1
        kept = known or StoredCase("", 0, None)
        kept.state, kept.sequence, kept.restraint = letter["state"], letter["sequence"], letter["restraint"]
        kept.sequences.append(letter["sequence"])
        kept.topics.append(letter["topic"])
        self.cases[letter["case_id"]] = kept
        return "TAKEN"

    async def _behave(self) -> Response | None:
        now = self.behaviour
        if now.mode == "slow":
            await asyncio.sleep(now.seconds)
        if now.mode not in {"down", "refuse"}:
            return None
        headers = {} if now.retry_after is None else {"Retry-After": str(now.retry_after)}
        return JSONResponse({"outcome": "REFUSED"}, 503 if now.mode == "down" else now.status, headers)

    def _refuse(self, status: int, code: str) -> Response:
        self.counts["refused"] += 1
        return JSONResponse({"outcome": "REFUSED", "code": code}, status)

    async def _control(self, request: Request) -> Response:
        asked = orjson.loads(await request.body())
        if asked.get("mode") not in MODES:
            return JSONResponse({"modes": sorted(MODES)}, 400)
        self.behaviour = PlatformBehaviour(**asked)
        return JSONResponse(asked)

    async def _count(self, _: Request) -> Response:
        states = [kept.state for kept in self.cases.values()]
        return JSONResponse({**self.counts, "cases": {state.value: states.count(state) for state in PayloadState}})

    async def _show(self, request: Request) -> Response:
        kept = self.cases.get(request.path_params["case_id"])
        if kept is None:
            return JSONResponse({"code": "NOT_FOUND"}, 404)
        shown = {"state": kept.state, "restraint": kept.restraint}
        return JSONResponse({**shown, "sequences": kept.sequences, "topics": kept.topics})


def _read(body: bytes) -> Mapping[str, Any] | None:
    try:
        letter = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(letter, dict) or not set(letter) >= REQUIRED or letter["schema"] != SCHEMA:
        return None
    whole = letter["state"] in set(PayloadState) and (letter["restraint"] is not None) == (
        letter["state"] == PayloadState.IN_FORCE
    )
    return letter if whole and isinstance(letter["sequence"], int) else None
