"""The schema of this release, built once for all tests of a process: building takes long, and nothing changes it."""

from functools import cache

import strawberry
from graphql import GraphQLSchema

from schema.build import build
from schema.core.fields import core
from schema.federation.roots import Federation


def shipped_schema(federation: Federation = Federation.OFF) -> strawberry.Schema:
    """Give the schema as the gateway has it."""
    return _built(federation)


@cache
def _built(federation: Federation) -> strawberry.Schema:
    return build(federation)


def shipped_types() -> GraphQLSchema:
    """Give the same schema as graphql-core has it."""
    return core(shipped_schema())
