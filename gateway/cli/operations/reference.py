"""`chengxin reference …`: departments, matters, sectors and areas."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import machine, print_result
from gateway.load_reference import load as load_file
from gateway.settings.settings import connection_url, read
from storage.database.database import Database


def app() -> typer.Typer:
    """Return the noun `reference`."""
    noun = typer.Typer(help="Departments, matters, sectors and areas.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("load")(load)
    return noun


def _noun() -> None:
    """Departments, matters, sectors and areas."""


def load(
    table: Annotated[str, typer.Argument(help="sectors, areas, departments or matters; first in this order.")],
    path: Annotated[Path, typer.Argument(help="A CSV file in UTF-8; its header names the table's columns.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Add rows by their code, and change existing ones: all rows of the file, or none."""
    new, there = asyncio.run(_load(table, path))
    if as_json:
        machine({"table": table, "new": new, "there": there})
    else:
        print_result(f"{new} new in {table}, which has {there} now")


async def _load(table: str, path: Path) -> tuple[int, int]:
    database = Database.open(connection_url(read(os.environ)))
    try:
        return await load_file(database, table, path)
    finally:
        await database.close()
