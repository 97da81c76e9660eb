"""`chengxin db …`: the schema of the database."""

import os
from typing import Annotated

import typer

from gateway.cli.output import machine, print_result
from gateway.database_file import make_database_folder, revision
from gateway.settings.settings import connection_url, read
from storage.database.migrate import head
from storage.database.migrate import migrate as bring_up


def app() -> typer.Typer:
    """Return the noun `db`."""
    noun = typer.Typer(help="The database.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("migrate")(migrate)
    return noun


def _noun() -> None:
    """The database."""  # noqa: D401 - names what the verbs are about


def migrate(as_json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Bring the database to this release's revision; do nothing where it is there already."""
    settings = read(os.environ)
    before = revision(settings)
    make_database_folder(settings)
    bring_up(connection_url(settings))
    if as_json:
        machine({"before": before, "after": head()})
    elif before == head():
        print_result(f"the database was at revision {head()} already")
    else:
        print_result(f"the database went from revision {before or 'none'} to {head()}")
