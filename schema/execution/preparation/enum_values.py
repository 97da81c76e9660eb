"""The values of an enum, in the error of a document that names another one."""

import re
from collections.abc import Iterable
from typing import Final

from graphql import GraphQLEnumType, GraphQLError, GraphQLSchema

_OF_ENUM: Final = re.compile(r"does not exist in '([_A-Za-z]\w*)' enum\.", re.ASCII)


def with_enum_values(schema: GraphQLSchema, errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """Return *errors*, each that misses an enum's value with all values of that enum."""
    return [_with_values(schema, each) for each in errors]


def _with_values(schema: GraphQLSchema, error: GraphQLError) -> GraphQLError:
    found = _OF_ENUM.search(error.message)
    enum = None if found is None else schema.type_map.get(found[1])
    if not isinstance(enum, GraphQLEnumType):
        return error
    message = f"{error.message} Its values are {', '.join(enum.values)}."
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=error.extensions)
