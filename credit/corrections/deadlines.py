"""The clock of a correction: two working days, from the discovery to the last notification [5.1.4(6)]."""

from collections.abc import Iterable

from credit.calendar.calendar import Calendar
from credit.cases.rules.deadlines import Clock, ClockName, of_step
from credit.corrections.correction import Correction, Delivery, completed_on


def of_correction(correction: Correction, deliveries: Iterable[Delivery], calendar: Calendar) -> Clock:
    """Return the clock of a correction: met when the record is corrected and every recipient notified [5.1.4(6)]."""
    about, started_on, met_on = correction.correction_id, correction.discovered.on, completed_on(correction, deliveries)
    return of_step(ClockName.CORRECTION, about, started_on, calendar, met_on=met_on, late=correction.discovered.late)
