"""`chengxin schema …`: the GraphQL schema."""

import sys

from schema.build import build


def print_() -> None:
    """Print the schema, as committed in schema/schema.graphql."""
    sys.stdout.write(build().as_str().rstrip("\n") + "\n")
