"""The direct path gives, byte for byte, what graphql-core's executor gives for the same rows."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType
from orjson import dumps as json_of

from consent.vocabulary import Purpose
from schema.core.errors import BadId
from schema.core.fields import ReadBack, core, field_map
from schema.core.global_ids import decode, encode
from schema.core.ports import WithheldMode
from schema.core.semantic_non_null import SemanticNonNull
from schema.execution.planning.decisions import MOST_ERRORS
from tests.builders import NOW
from tests.databases import shared_on_sqlite
from tests.schema.corpus import QUESTIONS, Asked, filled
from tests.schema.service import Reply, ServiceUnderTest, open_service, settings_for
from tests.shipped_schema import shipped_types

NULL_ONLY_WITH_ERROR = {
    (name, key)
    for name, named in shipped_types().type_map.items()
    if isinstance(named, GraphQLObjectType)
    for key, field in named.fields.items()
    if "strawberry-definition" in field.extensions
    for directive in field.extensions["strawberry-definition"].directives
    if isinstance(directive, SemanticNonNull)
}


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
    quiet = await busy.ask(asked.query, asked.who, variables, withheld=WithheldMode.EXTENSIONS)
    busy.services.graphql_service.always_execute = True
    try:
        slow = await busy.ask(asked.query, asked.who, variables)
        quiet_and_slow = await busy.ask(asked.query, asked.who, variables, withheld=WithheldMode.EXTENSIONS)
    finally:
        busy.services.graphql_service.always_execute = False
    assert not busy.failures
    assert fast.executed, fast.body
    assert fast.status == slow.status == 200
    assert first.body == fast.body == slow.body
    assert "INTERNAL" not in fast.codes
    assert quiet.body == quiet_and_slow.body
    assert_the_same_is_withheld(fast, quiet)
    assert nulls_without_an_error(fast) == []
    assert ids_of_another_purpose(fast.json, asked.query) == []


def assert_the_same_is_withheld(loud: Reply, quiet: Reply) -> None:
    """Assert that both answers show and withhold the same, and that each error stands where something is null."""
    assert json_of(loud.data) == json_of(quiet.data)
    assert quiet.errors == []
    reported = {(*one["at"], one["reason"]) for one in quiet.json.get("extensions", {}).get("withheld", [])}
    assert {(*error["extensions"]["at"], error["extensions"]["reason"]) for error in loud.errors} <= reported
    for error in loud.errors:
        if "more" not in error["extensions"]:
            assert value_at(loud.data, error["path"]) is None
            assert [key for key in error["path"] if isinstance(key, str)] == error["extensions"]["at"]
    masked = {tuple(one) for one in loud.json.get("extensions", {}).get("masked", [])}
    for path, shown in objects_of(loud.data):
        for field, form in forms_of(shown):
            place = (*path, field)
            at = tuple(key for key in place if isinstance(key, str))
            if field in shown and len(loud.errors) < MOST_ERRORS:
                assert (form == "WITHHELD") == any(place == tuple(one["path"]) for one in loud.errors), place
                assert form != "WITHHELD" or shown[field] is None
                assert form != "MASKED" or at in masked


def nulls_without_an_error(reply: Reply) -> list[tuple[str | int, ...]]:
    """Give the places of what is null, and promised to be so only with an error."""
    reported = {tuple(error.get("path", ())) for error in reply.errors}
    return [
        (*path, key)
        for path, shown in objects_of(reply.data)
        for key, value in shown.items()
        if value is None and (shown.get("__typename"), key) in NULL_ONLY_WITH_ERROR and (*path, key) not in reported
    ]


def objects_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Give every object of an answer, with its path."""
    if isinstance(value, dict):
        yield path, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects_of(inner, (*path, key))


def forms_of(shown: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the form of each field, by its name, that an object tells."""
    reported = shown.get("disclosure", shown.get("forms", []))
    return [(one["field"], one["form"]) for one in reported if isinstance(one, dict) and "form" in one]


def value_at(value: Any, path: Sequence[str | int]) -> object:
    """Give the value at *path*; None where a link on the way is null."""
    for key in path:
        value = None if value is None else value[key]
    return value


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
    """A field that nobody asks for here is a field on which the two lanes were never compared.

    A subscription has one lane.
    """
    schema = core(busy.services.schema)
    asked = {field for one in QUESTIONS for field in await explained(busy, one)}
    planned = {
        name
        for name, source in field_map(schema).items()
        if busy.services.policy.classes.get(name, "REFERENCE") not in {"REFERENCE", "SESSION"}
        and not isinstance(source, ReadBack)
        and not name.startswith(("Mutation.", "Subscription."))
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
