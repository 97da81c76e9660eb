"""The demo's applications [4]: those in which a breach happened, and all the others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from credit.applications.application import Facilitation, Outcome
from credit.calendar.deadlines import civil_date
from gateway.demo.district.district import ACTIVE, MARKET
from gateway.demo.district.matters import MATTERS_OF, DemoMatter
from gateway.demo.district.people import Person
from gateway.demo.records.cases import NEEDS_CHANNEL, DemoCase
from gateway.demo.seed.seeded_random import new_id, some_hours_before
from gateway.demo.seed.well_known_ids import (
    CAST,
    CLERK,
    FILED,
    FILED_BY_PRINCIPAL,
    MYSELF,
    PRINCIPAL,
    TRADING,
    UNASKED,
    Known,
)

EACH = 1.3
"""How many applications each subject has on average, besides those with a breach."""
OF_MYSELF = 3
LONGEST_AGO = 300
OUTCOMES = (Outcome.APPROVED,) * 22 + (Outcome.REFUSED,) * 2 + (Outcome.WITHDRAWN,)


@dataclass(frozen=True, slots=True)
class DemoApplication:
    """A row of `applications`, by the names of its columns."""

    subject_id: UUID
    application_id: UUID
    number: str
    matter_code: str
    department_code: str
    channel: str
    clerk_ref: str
    filed_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    outcome: str | None
    confidential: bool = False


def applications(
    chance: Random, subjects: Sequence[Person], cases: Sequence[DemoCase], now: datetime
) -> Iterator[DemoApplication]:
    """Yield all applications. A subject restrained today has the ordinary channel only [5.2.1]."""
    for case in cases:
        if case.application_id is not None:
            yield _of_case(chance, case, case.application_id)
    yield _filed(chance, now, UNASKED, FILED)
    yield _filed(chance, now, PRINCIPAL, FILED_BY_PRINCIPAL)
    # The stories alone grant facilitations to the cast.
    restrained = {case.subject.subject_id for case in cases if case.restrains}
    restrained |= {known.subject_id for known in (*CAST, *TRADING)}
    myself = [person for person in subjects if person.subject_id == MYSELF.subject_id] * OF_MYSELF
    drawn = (chance.choice(subjects) for _ in range(round(len(subjects) * EACH)))
    for running, person in enumerate((*myself, *drawn)):
        code = MARKET if running < OF_MYSELF else chance.choices(ACTIVE, [one.weight for one in ACTIVE])[0].code
        # One is confidential: no interface may ever show it [5.1.6].
        secret = running == OF_MYSELF
        yield _drawn(chance, person, MARKET if secret else code, restrained, now, confidential=secret)


def _filed(chance: Random, now: datetime, known: Known, application_id: UUID) -> DemoApplication:
    """Return an application that an example names: accepted, and waiting for a credit check."""
    filed_at = some_hours_before(chance, now, days=(1, 2))
    return DemoApplication(
        subject_id=known.subject_id,
        application_id=application_id,
        number=_number(filed_at, application_id),
        matter_code=MATTERS_OF[MARKET][0].code,
        department_code=MARKET,
        channel=Facilitation.ORDINARY.value,
        clerk_ref=CLERK,
        filed_at=filed_at,
        accepted_at=filed_at + timedelta(minutes=20),
        decided_at=None,
        outcome=None,
    )


def _of_case(chance: Random, case: DemoCase, application_id: UUID) -> DemoApplication:
    return DemoApplication(
        subject_id=case.subject.subject_id,
        application_id=application_id,
        number=_number(case.filed_at, application_id),
        matter_code=case.matter.code,
        department_code=case.department.code,
        channel=NEEDS_CHANNEL.get(case.circumstance, Facilitation.ORDINARY.value),
        clerk_ref=_clerk(chance, case.department.code),
        filed_at=case.filed_at,
        accepted_at=case.filed_at + timedelta(hours=2),
        decided_at=case.decided_at,
        outcome=Outcome.APPROVED.value,
        confidential=case.confidential,
    )


def _drawn(
    chance: Random, person: Person, department: str, restrained: Iterable[UUID], now: datetime, *, confidential: bool
) -> DemoApplication:
    matter = chance.choice(MATTERS_OF[department])
    filed_at = some_hours_before(chance, now, days=(0, LONGEST_AGO))
    accepted_at = filed_at + timedelta(minutes=chance.randint(5, 2_000))
    decided_at = accepted_at + timedelta(minutes=chance.randint(10, 25_000))
    decided = decided_at <= now
    application_id = new_id(chance)
    return DemoApplication(
        subject_id=person.subject_id,
        application_id=application_id,
        number=_number(filed_at, application_id),
        matter_code=matter.code,
        department_code=department,
        channel=_channel(chance, matter, is_restrained=person.subject_id in restrained),
        clerk_ref=_clerk(chance, department),
        filed_at=filed_at,
        accepted_at=accepted_at if accepted_at <= now else None,
        decided_at=decided_at if decided else None,
        outcome=chance.choice(OUTCOMES).value if decided else None,
        confidential=confidential,
    )


def _number(filed_at: datetime, application_id: UUID) -> str:
    """Return the window's own number. The numbers of known ids differ in their last digits only."""
    return f"{civil_date(filed_at):%Y%m%d}-{application_id.hex[-8:].upper()}"


def _channel(chance: Random, matter: DemoMatter, *, is_restrained: bool) -> str:
    ordinary = Facilitation.ORDINARY.value
    if is_restrained or not matter.channels:
        return ordinary
    return chance.choice((ordinary, ordinary, *matter.channels))


def _clerk(chance: Random, department: str) -> str:
    number = chance.randint(1, 4)
    return CLERK if department == MARKET and number == 1 else f"{department.lower()}-clerk-{number}"
