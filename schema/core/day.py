"""The day of a response, and how its clocks count."""

from dataclasses import dataclass
from datetime import date

from credit.calendar.calendar import Calendar
from credit.cases.status import UnrectifiedPolicy


@dataclass(frozen=True, slots=True)
class EvaluationDay:
    """The day in Asia/Shanghai that functions of columns use, and how they count days.

    *unrectified* is the reading of [5.1.5] in force; *calendar* holds the official working days [5.1.4].
    """

    today: date
    unrectified: UnrectifiedPolicy
    calendar: Calendar
