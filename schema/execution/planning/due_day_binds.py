"""The binds of worklists that follow from the calendar in force, made once a day [5.1.4]."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from credit.calendar.calendar import Calendar
from credit.cases.rules.deadlines import WARNED_AHEAD
from credit.cases.rules.next_steps import sorts_on

REACH: Final = 400
"""How many days back the table goes. A task that has waited longer is sorted before the rest, by its first day."""


@lru_cache(maxsize=4)
def due_binds(calendar: Calendar, today: date) -> Mapping[str, str]:
    """Return `longest_clock`: by which day a task without a clock is sorted, by its first day, as a JSON object.

    The days of most tasks are stored. This is for papers that wait for a second person: there are few of them.
    """
    starts = (today - timedelta(days=back) for back in range(REACH, -1, -1))
    table = {start.isoformat(): sorts_on(start, calendar).isoformat() for start in starts}
    return {"longest_clock": json.dumps(table, separators=(",", ":"))}


@lru_cache(maxsize=4)
def days_digest(calendar: Calendar, today: date) -> str:
    """Return a digest of what the order of a worklist follows from: another calendar or another day has another one."""
    days = (sorted(calendar.years), sorted(calendar.off), sorted(calendar.work), calendar.promptly, today)
    return sha256(repr(days).encode()).hexdigest()[:16]


def worklist_binds(calendar: Calendar, today: date) -> Mapping[str, object]:
    """Return the binds of a worklist on the day *today*; `soon` is the last day that counts as due soon."""
    return {**due_binds(calendar, today), "today": today, "soon": calendar.deadline(today, WARNED_AHEAD).on}
