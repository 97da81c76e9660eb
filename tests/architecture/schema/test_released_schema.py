"""Nothing that a client uses goes without a deprecation first: the schema is compared with the released one.

`schema/released.graphql` is the schema of the last release; `make schema-released` writes it anew when one is made.
What is deprecated there may go: a field, an argument, an input field, an enum value, and types that only such fields
lead to.
"""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    REMOVE,
    BreakingChange,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    Visitor,
    build_ast_schema,
    build_schema,
    find_breaking_changes,
    parse,
    visit,
)

from tests.shipped_schema import shipped_schema

RELEASED = Path(__file__).parents[3] / "schema" / "released.graphql"


class _WithoutDeprecated(Visitor):
    """Removes what is deprecated."""

    def enter(self, node: Node, *_: object) -> object:
        directives = getattr(node, "directives", None) or ()
        return REMOVE if any(each.name.value == "deprecated" for each in directives) else None


def reachable(schema: GraphQLSchema) -> GraphQLSchema:
    """Return *schema* without types that no root leads to; one leads to whatever implements an interface."""
    types: list[GraphQLNamedType] = []
    while True:
        found = GraphQLSchema(schema.query_type, schema.mutation_type, directives=schema.directives, types=types)
        more = [each for each in _implementations(schema, found) if each.name not in found.type_map]
        if not more:
            return found
        types += more


def _implementations(schema: GraphQLSchema, found: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    for each in schema.type_map.values():
        if isinstance(each, GraphQLObjectType) and any(one.name in found.type_map for one in each.interfaces):
            yield each


def breaking(released: str, now: str) -> list[BreakingChange]:
    """Return what breaks clients of *released*, except for those that were told by a deprecation."""
    kept = build_ast_schema(visit(parse(released), _WithoutDeprecated()), assume_valid=True)
    return find_breaking_changes(reachable(kept), build_schema(now))


def test_what_clients_use_of_the_released_schema_is_still_there() -> None:
    now = shipped_schema().as_str()
    found = breaking(RELEASED.read_text(encoding="utf-8"), now)
    assert [change.description for change in found] == [], "deprecate it, and let it go in a later release"


OLD = """
  type Query { a(x: Int, y: Int @deprecated): T b: Old @deprecated(reason: "use a") node: Node }
  interface Node { id: ID } type T implements Node { id: ID e(i: I): E }
  type Old { c: Older } type Older { d: Int } input I { p: Int q: Int @deprecated } enum E { ONE TWO @deprecated }
"""


@pytest.mark.parametrize(
    ("case", "changed", "breaks"),
    [
        ("nothing", {}, []),
        ("a field is added", {"b: Old": "more: Int b: Old"}, []),
        ("a deprecated field goes, and its types", {'b: Old @deprecated(reason: "use a")': "", "type Old { c: Older } type Older { d: Int }": ""}, []),
        ("a deprecated argument", {", y: Int @deprecated": ""}, []),
        ("a deprecated input field", {"q: Int @deprecated": ""}, []),
        ("a deprecated value", {"TWO @deprecated": ""}, []),
        ("a field that is not deprecated", {"node: Node": "other: Node"}, ["Query.node"]),
        ("its argument", {"x: Int, ": ""}, ["Query.a(x:)"]),
        ("an argument that is needed from now on", {"x: Int": "x: Int!"}, ["Query.a(x:)"]),
        ("an input field", {"p: Int": ""}, ["I.p"]),
        ("a value", {"ONE": "OTHER"}, ["ONE"]),
        ("another type", {"id: ID e": "id: ID e(i: I): String f", "f(i: I): E": ""}, ["T.e"]),
        ("a type behind an interface", {"implements Node": ""}, ["T"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_breaking_change_is_named(case: str, changed: dict[str, str], breaks: list[str]) -> None:
    now = OLD
    for old, new in changed.items():
        assert old in now, case
        now = now.replace(old, new)
    found = breaking(OLD, now)
    assert len(found) == len(breaks), (case, found)
    assert all(name in change.description for name, change in zip(breaks, found, strict=True)), found
