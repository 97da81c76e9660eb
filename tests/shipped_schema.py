"""The schema of this release, built once for all tests of a process: building takes long, and nothing changes it."""

from functools import cache

import strawberry
from graphql import GraphQLSchema

from schema.build import build
from schema.core.fields import core


@cache
def shipped_schema() -> strawberry.Schema:
    """Give the schema as the gateway has it."""
    return build()


def shipped_types() -> GraphQLSchema:
    """Give the same schema as graphql-core has it."""
    return core(shipped_schema())
