"""The outermost ASGI application: every rule of HTTP that holds for all requests stands here once.

It gives each request an id, the security headers, the headers of named origins, one log line and its place in the
metrics, and answers refusals and unhandled exceptions. `/graphql` is called directly, other paths by the router.

A 429 or 503 has a `Retry-After`, in seconds [RFC 9110 10.2.3]: whoever refuses puts the instant from which the request
may be tried again into the scope, as `retry_at`. Whoever counts a request puts its header fields there, as
`rate_headers`.
"""

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.content_negotiation import EVENT_STREAM, JSON, RESPONSE, TEXT
from gateway.http.errors import AGAIN_SECONDS, UNAVAILABLE, Code, HttpRefusal, refusal_of
from gateway.http.graphql_endpoint import GraphQLEndpoint, HttpAnswer
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.limits.body_limits import ClientGone
from gateway.http.limits.connections import Connections, header_lines
from gateway.http.named_origins import NamedOrigins
from gateway.http.preferences import VARY
from gateway.http.request_headers import RequestHeaders
from gateway.http.request_reports import GRAPHQL, LOG, PROBES, STREAM, RequestReports
from gateway.http.subscriptions.endpoints import StreamEndpoints
from gateway.http.subscriptions.event_stream import is_accepted
from gateway.telemetry.logging import REQUEST_ID, report_failure

HeaderList = list[tuple[bytes, bytes]]

ALLOWED_ORIGIN: Final = b"access-control-allow-origin"
CLIENT_GONE = 499
OK = 200
RETRY_SECONDS: Final = {429: "60", UNAVAILABLE: AGAIN_SECONDS}
"""After how long a refused request may be tried again where the refusal states no instant."""
EVENTS: Final = EVENT_STREAM.encode()
REFUSED_AT_ONCE: Final = {b"POST": "POST", b"GET": "GET"}
MEDIA: Final = {media: (b"content-type", f"{media}; charset=utf-8".encode()) for media in (JSON, RESPONSE, TEXT)}


class RequestHandler:
    """Wraps the whole app. *admission* and *connections* are the limits that the server's protocol asks for.

    *admit* counts a request that the router answers, and raises HttpRefusal.
    """

    def __init__(
        self,
        graphql: GraphQLEndpoint,
        others: ASGIApp,
        *,
        headers: Mapping[str, str],
        origins: NamedOrigins | None,
        admission: AdmissionControl,
        connections: Connections,
        reports: RequestReports,
        now: Callable[[], datetime],
        admit: Callable[[Scope, Headers], Awaitable[None]],
        streams: StreamEndpoints | None = None,
    ) -> None:
        self._graphql = graphql
        self._streams = streams
        self._others = others
        self._probes = frozenset(path.encode() for path in PROBES)
        self._always = _encoded(headers)
        self._names = frozenset(name for name, _ in self._always)
        self._lines = {
            media: header_lines({"content-type": value.decode(), "vary": "Prefer"} | dict(headers))
            for media, (_, value) in MEDIA.items()
        }
        self._origins = origins
        self.admission = admission
        self.connections = connections
        self._reports = reports
        self._now = now
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other_than_http(scope, receive, send)
            return
        scope["started"] = time.perf_counter()
        if "arrived" in scope:
            self.admission.arrived -= 1
        headers = RequestHeaders(scope["headers"])
        request_id = self._reports.request_id(headers.first.get(b"x-request-id"))
        facts: dict[str, Any] = {"status": CLIENT_GONE, "bytes": 0}
        scope["request_id"], scope["facts"] = request_id, facts
        bound = REQUEST_ID.set(request_id)
        self._reports.begin_trace(scope, headers)
        try:
            await self._answer(scope, headers, receive, send)
        except ClientGone:
            pass
        except HttpRefusal as refusal:
            await self._refuse(refusal, scope, headers, send)
        except Exception as error:  # noqa: BLE001 - no exception may leave the service with its message
            report_failure(request_id, error)
            if "started" not in facts:
                await self._refuse(refusal_of(error), scope, headers, send)
        finally:
            REQUEST_ID.reset(bound)
            self._reports.record(scope)

    def refuse_at_once(self, method: bytes, target: bytes, headers: HeaderList) -> bytes | None:
        """Return the whole refusal of a request that finds no place; None for one that is called nevertheless.

        The server's protocol asks before it makes anything of the request: a refusal then costs a third as much, and
        there are many of them when there is much to do.
        """
        path = target.partition(b"?")[0]
        if path in self._probes or path.startswith(LOG.encode()) or method not in REFUSED_AT_ONCE:
            return None
        given = None
        for name, value in headers:
            if name == b"origin" and self._origins is not None:
                return None
            if name == b"x-request-id":
                given = value
        self.admission.count_refusal()
        self._reports.refused_at_once(path, REFUSED_AT_ONCE[method])
        return self.connections.response(Code.OVERLOADED, self._reports.request_id(given))

    async def _other_than_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = RequestHeaders(scope["headers"])
        facts: dict[str, Any] = {"status": CLIENT_GONE, "bytes": 0}
        request_id = self._reports.request_id(headers.first.get(b"x-request-id"))
        scope.update(method="GET", started=time.perf_counter(), request_id=request_id, facts=facts)
        bound = REQUEST_ID.set(request_id)
        try:
            await self._connect(scope, headers, receive, send)
        except HttpRefusal as refusal:  # of the handshake, whose response is one of HTTP
            facts.update(status=refusal.status, code=str(refusal.code))
            own = [MEDIA[JSON], VARY, *_encoded(refusal.headers)]
            shown = self._headers(scope, headers, refusal.status, own)
            await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": shown})
            await send({"type": "websocket.http.response.body", "body": refusal.body(request_id)})
        except OSError:
            pass  # the client has gone before it was answered
        except Exception as error:  # noqa: BLE001 - no exception may leave the service with its message
            report_failure(request_id, error)
        finally:
            REQUEST_ID.reset(bound)
            self._reports.record(scope)

    async def _connect(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> None:
        if self._streams is None:
            raise HttpRefusal(Code.NOT_FOUND)
        await self._streams.websocket(scope, headers, receive, send)

    async def _answer(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith(LOG) and "crowded" not in scope:
            await self._others(scope, receive, self._outgoing(scope, headers, send))
            return
        if self._origins is not None and (preflight := self._origins.preflight(scope["method"], headers)) is not None:
            await preflight(scope, receive, self._outgoing(scope, headers, send))
            return
        if path in PROBES:
            await self._others(scope, receive, self._outgoing(scope, headers, send))
            return
        if "crowded" in scope:  # a connection above the limit, kept open for a probe alone
            raise self.admission.refusal()
        if path == GRAPHQL or (path == STREAM and self._streams is not None):
            answer = await self._executed(scope, headers, receive, send)
            if answer is not None:
                await self._send(scope, headers, send, answer.status, answer.media, answer.body, answer.headers)
            return
        await self.admission.enter()
        try:
            await self._admit(scope, headers)
            await self._others(scope, self.admission.outside(receive), self._outgoing(scope, headers, send))
        finally:
            self.admission.leave()

    async def _executed(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> HttpAnswer | None:
        """Return the answer of an operation; None where a stream was the answer."""
        if self._streams is not None:
            if scope["path"] == STREAM:
                return await self._streams.shared(scope, headers, receive, self._outgoing(scope, headers, send))
            if EVENTS in headers.first.get(b"accept", b"") and is_accepted(headers):
                return await self._streams.events(scope, headers, receive, self._outgoing(scope, headers, send))
        return await self._graphql(scope, headers, receive)

    async def _refuse(self, refusal: HttpRefusal, scope: Scope, headers: Headers, send: Send) -> None:
        scope["facts"]["code"], scope["retry_at"] = str(refusal.code), refusal.retry_at
        if refusal.code is Code.OVERLOADED:
            scope["overloaded"] = True
        media, body = scope.get("media", JSON), refusal.body(scope["request_id"])
        await self._send(scope, headers, send, refusal.status, media, body, refusal.headers)

    async def _send(
        self, scope: Scope, headers: Headers, send: Send, status: int, media: str, body: bytes, more: Mapping[str, str]
    ) -> None:
        """Send a whole response of ours."""
        respond = scope.get("respond")
        if respond is not None and status == OK and not more and self._origins is None:
            request_id = scope["request_id"].encode()
            lines = b"%bcontent-length: %d\r\nx-request-id: %b\r\n" % (self._lines[media], len(body), request_id)
            for each in scope.get("rate_headers", ()):
                lines += b"%b: %b\r\n" % each
            if respond(status, lines, body):
                scope["facts"].update(status=status, bytes=len(body))
                return
        own = [MEDIA[media], VARY, (b"content-length", str(len(body)).encode())]
        if more:
            own += _encoded(more)
        facts = scope["facts"]
        facts["status"], facts["started"] = status, True
        await send(
            {"type": "http.response.start", "status": status, "headers": self._headers(scope, headers, status, own)}
        )
        facts["bytes"] = len(body)
        await send({"type": "http.response.body", "body": body})

    def _outgoing(self, scope: Scope, headers: Headers, send: Send) -> Send:
        """Return what sends the response of a route, with our headers after its own."""
        facts = scope["facts"]

        async def outgoing(message: Message) -> None:
            if message["type"] == "http.response.start":
                facts["status"], facts["started"] = message["status"], True
                own = list(message.get("headers", ()))
                message["headers"] = self._headers(scope, headers, message["status"], own)
            facts["bytes"] += len(message.get("body", b""))
            await send(message)

        return outgoing

    def _headers(self, scope: Scope, headers: Headers, status: int, own: HeaderList) -> HeaderList:
        """Return the headers of a response: its *own* come first, and replace ours of that name."""
        named = {name for name, _ in own}
        found = [*own, *self._always] if named.isdisjoint(self._names) else [*own, *self._besides(named)]
        found.append((b"x-request-id", scope["request_id"].encode()))
        if self._origins is not None:
            ours = self._origins.headers(headers.get("origin"))
            # An answer may vary by the origin and by a preference: each says so in a line of its own. What is open to
            # every origin is the same for all.
            varies = ALLOWED_ORIGIN not in named
            found += [each for each in ours if each[0] not in named or (varies and each[0] == VARY[0])]
        found += scope.get("rate_headers", ())
        if status in RETRY_SECONDS and b"retry-after" not in named:
            found.append((b"retry-after", self._seconds(scope.get("retry_at"), status).encode()))
        return found

    def _besides(self, named: set[bytes]) -> HeaderList:
        return [header for header in self._always if header[0] not in named]

    def _seconds(self, retry_at: datetime | None, status: int) -> str:
        """Return the whole seconds until *retry_at*, at least one."""
        if retry_at is None:
            return RETRY_SECONDS[status]
        return str(max(1, math.ceil((retry_at - self._now()).total_seconds())))


def _encoded(headers: Mapping[str, str]) -> HeaderList:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
