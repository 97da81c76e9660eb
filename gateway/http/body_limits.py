"""Two limits of HTTP: the size of a request body, and the time that a client waits for its response."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.datastructures import Headers
from starlette.types import Receive

from gateway.http.errors import Code, HttpRefusal

T = TypeVar("T")
QUICK = 0.05
"""Most responses are ready sooner; only after that we watch for a closed connection."""
GRACE = 2.0
"""How long cancelled work may take to roll back."""


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


async def while_wanted(work: Coroutine[Any, Any, T], receive: Receive, seconds: float) -> T:
    """Return the result of *work*; cancel it after *seconds*, or when the client has gone.

    Raises HttpRefusal(TIMEOUT), ClientGone, and whatever *work* raises.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=min(QUICK, seconds))
        if not task.done():
            await _watch(task, receive, seconds - QUICK)
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=GRACE)


async def _watch(task: asyncio.Future[Any], receive: Receive, seconds: float) -> None:
    gone = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({task, gone}, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not task.done():
        raise ClientGone if gone.done() and not gone.cancelled() else HttpRefusal(Code.TIMEOUT)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
