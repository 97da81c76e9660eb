"""Two limits of HTTP itself: how large a body may be, and how long anybody waits for an answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.datastructures import Headers
from starlette.types import Receive

from gateway.http.errors import Code, HttpRefusal

T = TypeVar("T")
QUICK = 0.05
"""Most answers are ready sooner, and spare us watching whether the client is still there."""
GRACE = 2.0
"""How long work that was given up may take to roll back."""


class ClientGone(Exception):
    """Nobody is there to answer any more."""


async def read_body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """Return the body, of which no more than *limit* bytes are ever held. Raises Refusal, ClientGone."""
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
    """Return what *work* gives; cancel it when *seconds* are over or the client has gone.

    Raises Refusal(TIMEOUT), ClientGone, and whatever *work* raises.
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
