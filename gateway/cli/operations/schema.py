"""`chengxin schema …`: the GraphQL schema."""

import sys

import typer

from schema.build import build


def app() -> typer.Typer:
    """Return the noun `schema`."""
    noun = typer.Typer(help="The GraphQL schema.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("print")(print_)
    return noun


def _noun() -> None:
    """The GraphQL schema."""  # noqa: D401 - names what the verbs are about


def print_() -> None:
    """Print the schema, as committed in schema/schema.graphql."""
    sys.stdout.write(build().as_str().rstrip("\n") + "\n")
