"""The legal clocks of [5.1.2c], [5.1.4] and [5.1.5], one function each.

All of them count days of Asia/Shanghai. A period counted in working days begins the day after the fact that starts it;
its last day is still in time.
"""

import calendar as civil
from datetime import date, datetime

from credit.calendar.calendar import Calendar, Deadline
from credit.core.values.dates import SHANGHAI


def documents_due(reminded_on: date, calendar: Calendar) -> Deadline:
    """Deferred documents: 3 working days after the reminder, before their absence is a circumstance [5.1.2c]."""
    return calendar.deadline(reminded_on, 3)


def notice_due(verified_on: date, calendar: Calendar) -> Deadline:
    """Notice to the subject, in writing: 3 working days after completed verification [5.1.4(2)]."""
    return calendar.deadline(verified_on, 3)


def statement_closes(served_on: date, calendar: Calendar) -> Deadline:
    """Statement and defence: 3 working days after receipt of the notice; silence waives it [5.1.4(3)] [A]."""
    return calendar.deadline(served_on, 3)


def review_due(stated_on: date, calendar: Calendar) -> Deadline:
    """Review: 15 working days after the statement was made [5.1.4(4)]."""
    return calendar.deadline(stated_on, 15)


def publication_due(determined_on: date, calendar: Calendar) -> Deadline:
    """Publication of a determination, and its push: "promptly", a number of days that a deployment sets [5.1.4(5)]."""
    return calendar.deadline(determined_on, calendar.promptly)


def correction_due(discovered_on: date, calendar: Calendar) -> Deadline:
    """Correction or removal of wrong or changed information: 2 working days after it was found [5.1.4(6)]."""
    return calendar.deadline(discovered_on, 2)


def deletion_due(ended_on: date, calendar: Calendar) -> Deadline:
    """Last day to delete what may not be used since *ended_on*; how many days, a deployment sets [5.1.6] [PIPL 47]."""
    return calendar.deadline(ended_on, calendar.deletion_days)


def add_months(day: date, months: int) -> date:
    """Return the corresponding day *months* later, or that month's last day if there is none [5.1.5].

    So the months after 31 August end on 30 September, 31 October, … and 28 or 29 February.
    """
    if months < 0:
        raise ValueError("a period cannot be negative")
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = civil.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def civil_date(now: datetime) -> date:
    """Return the day in Asia/Shanghai of an aware instant: the day that every clock of [5.1.4] and [5.1.5] counts."""
    if now.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return now.astimezone(SHANGHAI).date()


def objection_due(raised_on: date, calendar: Calendar) -> Deadline:
    """Answer to an objection: 15 working days, a reading by analogy with [5.1.4(4)]."""
    return calendar.deadline(raised_on, 15)
