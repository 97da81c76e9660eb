"""Limits how often codes may be checked: a token bucket for the whole process, not for each caller."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class RateLimit:
    """At most *burst* at once, and *per_minute* in the long run.

    Codes have 80 bits, so they cannot be guessed; the limit protects the service from the load of attempts. It counts
    no addresses: behind a proxy all callers share one, and the gateway does not record who checks a document.
    """

    per_minute: int
    burst: int
    _left: float = -1.0
    _last: datetime | None = None

    def admits(self, at: datetime) -> bool:
        """Count one attempt, and return whether it is within the limit."""
        if self._last is None:
            self._left = float(self.burst)
        else:
            passed = max((at - self._last).total_seconds(), 0.0)
            self._left = min(float(self.burst), self._left + passed * self.per_minute / 60)
        self._last = at
        if self._left < 1:
            return False
        self._left -= 1
        return True
