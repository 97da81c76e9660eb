"""The clocks of promises: the promised date, the reminder's 3 working days, completion, verification [4.2] [5.1.2c].

Like those of a case (`credit.cases.rules.deadlines`) they are computed from dated facts and calendar, never stored.
"""

from credit.calendar.calendar import Calendar, Deadline
from credit.calendar.deadlines import documents_due
from credit.cases.rules.deadlines import Clock, ClockName, warned_from
from credit.promises import commitment as promises_commitment
from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral


def of_deferral(deferral: Deferral, calendar: Calendar) -> tuple[Clock, ...]:
    """Return the clock of the promised date [4.2.2] and, once served, the clock of the reminder [5.1.2c].

    The first is moot once the second runs: the reminder gives the applicant three working days.
    """
    about, supplied = deferral.application_id, deferral.supplied_on()
    moot = None if supplied is not None else deferral.ended_on
    promised = Deadline(deferral.due_on)
    first = Clock(
        ClockName.PROMISE,
        about,
        deferral.committed_on,
        promised,
        warned_from(promised, calendar),
        met_on=supplied,
        moot_on=moot,
    )
    served = deferral.reached_on
    if served is None:
        return (first,)
    due = documents_due(served, calendar)
    second = Clock(ClockName.DOCUMENTS, about, served, due, warned_from(due, calendar), met_on=supplied, moot_on=moot)
    return (first, second)


def of_commitment(commitment: Commitment, calendar: Calendar) -> tuple[Clock, ...]:
    """Return the department's clocks: to complete the matter, and after that to verify the commitment [4.2.3]."""
    about, made, done = commitment.application_id, commitment.committed_on, commitment.completed_on
    due = promises_commitment.completion_due(commitment, calendar)
    first = Clock(
        ClockName.COMPLETION,
        about,
        made,
        due,
        warned_from(due, calendar),
        met_on=done,
        moot_on=None if done is not None else commitment.ended_on,
    )
    to_verify = promises_commitment.verification_due(commitment, calendar)
    if done is None or to_verify is None:
        return (first,)
    verified = commitment.verification
    second = Clock(
        ClockName.VERIFICATION,
        about,
        done,
        to_verify,
        warned_from(to_verify, calendar),
        met_on=None if verified is None else verified.on,
    )
    return (first, second)
