"""`chengxin reference …`: departments, matters, sectors and areas."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.arguments import Json
from gateway.cli.output import print_facts
from gateway.cli.services import with_database
from gateway.load_reference import load as load_file
from gateway.runtime import utc_now
from gateway.settings.settings import read
from policy.crypto.keyring import Keyring


def load(
    table: Annotated[str, typer.Argument(help="sectors, areas, departments or matters; first in this order.")],
    path: Annotated[Path, typer.Argument(help="A CSV file in UTF-8; its header names the table's columns.")],
    *,
    as_json: Json = False,
) -> None:
    """Add rows by their code, and change existing ones: all rows of the file, or none.

    The log `system` states what the table has then: this needs the key file.
    """
    settings, now = read(os.environ), utc_now()
    tag = Keyring.load(settings.kek_file, os.urandom).pending_tag
    new, there = with_database(settings, lambda database: load_file(database, table, path, now), tag)
    facts = {"table": table, "new": new, "there": there}
    print_facts(facts, [f"{new} new in {table}, which has {there} now"], as_json=as_json)
