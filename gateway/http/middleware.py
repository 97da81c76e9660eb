"""Outermost middleware: request id, security headers, one log line, and an error response for unhandled exceptions.

It gives each 429 and 503 its `Retry-After`, in seconds [RFC 9110 10.2.3]: whoever refuses for a quota puts the instant
from which the request may be tried again into the scope, as `retry_at`.
"""

import math
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.body_limits import ClientGone
from gateway.http.content_negotiation import JSON
from gateway.http.errors import AGAIN_SECONDS, UNAVAILABLE, HttpRefusal, refusal_of
from gateway.telemetry.logging import report_failure
from gateway.telemetry.metrics import Metrics

GIVEN_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""The form of a request id that we accept from a proxy. Free text could carry personal data into the log."""
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
CLIENT_GONE = 499
OK = 200
RETRY_SECONDS: Final = 60
"""After how long a refused request may be tried again where the refusal states no instant."""
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Machines request these every few seconds: only a failure is logged."""


class RequestMiddleware:
    """Wraps the whole app. *known* are the paths that may appear in logs and metrics."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        known: frozenset[str],
        headers: Mapping[str, str],
        metrics: Metrics,
        new_request_id: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._known = known
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._metrics = metrics
        self._new_request_id = new_request_id
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = self._request_id(scope)
        facts: dict[str, Any] = {"status": CLIENT_GONE, "bytes": 0}
        scope["request_id"], scope["facts"] = request_id, facts
        outgoing = self._outgoing(send, scope)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._answer_or_refuse(scope, receive, outgoing)
            finally:
                self._record(scope, facts, time.perf_counter() - started)

    async def _answer_or_refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientGone:
            return
        except HttpRefusal as refusal:
            await _refuse(refusal, scope, receive, send)
        except Exception as error:  # noqa: BLE001 - no exception may leave the service with its message
            report_failure(scope["request_id"], error)
            if "started" not in scope["facts"]:
                await _refuse(refusal_of(error), scope, receive, send)

    def _outgoing(self, send: Send, scope: Scope) -> Send:
        facts, request_id = scope["facts"], scope["request_id"]

        async def outgoing(message: Message) -> None:
            if message["type"] == "http.response.start":
                facts["status"], facts["started"] = message["status"], True
                own = list(message.get("headers", ()))
                named = {name for name, _ in own}
                ours = [header for header in self._headers if header[0] not in named]
                message["headers"] = [*own, *ours, (b"x-request-id", request_id.encode())]
                if message["status"] == HTTPStatus.TOO_MANY_REQUESTS:
                    message["headers"].append((b"retry-after", str(self._seconds(scope.get("retry_at"))).encode()))
                elif message["status"] == UNAVAILABLE and b"retry-after" not in named:
                    message["headers"].append((b"retry-after", AGAIN_SECONDS.encode()))
            facts["bytes"] += len(message.get("body", b""))
            await send(message)

        return outgoing

    def _seconds(self, retry_at: datetime | None) -> int:
        """Return the whole seconds until *retry_at*, at least one."""
        if retry_at is None:
            return RETRY_SECONDS
        return max(1, math.ceil((retry_at - self._now()).total_seconds()))

    def _request_id(self, scope: Scope) -> str:
        given = Headers(scope=scope).get("x-request-id", "")
        return given if GIVEN_ID.fullmatch(given) else self._new_request_id()

    def _record(self, scope: Scope, facts: dict[str, Any], seconds: float) -> None:
        route = scope["path"] if scope["path"] in self._known else "(none)"
        method = scope["method"] if scope["method"] in METHODS else "(other)"
        facts.pop("started", None)
        code = facts.get("code")
        self._metrics.answered(route=route, method=method, status=facts["status"], seconds=seconds, code=code)
        if route in PROBES and facts["status"] == OK:
            return
        logged = {name: value for name, value in facts.items() if value is not None}
        structlog.get_logger().info(
            "request.answered", route=route, method=method, milliseconds=round(seconds * 1000, 2), **logged
        )


async def _refuse(refusal: HttpRefusal, scope: Scope, receive: Receive, send: Send) -> None:
    scope["facts"]["code"], scope["retry_at"] = str(refusal.code), refusal.retry_at
    media = scope.get("media", JSON)
    response = Response(
        refusal.body(scope["request_id"]), refusal.status, refusal.headers, media_type=f"{media}; charset=utf-8"
    )
    await response(scope, receive, send)
