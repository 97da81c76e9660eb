"""The cost of an operation, from its document and variables alone: the same for every caller, and before any read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.values import VariableValues

from schema.core.measured.costs import FieldCost, ListSize
from schema.execution.planning.field_collector import FieldCollector, subselections


@dataclass(slots=True)
class StaticCost:
    """Counts the costs that the schema states. *variables* are graphql's VariableValues."""

    schema: GraphQLSchema
    costs: Mapping[str, FieldCost]
    selections: FieldCollector
    variables: object

    def of(self, operation: OperationDefinitionNode) -> int:
        """Return the cost of *operation*; raises LimitExceeded where it has too many selections."""
        root = cast("GraphQLObjectType", self.schema.get_root_type(operation.operation))
        return self._object(root, [operation.selection_set], None)

    def _object(self, of: GraphQLObjectType, sets: list[SelectionSetNode], sized: tuple[ListSize, int] | None) -> int:
        """Return the costs of the fields that are selected of one type; *sized*: it is a page of such a list."""
        total = 0
        for nodes in self.selections.collect(of, sets).values():
            name = nodes[0].name.value
            if name.startswith("__"):
                continue
            cost = self.costs[f"{of.name}.{name}"]
            times, below = 1, None
            if cost.size is not None:
                size = self._size(cost.size, nodes[0])
                times, below = (1, (cost.size, size)) if cost.size.sized else (size, None)
            elif sized is not None and name in sized[0].sized:
                times = sized[1]
            inner = subselections(nodes)
            total += times * (cost.weight + (self._below(of, name, inner, below) if inner else 0))
        return total

    def _below(
        self, of: GraphQLObjectType, name: str, sets: list[SelectionSetNode], sized: tuple[ListSize, int] | None
    ) -> int:
        """Return the costs below a field: of an abstract type, those of its most expensive member."""
        named = get_named_type(of.fields[name].type)
        members: Sequence[GraphQLObjectType] = (
            self.schema.get_possible_types(named) if is_abstract_type(named) else [cast("GraphQLObjectType", named)]
        )
        return max(self._object(member, sets, sized) for member in members)

    def _size(self, size: ListSize, node: FieldNode) -> int:
        given = {one.name.value: one.value for one in node.arguments or ()}
        found = [self._number(given[name]) for name in size.slicing if name in given]
        return max((each for each in found if each is not None), default=size.assumed)

    def _number(self, value: object) -> int | None:
        """Return a whole number; None for null and for a variable without a value."""
        if isinstance(value, VariableNode):
            known = cast("VariableValues", self.variables).coerced.get(value.name.value)
            return max(0, known) if isinstance(known, int) else None
        return max(0, int(value.value)) if isinstance(value, IntValueNode) else None
