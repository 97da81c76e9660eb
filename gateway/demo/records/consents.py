"""The demo's authorisations and delegations, each made by the real actions with past dates [5.1.6].

So each of them fits its template, has its events and leaves, and is possible. Messages are not stored: they would have
been sent long ago.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain
from random import Random
from typing import TypedDict
from uuid import UUID, uuid5

from consent.authorisation import Authorisation, Status
from consent.authorisations.actions import (
    contest_authorisation,
    grant_authorisation,
    narrow_authorisation,
    record_paper_authorisation,
    refuse_authorisation,
    request_authorisation,
    withdraw_authorisation,
)
from consent.deletions.actions import acknowledge_deletion
from consent.deletions.deletion_duty import DeletionOutcome, end_of, of_first_use
from consent.rules import Bounds, Paper
from consent.templates import Templates
from consent.vocabulary import FieldGroup, Purpose
from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import civil_date
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.core.values.dates import SHANGHAI
from credit.incentives.incentive import GrantingRules, shipped
from gateway.demo.district.district import ACTIVE, ASSOCIATION, LABOUR, MARKET
from gateway.demo.district.people import Person
from gateway.demo.records.delegations import delegations
from gateway.demo.seed import well_known_ids as ids
from gateway.demo.seed.in_memory_work import InMemoryUnitOfWork
from gateway.demo.seed.seeded_random import new_id, some_hours_before
from gateway.demo.seed.well_known_ids import CLIENT, MYSELF, PRINCIPAL, RATED

SHARE = 0.3
"""How many authorisations each subject has on average."""
WEIGHTS: Mapping[Status, int] = {
    Status.REQUESTED: 12,
    Status.LAPSED: 8,
    Status.REFUSED: 8,
    Status.LIVE: 36,
    Status.USED_UP: 10,
    Status.EXPIRED: 14,
    Status.CONTESTED: 3,
    Status.WITHDRAWN: 9,
}
DELETED_AFTER, DELETED_AT = timedelta(days=2), time(10)
OVER = frozenset({Status.LAPSED, Status.EXPIRED})
RECENT = frozenset({Status.REQUESTED, Status.LIVE, Status.USED_UP})
"""Statuses whose last day is still to come."""
ON_PAPER, NARROWED, FOR_ASSOCIATION = 0.15, 0.15, 0.12
"""The shares of consent on paper, of narrowed consent, and of requests by the association."""


@dataclass(frozen=True, slots=True)
class _AuthorisationPlan:
    """A planned authorisation: its subject, its recipient, and its status today."""

    subject_id: UUID
    status: Status
    recipient: str
    asked_by: str
    authorisation_id: UUID | None = None
    on_paper: bool = False
    narrowed: bool = False
    uses: int = 3

    @property
    def purpose(self) -> Purpose:
        """The purpose for which this recipient may ask."""
        return Purpose.CONSULTATION if self.recipient == ASSOCIATION else Purpose.CREDIT_CHECK

    @property
    def asker(self) -> Caller:
        """The caller who asks: a clerk, or the association."""
        role = "association" if self.recipient == ASSOCIATION else "clerk"
        return Caller(self.asked_by, role, self.recipient)


WISHES = (
    _AuthorisationPlan(MYSELF.subject_id, Status.LIVE, MARKET, ids.CLERK, ids.LIVE, uses=100),
    _AuthorisationPlan(MYSELF.subject_id, Status.REQUESTED, LABOUR, "lz-rsj-clerk-1", ids.AWAITED),
    _AuthorisationPlan(MYSELF.subject_id, Status.WITHDRAWN, "LZ-GJJ", "lz-gjj-clerk-2"),
    _AuthorisationPlan(PRINCIPAL.subject_id, Status.REQUESTED, LABOUR, "lz-rsj-clerk-1", ids.AWAITED_OF_PRINCIPAL),
    _AuthorisationPlan(CLIENT.subject_id, Status.LIVE, MARKET, ids.CLERK),
    _AuthorisationPlan(PRINCIPAL.subject_id, Status.LIVE, MARKET, ids.CLERK),
    *(_AuthorisationPlan(RATED.subject_id, Status.LIVE, ASSOCIATION, ids.ASSOCIATION) for _ in range(3)),
)


@dataclass(frozen=True, slots=True)
class Makers:
    """What making consent needs: seeded randomness for shapes, and the system's for salts."""

    chance: Random
    random: Callable[[int], bytes]
    templates: Templates
    now: datetime
    today: date
    calendar: Calendar
    granting: GrantingRules = field(default_factory=lambda: GrantingRules(shipped()))

    def context(self, actor: Caller, at: datetime, new_id: Callable[[], UUID]) -> ActionContext:
        """Return the action context of *actor* at an instant."""
        day, stays = civil_date(at), UnrectifiedPolicy.STAYS
        return ActionContext(actor, at, day, new_id, self.random, self.calendar, stays, self.granting)


async def consents(makers: Makers, subjects: Sequence[Person]) -> InMemoryUnitOfWork:
    """Make every authorisation and delegation."""
    work = InMemoryUnitOfWork(registrations={person.subject_id: person.registration for person in subjects})
    await delegations(work, makers.context, makers.chance, subjects, makers.now)
    for plan in chain(WISHES, _by_chance(makers.chance, subjects)):
        await _make(makers, work, plan)
    await _acknowledge(makers, work)
    return work


async def _acknowledge(makers: Makers, work: InMemoryUnitOfWork) -> None:
    """Let recipients acknowledge what they deleted: two days later, every second of those that had to."""
    for at, duty in enumerate(list(work.deletions.owed.values())):
        day = duty.since_on + DELETED_AFTER
        if at % 2 == 1 or day > makers.today:
            continue
        role = "association" if duty.recipient_code == ASSOCIATION else "clerk"
        officer = ids.ASSOCIATION if duty.recipient_code == ASSOCIATION else f"{duty.recipient_code.lower()}-clerk-2"
        at_ten = datetime.combine(day, DELETED_AT, SHANGHAI).astimezone(UTC)
        made = partial(uuid5, duty.duty_id, "acknowledged")
        context = makers.context(Caller(officer, role, duty.recipient_code), at_ten, made)
        await acknowledge_deletion(
            work, context, DeletionOutcome.DELETED, "演示删除记录", subject_id=duty.subject_id, duty_id=duty.duty_id
        )


def _by_chance(chance: Random, subjects: Sequence[Person]) -> Sequence[_AuthorisationPlan]:
    named = {plan.subject_id for plan in WISHES} | {known.subject_id for known in (*ids.CAST, *ids.TRADING, ids.WARD)}
    others = [person.subject_id for person in subjects if person.subject_id not in named]
    # Every status at least once, even with few subjects; the others are random.
    count = max(0, round(len(subjects) * SHARE) - len(WISHES) - len(WEIGHTS))
    drawn = chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()), k=count)
    return [_plan(chance, chance.choice(others), status) for status in (*WEIGHTS, *drawn)]


def _plan(chance: Random, subject_id: UUID, status: Status) -> _AuthorisationPlan:
    paper = status is Status.CONTESTED or (status in {Status.LIVE, Status.EXPIRED} and chance.random() < ON_PAPER)
    if chance.random() < FOR_ASSOCIATION and not paper:
        recipient, asked_by = ASSOCIATION, ids.ASSOCIATION
    else:
        recipient = chance.choices(ACTIVE, [one.weight for one in ACTIVE])[0].code
        asked_by = f"{recipient.lower()}-clerk-{chance.randint(2, 4)}"
    narrowed = status is Status.LIVE and recipient != ASSOCIATION and not paper and chance.random() < NARROWED
    uses = 1 if status is Status.USED_UP else chance.randint(2, 3)
    return _AuthorisationPlan(subject_id, status, recipient, asked_by, None, paper, narrowed, uses)


async def _make(makers: Makers, work: InMemoryUnitOfWork, plan: _AuthorisationPlan) -> None:
    """Make the planned authorisation: asked for on its day, answered on the next, and so on."""
    chance = makers.chance
    days = 180 if plan.authorisation_id is ids.LIVE else chance.randint(16, 30)
    earliest = days + 2 if plan.status in OVER else 1
    asked_at = some_hours_before(chance, makers.now, days=(earliest, 15 if plan.status in RECENT else 120))
    bounds = Bounds(expires_on=civil_date(asked_at) + timedelta(days=days), uses=plan.uses)
    made = _Ids(chance, plan.authorisation_id)
    asked = await _asked(makers, work, plan, bounds, made, asked_at)
    answer = _Answer(makers, work, asked, made, asked_at)
    match plan.status:
        case Status.REFUSED:
            await answer.refuse()
        case Status.CONTESTED:
            await answer.contest()
        case Status.LIVE | Status.EXPIRED | Status.USED_UP | Status.WITHDRAWN if not plan.on_paper:
            await answer.grant()
            if plan.narrowed:
                await answer.narrow()
            if plan.status is Status.WITHDRAWN:
                await answer.withdraw()
    answer.use(_times(chance, plan))


def _times(chance: Random, plan: _AuthorisationPlan) -> int:
    """Return how often the authorisation was used: there is an access entry for each use."""
    if plan.status is Status.USED_UP:
        return plan.uses
    if plan.status in {Status.LIVE, Status.EXPIRED, Status.WITHDRAWN}:
        return 0 if plan.asked_by == ids.ASSOCIATION else chance.randint(0, min(2, plan.uses - 1))
    return 0


class _Ids:
    """New ids, the first of which may be given."""

    def __init__(self, chance: Random, first: UUID | None) -> None:
        self._chance, self._first = chance, first

    def __call__(self) -> UUID:
        drawn = new_id(self._chance)
        given, self._first = self._first, None
        return given or drawn


async def _asked(
    makers: Makers, work: InMemoryUnitOfWork, plan: _AuthorisationPlan, bounds: Bounds, made: _Ids, asked_at: datetime
) -> Authorisation:
    context = makers.context(plan.asker, asked_at, made)
    if plan.on_paper:
        return await record_paper_authorisation(
            work,
            context,
            makers.templates,
            subject_id=plan.subject_id,
            purpose=plan.purpose,
            paper=Paper(f"演示档案 {makers.chance.randint(1, 9_999):04d} 号", civil_date(asked_at)),
            bounds=bounds,
        )
    return await request_authorisation(
        work, context, makers.templates, subject_id=plan.subject_id, purpose=plan.purpose, bounds=bounds
    )


class _Which(TypedDict):
    subject_id: UUID
    authorisation_id: UUID


class _Answer:
    """The subject's answers to a request, an hour or so apart."""

    def __init__(
        self, makers: Makers, work: InMemoryUnitOfWork, asked: Authorisation, made: _Ids, at: datetime
    ) -> None:
        self._makers, self._work, self._made, self._at = makers, work, made, at
        self._which = _Which(subject_id=asked.subject_id, authorisation_id=asked.authorisation_id)
        account = ids.SUBJECT if asked.subject_id == MYSELF.subject_id else f"account-{asked.subject_id}"
        self._by = Caller(account, "subject", subject=asked.subject_id)

    async def grant(self) -> None:
        await grant_authorisation(self._work, self._later(), self._makers.templates, **self._which)

    async def narrow(self) -> None:
        less = Bounds(groups=FieldGroup.RESTRAINT)
        await narrow_authorisation(self._work, self._later(), self._makers.templates, bounds=less, **self._which)

    async def refuse(self) -> None:
        await refuse_authorisation(self._work, self._later(), **self._which)

    async def withdraw(self) -> None:
        await withdraw_authorisation(self._work, self._later(), **self._which)

    async def contest(self) -> None:
        await contest_authorisation(self._work, self._later(), **self._which)

    def use(self, times: int) -> None:
        key = self._which["subject_id"], self._which["authorisation_id"]
        used = replace(self._work.authorised[key], uses_made=times)
        self._work.authorised[key] = used
        if times:
            duty = of_first_use(*key, used.recipient_code, used.expires_on)
            cause, since_on = end_of(used)
            self._work.deletions.owed[key] = replace(duty, cause=cause, since_on=since_on, counts_from_on=since_on)

    def _later(self) -> ActionContext:
        self._at = min(self._at + timedelta(minutes=self._makers.chance.randint(10, 90)), self._makers.now)
        return self._makers.context(self._by, self._at, self._made)
