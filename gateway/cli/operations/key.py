"""`chengxin key …`: the key file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.arguments import Json
from gateway.cli.output import print_facts
from policy.crypto.keyring import Keyring


def create(
    path: Annotated[Path, typer.Argument(help="Where to put it. There must be no file yet.")], *, as_json: Json = False
) -> None:
    """Make a new key file, readable by its owner only. If it is lost, everything that is sealed under it is lost."""
    Keyring.create(path, os.urandom)
    kek = Keyring.load(path, os.urandom).kek_id
    line = f"made {path} with the key {kek}; keep a copy apart from the database's backups"
    print_facts({"path": str(path), "kek": kek}, [line], as_json=as_json)
