"""Computes when to try again. Pure: clock and randomness are passed in.

The wait doubles with each attempt, from five seconds to an hour, and is drawn from its upper half, so that many
messages that failed at once do not come back at once. **Reading**: the duty to notify does not lapse [5.1.4(5)], so no
message is given up for its age; one that has not arrived within a week is tried once a day, and the status shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(hours=1)
OLD: Final = timedelta(days=7)
LONGEST_OF_OLD: Final = timedelta(days=1)
LONGEST_AWAY: Final = timedelta(minutes=5)
"""How long a recipient that does not respond at all is not called: one message then tests it for all."""

Chance = Callable[[], float]
"""A number from 0 to 1, 1 excluded."""


def wait(attempts: int, *, longest: timedelta, chance: Chance) -> timedelta:
    """Return how long to wait after so many attempts."""
    # The exponent is bounded, so that a message that has failed for a year does not overflow.
    doublings: int = min(max(attempts, 1) - 1, 20)
    whole = min(FIRST * (1 << doublings), longest)
    return whole * (0.5 + chance() / 2)


def next_try(
    attempts: int, *, created_at: datetime, now: datetime, chance: Chance, asked: timedelta | None = None
) -> datetime:
    """Return when to try a message again; *asked* is the recipient's `Retry-After`, of which a day at most counts."""
    longest = LONGEST_OF_OLD if now - created_at > OLD else LONGEST
    own = wait(attempts, longest=longest, chance=chance)
    return now + max(own, min(asked or timedelta(0), LONGEST_OF_OLD))


@dataclass(slots=True)
class Backoff:
    """How often in a row one recipient did not respond at all, and until when it is not called."""

    times: int = 0
    until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Return whether the recipient may be tried."""
        return self.until is None or now >= self.until

    def lose(self, now: datetime, chance: Chance, asked: timedelta | None) -> None:
        """Count a lost contact; do not call the recipient for a while."""
        self.times += 1
        own = wait(self.times, longest=LONGEST_AWAY, chance=chance)
        self.until = now + max(own, min(asked or timedelta(0), LONGEST))

    def regain(self) -> None:
        """Reset the backoff: the recipient responds again."""
        self.times, self.until = 0, None
