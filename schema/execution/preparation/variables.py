"""Coerces the values of variables as graphql-core does. What does not depend on the values is worked out once.

graphql-core looks up the type of each variable again for each request. Most operations have only variables of scalars
and enums without a default: for these the types are kept with the operation, and only the values are coerced. Whatever
is unusual, and every value that is refused, goes to graphql-core.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from graphql import (
    GraphQLError,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.utilities import coerce_input_value

from schema.execution.preparation.enum_values import with_enum_values

LeafVariables: TypeAlias = tuple[GraphQLVariableSignature, ...]
MOST_ERRORS = 20
NO_VARIABLES = VariableValues({}, {})


def leaf_variables(schema: GraphQLSchema, nodes: Sequence[VariableDefinitionNode]) -> LeafVariables | None:
    """Return the variables of an operation; None if one of them has a default, or is a list or an input object."""
    found = []
    for node in nodes:
        signature = get_variable_signature(schema, node)
        if isinstance(signature, GraphQLError) or signature.default is not None:
            return None
        if not is_leaf_type(get_nullable_type(signature.type)):
            return None
        found.append(signature)
    return tuple(found)


def coerced_leaves(variables: LeafVariables, given: Mapping[str, object]) -> VariableValues | None:
    """Return the values of *variables* in *given*; None if one is missing or does not fit."""
    sources: dict[str, VariableValueSource] = {}
    coerced: dict[str, Any] = {}
    for signature in variables:
        name, kind = signature.name, signature.type
        value = given.get(name, Undefined)
        if value is Undefined:
            if is_non_null_type(kind):
                return None
            sources[name] = VariableValueSource(signature)
            continue
        found = coerce_input_value(value, kind)
        if found is Undefined:
            return None
        sources[name], coerced[name] = VariableValueSource(signature, value), found
    return VariableValues(sources, coerced)


def coerced_variables(
    schema: GraphQLSchema,
    nodes: Sequence[VariableDefinitionNode],
    leaves: LeafVariables | None,
    given: Mapping[str, object],
    *,
    hide_suggestions: bool,
) -> VariableValues | list[GraphQLError]:
    """Return the values of the variables that *nodes* define, or the errors of those that do not fit.

    *leaves* is what `leaf_variables` gave for the *nodes*.
    """
    if not nodes:
        return NO_VARIABLES
    if leaves is not None and (found := coerced_leaves(leaves, given)) is not None:
        return found
    values = get_variable_values(schema, nodes, dict(given), max_errors=MOST_ERRORS, hide_suggestions=hide_suggestions)
    return with_enum_values(schema, values) if isinstance(values, list) and not hide_suggestions else values
