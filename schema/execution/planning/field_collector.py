"""Collects the fields that a selection requests of one concrete type, across fragments, aliases and conditions.

This is CollectFields of the GraphQL specification (6.3.2), done once per document instead of once per row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
)
from graphql.execution import get_directive_values

from schema.core.errors import LimitExceeded

MOST_VISITS: Final = 20_000
"""How many selections of a document are visited, those of a fragment at each place where it is spread."""


@dataclass(slots=True)
class FieldCollector:
    """The fragments and conditions of one operation, and a bound on how much of it may be visited."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: object  # graphql's VariableValues
    visits_left: int = MOST_VISITS
    lenient: bool = False
    """Whether a condition on a variable without a value counts as met: to explain every field of a document."""
    _applies: dict[tuple[str, str], bool] = field(default_factory=dict)

    def collect(self, of: GraphQLObjectType, sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """Return the field nodes by response key, in document order; raises LimitExceeded when there are too many."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for one in sets:
            self._collect(of, one, found, seen)
        return found

    def _collect(
        self, of: GraphQLObjectType, selections: SelectionSetNode, found: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for node in selections.selections:
            self.visits_left -= 1
            if self.visits_left < 0:
                raise LimitExceeded(limit="selections")
            if not self._is_asked(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._is_of(of, node.type_condition.name.value):
                    self._collect(of, node.selection_set, found, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self._is_of(of, fragment.type_condition.name.value):
                    self._collect(of, fragment.selection_set, found, seen)

    def _is_asked(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        try:
            return self._conditions_hold(node)
        except GraphQLError:
            if self.lenient:
                return True
            raise

    def _conditions_hold(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)  # type: ignore[arg-type]  # VariableValues
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)  # type: ignore[arg-type]  # as above
        return not include or bool(include["if"])

    def _is_of(self, of: GraphQLObjectType, condition: str) -> bool:
        key = (of.name, condition)
        if key not in self._applies:
            named = self.schema.type_map[condition]
            self._applies[key] = named is of or (is_abstract_type(named) and self.schema.is_sub_type(named, of))
        return self._applies[key]


def subselections(nodes: list[FieldNode]) -> list[SelectionSetNode]:
    """Return the selection sets below the merged *nodes* of one response key."""
    return [node.selection_set for node in nodes if node.selection_set]
