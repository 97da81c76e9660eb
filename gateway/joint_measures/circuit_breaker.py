"""A circuit breaker: a peer that keeps failing is not called for a while; then one caller tries it first.

    CLOSED ── failures in a row ──> OPEN ── the pause is over ──> HALF_OPEN ── one success ──> CLOSED
                                     ^                                └─────── one failure ──> OPEN

The clock is passed in, and only compared with itself. Each process has one breaker for each peer.
"""

from collections.abc import Callable
from enum import Enum


class CircuitState(Enum):
    """Whether calls are allowed."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Counts failures in a row. Call `lets_through` before a call, and report its outcome."""

    def __init__(self, clock: Callable[[], float], *, failures: int, pause_seconds: float) -> None:
        self._clock = clock
        self._most = failures
        self._pause = pause_seconds
        self._failed = 0
        self._opened_at: float | None = None
        self._trying = False

    @property
    def state(self) -> CircuitState:
        """The state now, by the clock; no job changes it."""
        if self._opened_at is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self._clock() < self._opened_at + self._pause else CircuitState.HALF_OPEN

    def lets_through(self) -> bool:
        """Return whether to call now. In the half-open state one caller tries, and the others wait for its outcome."""
        if self.state is CircuitState.CLOSED:
            return True
        if self.state is CircuitState.OPEN or self._trying:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """Close the circuit: the peer responds."""
        self._failed, self._opened_at, self._trying = 0, None, False

    def failed(self) -> None:
        """Count a failure; the last allowed one in a row, or a failed trial, opens the circuit."""
        self._failed += 1
        if self._trying or self._failed >= self._most:
            self._opened_at = self._clock()
        self._trying = False

    def given_up(self) -> None:
        """Let the next caller try: this one was cancelled before an outcome, which says nothing about the peer."""
        self._trying = False
