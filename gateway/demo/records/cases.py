"""The demo's restraint cases: in every state, sector and area, with texts without personal data."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import TypeVar
from uuid import UUID

from credit.calendar.calendar import Calendar
from credit.cases.status import IN_FORCE, CaseStatus, Circumstance, CollectionChannel
from gateway.demo.district.district import ACTIVE, MARKET, DemoDepartment
from gateway.demo.district.matters import MATTERS_OF, DemoMatter
from gateway.demo.district.people import Person
from gateway.demo.records.timelines import AGES, Timeline, timeline
from gateway.demo.seed.seeded_random import in_opening_hours, new_id
from gateway.demo.seed.well_known_ids import (
    ALL,
    CLIENT,
    ENDED_OF_MYSELF,
    HANDLER,
    IN_FORCE_OF_MYSELF,
    MYSELF,
    PRINCIPAL,
    REVIEWER,
    UNASKED,
)

SHARE = 0.35
"""How many cases each subject has on average: most subjects have none, some several."""
WEIGHTS: dict[CaseStatus, int] = {
    CaseStatus.COLLECTED: 4,
    CaseStatus.VERIFIED: 4,
    CaseStatus.NOTICED: 4,
    CaseStatus.SERVED: 5,
    CaseStatus.STATED: 4,
    CaseStatus.REVIEWED: 3,
    CaseStatus.DETERMINED: 3,
    CaseStatus.PUBLISHED: 38,
    CaseStatus.OVERDUE_FOR_RECTIFICATION: 8,
    CaseStatus.ENDED: 15,
    CaseStatus.REMOVED: 4,
    CaseStatus.DROPPED: 5,
    CaseStatus.REFERRED: 3,
}
CIRCUMSTANCES = (
    (Circumstance.IMPERSONATION, 8),
    (Circumstance.FALSE_MATERIAL, 28),
    (Circumstance.DOCUMENTS_NOT_SUPPLIED, 30),
    (Circumstance.COMMITMENT_NOT_MET, 24),
    (Circumstance.OTHER, 10),
)
CHANNELS = (
    (CollectionChannel.FACT_FINDING, 40),
    (CollectionChannel.PLATFORM_QUERY, 15),
    (CollectionChannel.SUPERVISION_PUSH, 30),
    (CollectionChannel.PUBLIC_REPORT, 15),
)
NEEDS_CHANNEL = {
    Circumstance.DOCUMENTS_NOT_SUPPLIED: "DEFERRED_DOCUMENTS",
    Circumstance.COMMITMENT_NOT_MET: "COMMITMENT",
}
"""Circumstances that need an application of that channel [5.1.2c] [5.1.2d]."""
BASIS = "临政管办发〔2022〕3号 五（一）2"
FACTS = {
    Circumstance.IMPERSONATION: "（演示）申请“{matter}”时，以他人名义提交了申请表。",
    Circumstance.FALSE_MATERIAL: "（演示）申请“{matter}”时，提交的场所证明经核实与实际不符。",
    Circumstance.DOCUMENTS_NOT_SUPPLIED: "（演示）“{matter}”按容缺方式受理，催告满三个工作日后仍缺两份材料。",
    Circumstance.COMMITMENT_NOT_MET: "（演示）“{matter}”按告知承诺方式办理，事后核查发现现场条件未达到承诺内容。",
    Circumstance.OTHER: "（演示）办理“{matter}”期间有其他失信行为，情节轻微。",
}
EVIDENCE = ("演示卷宗第{volume}册：申请材料", "演示卷宗第{volume}册：核查记录", "演示卷宗第{volume}册：送达回证")
Drawn = TypeVar("Drawn")
NOTES = "（演示）已与窗口核对受理记录，待科室讨论。"


@dataclass(frozen=True, slots=True)
class DemoCase:
    """A case of the demo, before its texts are sealed."""

    subject: Person
    case_id: UUID
    number: str
    department: DemoDepartment
    circumstance: Circumstance
    channel: CollectionChannel
    matter: DemoMatter
    handler_ref: str
    reviewer_ref: str | None
    status: CaseStatus
    facts: str
    evidence: str
    notes: str
    when: Timeline
    changed_at: datetime
    application_id: UUID | None
    filed_at: datetime
    decided_at: datetime
    confidential: bool

    @property
    def restrains(self) -> bool:
        """Whether the case is in force today."""
        return self.status in IN_FORCE


@dataclass(frozen=True, slots=True)
class _CasePlan:
    """The given facts of a case; the rest is random."""

    status: CaseStatus
    subject_id: UUID | None = None
    confidential: bool = False
    case_id: UUID | None = None
    age: tuple[int, int] | None = None
    """How many days ago it was collected, if that is not random."""


LONG_AGO = (430, 500)
"""So long ago that the period was over before the next breach [5.1.5]."""
WISHES = (
    _CasePlan(CaseStatus.PUBLISHED, MYSELF.subject_id, case_id=IN_FORCE_OF_MYSELF),
    _CasePlan(CaseStatus.ENDED, MYSELF.subject_id, case_id=ENDED_OF_MYSELF, age=LONG_AGO),
    _CasePlan(CaseStatus.SERVED, PRINCIPAL.subject_id),
    _CasePlan(CaseStatus.PUBLISHED, UNASKED.subject_id),
    _CasePlan(CaseStatus.PUBLISHED, CLIENT.subject_id),
    *(_CasePlan(status) for status in AGES),
    _CasePlan(CaseStatus.PUBLISHED, confidential=True),
    _CasePlan(CaseStatus.STATED, confidential=True),
    *(_CasePlan(CaseStatus.STATED) for _ in range(3)),
)
"""Cases for the personas, independent of the seed: all of the handler's and the reviewer's own department."""


class _Numbers:
    """Case numbers: consecutive, by department and year."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, int], count[int]] = {}

    def next(self, department: DemoDepartment, year: int) -> str:
        running = self._running.setdefault((department.code, year), count(1))
        return f"临{department.short}信认〔{year}〕{next(running):04d}号"


def cases(
    chance: Random, calendar: Calendar, subjects: Sequence[Person], now: datetime, today: date
) -> Iterator[DemoCase]:
    """Yield the cases: first those that the personas need, then random ones."""
    by_id = {person.subject_id: person for person in subjects}
    numbers = _Numbers()
    spared = {known.subject_id for known in ALL}
    others = [person for person in subjects if person.subject_id not in spared]
    for plan in WISHES:
        person = by_id[plan.subject_id] if plan.subject_id else chance.choice(others)
        yield _case(chance, calendar, numbers, person, _department(MARKET), plan, now, today, HANDLER, REVIEWER)
    for _ in range(max(0, round(len(subjects) * SHARE) - len(WISHES))):
        department = chance.choices(ACTIVE, [one.weight for one in ACTIVE])[0]
        plan = _CasePlan(chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0])
        handler, reviewer = _staff(chance, department)
        yield _case(chance, calendar, numbers, chance.choice(others), department, plan, now, today, handler, reviewer)


def _case(
    chance: Random,
    calendar: Calendar,
    numbers: _Numbers,
    person: Person,
    department: DemoDepartment,
    plan: _CasePlan,
    now: datetime,
    today: date,
    handler: str,
    reviewer: str,
) -> DemoCase:
    when = timeline(chance, calendar, plan.status, today, plan.age)
    circumstance = _drawn(chance, CIRCUMSTANCES)
    matter = _matter(chance, department, circumstance)
    if NEEDS_CHANNEL.get(circumstance, "") not in ("", *matter.channels):
        circumstance = Circumstance.FALSE_MATERIAL
    decided_at = when.collected_at - timedelta(days=chance.randint(5, 60))
    volume, drawn = chance.randint(1, 40), new_id(chance)
    return DemoCase(
        subject=person,
        case_id=plan.case_id or drawn,
        number=numbers.next(department, when.collected_at.year),
        department=department,
        circumstance=circumstance,
        channel=_drawn(chance, CHANNELS),
        matter=matter,
        handler_ref=handler,
        reviewer_ref=reviewer if when.stated_on else None,
        status=plan.status,
        facts=FACTS[circumstance].format(matter=matter.name_zh),
        evidence=json.dumps([text.format(volume=volume) for text in EVIDENCE], ensure_ascii=False),
        notes=NOTES,
        when=when,
        changed_at=min(in_opening_hours(chance, when.last_on), now),
        application_id=new_id(chance) if circumstance in NEEDS_CHANNEL or chance.random() < 0.6 else None,  # noqa: PLR2004 - most, not all, come from an application
        filed_at=decided_at - timedelta(days=chance.randint(2, 15)),
        decided_at=decided_at,
        confidential=plan.confidential,
    )


def _matter(chance: Random, department: DemoDepartment, circumstance: Circumstance) -> DemoMatter:
    channel = NEEDS_CHANNEL.get(circumstance)
    fitting = [one for one in MATTERS_OF[department.code] if channel is None or channel in one.channels]
    return chance.choice(fitting or MATTERS_OF[department.code])


def _department(code: str) -> DemoDepartment:
    return next(one for one in ACTIVE if one.code == code)


def _staff(chance: Random, department: DemoDepartment) -> tuple[str, str]:
    """Return a handler and a reviewer of the department: always two people [5.1.4(4)]."""
    lower = department.code.lower()
    if department.code == MARKET and chance.random() < 0.3:  # noqa: PLR2004 - a large part of the window's cases
        return HANDLER, REVIEWER
    return f"{lower}-handler-{chance.randint(1, 3)}", f"{lower}-reviewer-1"


def _drawn(chance: Random, words: Sequence[tuple[Drawn, int]]) -> Drawn:
    return chance.choices([word for word, _ in words], [weight for _, weight in words])[0]
