"""The direct path gives, byte for byte, what graphql-core's executor gives for the same rows."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from consent.vocabulary import Purpose
from schema.core.errors import BadId
from schema.core.fields import ReadBack, core, field_map
from schema.core.global_ids import decode, encode
from tests.builders import NOW
from tests.databases import shared_on_sqlite
from tests.schema.corpus import QUESTIONS, Asked, filled
from tests.schema.service import ServiceUnderTest, open_service, settings_for


@pytest.fixture(scope="module")
async def busy(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service with reads of yesterday, so that there is an access log to read."""
    clock = [NOW - timedelta(days=1)]
    async with open_service(settings_for(kek, shared_url), now=lambda: clock[0]) as service:
        for asked in QUESTIONS:
            if asked.who in {"handler", "regulator", "head"}:
                await service.ask(asked.query, asked.who, filled(asked, service.world))
        clock[0] = NOW
        yield service


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    assert len({asked.name for asked in QUESTIONS}) == len(QUESTIONS) >= 40


@pytest.mark.sampled
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.name)
async def test_generated_code_and_executor_give_the_same_bytes(busy: ServiceUnderTest, asked: Asked) -> None:
    """The first answer to a document is made by its nodes, those after it by generated code."""
    variables = filled(asked, busy.world)
    first = await busy.ask(asked.query, asked.who, variables)
    fast = await busy.ask(asked.query, asked.who, variables)
    busy.services.graphql_service.always_execute = True
    try:
        slow = await busy.ask(asked.query, asked.who, variables)
    finally:
        busy.services.graphql_service.always_execute = False
    assert not busy.failures
    assert fast.executed, fast.body
    assert fast.status == slow.status == 200
    assert first.body == fast.body == slow.body
    assert "INTERNAL" not in fast.codes
    assert ids_of_another_purpose(fast.json, asked.query) == []


def ids_of_another_purpose(answer: object, query: str) -> list[str]:
    """Give the ids in *answer* that do not carry the purpose that the document states."""
    stated = re.search(r"@purpose\(is: (\w+)\)", query)
    if isinstance(answer, dict):
        return [
            one for key, value in answer.items() if key != "canonicalId" for one in ids_of_another_purpose(value, query)
        ]
    if isinstance(answer, list):
        return [one for value in answer for one in ids_of_another_purpose(value, query)]
    if not isinstance(answer, str) or stated is None:
        return []
    try:
        named = decode(str.__str__(answer))
    except BadId:
        return []
    return [] if encode(named.entity, *named.keys, purpose=Purpose(stated[1])) == str.__str__(answer) else [answer]


@pytest.mark.sampled
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.name)
@shared_on_sqlite
@pytest.mark.slow
async def test_a_typename_at_the_root_changes_the_lane_and_not_the_answer(busy: ServiceUnderTest, asked: Asked) -> None:
    """What the fast lane does not know goes through the executor, with the same planned values."""
    variables = filled(asked, busy.world)
    fast = await busy.ask(asked.query, asked.who, variables)
    head, brace, rest = asked.query[asked.query.rindex("query") if "query" in asked.query else 0 :].partition("{")
    mixed = asked.query.replace(head + brace + rest, f"{head}{{ rootTypename: __typename {rest}")
    slow = await busy.ask(mixed, asked.who, variables)
    data = slow.data
    assert data.pop("rootTypename") == "Query"
    assert data == fast.data
    assert slow.errors == fast.errors


async def test_every_root_and_every_personal_field_is_in_the_corpus(busy: ServiceUnderTest) -> None:
    """A field that nobody asks for here is a field on which the two lanes were never compared."""
    schema = core(busy.services.schema)
    asked = {field for one in QUESTIONS for field in await explained(busy, one)}
    planned = {
        name
        for name, source in field_map(schema).items()
        if busy.services.policy.classes.get(name, "REFERENCE") not in {"REFERENCE", "SESSION"}
        and not isinstance(source, ReadBack)
        and not name.startswith("Mutation.")
    }
    assert planned - asked == set()


async def explained(service: ServiceUnderTest, asked: Asked) -> set[str]:
    """Give every field that the guard decides on for this question."""
    reply = await service.ask(
        "query($d: String!) { explainAccess(document: $d) { fields { field types } } }", asked.who, {"d": asked.query}
    )
    return {
        f"{typename}.{one['field'].partition('.')[2]}"
        for one in reply.data["explainAccess"]["fields"]
        for typename in one["types"]
    }
