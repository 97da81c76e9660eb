"""Restraints: circumstances, channels, and the status that their dated facts give on a day [5.1].

A status is computed from dated facts and never stored. A fact counts from its own day on, so that each day, also a past
one, gets the answer that was true on it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from credit.calendar.deadlines import add_months, civil_date
from credit.core.errors import InconsistentFacts
from credit.core.labels import Labelled

MONTHS: Final = 6
"""The management period if no law says otherwise [5.1.5]."""


class Circumstance(Labelled):
    """The five circumstances in which a subject is listed, each short of an administrative penalty [5.1.2]."""

    IMPERSONATION = "IMPERSONATION", "冒用他人身份信息", "5.1.2a"
    FALSE_MATERIAL = "FALSE_MATERIAL", "隐瞒事实或提供虚假材料", "5.1.2b"
    DOCUMENTS_NOT_SUPPLIED = "DOCUMENTS_NOT_SUPPLIED", "容缺材料经催告仍未提交", "5.1.2c"
    COMMITMENT_NOT_MET = "COMMITMENT_NOT_MET", "实际情况达不到承诺内容", "5.1.2d"
    OTHER = "OTHER", "其他失信行为", "5.1.2e"


class CollectionChannel(Labelled):
    """How a breach came to light [5.1.3]; the annex adds that there may be others [A]."""

    FACT_FINDING = "FACT_FINDING", "事实调查", "5.1.3"
    PLATFORM_QUERY = "PLATFORM_QUERY", "平台查询", "5.1.3"
    SUPERVISION_PUSH = "SUPERVISION_PUSH", "审管互动平台推送", "5.1.3"
    PUBLIC_REPORT = "PUBLIC_REPORT", "群众举报核查", "5.1.3"
    OTHER = "OTHER", "其他", "A"


class CaseStatus(Labelled):
    """The status of a case, from collection to repair [5.1.3]-[5.1.5]."""

    COLLECTED = "COLLECTED", "已采集", "5.1.3"
    VERIFIED = "VERIFIED", "已核实", "5.1.4(1)"
    NOTICED = "NOTICED", "已告知", "5.1.4(2)"
    SERVED = "SERVED", "已送达", "5.1.4(2)"
    STATED = "STATED", "已陈述申辩", "5.1.4(3)"
    REVIEWED = "REVIEWED", "已复核", "5.1.4(4)"
    DETERMINED = "DETERMINED", "已认定", "5.1.4"
    PUBLISHED = "PUBLISHED", "管理期内", "5.1.5"
    SUSPENDED = "SUSPENDED", "复核期间中止", "5.1.4(3)"
    OVERDUE_FOR_RECTIFICATION = "OVERDUE_FOR_RECTIFICATION", "期满未整改", "5.1.5"
    CLAIM_UNANSWERED = "CLAIM_UNANSWERED", "期满待确认整改", "5.1.5"
    ENDED = "ENDED", "已期满修复", "5.1.5"
    REMOVED = "REMOVED", "已移除", "5.1.4(6)"
    DROPPED = "DROPPED", "不予认定", "5.1.4(4)"
    REFERRED = "REFERRED", "已转行政处罚程序", "5.1.2"


IN_FORCE: Final = frozenset({CaseStatus.PUBLISHED, CaseStatus.OVERDUE_FOR_RECTIFICATION})
"""The statuses that restrain: without incentives, on the list, a focused-check target [5.2]."""


class UnrectifiedPolicy(StrEnum):
    """What happens to a restraint whose breach is not rectified when its period ends: a reading of [5.1.5]."""

    STAYS = "stays"
    """It stays, overdue for rectification, until rectification is confirmed."""
    LAPSE = "lapse"
    """It ends with its period all the same."""


def period_end(published_on: date, months: int = MONTHS) -> date:
    """Return the last day in force: the corresponding day. The subject is free from the next day on [5.1.5]."""
    if months < 1:
        raise ValueError("a management period lasts at least a month")
    return add_months(published_on, months)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestraintDates:
    """The dates that decide whether a case restrains on a day. They are named after their columns."""

    published_on: date | None = None
    ends_on: date | None = None
    timely_claim_on: date | None = None
    """The last claim of rectification that was made by the last day of the period."""
    timely_claim_answered_on: date | None = None
    rectified_on: date | None = None
    removed_on: date | None = None
    dropped_on: date | None = None
    referred_on: date | None = None
    paused_on: date | None = None
    """The first day of its last pause: a review after the determination, or the days between its end and its return."""
    resumed_on: date | None = None
    """The first day after that pause; None while it lasts."""

    def is_paused(self, today: date) -> bool:
        """Return whether it rests on the day *today* [5.1.4(3)] [5.1.5]."""
        return _has_come(self.paused_on, today) and not _has_come(self.resumed_on, today)

    def is_in_force(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> bool:
        """Return whether the restraint is in force on the day *today* [5.1.5].

        It depends on dates alone: no job has to run for a restraint to end. Raises InconsistentFacts for a published
        restraint without an end.
        """
        if any(_has_come(ending, today) for ending in (self.removed_on, self.dropped_on, self.referred_on)):
            return False
        if not _has_come(self.published_on, today) or self.is_paused(today):
            return False
        if self.ends_on is None:
            raise InconsistentFacts
        stays = unrectified is UnrectifiedPolicy.STAYS and not _has_come(self.rectified_on, today)
        return today <= self.ends_on or (stays and not self._waits_for_answer(today))

    def free_on(self, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> date | None:
        """Return the first day on which the case no longer restrains, whatever ended it; None while no end is known.

        It is the day after the last one in force, or, if later, the day when rectification was confirmed [5.1.5].
        **Reading**: a claim made within the period and confirmed after it counts from the claim: the restraint ended
        with the period. While such a claim waits for its answer no end is known, because a refusal brings it back.
        """
        endings = [self.referred_on, self.dropped_on, self.removed_on]
        if self.is_repaired_unpublished:
            endings.append(self.rectified_on)
        if self.published_on is not None and self.ends_on is not None:
            after = self.ends_on + timedelta(days=1)
            if unrectified is not UnrectifiedPolicy.STAYS:
                endings.append(after)
            elif self.rectified_on is not None:
                in_time = self._waits_for_answer(self.rectified_on - timedelta(days=1))
                endings.append(after if in_time else max(after, self.rectified_on))
        return min((day for day in endings if day is not None), default=None)

    @property
    def is_repaired_unpublished(self) -> bool:
        """Whether it was repaired before its publication, and is not published any more: an end without a beginning."""
        return self.published_on is None and self.ends_on is not None

    def is_resting(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> bool:
        """Return whether the period is over, and the restraint waits on *today* for the answer to a claim made in it.

        **Reading**: it is not in force meanwhile, because the authority's delay is no fault of the subject [5.1.5].
        """
        over = _has_come(self.published_on, today) and self.ends_on is not None and self.ends_on < today
        ended = (self.rectified_on, self.removed_on, self.dropped_on, self.referred_on)
        if not over or unrectified is not UnrectifiedPolicy.STAYS or any(_has_come(each, today) for each in ended):
            return False
        return self._waits_for_answer(today)

    def _waits_for_answer(self, today: date) -> bool:
        return self.timely_claim_on is not None and not _has_come(self.timely_claim_answered_on, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDates(RestraintDates):
    """The dates that decide the status of a case. They are named after their columns."""

    verified_at: datetime | None = None
    noticed_on: date | None = None
    served_on: date | None = None
    stated_on: date | None = None
    reviewed_on: date | None = None
    determined_on: date | None = None
    reopened_on: date | None = None
    """The first day of the last pause for a review."""
    reopened_until: date | None = None
    """The day on which that review closed; None while it is open."""

    @property
    def review_from(self) -> date | None:
        """The day from which the period of the review is counted, as `Case.review_from`."""
        if self.stated_on is None or self.reopened_on is None:
            return self.stated_on
        return self.reopened_on if is_review(self.reopened_until, self.reviewed_on) else self.stated_on

    @property
    def publication_from(self) -> date | None:
        """The day from which the publication is due, as `Case.publication_from`."""
        if self.determined_on is None or self.reopened_on is None:
            return self.determined_on
        if self.reopened_until is None:
            return None if self.published_on is None else self.determined_on
        before = self.published_on is None or self.reopened_until <= self.published_on
        return max(self.determined_on, self.reopened_until) if before else self.determined_on

    def status(self, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> CaseStatus:
        """Return the status on the day *today* [5.1.4] [5.1.5].

        Ends come first: a referral for a penalty, then a dropped case, then a removal. After that the furthest step
        counts, even if earlier ones are not recorded: imported cases have no earlier steps.
        """
        for fact, ending in (
            (self.referred_on, CaseStatus.REFERRED),
            (self.dropped_on, CaseStatus.DROPPED),
            (self.removed_on, CaseStatus.REMOVED),
        ):
            if _has_come(fact, today):
                return ending
        if self.is_paused(today):
            has_ended = _has_come(self.free_on(unrectified), today)
            in_review = is_review(self.resumed_on, self.reviewed_on) and not has_ended
            return CaseStatus.SUSPENDED if in_review else CaseStatus.ENDED
        if self.is_repaired_unpublished and _has_come(self.rectified_on, today):
            return CaseStatus.ENDED
        if _has_come(self.published_on, today):
            return self._published_status(today, unrectified)
        for fact, step in (
            (self.determined_on, CaseStatus.DETERMINED),
            (self.reviewed_on, CaseStatus.REVIEWED),
            (self.stated_on, CaseStatus.STATED),
            (self.served_on, CaseStatus.SERVED),
            (self.noticed_on, CaseStatus.NOTICED),
            (None if self.verified_at is None else civil_date(self.verified_at), CaseStatus.VERIFIED),
        ):
            if _has_come(fact, today):
                return step
        return CaseStatus.COLLECTED

    def _published_status(self, today: date, unrectified: UnrectifiedPolicy) -> CaseStatus:
        if self.is_resting(today, unrectified):
            return CaseStatus.CLAIM_UNANSWERED
        if not self.is_in_force(today, unrectified):
            return CaseStatus.ENDED
        within = self.ends_on is not None and today <= self.ends_on
        return CaseStatus.PUBLISHED if within else CaseStatus.OVERDUE_FOR_RECTIFICATION


def is_review(resumed_on: date | None, reviewed_on: date | None) -> bool:
    """Return whether a pause is that of a review: it lasts, or the review ended it [5.1.4(3)].

    Any other is the time between the end of a period and its return [5.1.5].
    """
    return resumed_on is None or resumed_on == reviewed_on


def _has_come(fact: date | None, today: date) -> bool:
    """Return whether a dated fact has happened by the day *today*."""
    return fact is not None and fact <= today
