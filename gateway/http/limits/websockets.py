"""uvicorn's WebSocket protocol within the limits of its app; a refused handshake repeats no word of the request.

A connection counts as one from its first byte to its end: `LimitedProtocol` gives its place back when it hands the
connection over, and this class takes it. What uvicorn leaves open, this closes:

- a handshake that the library refuses, also by the length of a header, which uvicorn would let wait for ever;
- a message in more than MOST_FRAMES frames: the size of a message is limited, the number of its frames is not;
- a connection that sends frames, and wrong ones, before it was accepted;
- a connection whose app has ended, and whose client neither reads nor closes: after CLOSE_SECONDS.

When the server stops, the app closes its WebSockets (`Connections.when_stopping`); uvicorn would cut off what they do.
"""

import asyncio
import secrets
from typing import Any, Final, cast

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidHandshake
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

from gateway.http.errors import Code
from gateway.http.limits.connections import Connections

MOST_FRAMES: Final = 1_024
CLOSE_SECONDS: Final = 10.0


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
            self._refuse_handshake()

    def handle_connect(self, event: Request) -> None:
        self.handshake_initiated = True
        try:
            self.conn.process_request(event)
        except InvalidHandshake:
            self._refuse_handshake()
            return
        super().handle_connect(event)
        self.scope["abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key] # for our app

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= MOST_FRAMES:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG)
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def handle_parser_exception(self) -> None:
        if self.conn.close_sent is None:  # before the connection was accepted
            self.transport.abort()
        else:
            super().handle_parser_exception()

    def on_task_complete(self, task: "asyncio.Task[None]") -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def shutdown(self) -> None:
        if self._limits is None or not self.handshake_complete:
            super().shutdown()
        else:
            self._limits.stop()

    def is_late(self, _now: float) -> bool:
        """Return False: whoever is silent for too long is found by uvicorn's pings."""
        return False

    def refuse(self, _code: Code) -> None:
        """Close the connection."""
        self.transport.close()

    def _refuse_handshake(self) -> None:
        if self._limits is not None:
            self.transport.write(self._limits.response(Code.WEBSOCKET_HANDSHAKE, secrets.token_hex(16)))
        self.transport.close()
