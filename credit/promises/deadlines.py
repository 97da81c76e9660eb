"""The clocks of promises: the promised date, the reminder's 3 working days, completion, verification [4.2] [5.1.2c].

Like those of a case (`credit.cases.rules.deadlines`) they are computed from dated facts and calendar.
"""

from credit.calendar.calendar import Calendar, Deadline
from credit.cases.rules.deadlines import Clock, ClockName, clock_from, of_step
from credit.promises import commitment as promises_commitment
from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral


def of_deferral(deferral: Deferral, calendar: Calendar) -> tuple[Clock, ...]:
    """Return the clock of the promised date [4.2.2] and, once served, the clock of the reminder [5.1.2c].

    The first is moot once the second runs: the reminder gives the applicant three working days.
    """
    about, supplied, ended = deferral.application_id, deferral.supplied_on(), deferral.ended_on
    start, promised = deferral.committed_on, Deadline(deferral.due_on)
    came = deferral.last_hand_in()
    late = None if came is None else came.late
    first = clock_from(ClockName.PROMISE, about, start, promised, calendar, met_on=supplied, ended_on=ended, late=late)
    served = deferral.served_on()
    if served is None:
        return (first,)
    reached = next(reminder.late for reminder in deferral.reminders if reminder.served_on == served)
    late = late or reached
    return first, of_step(ClockName.DOCUMENTS, about, served, calendar, met_on=supplied, ended_on=ended, late=late)


def of_commitment(commitment: Commitment, calendar: Calendar) -> tuple[Clock, ...]:
    """Return the department's clocks: to complete the matter, and after that to verify the commitment [4.2.3]."""
    about, made, done = commitment.application_id, commitment.committed_on, commitment.completed_on
    due = promises_commitment.completion_due(commitment, calendar)
    ended, late = commitment.ended_on, commitment.completed_late
    first = clock_from(ClockName.COMPLETION, about, made, due, calendar, met_on=done, ended_on=ended, late=late)
    to_verify = promises_commitment.verification_due(commitment, calendar)
    if done is None or to_verify is None:
        return (first,)
    found = commitment.verification
    verified_on = None if found is None else found.on
    late = late if found is None or found.late is None else found.late
    return first, clock_from(ClockName.VERIFICATION, about, done, to_verify, calendar, met_on=verified_on, late=late)
