"""uvicorn's WebSocket protocol within the limits of its app, and without a word of the request in a refused handshake.

A connection counts as one from its first byte to its end: `LimitedProtocol` gives its place back when it hands the
connection over, and this class takes it. What uvicorn leaves open, this closes:

- a handshake that the library refuses, also by the length of a header, which uvicorn would let wait for ever;
- a message in more than MOST_FRAMES frames: the size of a message is limited, the number of its frames is not;
- a connection whose app has ended, and whose client neither reads nor closes: after CLOSE_SECONDS.

When the server stops, the app closes its WebSockets (`Connections.when_stopping`); uvicorn would cut off what they do.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final, cast

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.connections import Connections

MOST_FRAMES: Final = 1_024
CLOSE_SECONDS: Final = 10.0


class _Handshake(ServerProtocol):
    """The library's protocol. Its own refusals quote headers of the request; ours does not."""

    def reject(self, status: HTTPStatus | int, text: str) -> Response:  # noqa: ARG002 - it quotes the request
        refused = super().reject(status, "")
        refused.body = HttpRefusal(Code.WEBSOCKET_HANDSHAKE).body(None)
        for name, value in (("Content-Length", str(len(refused.body))), ("Content-Type", "application/json")):
            del refused.headers[name]
            refused.headers[name] = value
        return refused


class LimitedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol, counted among the connections of its app, if the app has some."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _Handshake(max_size=config.ws_max_size, logger=self.logger)
        self._limits = cast("Connections | None", getattr(self.app, "connections", None))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._limits is not None:
            self._limits.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._limits is not None:
            self._limits.open.discard(self)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated:  # the first data are the whole request
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self.scope["abort"] = self.abort  # type: ignore[typeddict-unknown-key] # for our app

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= MOST_FRAMES:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG)
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def on_task_complete(self, task: "asyncio.Task[None]") -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def shutdown(self) -> None:
        if self._limits is None or not self.handshake_complete:
            super().shutdown()
        else:
            self._limits.stop()

    def abort(self) -> None:
        """Close the connection of a client that does not read, and drop what it has not read."""
        self.transport.abort()

    def is_late(self, _now: float) -> bool:
        """Return False: whoever is silent for too long is found by uvicorn's pings."""
        return False

    def refuse(self, _code: Code) -> None:
        """Close the connection."""
        self.transport.close()
