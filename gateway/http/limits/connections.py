"""Limits of connections: how many, how long a request may take to arrive, and how long its headers may be.

uvicorn's `limit_concurrency` answers in plain text, probes included, and it has no limit of time: a client that sends
a byte now and then, or none, keeps its connection for ever. Here

- a request arrives within `seconds`, and a second more for each 500 bytes that have come; otherwise 408;
- a connection above the limit takes the place of the one that has been idle longest. Where none is idle, its requests
  are refused (503), so that a probe is still answered; above the reserve it is closed;
- a connection that becomes a WebSocket stays counted, as one that is never idle (`gateway.http.limits.websockets`).
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.limits.resting_connections import RestingConnections

BYTES_PER_SECOND: Final = 500
"""The slowest arrival of a request; telephones on a bad line are faster."""
UPGRADED: Final = b"/graphql"
"""The path at which a WebSocket may begin."""
RESERVE: Final = 64
"""Connections above the limit, for probes."""
LOOK_SECONDS: Final = 1.0
HeaderList = list[tuple[bytes, bytes]]


class WholeRequest:
    """Reads bytes that may be one request, whole and alone, without what an app would need of it.

    One serves all connections: its parser is always at the beginning of a request.
    """

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)
        self._is_whole = False
        self._begun = 0
        self.method, self.target = b"", b""
        self.headers: HeaderList = []
        self.keeps = False
        """Whether the connection stays open for another request."""

    def read(self, data: bytes) -> bool:
        """Return whether *data* is one request, whole and alone; it is in the attributes then."""
        self._begun = 0
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._is_whole = False
        is_alone = self._is_whole and self._begun == 1
        if not (is_alone and self.keeps):  # after another one the parser takes nothing, or the rest of it
            self._parser = HttpRequestParser(self)
        return is_alone

    def on_message_begin(self) -> None:
        self._begun += 1
        self._is_whole, self.target, self.headers = False, b"", []

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_message_complete(self) -> None:
        self._is_whole = True
        self.method = self._parser.get_method()
        self.keeps = _keeps(self._parser)


class LimitedConnection(Protocol):
    """An open connection, whatever is spoken on it."""

    def is_late(self, now: float) -> bool:
        """Return whether bytes of a request should have come by now."""

    def refuse(self, code: Code) -> None:
        """Answer what has come of a request, where nothing is answered yet, and close the connection."""


@dataclass(slots=True, eq=False)
class Connections:
    """The connections of one process, and their limits. *headers* are those of every response."""

    most: int
    seconds: float
    header_bytes: int
    headers: Mapping[str, str]
    resting: RestingConnections
    whole_request: WholeRequest = field(default_factory=WholeRequest)
    open: set[LimitedConnection] = field(default_factory=set)
    idle: dict["LimitedProtocol", float] = field(default_factory=dict)
    """Those between two requests, each with the instant since when; the one that has been idle longest first."""
    closed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("idle", "full", "slow", "headers"), 0))
    """How many were closed, by the limit that they reached."""
    when_stopping: Callable[[], None] | None = None
    """Called once when the server begins to stop: what streams without an end ends then."""
    _looking: asyncio.TimerHandle | None = None
    _responses: dict[tuple[Code, int], tuple[bytes, bytes]] = field(default_factory=dict)
    """By their code and the length of the request's id: what stands in its place, and the response."""

    def add(self, protocol: "LimitedProtocol") -> bool:
        """Count a connection in; return whether it is above the limit."""
        self.open.add(protocol)
        if self._looking is None:
            self._looking = protocol.loop.call_later(LOOK_SECONDS, self._look, protocol.loop)
        if len(self.open) <= self.most:
            return False
        if not self.idle:
            return True
        self.closed["idle"] += 1
        longest = next(iter(self.idle))
        self.remove(longest)
        longest.transport.close()
        return False

    def remove(self, protocol: "LimitedProtocol") -> None:
        """Count a connection out."""
        self.open.discard(protocol)
        self.idle.pop(protocol, None)

    def stop(self) -> None:
        """Let what streams without an end know that the server stops."""
        called, self.when_stopping = self.when_stopping, None
        if called is not None:
            called()

    def response(self, code: Code, request_id: str) -> bytes:
        """Return a whole response, for a request that never reached the app."""
        found = self._responses.get((code, len(request_id)))
        if found is None:
            any_id = "0" * len(request_id)
            found = any_id.encode(), self._response(code, any_id)
            self._responses[code, len(request_id)] = found
        any_id_, response = found
        return response.replace(any_id_, request_id.encode())

    def _response(self, code: Code, request_id: str) -> bytes:
        refusal = HttpRefusal(code)
        body = refusal.body(request_id)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(body)),
            **self.headers,
            **refusal.headers,
            "x-request-id": request_id,
        }
        return STATUS_LINE[refusal.status] + header_lines(headers) + b"\r\n" + body

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what is late, or idle for too long. One timer looks at all: one for each request would cost more."""
        now = loop.time()
        for protocol in [one for one, since in self.idle.items() if now - since > one.timeout_keep_alive]:
            protocol.transport.close()
        for late in [one for one in self.open if one.is_late(now)]:
            self.closed["slow"] += 1
            late.refuse(Code.REQUEST_INCOMPLETE)
        self._looking = loop.call_later(LOOK_SECONDS, self._look, loop) if self.open else None


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Return *headers* as they are sent."""
    return "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items()).encode()


class _Answered:
    """Stands for the cycle of a request and its response that is over before it began."""

    response_started = response_complete = True
    disconnected = False
    message_event = asyncio.Event()


class RefusesAtOnce(Protocol):
    """An app that may refuse a request before anything is made of it."""

    connections: Connections
    admission: AdmissionControl

    def refuse_at_once(self, method: bytes, target: bytes, headers: HeaderList) -> bytes | None:
        """Return the whole refusal of a request that finds no place; None for one that is called nevertheless."""


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol within the limits of its app, if the app has some: its attribute `connections`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        app = cast("RefusesAtOnce | None", self.app if hasattr(self.app, "refuse_at_once") else None)
        self._limits = None if app is None else app.connections
        self._admission = None if app is None else app.admission
        self._refuse_at_once = None if app is None else app.refuse_at_once
        self._awaited_since: float | None = None
        self._received = 0
        self._has_headers = False
        self._is_between_requests = True
        self._is_crowded = False
        self._is_refused = False
        """Whether the request whose headers have come is refused already."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        if self._limits is None:
            return
        self._awaited_since = self.loop.time()
        self._is_crowded = self._limits.add(self)
        if len(self._limits.open) > self._limits.most + RESERVE:
            self._limits.closed["full"] += 1
            transport.close()
        elif not self._is_crowded:
            self._limits.idle[self] = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._limits is not None:
            self._limits.remove(self)

    def shutdown(self) -> None:
        if self._limits is not None:
            self._limits.stop()
        super().shutdown()

    def handle_websocket_upgrade(self) -> None:
        if self._limits is None:
            super().handle_websocket_upgrade()
        elif self._is_refused or self._is_crowded or self._is_answering:
            self._refuse_upgrade()
        else:
            # INVARIANT: one connection counts once. This protocol hears of it no more, not even of its end.
            self._limits.remove(self)
            super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        if self._is_between_requests and self._may_refuse() and self._refuses(data):
            return
        self._received += len(data)
        super().data_received(data)
        limits = self._limits
        if limits is not None and not self._has_headers and self._received > limits.header_bytes:
            limits.closed["headers"] += 1
            self.refuse(Code.HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_headers = self._is_between_requests = self._is_refused = False
        if self._limits is not None:
            self._limits.idle.pop(self, None)
            self._awaited_since = self.loop.time()
            if self._is_crowded:
                self.scope["crowded"] = True  # type: ignore[typeddict-unknown-key] # for our own app

    def on_headers_complete(self) -> None:
        self._has_headers = True
        if self._refuse_at_once is None:
            super().on_headers_complete()
            return
        if self._may_refuse():
            response = self._refuse_at_once(self.parser.get_method(), self.url, self.headers)
            if response is not None:
                self.cycle = cast("RequestResponseCycle", _Answered)  # the rest of the request is not kept
                self._is_refused = True
                self._answer(response, keeps=_keeps(self.parser) and not self._is_upgrade)
                return
        super().on_headers_complete()
        if self._is_upgrade:
            return
        self.scope["abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key] # for our app
        self.scope["respond"] = partial(self._respond, self.cycle)  # type: ignore[typeddict-unknown-key] # for our app
        if self._is_crowded:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._is_upgrade:
            return
        self._awaited_since, self._received, self._is_between_requests = None, 0, True
        if self._limits is None or self._admission is None:
            return
        if self.cycle.response_complete:
            self._become_idle()
        elif not self.pipeline and "request_id" not in self.scope:  # its task has not begun
            self.scope["arrived"] = True  # type: ignore[typeddict-unknown-key] # for our own app
            self._admission.arrived += 1

    def on_response_complete(self) -> None:
        if self._limits is None:
            super().on_response_complete()
            return
        # As uvicorn's, but for its timer: `Connections` looks whether a connection is idle for too long.
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._awaited_since is None:
            if "overloaded" in self.scope:
                self._limits.resting.refused(self)
            self._become_idle()

    def read_on(self) -> None:
        """End a rest."""
        self.flow.resume_reading()  # does nothing where the connection is closed
        if self._limits is not None and self in self._limits.open and self._awaited_since is None:
            self._become_idle()

    def is_late(self, now: float) -> bool:
        """Return whether bytes of a request should have come by now."""
        if self._awaited_since is None:
            return False
        if self.flow.read_paused:  # it is we who do not read
            self._awaited_since = now
            return False
        assert self._limits is not None  # noqa: S101 - it counts the time
        return now - self._awaited_since > self._limits.seconds + self._received / BYTES_PER_SECOND

    def refuse(self, code: Code) -> None:
        """Answer what has come of a request, where nothing is answered yet, and close the connection."""
        assert self._limits is not None  # noqa: S101 - only its limits refuse
        began = self._received > 0 and not self.pipeline
        is_unanswered = (
            not self.cycle.response_started
            if self._has_headers
            else self.cycle is None or self.cycle.response_complete  # of the request before
        )
        if began and is_unanswered:
            self.transport.write(self._limits.response(code, secrets.token_hex(16)))
        self.transport.close()

    @property
    def _is_answering(self) -> bool:
        """Whether a request before is not answered yet: its answer would be sent into the WebSocket."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _is_upgrade(self) -> bool:
        """Whether the request that arrives asks for a WebSocket, and gets one."""
        return bool(self.parser.should_upgrade()) and self._should_upgrade()

    def _should_upgrade(self) -> bool:
        # Elsewhere, and with another method, a request is served as if it did not ask for it [RFC 9110 7.8].
        return (
            self.parser.get_method() == b"GET" and self.url.partition(b"?")[0] == UPGRADED and super()._should_upgrade()
        )

    def _refuse_upgrade(self) -> None:
        """Close a connection that asks for a WebSocket and gets none, with a refusal unless something else is sent."""
        assert self._limits is not None  # noqa: S101 - only its limits refuse
        assert self._admission is not None  # noqa: S101 - as above
        if not (self._is_refused or self._is_answering):
            self._admission.count_refusal()
            self.transport.write(self._limits.response(Code.OVERLOADED, secrets.token_hex(16)))
        self.transport.close()

    def _respond(self, cycle: RequestResponseCycle, status: int, headers: bytes, body: bytes) -> bool:
        """Send a whole response; return whether it was sent. ASGI's two messages cost several times as much.

        *headers* are complete lines. A client that reads slowly is waited for, and HEAD has no body: ASGI's way serves
        these.
        """
        if cycle.response_started or self.flow.write_paused or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        if cycle.disconnected:
            return True
        usual = b"".join(b"%b: %b\r\n" % each for each in self.server_state.default_headers)
        last = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        self.transport.write(b"".join((STATUS_LINE[status], usual, headers, last, body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _may_refuse(self) -> bool:
        """Return whether a request that comes now may be refused at once. Who does not read what we send waits."""
        return (
            self._admission is not None
            and self._admission.is_full
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
        )

    def _refuses(self, data: bytes) -> bool:
        """Refuse *data* if it is a whole request that finds no place; return whether it was refused."""
        assert self._limits is not None  # noqa: S101 - only its app refuses
        assert self._refuse_at_once is not None  # noqa: S101 - as above
        request = self._limits.whole_request
        if not request.read(data):
            return False
        response = self._refuse_at_once(request.method, request.target, request.headers)
        if response is None:
            return False
        self._awaited_since = None
        self._limits.idle.pop(self, None)
        self._answer(response, keeps=request.keeps)
        self._become_idle()
        return True

    def _answer(self, response: bytes, *, keeps: bool) -> None:
        """Send a whole refusal."""
        assert self._limits is not None  # noqa: S101 - as above
        self.server_state.total_requests += 1
        self.transport.write(response)
        if not keeps or self._is_crowded:
            self.transport.close()
        else:
            self._limits.resting.refused(self)

    def _become_idle(self) -> None:
        """Count this connection among the idle ones, unless it rests: a request may have come that is not read yet."""
        if self._limits is not None and not self.flow.read_paused and not self.transport.is_closing():
            self._limits.idle[self] = self.loop.time()


def _keeps(parser: HttpRequestParser) -> bool:
    """Return whether the connection stays open after the request of *parser*."""
    return parser.get_http_version() != "1.0" and parser.should_keep_alive()
