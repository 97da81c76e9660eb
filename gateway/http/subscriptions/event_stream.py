"""A response of server-sent events, as graphql-sse wants them: answers, and signs of life in between.

    event: next
    data: {"data":{…}}

    :

    event: complete
    data:

Source: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. A stream that the server stops has no
`complete`: that would say that nothing follows, and clients would not open it again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from gateway.http.content_negotiation import EVENT_STREAM, prefers
from gateway.http.limits.body_limits import ClientGone
from gateway.http.subscriptions.streams import Streams

HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events until there are many
)
SIGN_OF_LIFE: Final = b":\n\n"


class EventStream:
    """One response of events. Whoever sends waits until the client takes it, at most for its patience."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, streams: Streams) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._streams = streams
        self._is_over = False

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Begin the response, and end it after the block. The block is cancelled where the client goes, or we stop."""
        await self._send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        block = asyncio.current_task()
        assert block is not None  # noqa: S101 - a coroutine runs in a task
        watch = asyncio.create_task(self._watch(block))
        try:
            yield
        except ClientGone:
            pass
        except asyncio.CancelledError:
            if not watch.done():
                raise
            block.uncancel()
        finally:
            watch.cancel()
        if not self._is_over:
            self._is_over = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def next(self, answer: bytes) -> None:
        """Send a whole answer."""
        await self._write(b"event: next\ndata: %b\n\n" % answer)
        self._scope["facts"]["count"] = self._scope["facts"].get("count", 0) + 1

    async def complete(self, of: bytes = b"") -> None:
        """Say that there is no further answer; *of* names the operation where the stream has several."""
        await self._write(b"event: complete\ndata: %b\n\n" % of)

    async def _watch(self, block: "asyncio.Task[object]") -> None:
        """Cancel *block* when there is nobody to send to any more; send signs of life until then."""
        endings = [asyncio.create_task(each) for each in (self._gone(), self._stopping(), self._keep_alive())]
        try:
            await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in endings:
                each.cancel()
        block.cancel()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._is_over = True

    async def _stopping(self) -> None:
        await self._streams.stopping.wait()

    async def _keep_alive(self) -> None:
        with suppress(ClientGone):
            while True:  # the first one at once, so that proxies pass the headers on
                await self._write(SIGN_OF_LIFE)
                await asyncio.sleep(self._streams.heartbeat)

    async def _write(self, data: bytes) -> None:
        """Send *data*. Raises ClientGone: then nothing more may be read for this client."""
        if self._is_over:
            raise ClientGone
        try:
            async with asyncio.timeout(self._streams.patience):
                await self._send({"type": "http.response.body", "body": data, "more_body": True})
        except TimeoutError:
            self._is_over = True
            self._streams.closed["slow"] += 1
            self._scope["facts"]["code"] = "SLOW_CONSUMER"
            self._scope["abort"]()
            raise ClientGone from None


def is_accepted(headers: Headers) -> bool:
    """Return whether the client takes an event stream, and would not rather have JSON.

    Clients that take either, for queries too, name both: they get JSON. `EventSource` names nothing else.
    """
    accept = headers.getlist("accept")
    return any(EVENT_STREAM in value.lower() for value in accept) and prefers(EVENT_STREAM, accept)
