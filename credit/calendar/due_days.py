"""The last day of a clock for every possible starting day: the calendar as a table [5.1.4].

A due day is never stored, because it would have to be recalculated for each new table of working days. But the database
sorts and filters worklists by due day, and it cannot count working days. So the query carries the counted days as
parameters. Counting is monotone: a clock that starts later is never due earlier.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from credit.calendar.calendar import Calendar

COUNTS: Final = (2, 3, 15)
"""The lengths of the clocks in working days: correction; notice, statement, documents; review, objection, claim.

That of publication is set by the deployment: `Calendar.promptly`, at most the longest of these."""
REACH: Final = 400
"""How many days back the table goes. A clock that started earlier is late whatever its length, and is sorted before the
rest by its starting day."""


AHEAD: Final = 800
"""How many days ahead working days are listed, for clocks whose length is set by a matter's own document [4.2.3]."""


def working_days(calendar: Calendar, today: date) -> tuple[tuple[date, ...], Mapping[date, int]]:
    """Return the working days in order, and for each day the number of working days up to and including it.

    So the last day of a period of *n* working days is at the position of this number plus *n*, counted from 1.
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
    """Return the last day of a clock of *days* working days, by its starting day."""
    starts = (today - timedelta(days=back) for back in range(REACH, -1, -1))
    return {start: calendar.deadline(start, days).on for start in starts}
