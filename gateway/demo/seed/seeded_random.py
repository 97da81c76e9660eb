"""Chance with a seed: the same demo every time. It is for shapes, never for keys or salts."""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from credit.calendar.deadlines import SHANGHAI

OPENS_AT, MINUTES_OPEN = 9, 8 * 60


def from_seed(seed: int) -> Random:
    """Return chance that repeats itself."""
    return Random(seed)  # noqa: S311 - the demo has to repeat itself; what must not be guessed comes from the system


def new_id(chance: Random) -> UUID:
    """Return an id of version 4, as the house draws them, but the same every time."""
    return UUID(int=chance.getrandbits(128), version=4)


def at_work(chance: Random, day: date) -> datetime:
    """Return an instant of *day* in Asia/Shanghai while windows are open."""
    return datetime.combine(day, time(OPENS_AT), SHANGHAI) + timedelta(
        minutes=chance.randrange(MINUTES_OPEN), seconds=chance.randrange(60)
    )


def some_hours_before(chance: Random, now: datetime, days: tuple[int, int]) -> datetime:
    """Return an instant of working hours between so many days ago, and never after *now*."""
    day = now.astimezone(SHANGHAI).date() - timedelta(days=chance.randint(*days))
    return min(at_work(chance, day), now)
