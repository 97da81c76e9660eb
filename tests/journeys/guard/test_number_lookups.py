"""Somebody who tries numbers is stopped, seen, and told nothing: through every entrance [5.1.6] [5.2.3]."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from tests.builders import WENSHAO
from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_both
from tests.journeys.running_server import RunningServer, open_server
from tests.journeys.support.documents import CHECK, REGISTER
from tests.schema.service import settings_for

CONSULT = """
mutation Consult($input: ConsultInput!) @purpose(is: CONSULTATION) {
  consult(input: $input) { __typename ... on ConsultationAnswered { lines { reply } } ... on Refusal { code } }
}
"""
ASKED = {"kind": "AWARD", "occasion": "评优-2026-01"}
PERSON = {"kind": "NATURAL_PERSON", "name": "演示新登记", "area": encode(Entity.AREA, WENSHAO)}


def nobody(sequence: int) -> str:
    return id_number(born="19120404", sequence=f"{sequence:03}")


@pytest.fixture
async def limited(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    quotas = {
        "LOOKUPS_PER_ACTOR": "6/hour", "LOOKUPS_PER_DEPARTMENT": "7/hour", "LOOKUP_ALARM_LEAST": "5",
        "CONSULTATION_MOST_NAMES": "3", "CONSULTED_PER_ACTOR": "4/day", "CONSULTED_PER_DEPARTMENT": "5/day",
    }  # fmt: skip
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json", **quotas)) as server:
        yield server


async def entries(server: RunningServer) -> list[tuple[str, str]]:
    row = tables.number_lookups.c
    found = await server.database.fetch(select(row.entrance, row.outcome).order_by(row.entrance, row.outcome))
    return [(entrance, outcome) for entrance, outcome in found]


def figure(server: RunningServer, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(server.client.get("/metrics").text)
    samples = [one for family in families for one in family.samples]
    (found,) = [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]
    return found


@on_both
async def test_a_clerk_who_tries_numbers_is_refused_recorded_and_seen(limited: RunningServer) -> None:
    known = limited.world.party("person-2").number
    tried = [nobody(900 + at) for at in range(5)] + [known]
    answers = {limited.ask("clerk", CHECK, {"number": number}).unrecorded for number in tried}
    assert len(answers) == 1, "without consent, nobody and somebody are one answer"
    for number in (known, nobody(907)):
        refused = limited.ask("clerk", CHECK, {"number": number})
        assert (refused.status, refused.codes, "data" in refused.json) == (429, {"LOOKUP_QUOTA"}, False)
        until = limited.clock.at + timedelta(hours=1)
        assert refused.errors[0]["extensions"]["until"] == until.isoformat().replace("+00:00", "Z")
    body = {"query": CHECK, "variables": {"number": known}}
    assert limited.client.post("/graphql", json=body, headers=limited.bearer("clerk")).status_code == 429

    assert await entries(limited) == [("SEARCH", "MISS")] * 6
    assert figure(limited, "chengxin_lookups") == 6
    assert figure(limited, "chengxin_lookup_alarms", alarm="misses") == 1
    assert figure(limited, "chengxin_lookup_alarms", alarm="neighbours") == 1
    assert figure(limited, "chengxin_refusals_total", code="LOOKUP_QUOTA") == 3
    limited.clock.at += timedelta(hours=1)
    assert limited.ask("clerk", CHECK, {"number": known}).status == 200
    texts = [limited.lines.getvalue(), limited.client.get("/metrics").text]
    assert not any(number[:-4] in text for number in tried for text in texts)


async def test_a_consultation_counts_its_numbers_and_a_repeated_one_does_not(limited: RunningServer) -> None:
    known = limited.world.party("person-2").number
    names = [{"kind": "ID_NUMBER", "number": number} for number in (known, nobody(901), nobody(902))]
    given = {**ASKED, "statute": "《演示评优办法》第三条", "names": names, "idempotencyKey": "once"}
    first = limited.ask("head", CONSULT, {"input": given})
    assert [line["reply"] for line in first.data["consult"]["lines"]] == ["RESTRAINED"] + ["NOT_RESTRAINED"] * 2
    assert limited.ask("head", CONSULT, {"input": given}).data == first.data
    assert await entries(limited) == [("CONSULTATION", "HIT"), ("CONSULTATION", "MISS"), ("CONSULTATION", "MISS")]
    by_id = {**ASKED, "names": [{"subject": limited.world.party("person-1").gid}] * 3}
    assert limited.ask("head", CONSULT, {"input": by_id}).errors == [], "an id is no number that is tried"
    too_many = {**given, "names": names + names, "idempotencyKey": "many"}
    assert limited.ask("head", CONSULT, {"input": too_many}).data["consult"]["code"] == "TOO_MANY_NAMES"
    refused = limited.ask("head", CONSULT, {"input": {**given, "names": names[:2], "idempotencyKey": "more"}})
    assert (refused.codes, len(await entries(limited))) == ({"LOOKUP_QUOTA"}, 3)
    assert limited.ask("head", CONSULT, {"input": {**given, "names": names[:1], "idempotencyKey": "last"}}).errors == []


async def test_registering_is_counted_like_a_search(limited: RunningServer) -> None:
    """What one may read after it can tell who had a record."""
    party = limited.world.party("person-2")
    known = {**PERSON, "name": party.name, "number": party.number}
    for at, given in enumerate((known, {**PERSON, "number": nobody(903)})):
        for _ in range(2):
            done = limited.ask("clerk", REGISTER, {"input": {**given, "idempotencyKey": f"once-{at}"}})
            assert done.data["registerSubject"]["__typename"] == "SubjectRegistered"
    assert await entries(limited) == [("REGISTRATION", "MISS")] * 2
    for at in range(4):
        limited.ask("clerk", REGISTER, {"input": {**PERSON, "number": nobody(910 + at)}})
    refused = limited.ask("clerk", REGISTER, {"input": {**PERSON, "number": nobody(904)}})
    assert (refused.codes, len(await entries(limited))) == ({"LOOKUP_QUOTA"}, 6)
    broken = limited.ask("clerk", REGISTER, {"input": {**PERSON, "number": "1"}})
    assert broken.data["registerSubject"]["__typename"] == "NotWellFormed", "no number, so none is tried"
