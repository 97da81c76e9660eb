"""A restraint case: its particulars, and the dated facts of its steps [5.1].

Fields are named after their columns: a fact `served` is stored in `served_on`. A field without a column has a default.
Sealed texts (facts, evidence, notes) are not here: the procedure decides by dates and actors. Evidence is a tuple of
references, never shown by `repr`.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from uuid import UUID

from credit.calendar.deadlines import civil_date
from credit.cases.publicity import LISTED_WHILE_IN_FORCE, Publicity, Repair
from credit.cases.rules.grounds import Grounds
from credit.cases.rules.term import SIX_MONTHS, Term
from credit.cases.status import CaseDates, CaseStatus, Circumstance, CollectionChannel, UnrectifiedPolicy, is_review
from credit.core.labels import Labelled
from credit.core.late_entries import LateEntry
from credit.core.operator_acts import account_of
from credit.core.values.dates import SHANGHAI


class ReviewOutcome(Labelled):
    """What a review does with the case [5.1.4(4)].

    **Reading**: it may amend facts and basis, not the circumstance: of another one the subject has not been notified.
    Then the case is dropped and collected again.
    """

    UPHELD = "UPHELD", "维持", "5.1.4(4)"
    AMENDED = "AMENDED", "变更", "5.1.4(4)"
    DROPPED = "DROPPED", "撤销", "5.1.4(4)"


class Severity(Labelled):
    """Whether the breach is short of an administrative penalty, as every listing requires [5.1.2].

    Circumstance e requires more: short of *discipline*, which is wider than a penalty [5.1.2e].
    """

    SHORT_OF_PENALTY = "SHORT_OF_PENALTY", "尚不构成行政处罚", "5.1.2"
    PENALTY_REACHED = "PENALTY_REACHED", "已构成行政处罚", "5.1.2"
    SHORT_OF_DISCIPLINE = "SHORT_OF_DISCIPLINE", "尚不构成惩戒", "5.1.2e"
    DISCIPLINE_REACHED = "DISCIPLINE_REACHED", "已构成行政处罚以外的惩戒", "5.1.2e"


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

    *on* is the day from which it counts. Where it was recorded late, *late* has its own day and the day of the record.
    *department* is that of an officer; a subject has none. Facts from a table with dates only have no actor.
    """

    on: date
    by: str | None = None
    department: str | None = None
    evidence: tuple[str, ...] = field(default=(), repr=False)
    at: datetime | None = None
    late: LateEntry | None = None

    def __post_init__(self) -> None:
        if self.at is not None and civil_date(self.at) != self.on:
            raise ValueError("the instant lies on another day")

    @property
    def own_day(self) -> date:
        """The day of the act itself, which documents state; clocks count from *on*."""
        return self.on if self.late is None else self.late.on

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
class Pause:
    """The days *on* to the day before *until* on which a determined case rests: it neither restrains nor is listed.

    It rests while a statement that arrived after the determination is reviewed [5.1.4(3)], until the review closes; and
    it rested between the end of its period and its return by a new breach of that period [5.1.5] (*is_return*).
    """

    on: date
    until: date | None = None
    is_return: bool = False

    def covers(self, today: date) -> bool:
        """Return whether it lasts on the day *today*."""
        return self.on <= today and (self.until is None or today < self.until)


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
    self_support: tuple[str, ...] = ()
    """References to the evidence that a subject of 16 or 17 lives on its own work [Civil Code 18]."""
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
    publicity: Publicity = LISTED_WHILE_IN_FORCE
    """Whether and how long it is listed, from its publication on: the rule of that day [5.1.5]."""
    restarts: tuple[Restart, ...] = ()
    pauses: tuple[Pause, ...] = ()
    claims: tuple[Claim, ...] = ()
    rectified: Fact | None = None
    removed: Fact | None = None
    removal: RemovalCause | None = None
    dropped: Fact | None = None
    referred: Fact | None = None
    confidential: bool = False
    marked_number: str | None = None
    """The case's number on paper while it is marked confidential: its *number* then tells nobody that it exists."""
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
    def period_from(self) -> date | None:
        """The day from which its period is counted; None before its publication [5.1.5]."""
        if self.published is None:
            return None
        determined_on = self.published.on if self.determined is None else self.determined.on
        return self.publicity.period_from(determined_on, self.published.on)

    @property
    def listed_until(self) -> date | None:
        """The last day on the public list, where it leaves the list before it ends [5.1.5]."""
        start = self.period_from
        return None if start is None else self.publicity.listed_until(start, start)

    @property
    def is_repaired_on_application(self) -> bool:
        """Whether its confirmed rectification has ended it for good, before the end of its period [5.1.5]."""
        return self.rectified is not None and self.publicity.repair is Repair.ON_APPLICATION

    @property
    def open_pause(self) -> Pause | None:
        """The pause that lasts until a review closes."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].until is None else None

    @property
    def last_review_pause(self) -> Pause | None:
        """The pause of the last review after the determination [5.1.4(3)]."""
        return next((each for each in reversed(self.pauses) if not each.is_return), None)

    @property
    def review_from(self) -> date | None:
        """The day from which the period of the review is counted: that of the first statement [5.1.4(4)].

        For a statement that reopened the case, it is the day on which it arrived [5.1.4(3)].
        """
        if self.stated is None:
            return None
        last = self.last_review_pause
        is_last_review = last is not None and is_review(last.until, day(self.reviewed))
        return last.on if last is not None and is_last_review else self.stated.on

    @property
    def publication_from(self) -> date | None:
        """The day from which the publication is due: that of the determination [5.1.4(5)].

        For a case that a late statement reopened before, it is the day on which its review closed; None while it lasts.
        """
        if self.determined is None or (self.published is None and self.open_pause is not None):
            return None
        closed = (each.until for each in self.pauses if each.until is not None)
        before = [each for each in closed if self.published is None or each <= self.published.on]
        return max([self.determined.on, *before])

    @property
    def timely_claim(self) -> Claim | None:
        """The last claim of rectification made by the last day of the period: the only one that can outlast it."""
        if self.ends_on is None:
            return None
        return next((claim for claim in reversed(self.claims) if claim.made.on <= self.ends_on), None)

    @property
    def handled_by(self) -> frozenset[str]:
        """All staff who worked on the case before its review, and so cannot review it [5.1.4(4)]."""
        facts = (self.collected, self.verified, self.noticed, self.served)
        steps = {account_of(fact.by) for fact in facts if fact is not None and fact.by is not None}
        return frozenset(steps | {self.handler_ref} | {handover.from_ref for handover in self.handovers})

    @property
    def dates(self) -> CaseDates:
        """The days of its facts, with its last pause."""
        return self._dates(self.pauses[-1] if self.pauses else None)

    def _dates(self, pause: Pause | None) -> CaseDates:
        in_time, review = self.timely_claim, self.last_review_pause
        return CaseDates(
            verified_at=instant(self.verified),
            noticed_on=day(self.noticed),
            served_on=day(self.served),
            stated_on=day(self.stated),
            reviewed_on=day(self.reviewed),
            determined_on=day(self.determined),
            published_on=day(self.published),
            ends_on=self.ends_on,
            timely_claim_on=None if in_time is None else in_time.made.on,
            timely_claim_answered_on=None if in_time is None else day(in_time.answered),
            rectified_on=day(self.rectified),
            removed_on=day(self.removed),
            dropped_on=day(self.dropped),
            referred_on=day(self.referred),
            paused_on=None if pause is None else pause.on,
            resumed_on=None if pause is None else pause.until,
            reopened_on=None if review is None else review.on,
            reopened_until=None if review is None else review.until,
        )

    def _dates_of(self, today: date) -> CaseDates:
        """Return the dates with the pause that decides the day *today*, and with the review that closed this pause."""
        pause = next((pause for pause in self.pauses if pause.covers(today)), None)
        dates = self._dates(pause)
        if pause is None or pause.until is None or pause.is_return:
            return dates
        return replace(dates, reviewed_on=pause.until)

    def status(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> CaseStatus:
        """Return the status on the day *today*, by its dates [5.1.4] [5.1.5]."""
        return self._dates_of(today).status(today, unrectified)

    def is_in_force(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> bool:
        """Return whether it is in force on the day *today*, by its dates [5.1.5]."""
        return self._dates_of(today).is_in_force(today, unrectified)

    def is_public(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> bool:
        """Return whether it is on the public list today: in force, listed, and not confidential [5.1.5] [5.1.6]."""
        if self.confidential or self.publicity.is_unlisted:
            return False
        is_listed = self.listed_until is None or today <= self.listed_until
        return is_listed and self.is_in_force(today, unrectified)

    def free_on(self, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> date | None:
        """Return the first day on which it no longer restrains, by its dates; None while no end is known [5.1.5]."""
        return self.dates.free_on(unrectified)


def day(fact: Fact | None) -> date | None:
    """Return the day of a fact that may not have happened."""
    return None if fact is None else fact.on


def own_day(fact: Fact | None) -> date | None:
    """Return the own day of a fact that may not have happened, as documents state it."""
    return None if fact is None else fact.own_day


def instant(fact: Fact | None) -> datetime | None:
    """Return the instant of a fact that may not have happened."""
    return None if fact is None else fact.instant
