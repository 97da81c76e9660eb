"""A circuit breaker: who fails again and again is left alone for a while, and then tried by one caller first.

    CLOSED ── failures in a row ──> OPEN ── the pause is over ──> HALF_OPEN ── one success ──> CLOSED
                                     ^                                └─────── one failure ──> OPEN

The clock is passed in, and only ever compared with itself. One process has one breaker for each peer.
"""

from collections.abc import Callable
from enum import Enum


class CircuitState(Enum):
    """Whether callers are let through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Counts failures in a row. Ask `lets_through` before a call, and tell what came of it."""

    def __init__(self, clock: Callable[[], float], *, failures: int, pause_seconds: float) -> None:
        self._clock = clock
        self._most = failures
        self._pause = pause_seconds
        self._failed = 0
        self._opened_at: float | None = None
        self._trying = False

    @property
    def state(self) -> CircuitState:
        """How it stands now: by the clock, and not by any job."""
        if self._opened_at is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self._clock() < self._opened_at + self._pause else CircuitState.HALF_OPEN

    def lets_through(self) -> bool:
        """Tell whether to call now. In the half-open state one caller is let through, and the others wait for it."""
        if self.state is CircuitState.CLOSED:
            return True
        if self.state is CircuitState.OPEN or self._trying:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """Close it: the peer answers."""
        self._failed, self._opened_at, self._trying = 0, None, False

    def failed(self) -> None:
        """Count a failure; the last of so many in a row, or the one that tried, opens it."""
        self._failed += 1
        if self._trying or self._failed >= self._most:
            self._opened_at = self._clock()
        self._trying = False

    def given_up(self) -> None:
        """Let the next one try: the caller went away before anything came of it, which says nothing of the peer."""
        self._trying = False
