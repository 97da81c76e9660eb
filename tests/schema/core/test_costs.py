"""`@cost` and `@listSize` of the printed schema state what the service counts [IBM cost]."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
)
from graphql.utilities import value_from_ast_untyped

from tests.schema.corpus import QUESTIONS, Asked, filled
from tests.schema.service import ServiceUnderTest
from tests.shipped_schema import shipped_schema


class CostByDirectives:
    """The algorithm of the specification over the SDL alone. It knows nothing of the engine, and of its tables."""

    def __init__(self, schema: GraphQLSchema, document: str, variables: Mapping[str, Any]) -> None:
        self._schema, self._variables = schema, variables
        definitions = parse(document).definitions
        self._fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        (self._operation,) = (one for one in definitions if isinstance(one, OperationDefinitionNode))

    def cost(self) -> int:
        root = self._schema.get_root_type(self._operation.operation)
        assert root is not None
        return self._selection(root, [self._operation.selection_set], {})

    def _fields(self, of: GraphQLObjectType, sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        for each in (node for one in sets for node in one.selections if self._is_included(node)):
            if isinstance(each, FieldNode):
                found.setdefault((each.alias or each.name).value, []).append(each)
                continue
            inner = self._fragments[each.name.value] if isinstance(each, FragmentSpreadNode) else each
            assert isinstance(inner, FragmentDefinitionNode | InlineFragmentNode)
            condition = inner.type_condition
            named = of if condition is None else self._schema.type_map[condition.name.value]
            if named is of or (is_abstract_type(named) and self._schema.is_sub_type(named, of)):
                for key, nodes in self._fields(of, [inner.selection_set]).items():
                    found.setdefault(key, []).extend(nodes)
        return found

    def _is_included(self, node: SelectionNode) -> bool:
        conditions = {
            one.name.value: value_from_ast_untyped(one.arguments[0].value, dict(self._variables))
            for one in node.directives or ()
            if one.name.value in {"skip", "include"}
        }
        return conditions.get("include", True) and not conditions.get("skip", False)

    def _selection(self, of: GraphQLObjectType, sets: list[SelectionSetNode], sized: Mapping[str, int]) -> int:
        total = 0
        for nodes in self._fields(of, sets).values():
            name = nodes[0].name.value
            if name.startswith("__"):
                continue
            named = get_named_type(of.fields[name].type)
            stated = self._directives(of, name)
            weight = int(stated.get("cost", {}).get("weight", 0 if is_leaf_type(named) else 1))
            size, below = sized.get(name, 1), {}
            if "listSize" in stated:
                number = self._size(stated["listSize"], nodes[0], of.fields[name].args)
                fields = stated["listSize"].get("sizedFields")
                size, below = (1, dict.fromkeys(fields, number)) if fields else (number, {})
            inner = [node.selection_set for node in nodes if node.selection_set]
            members = self._schema.get_possible_types(named) if is_abstract_type(named) else [named]
            total += size * (weight + (max(self._selection(one, inner, below) for one in members) if inner else 0))
        return total

    def _directives(self, of: GraphQLObjectType, name: str) -> dict[str, dict[str, Any]]:
        node = of.fields[name].ast_node
        assert node is not None
        return {
            one.name.value: {arg.name.value: value_from_ast_untyped(arg.value) for arg in one.arguments or ()}
            for one in node.directives or ()
        }

    def _size(self, stated: Mapping[str, Any], node: FieldNode, defined: Mapping[str, Any]) -> int:
        given = {
            one.name.value: value_from_ast_untyped(one.value, dict(self._variables)) for one in node.arguments or ()
        }
        asked = [given.get(name, defined[name].default_value) for name in stated.get("slicingArguments", ())]
        numbers = [each for each in asked if isinstance(each, int)]
        return max(numbers, default=stated["assumedSize"])


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


@pytest.fixture(scope="module")
def printed() -> GraphQLSchema:
    return build_schema(shipped_schema().as_str())


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.name)
@pytest.mark.sampled
async def test_the_cost_that_is_charged_is_the_one_that_the_schema_states(
    shared_service: ServiceUnderTest, printed: GraphQLSchema, asked: Asked
) -> None:
    variables = filled(asked, shared_service.world)
    reply = await shared_service.ask(asked.query, asked.who, variables, asks_cost=True)
    assert reply.executed, reply.errors
    cost = reply.json["extensions"]["cost"]
    assert cost == {
        "requested": CostByDirectives(printed, asked.query, variables).cost(),
        "limit": None,
        "remaining": None,
    }


WEIGHTS = [
    ("a page and its items", "{ sectors(first: 3) { nodes { code } } }", 1 + 3),
    ("its edges too", "{ sectors(first: 3) { edges { node { code } } } }", 1 + 3 * 2),
    ("a page without a size", "{ sectors { nodes { code } } }", 1 + 50),
    ("a total", "{ sectors(first: 1) { totalCount } }", 1 + 10),
    ("what is no read of rows", "{ viewer { ref } }", 10),
    ("an alias is another field", "{ a: viewer { ref } b: viewer { ref } }", 20),
]


@pytest.mark.parametrize(("case", "document", "cost"), WEIGHTS, ids=[case for case, *_ in WEIGHTS])
async def test_these_documents_cost(shared_service: ServiceUnderTest, case: str, document: str, cost: int) -> None:
    reply = await shared_service.ask(document, "handler", asks_cost=True)
    assert reply.json["extensions"]["cost"]["requested"] == cost, case


async def test_the_cost_is_told_where_it_is_asked_for_only(shared_service: ServiceUnderTest) -> None:
    reply = await shared_service.ask("{ viewer { ref } }", "handler")
    assert "extensions" not in reply.json
