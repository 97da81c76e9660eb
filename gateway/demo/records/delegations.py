"""The demo's delegations: which accounts act for which subjects, recorded and ended by the real actions [5.1.6]."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from consent.delegation import EVERY_GROUP, EVERY_POWER, LONGEST_DAYS, DelegationKind, Power
from consent.delegation_actions import contest_guardianship, end_delegation, record_delegation
from consent.delegation_rules import Terms
from credit.calendar.deadlines import civil_date
from credit.core.context import ActionContext, Caller
from credit.subjects.subject import SubjectKind
from gateway.demo.district.district import MARKET
from gateway.demo.district.people import Person
from gateway.demo.seed import well_known_ids as ids
from gateway.demo.seed.in_memory_work import InMemoryUnitOfWork
from gateway.demo.seed.seeded_random import from_seed, new_id, some_hours_before
from gateway.demo.seed.well_known_ids import AGENT, CLIENT, MYSELF, PRINCIPAL, WARD

OFTEN, ENDED = 0.02, 0.3
ENDED_AFTER = timedelta(days=10)
GUARDED_SINCE, RECORDED, CONTESTED = timedelta(days=60), timedelta(days=20), timedelta(days=2)
"""How long ago WARD's guardianship began, was recorded, and was contested."""
FIRST_EVENT = 5_1_6
"""The seed of the ids of events: they are drawn apart, so that all else of the demo stays as it is."""
ContextOf = Callable[[Caller, datetime, Callable[[], UUID]], ActionContext]
WINDOW = Caller(ids.CLERK, "clerk", MARKET)


async def delegations(
    work: InMemoryUnitOfWork, context_of: ContextOf, chance: Random, subjects: Sequence[Person], now: datetime
) -> None:
    """Record two live delegations for the persona `agent`, two of MYSELF, one of them ended, and random ones.

    A clerk records them on paper: agents of persons, officers of organisations, the guardian of WARD, which WARD
    contests. MYSELF records one, to read only.
    """
    kinds = {person.subject_id: person.kind for person in subjects}
    drawn = [(person.subject_id, f"agent-{chance.randint(1, 20)}") for person in subjects if chance.random() < OFTEN]
    fixed = {PRINCIPAL.subject_id: AGENT, CLIENT.subject_id: AGENT, MYSELF.subject_id: "agent-7"}
    planned = {*fixed, WARD.subject_id}
    listed = [*fixed.items(), *(each for each in drawn if each[0] not in planned)]
    events = partial(new_id, from_seed(FIRST_EVENT))
    for subject_id, delegate in listed:
        recorded_at = some_hours_before(chance, now, days=(20, 90))
        is_ended = delegate != AGENT and (subject_id == MYSELF.subject_id or chance.random() < ENDED)
        delegation_id = new_id(chance)
        terms = _terms(subject_id, delegate, kinds[subject_id], chance.randint(1, 9_999), civil_date(recorded_at))
        # The first id is that of the delegation; the others are those of its event and its message.
        waiting = [delegation_id]

        def made(waiting: list[UUID] = waiting) -> UUID:
            return waiting.pop() if waiting else events()

        await record_delegation(work, context_of(WINDOW, recorded_at, made), LONGEST_DAYS, terms)
        if is_ended:
            account = ids.SUBJECT if subject_id == MYSELF.subject_id else f"account-{subject_id}"
            itself = Caller(account, "subject", subject=subject_id)
            later = context_of(itself, min(recorded_at + ENDED_AFTER, now), events)
            await end_delegation(work, later, subject_id=subject_id, delegation_id=delegation_id)
    given = [ids.DEPUTY]
    myself = Caller(ids.SUBJECT, "subject", subject=MYSELF.subject_id)
    by_itself = context_of(myself, now, lambda: given.pop() if given else events())
    terms = _terms(MYSELF.subject_id, "agent-8", SubjectKind.NATURAL_PERSON, 1, civil_date(now))
    reading = replace(terms, powers=Power(0))
    await record_delegation(work, by_itself, LONGEST_DAYS, reading)
    await _contested_guardianship(work, context_of, events, now)


async def _contested_guardianship(
    work: InMemoryUnitOfWork, context_of: ContextOf, events: Callable[[], UUID], now: datetime
) -> None:
    """Record a guardian of the adult WARD on a court's judgment, and let WARD contest the record [Civil Code 24]."""
    terms = _terms(WARD.subject_id, "guardian-1", SubjectKind.NATURAL_PERSON, 1, civil_date(now))
    first_day, judgment = civil_date(now - GUARDED_SINCE), "演示民特判决书 0001 号"
    guardian = replace(terms, kind=DelegationKind.GUARDIAN, evidence=(judgment,), starts_on=first_day)
    given = [ids.GUARDIANSHIP]
    recorded = context_of(WINDOW, now - RECORDED, lambda: given.pop() if given else events())
    await record_delegation(work, recorded, LONGEST_DAYS, guardian)
    itself = Caller(f"account-{WARD.subject_id}", "subject", subject=WARD.subject_id)
    contested = context_of(itself, now - CONTESTED, events)
    await contest_guardianship(work, contested, subject_id=WARD.subject_id, delegation_id=ids.GUARDIANSHIP)


def _terms(subject_id: UUID, delegate: str, kind: SubjectKind, number: int, today: date) -> Terms:
    is_person = kind in {SubjectKind.NATURAL_PERSON, SubjectKind.SOLE_TRADER}
    return Terms(
        subject_id=subject_id,
        kind=DelegationKind.AGENT if is_person else DelegationKind.OFFICER,
        delegate_ref=delegate,
        groups=EVERY_GROUP,
        powers=EVERY_POWER,
        evidence=(f"演示委托书 {number:04d} 号",),
        expires_on=today + timedelta(days=365),
    )
