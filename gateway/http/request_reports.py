"""What a process reports of each request: its id, its trace, its line in the log and its place in the metrics."""

import re
import time
from collections.abc import Callable
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import Scope

from gateway.http.errors import UNAVAILABLE, Code
from gateway.telemetry.logging import report_answer
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.trace_context import CURRENT, Tracing

GRAPHQL: Final = "/graphql"
STREAM: Final = "/graphql/stream"
WEBSOCKET: Final = "WEBSOCKET"
"""Stands for the method of an operation that came by a WebSocket."""
GIVEN_ID: Final = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The form of a request id that we accept from a proxy. Free text could carry personal data into the log."""
METHODS: Final = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", WEBSOCKET})
PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Machines request these every few seconds: they are always admitted, and only a failure is logged."""
LOG: Final = "/log/"
"""Files of the ledger begin so: they are everybody's, named origins or not, and have an admission of their own."""
OVERLOADED: Final = Code.OVERLOADED.value
OK: Final = 200


class RequestReports:
    """Reports requests. *known* are the paths that may appear in logs and metrics."""

    def __init__(
        self,
        metrics: Metrics,
        *,
        known: frozenset[str],
        new_request_id: Callable[[], str],
        tracing: Tracing | None = None,
    ) -> None:
        self._metrics = metrics
        self._known = known
        self._routes = {path.encode(): path for path in known}
        self._new_request_id = new_request_id
        self._tracing = tracing

    def request_id(self, given: bytes | None = None) -> str:
        """Return the id that a proxy has given, if we accept it, or a new one."""
        return given.decode() if given and GIVEN_ID.fullmatch(given) else self._new_request_id()

    def begin_trace(self, scope: Scope, headers: Headers) -> None:
        """Begin the trace of a request, where there is a collector; `record` ends it."""
        path = scope["path"]
        if self._tracing is None or path in PROBES:
            return
        sent = headers.get("traceparent"), ",".join(headers.getlist("tracestate")) or None
        trace = scope["trace"] = self._tracing.request(*sent, _method(scope), self._route(path))
        scope["facts"]["trace_id"] = trace.context.trace_id
        CURRENT.set(trace.context)

    def opened(self, scope: Scope) -> None:
        """Note that a stream has begun: its time in the metrics, and its trace, end here, and not after hours."""
        scope["opened_after"] = time.perf_counter() - scope["started"]
        if "trace" in scope:
            scope.pop("trace").end(scope["facts"])

    def record(self, scope: Scope) -> None:
        """Record an answer since the scope's `started`, with the facts that the scope has gathered."""
        facts: dict[str, Any] = scope["facts"]
        route, method, seconds = self._route(scope["path"]), _method(scope), time.perf_counter() - scope["started"]
        facts.pop("started", None)
        if "trace" in scope:
            scope["trace"].end(facts)
        CURRENT.set(None)
        code, measured = facts.get("code"), scope.get("opened_after", seconds)
        self._metrics.answered(route=route, method=method, status=facts["status"], seconds=measured, code=code)
        if (route in PROBES and facts["status"] == OK) or code == Code.OVERLOADED:
            return  # of overload there is one line a second, with the number of refusals
        report_answer(scope["request_id"], route, method, seconds, facts)

    def refused_at_once(self, path: bytes, method: str) -> None:
        """Count a request that was refused before anything was made of it."""
        self._metrics.answered(
            route=self._routes.get(path, "(none)"), method=method, status=UNAVAILABLE, seconds=0.0, code=OVERLOADED
        )

    def _route(self, path: str) -> str:
        return LOG if path.startswith(LOG) else path if path in self._known else "(none)"


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in METHODS else "(other)"
