"""The next steps of a case: who takes them, from when, and until when [5.1].

The steps themselves are in `credit.cases.rules.transitions` and `credit.cases.rules.closing`, removal and correction in
`credit.corrections.correction`. This module gives what a worklist shows and refuses nothing. A listed step may still be
refused when it is taken, depending on the caller.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from credit.calendar.calendar import Calendar, Deadline
from credit.calendar.deadlines import notice_due, publication_due, review_due, statement_closes
from credit.cases.case import Case, Fact
from credit.cases.rules.deadlines import ClockName, confirmation_due
from credit.cases.status import UnrectifiedPolicy
from credit.core.labels import Labelled

_DAY = timedelta(days=1)
LONGEST: Final = 15
"""The working days of the longest clock: that of a review, an objection and a claim."""


class Task(Labelled):
    """A step that is still to be taken. A worklist shows its label."""

    CONFIRM_TAKEN_OVER = "CONFIRM_TAKEN_OVER", "确认历史数据", "5.1.4"
    VERIFY = "VERIFY", "核实信息", "5.1.4(1)"
    NOTIFY = "NOTIFY", "书面告知", "5.1.4(2)"
    PROVE_SERVICE = "PROVE_SERVICE", "登记送达", "5.1.4(2)"
    STATE = "STATE", "陈述申辩", "5.1.4(3)"
    ASSIGN_REVIEWER = "ASSIGN_REVIEWER", "指定复核人员", "5.1.4(4)"
    REVIEW = "REVIEW", "复核", "5.1.4(4)"
    DETERMINE = "DETERMINE", "作出认定", "5.1.4"
    PUBLISH = "PUBLISH", "公布并推送", "5.1.4(5)"
    RECTIFY = "RECTIFY", "整改", "5.1.5"
    ANSWER_CLAIM = "ANSWER_CLAIM", "确认整改", "5.1.5"
    # These are not steps of a case, but they appear on the same worklists.
    MEND = "MEND", "修改或移除信息并告知接收方", "5.1.4(6)"
    ASSIGN_OBJECTION = "ASSIGN_OBJECTION", "指定异议复核人员", "5.1.4(4)"
    ANSWER_OBJECTION = "ANSWER_OBJECTION", "答复异议", "5.1.4(4)"
    HAND_IN = "HAND_IN", "按承诺补交容缺材料", "4.2.2"
    REMIND = "REMIND", "催告补交容缺材料", "5.1.2c"
    SUPPLY = "SUPPLY", "催告后补交容缺材料", "5.1.2c"
    COLLECT_DEFAULT = "COLLECT_DEFAULT", "采集催告后仍未补交的信息", "5.1.2c"
    COMPLETE = "COMPLETE", "办结承诺事项", "4.2.3"
    CHECK_COMMITMENT = "CHECK_COMMITMENT", "核查承诺", "4.2.3"
    COLLECT_UNMET = "COLLECT_UNMET", "采集经核查与承诺不符的信息", "5.1.2d"
    DECIDE_CONTEST = "DECIDE_CONTEST", "处理对纸质授权的异议", "5.1.6"
    CONFIRM_PAPER = "CONFIRM_PAPER", "确认纸质授权", "5.1.6"
    DECIDE_GUARDIANSHIP = "DECIDE_GUARDIANSHIP", "处理对监护登记的异议", "5.1.6"
    ACKNOWLEDGE_DELETION = "ACKNOWLEDGE_DELETION", "删除或者停止使用依授权收到的信息并登记", "5.1.6"


class Side(Labelled):
    """The side that takes a step."""

    SUBJECT = "SUBJECT", "当事人"
    HANDLER = "HANDLER", "经办人"
    REVIEWER = "REVIEWER", "复核人员"
    HEAD = "HEAD", "负责人"
    CLERK = "CLERK", "窗口人员"


SIDES = {
    Task.CONFIRM_TAKEN_OVER: Side.HEAD,
    Task.VERIFY: Side.HANDLER,
    Task.NOTIFY: Side.HANDLER,
    Task.PROVE_SERVICE: Side.HANDLER,
    Task.STATE: Side.SUBJECT,
    Task.ASSIGN_REVIEWER: Side.HEAD,
    Task.REVIEW: Side.REVIEWER,
    Task.DETERMINE: Side.HANDLER,
    Task.PUBLISH: Side.HANDLER,
    Task.RECTIFY: Side.SUBJECT,
    Task.ANSWER_CLAIM: Side.HANDLER,
    Task.MEND: Side.HANDLER,
    Task.ASSIGN_OBJECTION: Side.HEAD,
    Task.ANSWER_OBJECTION: Side.REVIEWER,
    Task.HAND_IN: Side.SUBJECT,
    Task.REMIND: Side.CLERK,
    Task.SUPPLY: Side.SUBJECT,
    Task.COLLECT_DEFAULT: Side.CLERK,
    Task.COMPLETE: Side.CLERK,
    Task.CHECK_COMMITMENT: Side.CLERK,
    Task.COLLECT_UNMET: Side.CLERK,
    Task.DECIDE_CONTEST: Side.HEAD,
    Task.CONFIRM_PAPER: Side.HEAD,
    Task.DECIDE_GUARDIANSHIP: Side.HEAD,
    Task.ACKNOWLEDGE_DELETION: Side.CLERK,
}
"""The side on whose worklist each task appears."""
CLOCKS = {
    Task.NOTIFY: ClockName.NOTICE,
    Task.STATE: ClockName.STATEMENT,
    Task.ASSIGN_REVIEWER: ClockName.REVIEW,
    Task.REVIEW: ClockName.REVIEW,
    Task.PUBLISH: ClockName.PUBLICATION,
    Task.ANSWER_CLAIM: ClockName.RECTIFICATION,
    Task.MEND: ClockName.CORRECTION,
    Task.ASSIGN_OBJECTION: ClockName.OBJECTION,
    Task.ANSWER_OBJECTION: ClockName.OBJECTION,
    Task.SUPPLY: ClockName.DOCUMENTS,
    Task.ACKNOWLEDGE_DELETION: ClockName.DELETION,
}
"""The clock that runs while a task is open. Other tasks have none."""


@dataclass(frozen=True, slots=True)
class Todo:
    """A task, the first day on which it can be done, and its deadline if a clock runs."""

    task: Task
    since: date
    due: Deadline | None = None

    @property
    def side(self) -> Side:
        """The side that does the task."""
        return SIDES[self.task]


def todo(
    case: Case, calendar: Calendar, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS
) -> tuple[Todo, ...]:
    """Return what is still to be done in *case* by its facts on the day *today*; a later *since* means: wait.

    A case that has ended or is confidential has no tasks [5.1.6].
    """
    ended_on = case.free_on(unrectified)
    if case.confidential or (ended_on is not None and ended_on <= today):
        return ()
    return _open_tasks(case, calendar)


@dataclass(frozen=True, slots=True)
class DueDays:
    """What is stored of the open tasks of a case: the one whose clock runs, and the one that has no clock.

    There is at most one of each. To rectify is not among them: its days are those of the restraint.
    """

    clock: Todo | None = None
    waiting: Todo | None = None


def due_days(case: Case, calendar: Calendar) -> DueDays:
    """Return the tasks of *case* that are open by its facts, whatever the day; *since* of one may be still to come.

    The end of a restraint by date alone, and the mark of secrecy, do not count: a reader compares them with its day.
    """
    if any((case.removed, case.dropped, case.referred)) or case.dates.is_repaired_unpublished:
        return DueDays()
    tasks = [task for task in _open_tasks(case, calendar) if task.task is not Task.RECTIFY]
    by_clock = {task.task in CLOCKS: task for task in tasks}
    return DueDays(by_clock.get(True), by_clock.get(False))


def sorts_on(since: date, calendar: Calendar) -> date:
    """Return the day by which a task without a clock is sorted: as if it had the longest clock."""
    return calendar.deadline(since, LONGEST).on


def waits_since(clock: ClockName, started_on: date, task: Task, since: date, calendar: Calendar) -> date:
    """Return from when *task* waits beside a *clock*: the determination, until the statement closes [5.1.4(3)]."""
    if clock is ClockName.STATEMENT and task is Task.DETERMINE:
        return statement_closes(started_on, calendar).on + _DAY
    return since


def _open_tasks(case: Case, calendar: Calendar) -> tuple[Todo, ...]:
    if case.taken_over is not None and case.awaits_confirmation:
        return (Todo(Task.CONFIRM_TAKEN_OVER, case.taken_over.on),)
    if case.determined is None:
        return _before_determination(case, calendar)
    if case.open_pause is not None:
        return _review(case, case.open_pause.on, calendar)
    if case.published is None:
        since = case.publication_from or case.determined.on
        return (Todo(Task.PUBLISH, since, publication_due(since, calendar)),)
    return _until_the_end(case, case.published, calendar)


def _before_determination(case: Case, calendar: Calendar) -> tuple[Todo, ...]:
    if case.verified is None:
        return (Todo(Task.VERIFY, case.collected.on),)
    if case.noticed is None:
        return (Todo(Task.NOTIFY, case.verified.on, notice_due(case.verified.on, calendar)),)
    service = () if case.served else (Todo(Task.PROVE_SERVICE, case.noticed.on),)
    return service + _hearing(case, calendar)


def _hearing(case: Case, calendar: Calendar) -> tuple[Todo, ...]:
    """Return the tasks of statement and review, and from when a determination is possible."""
    if case.stated is not None and case.reviewed is None:
        return _review(case, case.stated.on, calendar)
    if case.served is None:
        return ()
    if case.reviewed is not None:
        return (Todo(Task.DETERMINE, max(case.reviewed.on, case.served.on)),)
    closes = statement_closes(case.served.on, calendar)
    return Todo(Task.STATE, case.served.on, closes), Todo(Task.DETERMINE, closes.on + _DAY)


def _review(case: Case, since: date, calendar: Calendar) -> tuple[Todo, ...]:
    due = review_due(since, calendar)
    assign = () if case.reviewer_ref else (Todo(Task.ASSIGN_REVIEWER, since, due),)
    return (*assign, Todo(Task.REVIEW, since, due))


def _until_the_end(case: Case, published: Fact, calendar: Calendar) -> tuple[Todo, ...]:
    if case.rectified is not None:
        return ()
    if case.open_claim is not None:
        claimed_on = case.open_claim.made.on
        return (Todo(Task.ANSWER_CLAIM, claimed_on, confirmation_due(claimed_on, calendar)),)
    due = None if case.ends_on is None else Deadline(case.ends_on)
    return (Todo(Task.RECTIFY, published.on, due),)
