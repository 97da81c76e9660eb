"""The gateway as a subgraph: `_entities` is `nodes` by another name, and `_service` shows what is printed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, is_object_type, parse

from queryplan.entities import Entity
from schema.core.fields import core
from schema.core.global_ids import encode
from schema.federation.roots import Federation
from schema.federation.subgraph_sdl import subgraph_sdl
from tests.schema.service import Reply, ServiceUnderTest, open_service, settings_for
from tests.shipped_schema import shipped_schema, shipped_types

SHOWN = """
  __typename
  ... on RestraintCase { number status department { id name } subject { id name } steps(first: 1) { nodes { id } } }
  ... on Subject { name identifier }
  ... on NaturalPerson { phone }
  ... on Department { code }
"""
NODES = f"query($ids: [ID!]!) @purpose(is: DETERMINATION) {{ found: nodes(ids: $ids) {{ {SHOWN} }} }}"
ENTITIES = f"query($representations: [_Any!]!) {{ found: _entities(representations: $representations) {{ {SHOWN} }} }}"
HANDLER, PURPOSE = "handler", "DETERMINATION"


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """What is planned is what `nodes` plans, whose statements are tested on both databases."""
    return migrated_sqlite


@pytest.fixture(scope="module")
async def subgraph(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service as production has it: a subgraph that does not show its schema."""
    async with open_service(settings_for(kek, shared_url, FEDERATION="on", INTROSPECTION="off")) as service:
        yield service


async def ask(subgraph: ServiceUnderTest, *representations: object, purpose: str | None = PURPOSE) -> Reply:
    return await subgraph.ask(ENTITIES, HANDLER, {"representations": list(representations)}, purpose=purpose)


def named(subgraph: ServiceUnderTest) -> list[dict[str, str]]:
    """Give representations as a router sends them: of cases, one of them unseen, of subjects, and of a code."""
    world = subgraph.world
    return [
        {"__typename": "RestraintCase", "id": world.case("in-force").gid},
        {"__typename": "Subject", "id": world.party("person-1").gid},
        {"__typename": "LegalPerson", "id": world.party("company-1").gid},
        {"__typename": "Department", "id": encode(Entity.DEPARTMENT, "LZ-SCJG")},
        {"__typename": "RestraintCase", "id": world.case("of the health sector").gid},
        {"__typename": "NaturalPerson", "canonicalId": world.party("person-1").gid},
    ]


@pytest.mark.parametrize("executor", [False, True], ids=["direct", "executor"])
async def test_entities_are_nodes_with_the_same_record(subgraph: ServiceUnderTest, *, executor: bool) -> None:
    """[5.1.6]"""
    representations = named(subgraph)
    ids = [one.get("id") or one["canonicalId"] for one in representations]
    subgraph.services.graphql_service.always_execute = executor
    try:
        for _ in range(2):  # then by the code that the second use makes
            expected, left = await subgraph.recorded(NODES, HANDLER, {"ids": ids})
            given = {"representations": representations}
            found, entries = await subgraph.recorded(ENTITIES, HANDLER, given, purpose=PURPOSE)
            assert found.body == expected.body
            assert [one is None for one in found.data["found"]] == [False, False, False, False, True, False]
            assert _shown(entries) == _shown(left)
    finally:
        subgraph.services.graphql_service.always_execute = False


def _shown(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return what entries say was shown, and of whom; the root has another name."""
    fields = [(str(one["subject_id"]), str(one["fields"]).replace("Query._entities", "Query.nodes")) for one in entries]
    return sorted(fields)


@pytest.mark.parametrize(
    ("case", "representation", "code"),
    [
        ("no object", "RestraintCase", "BAD_USER_INPUT"),
        ("no id", {"__typename": "RestraintCase"}, "BAD_USER_INPUT"),
        (
            "both ids",
            dict.fromkeys(("id", "canonicalId"), encode(Entity.SECTOR, "x")) | {"__typename": "Sector"},
            "BAD_USER_INPUT",
        ),
        ("no type", {"id": encode(Entity.DEPARTMENT, "LZ-SCJG")}, "BAD_USER_INPUT"),
        ("an id that is no text", {"__typename": "Department", "id": 7}, "BAD_USER_INPUT"),
        (
            "more than a key",
            {"__typename": "Department", "id": encode(Entity.SECTOR, "x"), "code": "x"},
            "BAD_USER_INPUT",
        ),
        ("the type of another id", {"__typename": "Department", "id": encode(Entity.SECTOR, "x")}, "BAD_USER_INPUT"),
        ("an id that we did not issue", {"__typename": "Department", "id": "zzzz"}, "BAD_ID"),
    ],
)
async def test_a_representation_of_another_form_is_refused(
    subgraph: ServiceUnderTest, case: str, representation: object, code: str
) -> None:
    refused = await ask(subgraph, representation)
    assert (refused.status, refused.codes) == (400, [code]), case


async def test_what_holds_for_lists_of_ids_holds_for_entities(subgraph: ServiceUnderTest) -> None:
    """[4.1] [5.1.6]"""
    one = named(subgraph)[0]
    assert (await ask(subgraph, one, purpose=None)).codes == ["PURPOSE_REQUIRED"]
    assert (await ask(subgraph, *[one] * 101)).codes == ["LIMIT_EXCEEDED"]
    at_the_window = await subgraph.ask(ENTITIES, "clerk", {"representations": [one]}, purpose="CREDIT_CHECK")
    assert at_the_window.codes == ["LIST_ON_CONSENT"]
    published = await subgraph.ask(ENTITIES, "anonymous", {"representations": [one]}, purpose="PUBLICITY")
    assert published.codes == ["BAD_ID"]


async def test_who_may_not_introspect_is_not_shown_the_schema_otherwise(subgraph: ServiceUnderTest) -> None:
    assert (await subgraph.ask("{ _service { sdl } }", HANDLER)).codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert [name for name in _roots(Federation.OPEN) if name.startswith("_")] == ["_entities", "_service"]


def test_without_the_setting_nothing_of_it_is_there() -> None:
    names = {*shipped_types().type_map, *_roots(Federation.OFF)}
    assert [name for name in names if name.startswith("_") and not name.startswith("__")] == []


def _roots(federation: Federation) -> list[str]:
    query = core(shipped_schema(federation)).query_type
    assert query is not None
    return list(query.fields)


def test_each_object_with_a_global_id_has_its_key_and_is_an_entity() -> None:
    sdl, types = subgraph_sdl(shipped_schema().as_str()), shipped_types()
    node, subject = types.type_map["Node"], types.type_map["Subject"]
    assert isinstance(node, GraphQLInterfaceType)
    objects = {each.name for each in types.get_implementations(node).objects}
    keyed = set(
        re.findall(
            r'^(?:type|interface) (\w+) implements [^@{]*@key\(fields: "id"\) @key\(fields: "canonicalId"\) \{',
            sdl,
            re.MULTILINE,
        )
    )
    assert keyed == {*objects, subject.name}
    entity = core(shipped_schema(Federation.CLOSED)).type_map["_Entity"]
    assert {each.name for each in entity.types} == objects  # type: ignore[attr-defined]
    assert all(is_object_type(types.type_map[name]) for name in objects)


def test_no_directive_is_printed_that_the_gateway_does_not_enforce() -> None:
    """A router that believes `@policy` or `@requiresScopes` would think that it decides who sees what."""
    sdl = subgraph_sdl(shipped_schema().as_str())
    (head, *_) = parse(sdl, no_location=True).definitions
    imported = re.search(r"import: \[(.*?)\]", sdl)
    assert head.kind == "schema_extension"
    assert imported is not None
    assert imported[1] == '"@key", "@shareable", "@cost", "@listSize"'
