"""Odd values, sent to every mutation and every list by every role: each is refused by name, and nothing breaks.

A record of another is answered like a missing record, for every mutation that the schema has, so that a new one is held
to it on the day it comes. More seeds by hand: GUNNER_SEEDS=1,2,3 GUNNER_ROUNDS=100 GUNNER_MOST=30.
"""

import os
from collections import Counter as Tally
from collections.abc import Iterator
from typing import Any

import pytest

from policy.actors import Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from tests.databases import on_sqlite
from tests.hypothesis_profiles import examples
from tests.schema.fuzz.load import (
    ASKERS,
    NAMED,
    OWNED_BY,
    Gunner,
    admitted,
    asking,
    fired,
    gunner_for,
    in_sight,
    in_sight_at_all,
    input_of,
    mutations_of,
    queries_of,
    stock,
)
from tests.schema.service import Reply, ServiceUnderTest

pytestmark = pytest.mark.slow

SEEDS = [int(one) for one in os.environ.get("GUNNER_SEEDS", "3").split(",")]
ROUNDS = int(os.environ.get("GUNNER_ROUNDS", str(examples(10, few=5))))
MOST = int(os.environ.get("GUNNER_MOST", str(examples(2, few=1))))
"""How many of those who may are tried, and how many ids with each."""
BY_ID_ALONE = {
    # Who consults from outside asks for consent by an id that was given.
    ("requestAuthorisation", "subject"): {Entity.SUBJECT},
    # What a subject may object to at any time, and no officer is shown: its letter names the read, or the check of an
    # application that is closed [5.1.4(6)] [5.1.6]. The own department's alone; see decision 27.
    ("enterObjection", "record"): {Entity.ACCESS_ENTRY, Entity.CREDIT_CHECK},
}  # fmt: skip
"""By mutation and argument: the records that an officer finds by the id alone."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_odd_value_breaks_a_mutation(service: ServiceUnderTest, seed: int) -> None:
    gunner = gunner_for(service, seed)
    await stock(service, gunner)
    came: Tally[str] = Tally()
    for mutation, definition in mutations_of(service).items():
        who_may = admitted(service, mutation)
        assert who_may, mutation
        for number in range(ROUNDS):
            if number % 5 == 0:
                who, purpose = gunner.chance.choice(who_may)
                gunner.within = await in_sight(service, gunner, who, purpose)
            given = gunner.filled(input_of(definition))
            reply = await service.ask(fired(mutation, definition), who, {"i": given}, purpose=purpose.value)
            assert_unbroken(service, reply, (mutation, who, purpose.value, cut(given)))
            gunner.learn(reply.data)
            found = (reply.data or {}).get(mutation)
            came.update([found["__typename"]] if found else reply.codes)
    # Otherwise every request would be refused before a rule is reached.
    assert {"NotFound", "NotWellFormed", "CaseChanged", "ApplicationChanged", "BAD_ID", "BAD_USER_INPUT"} <= came.keys()


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_odd_value_breaks_a_question(service: ServiceUnderTest, seed: int) -> None:
    gunner = gunner_for(service, seed)
    for name, definition in queries_of(service).items():
        for _ in range(ROUNDS):
            who = gunner.chance.choice(ASKERS)
            purposes = service.services.policy.purposes_of(service.world.actor(who).role)
            purpose = gunner.chance.choice(purposes).value if purposes else None
            query, given = asking(gunner, name, definition)
            reply = await service.ask(query, who, given, purpose=purpose)
            assert_unbroken(service, reply, (query, who, purpose, cut(given)))


def assert_unbroken(service: ServiceUnderTest, reply: Reply, shot: object) -> None:
    """Hold that an answer is one that was foreseen."""
    broken = [*service.failures, *(code for code in reply.codes if code == "INTERNAL")]
    assert broken == [], shot
    assert reply.status < 500, (shot, reply.body)


def cut(given: dict[str, object]) -> dict[str, str]:
    return {name: str(value)[:100] for name, value in given.items()}


@pytest.mark.sampled
@pytest.mark.parametrize("odd", [0.0, 0.2])
@pytest.mark.parametrize("seed", SEEDS)
@on_sqlite
async def test_what_is_not_theirs_is_answered_like_what_is_not_there(
    service: ServiceUnderTest, seed: int, odd: float
) -> None:
    """Not found and not allowed are one answer to who may not know: kind, code and message [5.1.6]."""
    gunner = gunner_for(service, seed)
    await stock(service, gunner)
    gunner.odd = odd
    compared = 0
    for mutation, definition in mutations_of(service).items():
        who_may = admitted(service, mutation)
        for who, purpose in gunner.chance.sample(who_may, min(len(who_may), MOST)):
            if service.world.actor(who).ref == "handler-2" and service.world.actor(who).role is Role.REVIEWER:
                continue  # who handled a case knows it, and is refused by name [5.1.4(4)]
            gunner.within = await in_sight(service, gunner, who, purpose)
            seen = await in_sight_at_all(service, gunner, who)
            for name, entity, gid in hidden(gunner, mutation, input_of(definition).fields, seen):
                given = gunner.filled(input_of(definition)) | {"idempotencyKey": None}
                *owner, _ = decode(gid).keys
                nothing = encode(entity, *owner, service.world.new_id())
                answers = [
                    answered(
                        await service.ask(
                            fired(mutation, definition), who, {"i": given | {name: one}}, purpose=purpose.value
                        ),
                        mutation,
                    )
                    for one in (gid, nothing)
                ]
                assert answers[0] == answers[1], (mutation, who, purpose.value, name, cut(given))
                compared += 1
    assert compared > 60 * MOST / 2
    assert service.failures == []


def hidden(
    gunner: Gunner, mutation: str, fields: Any, seen: dict[Entity, list[str]]
) -> Iterator[tuple[str, Entity, str]]:
    """Give arguments, and ids of what is on record and out of sight."""
    for name in fields:
        if not (name == "record" or NAMED.get(name) in OWNED_BY):
            continue
        for entity in [NAMED[name]] if name in NAMED else gunner.known:
            if entity in BY_ID_ALONE.get((mutation, name), set()):
                continue
            unseen = sorted(set(gunner.known.get(entity, ())) - set(seen.get(entity, ())))
            for gid in gunner.chance.sample(unseen, min(len(unseen), MOST)):
                yield name, entity, gid


def answered(reply: Reply, mutation: str) -> Any:
    found = (reply.data or {}).get(mutation)
    if isinstance(found, dict) and "code" not in found:
        return found["__typename"]  # what was made has an id of its own
    return found or [{**error, "path": None} for error in reply.errors]
