"""The binds with due days for statements: counted by the calendar in force, once a day [5.1.4]."""

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256

from credit.calendar.calendar import Calendar
from credit.calendar.due_days import COUNTS, due_days, working_days
from credit.cases.rules.deadlines import WARNED_AHEAD


@lru_cache(maxsize=4)
def due_binds(calendar: Calendar, today: date) -> Mapping[str, str]:
    """Return `due_2`, `due_3`, `due_15`, `due_promptly`: the last day of a clock, by its first, as a JSON object.

    For clocks of any length also `working_days`, and `working_days_passed`: how many have passed by a day.
    """
    listed, passed = working_days(calendar, today)
    return {
        **{f"due_{days}": _written(due_days(calendar, today, days)) for days in COUNTS},
        "due_promptly": _written(due_days(calendar, today, calendar.promptly)),
        "working_days": json.dumps([day.isoformat() for day in listed], separators=(",", ":")),
        "working_days_passed": json.dumps({day.isoformat(): count for day, count in passed.items()}),
    }


@lru_cache(maxsize=4)
def days_digest(calendar: Calendar, today: date) -> str:
    """Return a digest of the days that are counted *today*: another calendar or another day has another one."""
    return sha256("".join(due_binds(calendar, today).values()).encode()).hexdigest()[:16]


def worklist_binds(calendar: Calendar, today: date) -> Mapping[str, object]:
    """Return the binds of a worklist on the day *today*; `soon` is the last day that counts as due soon."""
    return {**due_binds(calendar, today), "today": today, "soon": calendar.deadline(today, WARNED_AHEAD).on}


def _written(table: Mapping[date, date]) -> str:
    return json.dumps({start.isoformat(): last.isoformat() for start, last in table.items()}, separators=(",", ":"))
