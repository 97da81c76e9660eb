"""Two limits of HTTP: the size of a request body, and the time that a client waits for its response."""

import asyncio
from types import TracebackType
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import Receive

from gateway.http.errors import Code, HttpRefusal
from schema.execution.time_limits import TimeLimit, TimeLimits

QUICK: Final = 0.05
"""Most responses are ready sooner; only after that we watch for a closed connection."""


class ClientGone(Exception):
    """The client has closed the connection."""


async def read_body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """Return the body; never holds more than *limit* bytes. Raises HttpRefusal, ClientGone."""
    announced = headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > limit:
        raise HttpRefusal(Code.BODY_TOO_LARGE, limit=limit)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if len(body) > limit:
            raise HttpRefusal(Code.BODY_TOO_LARGE, limit=limit)
        if not message.get("more_body", False):
            return bytes(body)


class RequestTimeLimit(TimeLimit):
    """Ends a request that takes too long (HttpRefusal), and one whose client has gone (ClientGone)."""

    __slots__ = ("_quick_until", "_receive", "_watcher")

    def __init__(self, time_limits: TimeLimits, seconds: float) -> None:
        super().__init__(time_limits, seconds)
        self._receive: Receive | None = None
        self._watcher: asyncio.Task[None] | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
        super().__exit__(kind, error, trace)

    def expired(self) -> Exception:
        return HttpRefusal(Code.TIMEOUT)

    def begin_again(self, seconds: float, receive: Receive) -> None:
        """Let the request end *seconds* from now, and watch for a closed connection: its body has been received."""
        now = self._loop.time()
        self._until, self._quick_until, self._receive = now + seconds, now + QUICK, receive

    def look(self, now: float) -> None:
        super().look(now)
        if self._receive is not None and self._watcher is None and now >= self._quick_until:
            self._watcher = self._loop.create_task(self._watch(self._receive))

    async def _watch(self, receive: Receive) -> None:
        message: Any = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()
        self.cancel(ClientGone())
