"""Which trace the work belongs to that runs now: for log lines, and for calls to other services [W3C Trace Context].

    traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
    tracestate: vendor=value

Nothing here needs OpenTelemetry: where no collector is set, there is no trace.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from schema.core.measured.trace import Trace

NO_HEADERS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The trace of the work that runs now. *headers* pass it on; they may have a text of the caller's."""

    trace_id: str
    headers: Mapping[str, str] = field(repr=False)


CURRENT: ContextVar[TraceContext | None] = ContextVar("trace_context", default=None)


def outgoing_headers() -> Mapping[str, str]:
    """Return the headers by which a called service continues the trace; none where there is no trace."""
    current = CURRENT.get()
    return NO_HEADERS if current is None else current.headers


class RequestTrace(Protocol):
    """The trace of one HTTP request."""

    @property
    def context(self) -> TraceContext:
        """The trace, for log lines and called services."""
        ...

    @property
    def steps(self) -> Trace | None:
        """The trace of its steps; None where it is not recorded."""
        ...

    def end(self, facts: Mapping[str, Any]) -> None:
        """End it, with those *facts* that a span may have."""
        ...


class Tracing(Protocol):
    """Makes traces."""

    def request(self, traceparent: str | None, tracestate: str | None, method: str, route: str) -> RequestTrace:
        """Begin the trace of a request, or continue the one that its headers name."""
        ...

    def work(self, name: str) -> AbstractContextManager[object]:
        """Return what traces the work of its block under *name*, which is one of a closed list."""
        ...
