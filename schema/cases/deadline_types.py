"""The clocks of a case in GraphQL: read off its dated columns on request, and never stored [5.1.4]."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from credit.calendar import calendar
from credit.calendar.deadlines import civil_date
from credit.cases.rules.deadlines import PROMISED, SUBJECTS_OWN, Clock, ClockName, ClockState, of_step
from credit.cases.status import RestraintDates
from credit.cases.steps import STEP_OF
from credit.core import late_entries
from schema.core.day import EvaluationDay
from schema.core.fields import function, structure

ENDINGS = ("published_on", "ends_on", "timely_claim_on", "timely_claim_answered_on", "rectified_on", "removed_on",
           "dropped_on", "referred_on")  # fmt: skip
"""The columns that give the day from which a case binds its subject no longer (`RestraintDates.free_on`)."""

DUTIES = (
    "verified_at",
    "noticed_on",
    "review_from",
    "reviewed_on",
    "claimed_on",
    "claim_answered_on",
    "publication_from",
)
"""The columns of the clocks that bind the authority: the start and the end of each; publication is among `ENDINGS`."""


@strawberry.type(description="期限：the last day of a legal clock, and its state today [5.1.4].")
class Deadline:
    on: date = structure("on", "The last day that is in time, in Asia/Shanghai.")
    provisional: bool = structure(
        "provisional",
        "暂定：whether it was counted through a year whose official working days are not published yet. It is computed "
        "anew when they are.",
    )
    is_missed: bool | None = structure(
        "isMissed",
        "Whether the authority is, was or ended too late. Null for a clock of the subject, who is never late.",
    )
    state: ClockState = structure("state", "The state of the clock today.")
    days_left: int | None = structure(
        "daysLeft",
        "How many working days follow today, the last one included: 0 on the last day. Null once there is nothing "
        "left to do in time.",
    )
    clause: str = structure("clause", "The clause that sets the clock.")
    late_entry: bool | None = structure(
        "lateEntry",
        "补录：whether the act that ended the clock, or the one that started it, was recorded on a later day than its "
        "own. An act of the authority counts from its record, an act of the subject from its own day [5.1.4]. Null on "
        "a worklist.",
    )
    acted_on: date | None = structure("actedOn", "The own day of that act; null where none was recorded late.")
    recorded_on: date | None = structure("recordedOn", "The day on which it was recorded; null as `actedOn`.")


def deadline(name: ClockName, started: str, done: str, description: str) -> Any:  # noqa: ANN401 - stands as a field's default value
    """Declare a field that shows a clock of a case, from the columns of its start and of its end."""
    steps = [STEP_OF[each] for each in (done, started) if each in STEP_OF]

    def shown_of(
        case_id: UUID,
        started: date | datetime | None,
        done: date | None,
        entered: Mapping[str, Any] | None,
        *endings_and_day: object,
    ) -> dict[str, object] | None:
        *endings, day = endings_and_day
        assert isinstance(day, EvaluationDay)  # noqa: S101 - the reader always ends with the day
        clock = _clock(name, case_id, started, done, endings, day)
        if clock is None:
            return None
        late = (late_entries.of_step(entered, step) for step in steps)
        return shown(replace(clock, late=next(filter(None, late), None)), day)

    return function(shown_of, "case_id", started, done, "late_entries", *ENDINGS, description=description)


def is_overdue(
    case_id: UUID,
    verified: datetime | None,
    noticed: date | None,
    review_from: date | None,
    reviewed: date | None,
    claimed: date | None,
    answered: date | None,
    determined: date | None,
    *endings_and_day: object,
) -> bool:
    """Return whether the authority has missed a clock and still has to act [5.1.4] [6.1]."""
    *endings, day = endings_and_day
    assert isinstance(day, EvaluationDay)  # noqa: S101 - as above
    running = (
        _clock(ClockName.NOTICE, case_id, verified, noticed, endings, day),
        _clock(ClockName.REVIEW, case_id, review_from, reviewed, endings, day),
        _clock(ClockName.RECTIFICATION, case_id, claimed, answered, endings, day),
        _clock(ClockName.PUBLICATION, case_id, determined, _day_of(endings, "published_on"), endings, day),
    )
    return any(clock is not None and clock.state(day.today) is ClockState.OVERDUE for clock in running)


def _day_of(endings: list[object], column: str) -> date | None:
    found = endings[ENDINGS.index(column)]
    return found if isinstance(found, date) else None


def _clock(
    name: ClockName,
    case_id: UUID,
    started: date | datetime | None,
    done: date | None,
    endings: list[object],
    day: EvaluationDay,
) -> Clock | None:
    """Return the clock, if it has started by today."""
    started_on = civil_date(started) if isinstance(started, datetime) else started
    if started_on is None or started_on > day.today:
        return None
    ended_on = RestraintDates(**dict(zip(ENDINGS, endings, strict=True))).free_on(day.unrectified)  # type: ignore[arg-type]  # columns by name
    return of_step(name, case_id, started_on, day.calendar, met_on=done, ended_on=ended_on)


def shown(clock: Clock, day: EvaluationDay) -> dict[str, object]:
    """Return *clock* as the fields of a `Deadline`."""
    is_missed = None if clock.name in SUBJECTS_OWN | PROMISED else clock.is_late(day.today)
    late = clock.late
    return deadline_fields(clock.due, clock.state(day.today), clock.clause, day, is_missed=is_missed) | {
        "lateEntry": late is not None,
        "actedOn": None if late is None else late.on,
        "recordedOn": None if late is None else late.recorded_on,
    }


def deadline_fields(
    due: calendar.Deadline, state: ClockState, clause: str, day: EvaluationDay, *, is_missed: bool | None
) -> dict[str, object]:
    """Return the fields of a `Deadline`; the days that are left are shown while it can be met."""
    in_time = state in {ClockState.OPEN, ClockState.DUE_SOON}
    return {
        "on": due.on,
        "provisional": due.provisional,
        "isMissed": is_missed,
        "state": state.value,
        "daysLeft": day.calendar.working_days_left(due.on, day.today) if in_time else None,
        "clause": clause,
        "lateEntry": None,
        "actedOn": None,
        "recordedOn": None,
    }
