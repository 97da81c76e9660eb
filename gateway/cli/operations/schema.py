"""`chengxin schema …`: the GraphQL schema."""

import sys
from typing import Annotated

import typer

from schema.build import build
from schema.federation.subgraph_sdl import subgraph_sdl


def print_(
    *, federation: Annotated[bool, typer.Option("--federation", help="As a subgraph, for composition.")] = False
) -> None:
    """Print the schema, as committed in schema/schema.graphql."""
    printed = build().as_str()
    sys.stdout.write((subgraph_sdl(printed) if federation else printed).rstrip("\n") + "\n")
