"""The clock of an objection: fifteen working days, by analogy with the review [5.1.4(4)]."""

from datetime import date
from uuid import UUID

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import objection_due
from credit.cases.case import day
from credit.cases.rules.deadlines import Clock, ClockName, clock_from
from credit.objections.objection import Objection


def of_objection(objection: Objection, calendar: Calendar) -> Clock:
    """Return the clock of an objection: met when it is answered; a reading of [5.1.4(4)]."""
    return objection_clock(objection.objection_id, objection.raised.on, day(objection.answered), calendar)


def objection_clock(about: UUID, raised_on: date, answered_on: date | None, calendar: Calendar) -> Clock:
    """Return the same from the stored days."""
    return clock_from(
        ClockName.OBJECTION, about, raised_on, objection_due(raised_on, calendar), calendar, met_on=answered_on
    )
