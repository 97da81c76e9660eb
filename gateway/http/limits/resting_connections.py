"""Connections that are not read for a moment, because their clients send more than may be refused.

A refusal costs little, but whoever sends again at once receives thousands a second: a thousand such clients left next
to no time for work. So refusals have a budget:

- AT_LEAST a second,
- and FOR_EACH more for each request that is done: at N times its capacity a process refuses N - 1 requests for each.

Within the budget no connection rests. Beyond it that of a refused request does: what its client sends next stays in
the buffers of the operating system, until there is a place for it, or the budget allows another refusal, in the order
in which they rest; and at most for REST_SECONDS. `Retry-After` asks for a second, so who waits for it never notices.
A longer rest would help against requests that come whatever is answered no more than a short one, and would only make
their senders open further connections.
"""

import asyncio
from collections import deque
from typing import Final, Protocol

from uvicorn.protocols.http.flow_control import FlowControl

AT_LEAST: Final = 1_000
FOR_EACH: Final = 8
AT_ONCE: Final = 1_000
"""How much of the budget may be saved: requests come in bursts, above all after work that the loop waited for."""
REST_SECONDS: Final = 0.4
LOOK_SECONDS: Final = 0.005


class Places(Protocol):
    """The places for requests."""

    done: int
    """How many requests are done, since the process began."""

    @property
    def room(self) -> int:
        """How many more would find a place now."""


class Connection(Protocol):
    """What the server has of a connection."""

    flow: FlowControl
    loop: asyncio.AbstractEventLoop

    def read_on(self) -> None:
        """Read again, and count the connection as one that is idle."""


class RestingConnections:
    """The connections of one process that rest now."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._resting: deque[tuple[Connection, float]] = deque()
        """Each with the instant until when, at most."""
        self._budget = float(AT_ONCE)
        self._filled_at, self._done = 0.0, 0
        """When the budget was filled up last, and how many requests were done then."""

    def __len__(self) -> int:
        return len(self._resting)

    def refused(self, connection: Connection) -> None:
        """Count a refusal; its connection rests if it is one too many."""
        loop = connection.loop
        if self._budget < 1:
            self._fill(loop.time())
        if self._budget >= 1:
            self._budget -= 1
        elif not connection.flow.read_paused:
            connection.flow.pause_reading()
            if not self._resting:
                loop.call_later(LOOK_SECONDS, self._look, loop)
            self._resting.append((connection, loop.time() + REST_SECONDS))

    def _fill(self, now: float) -> None:
        done = self._places.done
        earned = AT_LEAST * (now - self._filled_at) + FOR_EACH * (done - self._done)
        self._budget = min(self._budget + earned, AT_ONCE)
        self._filled_at, self._done = now, done

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read on, where it is time."""
        now, room = loop.time(), self._places.room
        self._fill(now)
        while self._resting:
            connection, until = self._resting[0]
            if room:
                room -= 1
            elif self._budget >= 1:
                self._budget -= 1
            elif until > now:
                loop.call_later(LOOK_SECONDS, self._look, loop)
                return
            self._resting.popleft()
            connection.read_on()
