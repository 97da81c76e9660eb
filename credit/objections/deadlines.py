"""The clock of an objection: fifteen working days, by analogy with the review [5.1.4(4)]."""

from credit.calendar.calendar import Calendar
from credit.cases.case import day
from credit.cases.rules.deadlines import Clock, ClockName, of_step
from credit.objections.objection import Objection


def of_objection(objection: Objection, calendar: Calendar) -> Clock:
    """Return the clock of an objection: met when it is answered; a reading of [5.1.4(4)]."""
    about, started_on, met_on = objection.objection_id, objection.raised.on, day(objection.answered)
    late = None if objection.answered is None else objection.answered.late
    late = late or objection.raised.late
    return of_step(ClockName.OBJECTION, about, started_on, calendar, met_on=met_on, late=late)
