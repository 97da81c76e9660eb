"""Admission control: so many requests at a time, a short queue, and a refusal at once for every other.

    fewer than `at_once` run             admitted; where others have just begun, in the next turn of the event loop
    `at_once` run                        waits, at most `seconds`, in the order of arrival
    the queue is full, in number or in time     503 OVERLOADED with Retry-After: at once, and not after it has waited

A process that takes every request serves all of them late, and none in the time that its client waits. Probes are
answered outside this.

INVARIANT: of those who wait, between two turns so many begin as work for TURN_SECONDS, by the mean of those before,
and one at least. Work on SQLite does not wait for anything, so those that begin in one turn run one after the other,
and meanwhile nothing is read, no refusal is sent and no probe answered.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.types import Message, Receive

from gateway.http.errors import Code, HttpRefusal

REPORT_SECONDS: Final = 1.0
"""Refusals are reported as one count after so many seconds: a line for each would be the next load."""
TURN_SECONDS: Final = 0.002
"""How long requests may begin in one turn of the event loop."""
WEIGHT: Final = 0.1
"""Of the newest time in a mean."""
NOT_KNOWN, LEAST = 0.05, 1e-5
"""Seconds that a request works before it waits for something: as long as nothing is known of it, and at the least."""


class AdmissionControl:
    """Counts the requests of one process. *report* is called with the number of refusals, once in a second at most."""

    def __init__(self, at_once: int, waiting: int, seconds: float, report: Callable[[int], None]) -> None:
        self._at_once = at_once
        self._most = at_once + waiting
        self._seconds = seconds
        self._report = report
        self._queue: deque[tuple[asyncio.Future[None], float]] = deque()
        """The places of those who wait, each with the instant until when."""
        self._is_timed = False
        self._refused = 0
        self._turn_began = 0.0
        self._is_in_turn = False
        self._left = self._between = 0.0
        self._begins_at, self._work = 0.0, NOT_KNOWN
        """How long one that begins works until it waits for something, by the mean of those before."""
        self.running = 0
        self.done = 0
        self.arrived = 0
        """Requests that have come as a whole, and that nobody has looked at yet: the server's protocol counts them."""

    @property
    def waiting(self) -> int:
        """The number of requests in the queue."""
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether a request that comes now finds no place, not even in the queue."""
        return self._is_full(len(self._queue) + self.arrived)

    @property
    def room(self) -> int:
        """How many more requests would find a place now."""
        return 0 if self.is_full else self._most - self.running - len(self._queue) - self.arrived

    def refuse_if_full(self) -> None:
        """Raise HttpRefusal where there is no place in the queue either: before anything of the request is read."""
        if self._is_full(len(self._queue)):
            raise self.refusal()

    async def enter(self) -> None:
        """Return as soon as the request may run. Raises HttpRefusal; otherwise `leave` follows."""
        if self.running < self._at_once and not self._queue and self._has_time():
            self.running += 1
            return
        self.refuse_if_full()
        await self._wait()

    def leave(self) -> None:
        """Give the place back; who has waited longest has it in the next turn."""
        self.running -= 1
        self.done += 1
        now = time.perf_counter()
        if self._queue:
            # Half of the time at the most, so that one may wait however slow the work is.
            self._between += WEIGHT * (min(now - self._left, self._seconds / 2) - self._between)
            self._begin_turn(now)
        self._left = now

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
        self.count_refusal()
        return HttpRefusal(Code.OVERLOADED)

    def count_refusal(self) -> None:
        """Count a refusal that is sent without an exception."""
        if not self._refused:
            asyncio.get_running_loop().call_later(REPORT_SECONDS, self._report_refused)
        self._refused += 1

    def _is_full(self, before: int) -> bool:
        """Return whether a queue of *before* is full, in number or in time: one more would wait too long."""
        all_of_them = self.running + before
        return all_of_them >= self._most or (
            all_of_them >= self._at_once and (before + 1) * self._between > self._seconds
        )

    def _has_time(self) -> bool:
        """Return whether a request may begin in this turn."""
        now = time.perf_counter()
        self._begin_turn(now)
        return now - self._turn_began < TURN_SECONDS

    def _begin_turn(self, now: float) -> None:
        if not self._is_in_turn:
            self._is_in_turn, self._turn_began = True, now
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._is_in_turn = False
        if not self._queue or self.running >= self._at_once:
            return
        now, loop = time.perf_counter(), asyncio.get_running_loop()
        most, begun = min(max(1, int(TURN_SECONDS / self._work)), self._at_once - self.running), 0
        loop.call_soon(self._first_begins)
        while self._queue and begun < most:
            place, _ = self._queue.popleft()
            if not place.done():
                place.set_result(None)
                begun += 1
        if begun:
            self.running += begun
            loop.call_soon(self._last_has_begun, begun)
            self._begin_turn(now)

    def _first_begins(self) -> None:
        self._begins_at = time.perf_counter()

    def _last_has_begun(self, begun: int) -> None:
        work = (time.perf_counter() - self._begins_at) / begun
        # Slow work counts at once, quick work bit by bit.
        self._work = max(work, self._work + WEIGHT * (work - self._work), LEAST)

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        place, until = loop.create_future(), loop.time() + self._seconds
        self._queue.append((place, until))
        self._begin_turn(time.perf_counter())
        if not self._is_timed:  # one timer for the queue: who came first is late first
            self._is_timed = True
            loop.call_at(until, self._refuse_late, loop)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.leave()  # the place came together with the cancellation
            with suppress(ValueError):
                self._queue.remove((place, until))
            raise

    def _refuse_late(self, loop: asyncio.AbstractEventLoop) -> None:
        """Refuse those who have waited too long."""
        while self._queue and (self._queue[0][0].done() or self._queue[0][1] <= loop.time()):
            place, _ = self._queue.popleft()
            if not place.done():
                place.set_exception(self.refusal())
        self._is_timed = bool(self._queue)
        if self._queue:
            loop.call_at(self._queue[0][1], self._refuse_late, loop)

    def _report_refused(self) -> None:
        refused, self._refused = self._refused, 0
        self._report(refused)
