"""The same at the same time: exactly one wins, the others are refused by name, and a key sent again does nothing twice.

On both databases; on PostgreSQL the requests really meet.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage.database.database import parse_url
from storage.tables import metadata
from tests.builders import ACTORS, live_authorisation
from tests.schema.fuzz.load import fired, gunner_for, input_of, mutations_of, stock
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.world_snapshots import Snapshot, restore, take_snapshot

pytestmark = pytest.mark.slow

AT_ONCE = 6
COUNTS = text(
    " UNION ALL ".join(f"SELECT '{table.name}', count(*) FROM {table.name}" for table in metadata.tables.values())
)
"""How many rows each table has."""
READ_BACK = {"access_contexts", "access_grounds", "disclosures", "pending_entries", "unindexed_disclosures"}
"""What the read-back of an answer leaves: an access record with what it refers to, and its entry of the ledger."""


class Race(NamedTuple):
    """What several do at once: by whom, for what, to which."""

    name: str
    who: str
    purpose: str
    mutation: str
    given: Mapping[str, Any]


RACES = (
    Race("referred", "handler", "DETERMINATION", "referCase", {"case": "case in-force", "evidence": ["移送-1"]}),
    Race("handed over", "head", "DETERMINATION", "handOverCase", {"case": "case in-force", "handler": "handler-9"}),
    Race("rectified", "handler", "DETERMINATION", "confirmRectification",
         {"case": "case in-force", "evidence": ["整改-1"]}),
    Race("marked", "head", "DETERMINATION", "markConfidential", {"case": "case in-force", "evidence": ["定密-1"]}),
    Race("claimed", "person-1", "SELF_ACCESS", "claimRectification", {"case": "case in-force", "evidence": ["整改-2"]}),
    Race("dropped", "other handler", "DETERMINATION", "dropCase", {"case": "case unpublished", "evidence": ["撤-1"]}),
    Race("removed", "handler", "DETERMINATION", "removeCase", {"correction": "correction", "evidence": ["撤销-1"]}),
    Race("answered", "reviewer", "REVIEW", "answerObjection",
         {"objection": "objection", "answer": "CORRECT", "items": ["BASIS"], "reasons": "理由",
          "evidence": ["复核-1"]}),
    Race("accepted", "clerk", "APPLICATION_HANDLING", "acceptApplication", {"application": "application of person-1"}),
    Race("withdrawn", "person-1", "SELF_ACCESS", "withdrawApplication", {"application": "application of person-1"}),
    Race("handed in", "other clerk", "APPLICATION_HANDLING", "handInDocument",
         {"application": "application at the other department", "document": "场地证明", "receipt": "收件-9"}),
    Race("collected", "handler", "DETERMINATION", "collectCase",
         {"subject": "company-2", "number": "赛-1", "circumstance": "OTHER", "channel": "FACT_FINDING", "basis": "依据",
          "facts": "事实", "evidence": ["采集-1"], "occurredOn": "2026-11-18"}),
    Race("filed", "clerk", "APPLICATION_HANDLING", "fileApplication",
         {"subject": "company-1", "matter": "SCJG-01", "number": "赛办-1"}),
    Race("objected", "company-1", "SELF_ACCESS", "raiseObjection",
         {"record": "company-1", "text": "不服", "evidence": []}),
    Race("granted", "person-2", "SELF_ACCESS", "grantAuthorisation", {"authorisation": "authorisation requested"}),
    Race("taken back", "company-1", "SELF_ACCESS", "withdrawAuthorisation", {"authorisation": "authorisation live"}),
    Race("stated", "person-1", "SELF_ACCESS", "stateDefence", {"case": "case unpublished", "text": "申辩"}),
)  # fmt: skip


class Stocked(NamedTuple):
    """A service in which the objection and the correction of the races are on record, and ids by the races' names."""

    service: ServiceUnderTest
    names: Mapping[str, str]


STOCKED: dict[tuple[str, Path], tuple[Snapshot, Mapping[str, str]]] = {}
"""By kind of database and key file: what is on record before a race."""


@pytest.fixture
async def stocked(database_url: str, kek: Path) -> AsyncIterator[Stocked]:
    """Give such a service for one race."""
    settings, key = settings_for(kek, database_url), (parse_url(database_url).drivername, kek)
    if key in STOCKED:
        await restore(database_url, STOCKED[key][0])
    else:
        async with open_service(settings) as service:
            names = await known(service)
        STOCKED[key] = await take_snapshot(database_url, service.world), names
    snapshot, names = STOCKED[key]
    async with open_service(settings, world=snapshot.world) as service:
        yield Stocked(service, names)


async def known(service: ServiceUnderTest) -> dict[str, str]:
    """Give the ids by the names that the races speak of; objection and correction are made, and given to somebody."""
    gunner = gunner_for(service, 1)
    await stock(service, gunner)
    world = service.world
    found = {f"case {name}": case.gid for name, case in world.cases.items()}
    found |= {name: party.gid for name, party in world.parties.items()}
    found |= {name: held.gid for name, held in world.held.items()}
    found["SCJG-01"] = encode(Entity.MATTER, "SCJG-01")
    by_entity = {entity.name: ids for entity, ids in gunner.known.items()}
    found["objection"] = by_entity["OBJECTION"][0]
    report = {"case": found["case in-force"], "remedy": "REMOVE", "cause": "WRONG", "items": [], "evidence": ["查-1"]}
    made = await act(service, Race("", "handler", "DETERMINATION", "reportError", {}), report)
    found["correction"] = made["correction"]["id"]
    assign = {"objection": found["objection"], "reviewer": "reviewer-1"}
    await act(service, Race("", "head", "DETERMINATION", "assignObjection", {}), assign)
    return found


async def act(service: ServiceUnderTest, race: Race, given: Mapping[str, Any]) -> dict[str, Any]:
    query = fired(race.mutation, mutations_of(service)[race.mutation])
    reply = await service.ask(query, race.who, {"i": given}, purpose=race.purpose)
    assert service.failures == [], race.name
    assert reply.data is not None, (race.name, reply.json)
    found = reply.data[race.mutation]
    assert isinstance(found, dict), (race.name, reply.json)
    return found


async def rows(service: ServiceUnderTest) -> dict[str, int]:
    return dict(await service.services.database.fetch(COUNTS))


@pytest.mark.sampled
@pytest.mark.parametrize("race", RACES[:-1], ids=lambda race: race.name)
async def test_one_wins_and_the_others_are_refused_by_name(stocked: Stocked, race: Race) -> None:
    service, names = stocked
    given = {name: names.get(value, value) if isinstance(value, str) else value for name, value in race.given.items()}
    came = await asyncio.gather(*(act(service, race, given) for _ in range(AT_ONCE)))
    won = [one for one in came if "code" not in one]
    assert len(won) == 1, came
    assert all(one["code"] and one["message"] for one in came if one not in won)


@pytest.mark.sampled
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
async def test_a_key_sent_again_does_nothing_twice(stocked: Stocked, race: Race) -> None:
    service, names = stocked
    given = {name: names.get(value, value) if isinstance(value, str) else value for name, value in race.given.items()}
    given["idempotencyKey"] = f"key-{race.mutation}"
    came = await asyncio.gather(*(act(service, race, given) for _ in range(AT_ONCE)))
    won = came[:1]
    assert "code" not in won[0], came
    assert all(one == won[0] for one in came), came
    before = await rows(service)
    assert await act(service, race, given) == won[0]
    after = await rows(service)
    more = {name: after[name] - before[name] for name in before if before[name] != after[name]}
    assert more.keys() <= READ_BACK, more
    assert len(set(more.values())) <= 1, more
    changed = given | {"expectedVersion": 77} if "expectedVersion" in fields_of(service, race) else None
    if changed is not None:
        assert (await act(service, race, changed))["__typename"] == "Collision"


def fields_of(service: ServiceUnderTest, race: Race) -> set[str]:
    return set(input_of(mutations_of(service)[race.mutation]).fields)


async def test_ten_checks_share_three_uses(service: ServiceUnderTest) -> None:
    """[4.1] [5.1.6] an authorisation opens as often as it says, whoever asks at the same time."""
    await live_authorisation(service.services.database, service.world, service.world.party("person-1"))
    race = Race("checked", "clerk", "CREDIT_CHECK", "checkCredit", {})
    given = {"application": service.world.application("of person-1").gid}
    before = await rows(service)
    came = await asyncio.gather(*(act(service, race, given) for _ in range(10)))
    kinds = sorted(one["__typename"] for one in came)
    assert kinds == ["CreditChecked"] * 3 + ["OrdinaryChannel"] * 7
    after = await rows(service)
    assert after["credit_checks"] - before["credit_checks"] == 3


async def test_ten_consultations_share_three_uses(service: ServiceUnderTest) -> None:
    party = service.world.party("person-1")
    await live_authorisation(service.services.database, service.world, party, by=ACTORS["association"])
    query = """mutation($i: ConsultInput!) @purpose(is: CONSULTATION) { consult(input: $i) { __typename
      ... on ConsultationAnswered { lines { reply } } ... on Refusal { code } } }"""
    given = {"kind": "AWARD", "occasion": "评优-1", "names": [{"subject": party.gid}]}
    replies = await asyncio.gather(*(service.ask(query, "association", {"i": given}) for _ in range(10)))
    assert service.failures == []
    came = sorted(str(reply.data["consult"]["lines"]) for reply in replies)
    assert came == sorted(["[{'reply': 'RESTRAINED'}]"] * 3 + ["[{'reply': 'NO_AUTHORISATION'}]"] * 7), came
