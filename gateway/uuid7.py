"""Ids that contain their time, for rows that are appended and read in order."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID


def time_ordered(at: datetime, random: Callable[[int], bytes]) -> UUID:
    """Return a UUID of version 7 [RFC 9562 section 5.7]: milliseconds since 1970, then 74 random bits.

    For access entries, whose row has the time anyway. Subjects get random ids instead: see docs/decisions/0005.
    """
    milliseconds = int(at.timestamp() * 1000)
    tail = int.from_bytes(random(10))
    high = (milliseconds << 16) | 0x7000 | (tail >> 68)
    low = (0b10 << 62) | (tail & ((1 << 62) - 1))
    return UUID(int=(high << 64) | low)
