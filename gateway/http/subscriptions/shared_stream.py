"""One event stream of all operations of a client, or the reservation of it (the "single connection mode").

event: next
data: {"id":"1","payload":{"data":{…}}}

event: complete
data: {"id":"1"}
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any, Final

import orjson

from gateway.http.errors import Code, HttpRefusal
from gateway.http.subscriptions.event_stream import EventStream
from gateway.http.subscriptions.streams import MOST_OPERATIONS

LONGEST_ID: Final = 128


class SharedStream:
    """A reservation of one account, which opens one stream. It lives in this process, and nowhere else."""

    def __init__(self, account: str, place: ExitStack) -> None:
        self.account = account
        self._place = place
        """What it holds; given back at the end."""
        self.events: EventStream | None = None
        self.is_open = asyncio.Event()
        self.operations: dict[str, asyncio.Task[None] | None] = {}
        """Those under way, by their ids; None while one is being opened."""
        self._is_over = False

    def claim(self, operation: str) -> None:
        """Hold the id of an operation that is being opened. Raises HttpRefusal."""
        if operation in self.operations:
            raise HttpRefusal(Code.OPERATION_ID_IN_USE)
        if len(self.operations) >= MOST_OPERATIONS:
            raise HttpRefusal(Code.TOO_MANY_OPERATIONS, limit=MOST_OPERATIONS)
        self.operations[operation] = None

    def begin(self, operation: str, answers: Coroutine[Any, Any, None]) -> bool:
        """Let *answers* send what an operation gives; False where the stream or the operation is over already."""
        if self._is_over or operation not in self.operations:
            answers.close()
            return False
        task = self.operations[operation] = asyncio.create_task(answers)
        task.add_done_callback(lambda _: self._forget(operation, task))
        return True

    def stop(self, operation: str) -> None:
        """End an operation, if there is one of this id."""
        task = self.operations.pop(operation, None)
        if task is not None:
            task.cancel()

    async def next(self, operation: str, answer: bytes) -> None:
        """Send an answer of *operation*, as soon as the stream is open."""
        await self.is_open.wait()
        assert self.events is not None  # noqa: S101 - it is open
        await self.events.next(b'{"id":%b,"payload":%b}' % (orjson.dumps(operation), answer))

    async def complete(self, operation: str) -> None:
        """Say that *operation* has no further answer."""
        await self.is_open.wait()
        assert self.events is not None  # noqa: S101 - it is open
        await self.events.complete(b'{"id":%b}' % orjson.dumps(operation))

    async def end(self) -> None:
        """End all operations, and give the place back."""
        self._is_over = True
        tasks = [task for task in self.operations.values() if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._place.close()

    def _forget(self, operation: str, task: "asyncio.Task[None]") -> None:
        if self.operations.get(operation) is task:
            del self.operations[operation]


class SharedStreams:
    """The reservations and streams of this process, by their tokens. One that nobody opens is over after *seconds*."""

    def __init__(self, new_token: Callable[[], str], seconds: float) -> None:
        self._new_token = new_token
        self._seconds = seconds
        self._known: dict[str, SharedStream] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def reserve(self, stream: SharedStream) -> str:
        """Return the token of a new reservation."""
        token = self._new_token()
        self._known[token] = stream
        asyncio.get_running_loop().call_later(self._seconds, self._expire, token)
        return token

    def find(self, token: str, account: str) -> SharedStream | None:
        """Return the stream of *token*, if it is one of *account*."""
        found = self._known.get(token)
        return found if found is not None and found.account == account else None

    async def end(self, token: str) -> None:
        """End a stream and its reservation."""
        found = self._known.pop(token, None)
        if found is not None:
            await found.end()

    def _expire(self, token: str) -> None:
        found = self._known.get(token)
        if found is not None and found.events is None:
            ending = asyncio.get_running_loop().create_task(self.end(token))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
