"""The demo's recorded delegations: which accounts act for which subjects [5.1.6]."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from consent.delegation import Delegation
from credit.calendar.deadlines import civil_date
from gateway.demo.district.people import Person
from gateway.demo.seed.seeded_random import new_id, some_hours_before
from gateway.demo.seed.well_known_ids import AGENT, CLIENT, MYSELF, PRINCIPAL

OFTEN, ENDED = 0.02, 0.3


def delegations(chance: Random, subjects: Sequence[Person], now: datetime) -> Iterator[Delegation]:
    """Yield two live delegations for the persona `agent`, an ended one of MYSELF, and random ones."""
    drawn = [(person.subject_id, f"agent-{chance.randint(1, 20)}") for person in subjects if chance.random() < OFTEN]
    listed = [(PRINCIPAL.subject_id, AGENT), (CLIENT.subject_id, AGENT), (MYSELF.subject_id, "agent-7"), *drawn]
    for subject_id, delegate in listed:
        granted_at = some_hours_before(chance, now, days=(20, 90))
        is_ended = delegate != AGENT and (subject_id == MYSELF.subject_id or chance.random() < ENDED)
        yield Delegation(
            subject_id=subject_id,
            delegation_id=new_id(chance),
            delegate_ref=delegate,
            evidence=f"演示委托书 {chance.randint(1, 9_999):04d} 号",
            granted_at=granted_at,
            expires_on=civil_date(granted_at) + timedelta(days=365),
            withdrawn_at=granted_at + timedelta(days=10) if is_ended else None,
        )
