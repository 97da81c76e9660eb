"""Which day a clock ends on, for every day on which it may have started: the calendar as a table [5.1.4].

A due day is never stored: it would have to be counted anew whenever a year's table of working days arrives. But a
list ordered by due days, or narrowed to them, is made where the starting days are, and working days cannot be counted
there. So the counted days go along with the question. Counting is monotone: who starts later is never due earlier.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from credit.calendar.calendar import Calendar

COUNTS: Final = (2, 3, 15)
"""The lengths of the clocks in working days: correction; notice, statement, documents; review, objection, claim."""
REACH: Final = 400
"""How many days back the table goes. What started before that is late, by whatever clock, and stands before the rest
by its starting day."""


AHEAD: Final = 800
"""How many days ahead working days are listed, for clocks whose length a matter's own document sets [4.2.3]."""


def working_days(calendar: Calendar, today: date) -> tuple[tuple[date, ...], Mapping[date, int]]:
    """Return the working days in order, and for each starting day how many of them are over with it.

    So the last day of *n* working days is the one at this place and *n* more, counted from 1.
    """
    listed: list[date] = []
    passed: dict[date, int] = {}
    day = today - timedelta(days=REACH)
    while day <= today + timedelta(days=AHEAD):
        if calendar.deadline(day - timedelta(days=1), 1).on == day:
            listed.append(day)
        if day <= today:
            passed[day] = len(listed)
        day += timedelta(days=1)
    return tuple(listed), passed


def due_days(calendar: Calendar, today: date, days: int) -> Mapping[date, date]:
    """Return the last day of a clock of so many working *days*, by the day on which it started."""
    starts = (today - timedelta(days=back) for back in range(REACH, -1, -1))
    return {start: calendar.deadline(start, days).on for start in starts}
