"""The stage of the demo's stories: the house's own actions, taken on days gone by, in the seeding's transaction.

So every story is lawful, has its steps with their leaves, and has left word for whoever had to be told.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from consent.actions import Templates, grant_authorisation, request_authorisation
from consent.rules import Bounds
from consent.vocabulary import Purpose
from credit.applications import actions
from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import SHANGHAI
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.core.record_refs import ApplicationRef
from credit.credit_checks.actions import look, save_check
from credit.credit_checks.credit_check import Finding, Source, SourceAnswer, Unanswered
from credit.incentives.incentive import GrantingRules, shipped
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
"""Open to every facilitation."""
SOON = 2
"""How many days ahead a clock shows."""


@dataclass(slots=True)
class StoryRunner:
    """Where a story plays: the archive, chance, and the day from which it looks back."""

    work: SealingUnitOfWork
    chance: Random
    random: Callable[[int], bytes]
    now: datetime
    today: date
    calendar: Calendar
    templates: Templates
    reads: Reads
    people: Mapping[UUID, Person]
    office: NoticeIssuer | None = None
    granting: GrantingRules = field(default_factory=lambda: GrantingRules(shipped()))
    running: int = 0
    """How many applications the stories have filed."""

    def context(
        self, actor: Caller, day: date, hour: int = 10, minute: int = 0, *, first: UUID | None = None
    ) -> ActionContext:
        """Return what *actor* acts with on *day*, never after now. The first id that is drawn may be given."""
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
        day = self.today
        while working_days > 0:
            day -= timedelta(days=1)
            # A year without a table is counted by plain weekdays, as the law's own clocks are.
            working_days -= self.calendar.deadline(day - timedelta(days=1), 1).on == day
        return day

    def started(self, clock: Callable[[date, Calendar], object], due_in: int = SOON) -> date:
        """Return the last day of work on which *clock* began, if it is to end within *due_in* days from today."""
        latest = self.today + timedelta(days=due_in)
        return next(day for day in map(self.ago, range(1, 60)) if _due(clock(day, self.calendar)) <= latest)

    # --- what many stories begin with -----------------------------------------------------------------------------

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
        """Let the applicant authorise one check, and the clerk make it [4.1]."""
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
        await grant_authorisation(
            self.work,
            self.context(applicant, day, hour, 30),
            self.templates,
            subject_id=which.subject_id,
            authorisation_id=asked.authorisation_id,
        )
        at = self.context(CLERK, day, hour, 35)
        looked = await look(self.work, at, which)
        if looked is None:
            raise LookupError("an authorisation of the demo is not live")
        kind = self.people[which.subject_id].kind
        await self.work.checking.record(
            self.reads.of_check(which.subject_id, kind, at.now, looked.used.authorisation_id)
        )
        await save_check(self.work, at, which, looked, _answer(joint))

    def applicant(self, subject_id: UUID) -> Caller:
        """Return the subject itself, as it acts."""
        own = subject_id == well_known_ids.MYSELF.subject_id
        return Caller(well_known_ids.SUBJECT if own else f"account-{subject_id}", "subject", None, subject_id)


def whole(calendar: Calendar, today: date) -> Calendar:
    """Return *calendar* with plain weekdays for the years about *today* that it has no table of.

    Where a clock is provisional nobody's right ends: past such a year no case of the demo could have gone on.
    """
    return replace(calendar, years=calendar.years | {today.year - 2, today.year - 1, today.year, today.year + 1})


def papers(*names: str) -> tuple[str, ...]:
    """Return references to papers that say that they are made up."""
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
    """Return their ids."""
    return tuple(one.subject_id for one in known)
