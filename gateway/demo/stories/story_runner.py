"""Runs the demo's stories: the real actions, with past dates, in the seeding's transaction.

So every story is lawful, and has its steps, leaves and messages.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from consent.authorisations.actions import grant_authorisation, request_authorisation
from consent.notices.shown_notices import notice_of
from consent.rules import Bounds
from consent.templates import Templates
from consent.vocabulary import Purpose
from credit.applications import actions
from credit.calendar.calendar import Calendar
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.core.record_refs import ApplicationRef
from credit.core.values.dates import SHANGHAI
from credit.credit_checks.actions import look, save_check
from credit.incentives.incentive import GrantingRules, shipped
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer, Unanswered
from gateway.demo.district.district import ASSOCIATION, MARKET
from gateway.demo.district.matters import MATTERS_OF
from gateway.demo.district.people import Person
from gateway.demo.records.access_entries import Reads
from gateway.demo.seed import well_known_ids
from gateway.demo.seed.seeded_random import new_id
from gateway.notices.service import NoticeIssuer
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork

CLERK = Caller(well_known_ids.CLERK, "clerk", MARKET)
HANDLER = Caller(well_known_ids.HANDLER, "handler", MARKET)
REVIEWER = Caller(well_known_ids.REVIEWER, "reviewer", MARKET)
HEAD = Caller(well_known_ids.HEAD, "head", MARKET)
REGULATOR = Caller(well_known_ids.REGULATOR, "regulator", MARKET)
ASSOCIATION_BY = Caller(well_known_ids.ASSOCIATION, "association", ASSOCIATION)
MATTER = MATTERS_OF[MARKET][0]
"""A matter that is open to every facilitation."""
SOON = 2
"""How many days ahead "due soon" is."""


@dataclass(slots=True)
class StoryRunner:
    """The context of a story: the unit of work, randomness, and the day from which a story counts back."""

    work: SealingUnitOfWork
    chance: Random
    random: Callable[[int], bytes]
    now: datetime
    today: date
    calendar: Calendar
    templates: Templates
    reads: Reads
    people: Mapping[UUID, Person]
    notices: NoticeIssuer | None = None
    granting: GrantingRules = field(default_factory=lambda: GrantingRules(shipped()))
    running: int = 0
    """How many applications the stories have filed."""
    counted_back: list[date] = field(default_factory=list)
    """Today and the working days before it, newest first, as far back as a story has asked."""

    def context(
        self, actor: Caller, day: date, hour: int = 10, minute: int = 0, *, first: UUID | None = None
    ) -> ActionContext:
        """Return the action context of *actor* on *day*, never after now. *first* is the first id, if given."""
        at = min(datetime.combine(day, time(hour, minute), SHANGHAI), self.now)
        given = [first] if first is not None else []

        def draw() -> UUID:
            drawn = new_id(self.chance)
            return given.pop() if given else drawn

        return ActionContext(
            actor=actor,
            now=at,
            today=day,
            new_id=draw,
            random=self.random,
            calendar=self.calendar,
            unrectified=UnrectifiedPolicy.STAYS,
            granting=self.granting,
        )

    def ago(self, working_days: int) -> date:
        """Return the day so many working days before today."""
        days = self.counted_back or [self.today]
        while len(days) <= working_days:
            day = days[-1] - timedelta(days=1)
            # A year without a table is counted by plain weekdays, like a provisional deadline.
            while self.calendar.deadline(day - timedelta(days=1), 1).on != day:
                day -= timedelta(days=1)
            days.append(day)
        self.counted_back = days
        return days[working_days]

    def started(self, clock: Callable[[date, Calendar], object], due_in: int = SOON) -> date:
        """Return the last working day on which *clock* may have started, if it ends within *due_in* days from today."""
        latest = self.today + timedelta(days=due_in)
        return next(day for day in map(self.ago, range(1, 60)) if _due(clock(day, self.calendar)) <= latest)

    # --- common first steps ---------------------------------------------------------------------------------------

    async def filed(self, subject_id: UUID, day: date, *, first: UUID | None = None, hour: int = 9) -> ApplicationRef:
        """File and accept an application at the clerk's window."""
        self.running += 1
        filed = await actions.file(
            self.work,
            self.context(CLERK, day, hour, first=first),
            subject_id=subject_id,
            matter_code=MATTER.code,
            number=f"{day:%Y%m%d}-演示{self.running:02d}",
        )
        which = ApplicationRef(subject_id, filed.application_id)
        await actions.accept(self.work, self.context(CLERK, day, hour, 20), which)
        return which

    async def checked(self, which: ApplicationRef, day: date, joint: Finding = Finding.CLEAN, *, hour: int = 9) -> None:
        """Let the applicant authorise one check, and let the clerk run it [4.1]."""
        applicant = Caller(f"account-{which.subject_id}", "subject", None, which.subject_id)
        asked = await request_authorisation(
            self.work,
            self.context(CLERK, day, hour, 25),
            self.templates,
            subject_id=which.subject_id,
            purpose=Purpose.CREDIT_CHECK,
            bounds=Bounds(expires_on=day + timedelta(days=5), uses=1),
            application_id=which.id,
        )
        recipient = await self.work.authorisations.recipient_name(asked.recipient_code)
        await grant_authorisation(
            self.work,
            self.context(applicant, day, hour, 30),
            self.templates,
            notice=notice_of(asked, recipient).digest,
            subject_id=which.subject_id,
            authorisation_id=asked.authorisation_id,
        )
        at = self.context(CLERK, day, hour, 35)
        started_check = await look(self.work, at, which)
        if started_check is None:
            raise LookupError("an authorisation of the demo is not live")
        kind = self.people[which.subject_id].kind
        await self.work.own_logs.append(
            [self.reads.of_check(which.subject_id, kind, at.now, started_check.used.authorisation_id)]
        )
        await save_check(self.work, at, which, started_check, _answer(joint))

    def applicant(self, subject_id: UUID) -> Caller:
        """Return the subject as the caller."""
        own = subject_id == well_known_ids.MYSELF.subject_id
        return Caller(well_known_ids.SUBJECT if own else f"account-{subject_id}", "subject", None, subject_id)


def whole(calendar: Calendar, today: date) -> Calendar:
    """Return *calendar* with plain weekdays for the years around *today* that have no table.

    A provisional deadline ends no right, so without these years no case of the demo could go on.
    """
    return replace(calendar, years=calendar.years | {today.year - 2, today.year - 1, today.year, today.year + 1})


def papers(*names: str) -> tuple[str, ...]:
    """Return references to documents, marked as synthetic."""
    return tuple(f"演示卷宗：{name}" for name in names)


def _due(counted: object) -> date:
    on: date = counted.on  # type: ignore[attr-defined]  # every clock gives a Deadline
    return on


def _answer(finding: Finding) -> SourceAnswer:
    match finding:
        case Finding.GOVERNED:
            return SourceAnswer(Source.JOINT_MEASURES, finding, memorandum="演示联合奖惩合作备忘录")
        case Finding.UNKNOWN:
            return SourceAnswer(Source.JOINT_MEASURES, finding, reason=Unanswered.TOO_SLOW)
    return SourceAnswer(Source.JOINT_MEASURES, finding)


def each_of(known: Iterable[well_known_ids.Known]) -> tuple[UUID, ...]:
    """Return the subjects' ids."""
    return tuple(one.subject_id for one in known)
