"""Two limits of HTTP: the size of a request body, and the time that a client waits for its response."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from starlette.datastructures import Headers
from starlette.types import Receive

from gateway.http.errors import Code, HttpRefusal

T = TypeVar("T")
QUICK: Final = 0.05
"""Most responses are ready sooner; only after that we watch for a closed connection."""
GRACE: Final = 2.0
"""How long cancelled work may take to roll back, before it is cancelled once more."""


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


async def while_wanted(work: Awaitable[T], seconds: float, receive: Receive | None = None) -> T:
    """Return the result of *work*; cancel it after *seconds*, or when the client of *receive* has gone.

    The work runs in the task of its caller: work that is quick costs a timer, and no task. Raises HttpRefusal(TIMEOUT),
    ClientGone, and whatever *work* raises.
    """
    cancellation = _Cancellation(seconds, receive)
    try:
        result = await work
    except (Exception, asyncio.CancelledError):
        if cancellation.reason is None:
            raise
    finally:
        cancellation.withdraw()
    if cancellation.reason is not None:
        raise cancellation.reason
    return result


class _Cancellation:
    """Cancels the current task in time, and keeps the reason. It makes a task only for work that takes its time."""

    __slots__ = ("_loop", "_receive", "_sent", "_task", "_timer", "_until", "_watcher", "reason")

    def __init__(self, seconds: float, receive: Receive | None) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._task = task
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._until = self._loop.time() + seconds
        self._watcher: asyncio.Task[None] | None = None
        self._sent = 0
        self.reason: Exception | None = None
        begin = seconds if receive is None else min(QUICK, seconds)
        self._timer = self._loop.call_later(begin, self._time_over if receive is None else self._begin_to_watch)

    def withdraw(self) -> None:
        """Cancel nothing any more."""
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        for _ in range(self._sent):
            self._task.uncancel()

    def _time_over(self) -> None:
        self._cancel(HttpRefusal(Code.TIMEOUT))

    def _begin_to_watch(self) -> None:
        self._watcher = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        try:
            async with asyncio.timeout_at(self._until):
                while (await self._received())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            self._time_over()
        else:
            self._cancel(ClientGone())

    async def _received(self) -> Any:  # noqa: ANN401 - a message of ASGI
        assert self._receive is not None  # noqa: S101 - nothing is watched otherwise
        return await self._receive()

    def _cancel(self, reason: Exception) -> None:
        self.reason = reason
        self._cancel_once_more()

    def _cancel_once_more(self) -> None:
        self._sent += 1
        self._task.cancel()
        self._timer = self._loop.call_later(GRACE, self._cancel_once_more)
