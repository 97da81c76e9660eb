"""The clock of a correction: two working days, from the discovery to the last notification [5.1.4(6)]."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import correction_due
from credit.cases.rules.deadlines import Clock, ClockName, clock_from
from credit.corrections.correction import Correction, Delivery, completed_on


def of_correction(correction: Correction, deliveries: Iterable[Delivery], calendar: Calendar) -> Clock:
    """Return the clock of a correction: met when the record is corrected and every recipient notified [5.1.4(6)]."""
    return correction_clock(
        correction.correction_id, correction.discovered.on, completed_on(correction, deliveries), calendar
    )


def correction_clock(about: UUID, discovered_on: date, completed_on: date | None, calendar: Calendar) -> Clock:
    """Return the same from the stored days: of the discovery, and of the completion [5.1.4(6)]."""
    due = correction_due(discovered_on, calendar)
    return clock_from(ClockName.CORRECTION, about, discovered_on, due, calendar, met_on=completed_on)
