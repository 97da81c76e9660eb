"""The caches of the GraphQL service never show one caller what was decided for another.

Plans are cached by document, operation, role, purpose and policy, and by the variables that they depend on. So every
test here asks the same text twice, in both orders, with one of these changed.
"""

# ruff: noqa: E501 - one row of a table is one line

import json
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from queryplan.entities import Entity
from schema.core.global_ids import encode
from schema.execution.preparation.documents import InvalidDocument, _text_key
from tests.databases import shared_on_sqlite
from tests.schema.service import Reply, ServiceUnderTest


@dataclass(frozen=True)
class Asking:
    who: str
    variables: dict[str, Any] = field(default_factory=dict)
    purpose: str | None = None
    operation_name: str | None = None


CASES = "{ restraintCases { nodes { number facts internalNotes subject { name identifier phone } } } }"
TOGGLED = """query($f: Boolean! = false, $n: Int = 20, $c: Circumstance) @purpose(is: DETERMINATION) {
  restraintCases(first: $n, circumstance: $c) { nodes { number facts @include(if: $f) evidence @skip(if: $f) } }
}"""
NODES = "query($i: [ID!]!) { nodes(ids: $i) { id __typename } }"
TWO = """
query Narrow @purpose(is: SUPERVISION) { restraintCases { nodes { number subject { name } } } }
query Wide @purpose(is: DETERMINATION) { restraintCases { nodes { number subject { name } } } }
"""
FILTERED = "query($n: String, $a: String) @purpose(is: DETERMINATION) { restraintCases(number: $n, first: 1, after: $a) { totalCount nodes { number } pageInfo { endCursor hasPreviousPage } } }"
SECTOR, PERSON_1 = encode(Entity.SECTOR, "market"), "{person-1}"

SAME_TEXT: tuple[tuple[str, str, tuple[Asking, ...]], ...] = (
    ("by three roles", CASES, (Asking("handler", purpose="DETERMINATION"), Asking("head", purpose="DETERMINATION"), Asking("other handler", purpose="DETERMINATION"))),
    ("for two purposes", CASES, (Asking("head", purpose="DETERMINATION"), Asking("head", purpose="SUPERVISION"))),
    ("by other people of one role", CASES, (Asking("person-1", purpose="SELF_ACCESS"), Asking("person-2", purpose="SELF_ACCESS"), Asking("club-1", purpose="SELF_ACCESS"))),
    ("under two operation names", TWO, (Asking("head", operation_name="Narrow"), Asking("head", operation_name="Wide"))),
    ("with a condition toggled", TOGGLED, (Asking("handler", {"f": True}), Asking("handler", {"f": False}), Asking("handler"))),
    ("with another page size", TOGGLED, (Asking("handler", {"n": 1}), Asking("handler", {"n": 2}), Asking("handler"))),
    ("with a filter, with another, and without", TOGGLED, (Asking("handler", {"c": "OTHER"}), Asking("handler", {"c": "FALSE_MATERIAL"}), Asking("handler", {"c": None}))),
    ("with ids of other kinds", NODES, (Asking("handler", {"i": [SECTOR]}, "DETERMINATION"), Asking("handler", {"i": [PERSON_1]}, "DETERMINATION"), Asking("handler", {"i": [PERSON_1, SECTOR]}, "DETERMINATION"), Asking("handler", {"i": []}, "DETERMINATION"))),
    ("with a filter's value there or not", FILTERED, (Asking("handler", {"n": "案-001"}), Asking("handler", {"n": None}), Asking("handler"))),
    ("with an order of variables changed", "query($a: Int = 1, $b: Int = 2) { a: sectors(first: $a) { nodes { code } } b: areas(first: $b) { nodes { code } } }", (Asking("clerk", {"a": 2, "b": 1}), Asking("clerk", {"a": 1, "b": 2}))),
    ("with True for one and 1 for the other", "query($a: Boolean = false, $b: Int = 0) { sectors(first: $b) { nodes { code } } areas @include(if: $a) { totalCount } }", (Asking("clerk", {"a": True, "b": 1}), Asking("clerk", {"a": True, "b": 0}), Asking("clerk", {"a": False, "b": 1}))),
)  # fmt: skip


async def ask(service: ServiceUnderTest, query: str, asking: Asking) -> Reply:
    def value(given: object) -> object:
        if isinstance(given, list):
            return [value(one) for one in given]
        return service.world.party(given[1:-1]).gid if isinstance(given, str) and given.startswith("{") else given

    variables = {name: value(given) for name, given in asking.variables.items()}
    return await service.ask(query, asking.who, variables, purpose=asking.purpose, operation_name=asking.operation_name)


def forget(service: ServiceUnderTest) -> None:
    """Clear the caches of plans and documents."""
    service.services.graphql_service._preparer.cache.clear()


@shared_on_sqlite
@pytest.mark.sampled
@pytest.mark.parametrize(("changed", "query", "askings"), SAME_TEXT, ids=[one[0] for one in SAME_TEXT])
async def test_the_same_text_gives_everybody_their_own_answer_in_any_order(
    shared_service: ServiceUnderTest, changed: str, query: str, askings: tuple[Asking, ...]
) -> None:
    del changed
    alone: list[bytes] = []
    for asking in askings:
        forget(shared_service)
        reply = await ask(shared_service, query, asking)
        assert reply.executed, reply.body
        alone.append(reply.body)
    for order in permutations(range(len(askings)), 2):
        forget(shared_service)
        for at in (*order, *order):
            assert (await ask(shared_service, query, askings[at])).body == alone[at]
    assert not shared_service.failures


async def test_these_answers_do_differ(shared_service: ServiceUnderTest) -> None:
    """Otherwise the test above would pass for a service that always gives the same answer."""
    for changed, query, askings in SAME_TEXT:
        if changed != "with a filter's value there or not":
            bodies = {json.dumps((await ask(shared_service, query, asking)).json["data"]) for asking in askings}
            assert len(bodies) > 1, changed


async def test_a_limit_holds_for_a_cached_plan(shared_service: ServiceUnderTest) -> None:
    few = await shared_service.ask(NODES, "clerk", {"i": [SECTOR]})
    many = await shared_service.ask(NODES, "clerk", {"i": [SECTOR] * 5_000})
    assert (few.status, many.status, many.codes) == (200, 400, ["LIMIT_EXCEEDED"])


async def test_ids_of_a_closed_kind_are_refused_though_the_plan_is_cached(shared_service: ServiceUnderTest) -> None:
    query = "query($i: [ID!]!) @purpose(is: FOCUSED_CHECK) { nodes(ids: $i) { id } }"
    assert (await shared_service.ask(query, "regulator", {"i": [SECTOR]})).status == 200
    closed = shared_service.world.application("of person-1").gid
    assert (await shared_service.ask(query, "regulator", {"i": [closed]})).codes == ["ROOT_REFUSED"]
    assert (await shared_service.ask(query, "regulator", {"i": [SECTOR, closed]})).codes == ["ROOT_REFUSED"]


async def test_what_is_not_there_and_what_is_hidden_take_the_same_statements(shared_service: ServiceUnderTest) -> None:
    query = """query($i: ID!) @purpose(is: FOCUSED_CHECK) {
      subject(id: $i) { name restraintCases { totalCount nodes { number } } } node(id: $i) { id }
    }"""
    hidden = await shared_service.counted(
        query, "regulator of wenshao", {"i": shared_service.world.party("person-2").gid}
    )
    absent = await shared_service.counted(query, "regulator of wenshao", {"i": encode(Entity.SUBJECT, UUID(int=9))})
    assert hidden == absent


async def test_a_document_that_is_refused_again_and_again_takes_no_more_memory(
    shared_service: ServiceUnderTest,
) -> None:
    """A cached exception that is raised again would keep a reference to every request that it was raised for."""
    query = "query($n: String!) { nothing(n: $n) }"
    for _ in range(20):
        assert (await shared_service.ask(query, "clerk", {"n": "x"})).status == 400
    cached = shared_service.services.graphql_service._preparer.cache.get(_text_key(query))
    assert isinstance(cached, InvalidDocument)
    depth, trace = 0, cached.__traceback__
    while trace is not None:
        depth, trace = depth + 1, trace.tb_next
    assert depth <= 1
