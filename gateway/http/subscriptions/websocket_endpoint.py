"""The WebSocket of `/graphql`: the handshake, before which nobody is known, and then one connection of the protocol.

A refused handshake is an HTTP response, as any other refusal is. Without the subprotocol graphql-transport-ws the
connection is accepted and closed with 4406, as the protocol wants it: a browser shows no response of a handshake.
"""

from collections.abc import Collection

from starlette.types import Receive, Scope, Send

from gateway.http.errors import Code, HttpRefusal
from gateway.http.request_headers import RequestHeaders
from gateway.http.request_reader import RequestReader
from gateway.http.request_reports import GRAPHQL, RequestReports
from gateway.http.subscriptions.operations import OperationOpener
from gateway.http.subscriptions.streams import Streams, Transport
from gateway.http.subscriptions.websocket_connection import WebSocketConnection
from gateway.http.subscriptions.websocket_messages import SUBPROTOCOL, Close

SWITCHING = 101


class WebSocketEndpoint:
    """Accepts WebSockets. *origins* are those whose pages may connect, besides pages of the address itself."""

    def __init__(
        self,
        reader: RequestReader,
        opener: OperationOpener,
        streams: Streams,
        reports: RequestReports,
        *,
        origins: Collection[str],
        init_seconds: float,
    ) -> None:
        self._reader = reader
        self._opener = opener
        self._streams = streams
        self._reports = reports
        self._origins = frozenset(origins)
        self._init_seconds = init_seconds

    async def __call__(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> None:
        """Serve one connection to its end. Raises HttpRefusal where it was not accepted."""
        await receive()  # websocket.connect
        if scope["path"] != GRAPHQL:
            raise HttpRefusal(Code.NOT_FOUND)
        self._require_origin(headers)
        with self._streams.held(Transport.WEBSOCKET):
            await self._serve(scope, headers, receive, send)

    def _require_origin(self, headers: RequestHeaders) -> None:
        """Raise HttpRefusal for a page of another origin: no browser asks before it lets a page open a WebSocket."""
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return
        if origin.partition("://")[2] != headers.get("host"):
            raise HttpRefusal(Code.ORIGIN_REFUSED)

    async def _serve(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> None:
        scope["facts"]["status"] = SWITCHING
        if SUBPROTOCOL not in scope["subprotocols"]:
            scope["facts"]["code"] = Close.SUBPROTOCOL.word
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": Close.SUBPROTOCOL.code, "reason": Close.SUBPROTOCOL.word})
            return
        accepted = [(b"x-request-id", scope["request_id"].encode())]
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL, "headers": accepted})
        self._reports.opened(scope)
        connection = WebSocketConnection(
            scope, headers, receive, send, reader=self._reader, opener=self._opener, streams=self._streams,
            reports=self._reports,
        )  # fmt: skip
        await connection.run(self._init_seconds)
