"""A restraint case: its particulars, and the dated facts of its steps [5.1].

Fields are named after their columns: a fact `served` is stored in `served_on`. A field without a column has a default.
Sealed texts (facts, evidence, notes) are not here: the procedure decides by dates and actors. Evidence is a tuple of
references, never shown by `repr`.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID

from credit.calendar.deadlines import SHANGHAI, civil_date
from credit.cases.rules.grounds import Grounds
from credit.cases.rules.term import SIX_MONTHS, Term
from credit.cases.status import CaseDates, CaseStatus, Circumstance, CollectionChannel, UnrectifiedPolicy
from credit.core.labels import Labelled


class ReviewOutcome(Labelled):
    """What a review does with the case [5.1.4(4)].

    **Reading**: it may amend facts and basis, not the circumstance: of another one the subject has not been notified.
    Then the case is dropped and collected again.
    """

    UPHELD = "UPHELD", "维持", "5.1.4(4)"
    AMENDED = "AMENDED", "变更", "5.1.4(4)"
    DROPPED = "DROPPED", "撤销", "5.1.4(4)"


class Severity(Labelled):
    """Whether the breach is short of an administrative penalty, as every listing requires [5.1.2]."""

    SHORT_OF_PENALTY = "SHORT_OF_PENALTY", "尚不构成行政处罚", "5.1.2"
    PENALTY_REACHED = "PENALTY_REACHED", "已构成行政处罚", "5.1.2"


class ServiceMeans(Labelled):
    """How a notice reached its addressee; both ways are in writing [5.1.4(2)]."""

    ON_THE_SPOT = "ON_THE_SPOT", "现场告知", "5.1.4(2)"
    BY_POST = "BY_POST", "邮寄送达", "5.1.4(2)"


class RemovalCause(Labelled):
    """Why a restraint was removed before its end [5.1.4(6)]. A restraint that was wrong restarts no other period."""

    WRONG = "WRONG", "信息有误", "5.1.4(6)"
    CHANGED = "CHANGED", "信息变更", "5.1.4(6)"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something done on a day of Asia/Shanghai, with its actor (a reference, never a name) and its evidence.

    *department* is that of an officer; a subject has none. Facts from a table with dates only have no actor.
    """

    on: date
    by: str | None = None
    department: str | None = None
    evidence: tuple[str, ...] = field(default=(), repr=False)
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.at is not None and civil_date(self.at) != self.on:
            raise ValueError("the instant lies on another day")

    @property
    def instant(self) -> datetime:
        """When it happened, in UTC: noon of its day if only the day is known."""
        return self.at or datetime.combine(self.on, time(12), SHANGHAI).astimezone(UTC)


def fact_at(at: datetime, by: str | None = None, department: str | None = None, evidence: tuple[str, ...] = ()) -> Fact:
    """Return the fact of an instant, dated by the day of Asia/Shanghai."""
    return Fact(civil_date(at), by, department, evidence, at)


@dataclass(frozen=True, slots=True)
class HandOver:
    """A case given to another handler of the same department, who from then on counts as its collector."""

    fact: Fact
    from_ref: str
    to_ref: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the subject, with evidence, that the breach is rectified; the authority answers it [5.1.5]."""

    made: Fact
    answered: Fact | None = None


@dataclass(frozen=True, slots=True)
class Restart:
    """A new breach within the period: the period restarted *on* the day when that breach was published [5.1.5]."""

    by_case_id: UUID
    on: date


@dataclass(frozen=True, slots=True)
class FormerRecord:
    """What a record from before the cut-over date says of its case; it counts once the head has confirmed it [5.1.4].

    *on* is the day on which it was taken over.
    """

    on: date
    determined_on: date
    published_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class EntryDelay:
    """An act of the head: the access entries of the case open to its subject on a day, by a legal ground [5.1.6].

    The first act of a delay gives it its id; each extension has the same id and a later day.
    """

    delay_id: UUID
    opens_on: date
    citation: str
    ordered: Fact

    def runs(self, today: date) -> bool:
        """Return whether the entries are still closed on the day *today*: they open by the date alone."""
        return today < self.opens_on


@dataclass(frozen=True, slots=True)
class Case:
    """One case against one subject. An agent and its principal have a case each, if at all [3.2]."""

    subject_id: UUID
    case_id: UUID
    number: str
    department_code: str
    circumstance: Circumstance
    channel: CollectionChannel
    basis: str
    handler_ref: str
    collected: Fact
    application_id: UUID | None = None
    legal_document: str | None = None
    reviewer_ref: str | None = None
    version: int = 1
    occurred_on: date | None = None
    """When the breach was committed, if known."""
    grounds: Grounds | None = None
    agents_case_id: UUID | None = None
    """The case against the agent, where this one is against the principal [3.2]."""
    taken_over: FormerRecord | None = None
    """The former record of a case that was taken over from before the cut-over date."""
    confirmed: Fact | None = None
    """The confirmation of that record by the head of the determining authority."""
    handovers: tuple[HandOver, ...] = ()
    delays: tuple[EntryDelay, ...] = ()
    """The acts that delayed its access entries, in order."""
    verified: Fact | None = None
    noticed: Fact | None = None
    served: Fact | None = None
    means: ServiceMeans | None = None
    statements: tuple[Fact, ...] = ()
    reviewed: Fact | None = None
    outcome: ReviewOutcome | None = None
    determined: Fact | None = None
    term: Term = SIX_MONTHS
    published: Fact | None = None
    ends_on: date | None = None
    restarts: tuple[Restart, ...] = ()
    claims: tuple[Claim, ...] = ()
    rectified: Fact | None = None
    removed: Fact | None = None
    removal: RemovalCause | None = None
    dropped: Fact | None = None
    referred: Fact | None = None
    confidential: bool = False
    marked: Fact | None = None
    unmarked: Fact | None = None

    @property
    def stated(self) -> Fact | None:
        """The first statement: the review period is counted from it [5.1.4(4)]."""
        return self.statements[0] if self.statements else None

    @property
    def awaits_confirmation(self) -> bool:
        """Whether it is a former record that the head has not confirmed: it restrains nobody yet [5.1.4]."""
        return self.taken_over is not None and self.determined is None

    @property
    def breach_on(self) -> date:
        """The day of the breach if known, else the day it came to light: at the latest its determination."""
        known = self.collected.on if self.determined is None else min(self.collected.on, self.determined.on)
        return self.occurred_on or known

    @property
    def open_claim(self) -> Claim | None:
        """The claim of rectification that waits for an answer."""
        return self.claims[-1] if self.claims and self.claims[-1].answered is None else None

    @property
    def handled_by(self) -> frozenset[str]:
        """All staff who worked on the case before its review, and so cannot review it [5.1.4(4)]."""
        facts = (self.collected, self.verified, self.noticed, self.served)
        steps = {fact.by for fact in facts if fact is not None and fact.by is not None}
        return frozenset(steps | {self.handler_ref} | {handover.from_ref for handover in self.handovers})

    @property
    def dates(self) -> CaseDates:
        """The days of its facts."""
        return CaseDates(
            verified_at=instant(self.verified),
            noticed_on=day(self.noticed),
            served_on=day(self.served),
            stated_on=day(self.stated),
            reviewed_on=day(self.reviewed),
            determined_on=day(self.determined),
            published_on=day(self.published),
            ends_on=self.ends_on,
            rectified_on=day(self.rectified),
            removed_on=day(self.removed),
            dropped_on=day(self.dropped),
            referred_on=day(self.referred),
        )

    def status(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> CaseStatus:
        """Return the status on the day *today*, by its dates [5.1.4] [5.1.5]."""
        return self.dates.status(today, unrectified)

    def is_in_force(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> bool:
        """Return whether it is in force on the day *today*, by its dates [5.1.5]."""
        return self.dates.is_in_force(today, unrectified)

    def is_public(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> bool:
        """Return whether it is on the public list today: in force, and not confidential [5.1.5] [5.1.6]."""
        return not self.confidential and self.is_in_force(today, unrectified)

    def free_on(self, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> date | None:
        """Return the first day on which it no longer restrains, by its dates; None while no end is known [5.1.5]."""
        return self.dates.free_on(unrectified)


def day(fact: Fact | None) -> date | None:
    """Return the day of a fact that may not have happened."""
    return None if fact is None else fact.on


def instant(fact: Fact | None) -> datetime | None:
    """Return the instant of a fact that may not have happened."""
    return None if fact is None else fact.instant
