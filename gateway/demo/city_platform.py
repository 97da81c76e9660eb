"""Simulates the city platform for demos and tests: an HTTP server that accepts payloads, and can be made to fail.

    POST /restraints         accepts a payload (docs/city-platform.md): bearer token, Idempotency-Key, order in a case
    POST /control            {"mode": "up" | "slow" | "down" | "refuse", "seconds": 2, "status": 503, "retry_after": 5}
    GET  /counts             counts of payloads: accepted, repeated, out of order, refused
    GET  /cases/{case_id}    the stored state of one case, and the sequence number of each payload in its order

It stores synthetic people only, in memory only.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.json_input import InvalidJson, parse_json
from gateway.outbox_relay.payloads import SCHEMA, PayloadState

MODES: Final = frozenset({"up", "slow", "down", "refuse"})
LARGEST: Final = 64 * 1024
REQUIRED: Final = frozenset({"schema", "message_id", "case_id", "sequence", "topic", "state", "restraint"})


@dataclass(slots=True)
class PlatformBehaviour:
    """The present behaviour of the simulation."""

    mode: str = "up"
    seconds: float = 2.0
    status: int = 503
    retry_after: int | None = None


@dataclass(slots=True)
class StoredCase:
    """One case as the simulation has stored it."""

    state: str
    sequence: int
    restraint: Mapping[str, Any] | None = field(repr=False)
    sequences: list[int] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CityPlatform:
    """The simulation, with its stored cases in memory."""

    token: str | None = None
    behaviour: PlatformBehaviour = field(default_factory=PlatformBehaviour)
    cases: dict[str, StoredCase] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    last: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The last well-formed payload."""
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("asked", "taken", "again", "stale", "refused", "turned_away"), 0)
    )

    def app(self) -> Starlette:
        """Return the simulation as an app."""
        return Starlette(
            routes=[
                Route("/restraints", self._accept, methods=["POST"]),
                Route("/control", self._control, methods=["POST"]),
                Route("/counts", self._count),
                Route("/cases/{case_id}", self._show),
            ]
        )

    async def _accept(self, request: Request) -> Response:
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
        payload = _read(body)
        if payload is None or payload["message_id"] != key:
            return self._refuse(422, "NOT_A_LETTER")
        return JSONResponse({"outcome": self._store(key, payload)})

    def _store(self, key: str, payload: Mapping[str, Any]) -> str:
        """Store the payload, unless a newer one of the same case is stored."""
        self.keys.add(key)
        self.last = payload
        known = self.cases.get(payload["case_id"])
        if known is not None and payload["sequence"] <= known.sequence:
            self.counts["stale"] += 1
            return "STALE"
        self.counts["taken"] += 1
        stored_case = known or StoredCase("", 0, None)
        stored_case.state, stored_case.sequence, stored_case.restraint = (
            payload["state"],
            payload["sequence"],
            payload["restraint"],
        )
        stored_case.sequences.append(payload["sequence"])
        stored_case.topics.append(payload["topic"])
        self.cases[payload["case_id"]] = stored_case
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
        behaviour = parse_json(await request.body())
        if behaviour.get("mode") not in MODES:
            return JSONResponse({"modes": sorted(MODES)}, 400)
        self.behaviour = PlatformBehaviour(**behaviour)
        return JSONResponse(behaviour)

    async def _count(self, _: Request) -> Response:
        states = [stored_case.state for stored_case in self.cases.values()]
        return JSONResponse({**self.counts, "cases": {state.value: states.count(state) for state in PayloadState}})

    async def _show(self, request: Request) -> Response:
        stored_case = self.cases.get(request.path_params["case_id"])
        if stored_case is None:
            return JSONResponse({"code": "NOT_FOUND"}, 404)
        shown = {"state": stored_case.state, "restraint": stored_case.restraint}
        return JSONResponse({**shown, "sequences": stored_case.sequences, "topics": stored_case.topics})


def _read(body: bytes) -> Mapping[str, Any] | None:
    try:
        payload = parse_json(body)
    except InvalidJson:
        return None
    if not isinstance(payload, dict) or not set(payload) >= REQUIRED or payload["schema"] != SCHEMA:
        return None
    whole = payload["state"] in set(PayloadState) and (payload["restraint"] is not None) == (
        payload["state"] == PayloadState.IN_FORCE
    )
    return payload if whole and isinstance(payload["sequence"], int) else None
