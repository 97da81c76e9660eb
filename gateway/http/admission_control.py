"""Admission control: so many requests at a time, a short queue, and a refusal at once for every other.

    running  < at_once                  admitted
    running == at_once, queue not full  waits, at most `seconds`, in the order of arrival
    otherwise                           503 OVERLOADED with Retry-After

A process that takes every request serves all of them late, and none in the time that its client waits. Probes are
answered outside this.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from starlette.types import Message, Receive

from gateway.http.errors import Code, HttpRefusal

REPORT_SECONDS = 1.0
"""Refusals are reported as one count after so many seconds: a line for each would be the next load."""


class AdmissionControl:
    """Counts the requests of one process. *report* is called with the number of refusals, once in a second at most."""

    def __init__(self, at_once: int, waiting: int, seconds: float, report: Callable[[int], None]) -> None:
        self._at_once = at_once
        self._most_waiting = waiting
        self._seconds = seconds
        self._report = report
        self._queue: deque[asyncio.Future[None]] = deque()
        self._refused = 0
        self.running = 0

    @property
    def waiting(self) -> int:
        """The number of requests in the queue."""
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether there is neither a place nor one in the queue."""
        return self.running >= self._at_once and len(self._queue) >= self._most_waiting

    def refuse_if_full(self) -> None:
        """Raise HttpRefusal where there is no place in the queue either: before anything of the request is read."""
        if self.is_full:
            raise self.refusal()

    async def enter(self) -> None:
        """Return as soon as the request may run. Raises HttpRefusal; otherwise `leave` follows."""
        if self.running < self._at_once:
            self.running += 1
            return
        self.refuse_if_full()
        await self._wait()

    def leave(self) -> None:
        """Give the place of a request that ran to the one that has waited longest."""
        while self._queue:
            first = self._queue.popleft()
            if not first.done():
                first.set_result(None)
                return
        self.running -= 1

    def outside(self, receive: Receive) -> Receive:
        """Return *receive* for a request that runs: while its body arrives, another one has its place."""

        async def received() -> Message:
            self.leave()
            try:
                message = await receive()
                await self.enter()
            except BaseException:
                self.running += 1  # it has a place until it leaves
                raise
            return message

        return received

    def refusal(self) -> HttpRefusal:
        """Count a refusal, and return it."""
        if not self._refused:
            asyncio.get_running_loop().call_later(REPORT_SECONDS, self._report_refused)
        self._refused += 1
        return HttpRefusal(Code.OVERLOADED)

    async def _wait(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        timer = asyncio.get_running_loop().call_later(self._seconds, self._give_up, place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.leave()  # the place came together with the cancellation
            with suppress(ValueError):
                self._queue.remove(place)
            raise
        finally:
            timer.cancel()

    def _give_up(self, place: asyncio.Future[None]) -> None:
        if not place.done():
            self._queue.remove(place)
            place.set_exception(self.refusal())

    def _report_refused(self) -> None:
        refused, self._refused = self._refused, 0
        self._report(refused)
