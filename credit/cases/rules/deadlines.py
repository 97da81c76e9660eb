"""The clocks of a case: deadlines, and whether each is open, late, met or missed [5.1.4].

    started ──────────── warned from ──────── due ─────────▶
             OPEN            DUE_SOON          OVERDUE          while nothing has happened
             MET             MET               MET_LATE         the day it was done
             MOOT            MOOT              MISSED           the day the case ended otherwise

A clock is computed from facts and calendar: `clocks` returns those that have started by a day. Of the one that runs,
the due day is stored too, for the order of worklists (`credit.cases.rules.next_steps.due_days`). The
subject's own clocks (statement, documents) are opportunities, not duties: after their last day they are FORGONE.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from credit.calendar.calendar import Calendar, Deadline
from credit.calendar.deadlines import (
    correction_due,
    deletion_due,
    documents_due,
    notice_due,
    objection_due,
    publication_due,
    review_due,
    statement_closes,
)
from credit.cases.case import Case, day
from credit.cases.rules.grounds import DeferredDocuments
from credit.cases.status import UnrectifiedPolicy
from credit.core.labels import Labelled
from credit.core.late_entries import LateEntry

WARNED_AHEAD: Final = 2
"""How many working days before its last day a clock warns; a reading, so that a weekend never hides the warning."""


class ClockName(Labelled):
    """The clocks. OBJECTION and RECTIFICATION are readings by analogy with the review, PUBLICATION of *promptly*.

    DELETION has the days that the deployment sets.
    """

    DOCUMENTS = "DOCUMENTS", "催告后补交容缺材料", "5.1.2c"
    NOTICE = "NOTICE", "书面告知当事人", "5.1.4(2)"
    STATEMENT = "STATEMENT", "陈述申辩", "5.1.4(3)"
    REVIEW = "REVIEW", "复核", "5.1.4(4)"
    PUBLICATION = "PUBLICATION", "公布并推送", "5.1.4(5)"
    CORRECTION = "CORRECTION", "修改或移除", "5.1.4(6)"
    OBJECTION = "OBJECTION", "答复异议", "5.1.4(4)"
    RECTIFICATION = "RECTIFICATION", "确认整改", "5.1.5"
    DELETION = "DELETION", "删除或者停止使用依授权收到的信息", "5.1.6"
    PROMISE = "PROMISE", "按承诺补交容缺材料", "4.2.2"
    COMPLETION = "COMPLETION", "办结承诺事项", "4.2.3"
    VERIFICATION = "VERIFICATION", "核验承诺", "4.2.3"


SUBJECTS_OWN: Final = frozenset({ClockName.DOCUMENTS, ClockName.STATEMENT})
"""The clocks that run for the subject. All others bind the authority, except the subject's own promise."""
PROMISED: Final = frozenset({ClockName.PROMISE})
"""The clock of the subject's own promise: if the promise is broken it is overdue, but the authority is not late."""


class ClockState(Labelled):
    """The state of a clock on a day."""

    OPEN = "OPEN", "期限内"
    DUE_SOON = "DUE_SOON", "即将到期"
    OVERDUE = "OVERDUE", "已逾期"
    MET = "MET", "按期完成"
    MET_LATE = "MET_LATE", "逾期完成"
    MOOT = "MOOT", "无须办理"
    MISSED = "MISSED", "逾期未办"
    FORGONE = "FORGONE", "逾期视为放弃"


RUNNING: Final = frozenset({ClockState.OPEN, ClockState.DUE_SOON, ClockState.OVERDUE})
"""Something is still to be done."""
LATE: Final = frozenset({ClockState.OVERDUE, ClockState.MET_LATE, ClockState.MISSED})
"""The states that supervision counts as missed [6.1]."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock *about* a case, correction or objection. It ends when it is met or when the case ends."""

    name: ClockName
    about: UUID
    started_on: date
    due: Deadline
    warned_from: date
    met_on: date | None = None
    moot_on: date | None = None
    late: LateEntry | None = None
    """The act that met it or, if that was recorded in time or is missing, the one that started it, if recorded late."""

    @property
    def clause(self) -> str:
        """The clause that sets it, or the one that a reading relies on."""
        return self.name.clause

    def state(self, today: date) -> ClockState:
        """Return the state on the day *today*; later events do not count."""
        if self.met_on is not None and self.met_on <= today:
            return self._unless_late(self.met_on, ClockState.MET, ClockState.MET_LATE)
        if self.moot_on is not None and self.moot_on <= today:
            return self._unless_late(self.moot_on, ClockState.MOOT, ClockState.MISSED)
        late = self._unless_late(today, ClockState.OPEN, ClockState.OVERDUE)
        return ClockState.DUE_SOON if late is ClockState.OPEN and today >= self.warned_from else late

    def is_late(self, today: date) -> bool:
        """Return whether it counts as missed, even if met later. The subject's own clocks never count as late."""
        return self.name not in PROMISED and self.state(today) in LATE

    def is_running(self, today: date) -> bool:
        """Return whether something is still to be done, in time or not."""
        return self.state(today) in RUNNING

    def _unless_late(self, on: date, in_time: ClockState, late: ClockState) -> ClockState:
        if not self.due.is_missed(on):
            return in_time
        return ClockState.FORGONE if self.name in SUBJECTS_OWN else late


def clocks(
    case: Case,
    calendar: Calendar,
    today: date,
    *,
    others: Iterable[Clock] = (),
    unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS,
) -> tuple[Clock, ...]:
    """Return the clocks of *case* that have started by *today*, in the order in which they started [5.1.4].

    *others* are the clocks of its corrections and objections, which count with the case's own. A confidential case has
    none, because they would reveal that it exists [5.1.6].
    """
    if case.confidential:
        return ()
    found = [*_of_steps(case, calendar, unrectified), *others]
    started = (clock for clock in found if clock.started_on <= today)
    return tuple(sorted(started, key=lambda clock: (clock.started_on, clock.due.on, clock.name.value)))


def confirmation_due(claimed_on: date, calendar: Calendar) -> Deadline:
    """Answer to a claim of rectification: 15 working days, a reading of [5.1.5] by analogy with [5.1.4(4)].

    Without it a restraint could stay for ever, because nobody examines the evidence.
    """
    return calendar.deadline(claimed_on, 15)


def of_step(
    name: ClockName,
    about: UUID,
    started_on: date,
    calendar: Calendar,
    *,
    met_on: date | None = None,
    ended_on: date | None = None,
    late: LateEntry | None = None,
) -> Clock:
    """Return the clock of a step of *about*, whose length the document sets; if not met, it is moot from *ended_on*."""
    due = due_of(name, started_on, calendar)
    return clock_from(name, about, started_on, due, calendar, met_on=met_on, ended_on=ended_on, late=late)


def due_of(name: ClockName, started_on: date, calendar: Calendar) -> Deadline:
    """Return the last day of a clock whose length the document sets."""
    return _COUNTS[name](started_on, calendar)


def clock_from(
    name: ClockName,
    about: UUID,
    started_on: date,
    due: Deadline,
    calendar: Calendar,
    *,
    met_on: date | None,
    ended_on: date | None = None,
    late: LateEntry | None = None,
) -> Clock:
    """Return the clock of a fact and its last day *due*, with the day from which it warns.

    If it is not met, it is moot from *ended_on*.
    """
    moot_on = ended_on if met_on is None else None
    return Clock(name, about, started_on, due, warned_from(due, calendar), met_on, moot_on, late)


@dataclass(frozen=True, slots=True)
class Recount:
    """A deadline that a new table of working days moved or made certain."""

    clock: Clock
    before: Deadline

    @property
    def has_moved(self) -> bool:
        """Return whether the day itself changed, not only its certainty."""
        return self.clock.due.on != self.before.on


def recounted(before: Sequence[Clock], after: Sequence[Clock], today: date) -> tuple[Recount, ...]:
    """Return the differences between the same clocks under the old calendar and under the new one.

    They include running clocks, and clocks whose state changes: a step late by a provisional count may have been in
    time.
    """
    old = {(clock.about, clock.name, clock.started_on): clock for clock in before}
    pairs = ((old.get((clock.about, clock.name, clock.started_on)), clock) for clock in after)
    return tuple(
        Recount(new, was.due)
        for was, new in pairs
        if was is not None
        and was.due != new.due
        and (new.is_running(today) or was.is_running(today) or was.is_late(today) != new.is_late(today))
    )


def warned_from(due: Deadline, calendar: Calendar) -> date:
    """Return the first day that is at most two working days before *due*."""
    first = due.on
    while calendar.deadline(first - timedelta(days=1), WARNED_AHEAD).on >= due.on:
        first -= timedelta(days=1)
    return first


def _of_steps(case: Case, calendar: Calendar, unrectified: UnrectifiedPolicy) -> Iterable[Clock]:
    ended_on = case.free_on(unrectified)
    if isinstance(case.grounds, DeferredDocuments) and case.grounds.reminded_on is not None:
        reminded_on, supplied_on = case.grounds.reminded_on, case.grounds.supplied_on
        late = case.grounds.reminded_late
        yield of_step(ClockName.DOCUMENTS, case.case_id, reminded_on, calendar, met_on=supplied_on, late=late)
    steps = (
        (ClockName.NOTICE, case.verified, case.noticed),
        (ClockName.STATEMENT, case.served, case.stated),
        (ClockName.REVIEW, case.stated, case.reviewed),
        (ClockName.PUBLICATION, case.determined, case.published),
        *((ClockName.RECTIFICATION, claim.made, claim.answered) for claim in case.claims),
    )
    for name, start, done in steps:
        if start is not None:
            late = start.late if done is None or done.late is None else done.late
            since = {ClockName.REVIEW: case.review_from, ClockName.PUBLICATION: case.publication_from}.get(
                name, start.on
            )
            if since is not None:
                yield of_step(name, case.case_id, since, calendar, met_on=day(done), ended_on=ended_on, late=late)


_COUNTS: Final[Mapping[ClockName, Callable[[date, Calendar], Deadline]]] = {
    ClockName.NOTICE: notice_due,
    ClockName.STATEMENT: statement_closes,
    ClockName.REVIEW: review_due,
    ClockName.PUBLICATION: publication_due,
    ClockName.RECTIFICATION: confirmation_due,
    ClockName.DOCUMENTS: documents_due,
    ClockName.CORRECTION: correction_due,
    ClockName.OBJECTION: objection_due,
    ClockName.DELETION: deletion_due,
}
