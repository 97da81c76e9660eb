"""How often codes may be tried: a bucket that fills up again, for the whole process and nobody in particular."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class RateLimit:
    """At most *burst* at once, and *per_minute* in the long run.

    Nobody hits one of 80 bits by trying; the bound keeps trying from costing anybody else the service. It counts no
    addresses: behind a proxy all callers share one, and who checks a document is nobody's business.
    """

    per_minute: int
    burst: int
    _left: float = -1.0
    _last: datetime | None = None

    def admits(self, at: datetime) -> bool:
        """Count one try, and tell whether it is within the bound."""
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
