"""The streams of a process: WebSockets, event streams and reservations of them, and how many there may be."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.admission_control import AdmissionControl
from policy.actors import Actor, Role

MOST_OPERATIONS: Final = 64
"""How many operations may be under way on one stream, whatever they are."""


class Transport(StrEnum):
    """By what a stream is carried."""

    WEBSOCKET = "websocket"
    EVENTS = "events"
    """An event stream of one operation."""
    SHARED_EVENTS = "shared-events"
    """An event stream of all operations of a client, or the reservation of one."""


@dataclass(slots=True, eq=False)
class Streams:
    """Counts streams: at most *at_once* in the process, and *per_account* of one account.

    *patience* are the seconds in which a client takes what it is sent; *heartbeat* those between two signs of life.
    """

    at_once: int
    per_account: int
    patience: float
    heartbeat: float
    admission: AdmissionControl
    open: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(Transport, 0)))
    closed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("slow", "silent", "account", "process"), 0))
    """How many were closed or refused, by the limit that they reached."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server begins to stop."""
    _accounts: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def held(self, transport: Transport) -> Iterator[None]:
        """Hold the place of a stream. Raises HttpRefusal where there is none."""
        if self.stopping.is_set() or self.open.total() >= self.at_once:
            self.closed["process"] += 1
            raise self.admission.refusal()
        self.open[transport] += 1
        try:
            yield
        finally:
            self.open[transport] -= 1

    @contextmanager
    def held_for(self, actor: Actor) -> Iterator[None]:
        """Hold a stream for the account of *actor*. Raises HttpRefusal where it has too many, and for nobody's."""
        if actor.role is Role.ANONYMOUS:
            raise HttpRefusal(Code.ACCOUNT_REQUIRED)
        account = actor.account
        if self._accounts[account] >= self.per_account:
            self.closed["account"] += 1
            raise HttpRefusal(Code.TOO_MANY_STREAMS, limit=self.per_account)
        self._accounts[account] += 1
        try:
            yield
        finally:
            self._accounts[account] -= 1
            if not self._accounts[account]:
                del self._accounts[account]
