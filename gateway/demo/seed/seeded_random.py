"""Randomness with a seed: the same demo every time. It makes shapes, never keys or salts."""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from credit.core.values.dates import SHANGHAI

OPENS_AT, MINUTES_OPEN = 9, 8 * 60


def from_seed(seed: int) -> Random:
    """Return a generator that repeats its sequence."""
    return Random(seed)  # noqa: S311 - the demo has to repeat itself; keys and salts come from the system


def new_id(chance: Random) -> UUID:
    """Return a random id (version 4), the same for every run."""
    return UUID(int=chance.getrandbits(128), version=4)


def in_opening_hours(chance: Random, day: date) -> datetime:
    """Return an instant of *day* in Asia/Shanghai within opening hours."""
    return datetime.combine(day, time(OPENS_AT), SHANGHAI) + timedelta(
        minutes=chance.randrange(MINUTES_OPEN), seconds=chance.randrange(60)
    )


def some_hours_before(chance: Random, now: datetime, days: tuple[int, int]) -> datetime:
    """Return an instant within opening hours, so many days ago, and never after *now*."""
    day = now.astimezone(SHANGHAI).date() - timedelta(days=chance.randint(*days))
    return min(in_opening_hours(chance, day), now)
