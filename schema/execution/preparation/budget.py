"""How much processor time unknown documents may take: of one process, and for one client.

A document that is known costs nothing. One that is not is parsed, validated and planned; what that took is spent
afterwards, and nobody starts another one while the level is below zero. It is counted in the process alone, because it
protects the process, and asks no database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from cachetools import LRUCache

BURST_SECONDS: Final = 10.0
"""For how many seconds' worth a client may work at once, after a pause."""
REMEMBERED: Final = 10_000
"""How many clients are remembered; one that is forgotten begins with a full level, within that of the process."""

Seconds = Callable[[], float]


@dataclass(slots=True)
class _Level:
    """Processor seconds that may be spent: refilled at *rate* for each second, up to *rate* times BURST_SECONDS."""

    rate: float
    left: float
    at: float

    def wait(self, now: float) -> float:
        """Return for how many seconds to wait until something may be spent again."""
        self.left = min(self.rate * BURST_SECONDS, self.left + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.left > 0 else -self.left / self.rate + 1.0


@dataclass(slots=True)
class PreparationBudget:
    """The levels of a process and of its clients. *clock* counts seconds, *processor* those of this thread."""

    of_process: float
    of_client: float
    clock: Seconds
    processor: Seconds
    _process: _Level = field(init=False)
    _clients: LRUCache[str, _Level] = field(init=False)

    def __post_init__(self) -> None:
        self._process = self._full(self.of_process)
        self._clients = LRUCache(REMEMBERED)

    def wait(self, client: str) -> float:
        """Return for how many seconds *client* has to wait before its next unknown document; 0 for not at all."""
        now = self.clock()
        return max(self._process.wait(now), self._client(client).wait(now))

    @contextmanager
    def spent_by(self, client: str) -> Iterator[None]:
        """Spend the processor time of what is done within, whether or not it succeeds. Nothing within awaits."""
        before = self.processor()
        try:
            yield
        finally:
            self.spend(client, self.processor() - before)

    def spend(self, client: str, seconds: float) -> None:
        """Spend what was done for *client* in another thread."""
        self._process.left -= seconds
        self._client(client).left -= seconds

    def _client(self, client: str) -> _Level:
        level = self._clients.get(client)
        if level is None:
            level = self._clients[client] = self._full(self.of_client)
        return level

    def _full(self, rate: float) -> _Level:
        return _Level(rate, rate * BURST_SECONDS, self.clock())
