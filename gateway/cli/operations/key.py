"""`chengxin key …`: the key file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import machine, print_result
from policy.crypto.keyring import Keyring


def app() -> typer.Typer:
    """Return the noun `key`."""
    noun = typer.Typer(help="The key file.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("create")(create)
    return noun


def _noun() -> None:
    """The key file."""  # noqa: D401 - names what the verbs are about


def create(
    path: Annotated[Path, typer.Argument(help="Where to put it. There must be no file yet.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Make a new key file, readable by its owner only. If it is lost, everything that is sealed under it is lost."""
    Keyring.create(path, os.urandom)
    kek = Keyring.load(path, os.urandom).kek_id
    if as_json:
        machine({"path": str(path), "kek": kek})
    else:
        print_result(f"made {path} with the key {kek}; keep a copy apart from the database's backups")
