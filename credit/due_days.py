"""Which day a clock ends on, for every day on which it may have started: the calendar as a table [5.1.4].

A due day is never stored: it would have to be counted anew whenever a year's table of working days arrives. But a
list ordered by due days, or narrowed to them, is made where the starting days are, and working days cannot be counted
there. So the counted days go along with the question. Counting is monotone: who starts later is never due earlier.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from credit.calendar import Calendar

COUNTS: Final = (2, 3, 15)
"""The lengths of the clocks in working days: correction; notice, statement, documents; review, objection, claim."""
REACH: Final = 400
"""How many days back the table goes. What started before that is late, by whatever clock, and stands before the rest
by its starting day."""


def due_days(calendar: Calendar, today: date, days: int) -> Mapping[date, date]:
    """Return the last day of a clock of so many working *days*, by the day on which it started."""
    starts = (today - timedelta(days=back) for back in range(REACH, -1, -1))
    return {start: calendar.deadline(start, days).on for start in starts}
