"""`chengxin lookups …`: who an alarm about tried numbers means."""

import os
from typing import Annotated

import typer

from gateway.cli.arguments import Json
from gateway.cli.output import print_facts
from gateway.settings.settings import read
from policy.crypto.keyring import Keyring


def caller(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The reference of an account, as in `viewer { ref }`.")],
    *,
    as_json: Json = False,
) -> None:
    """Print the keyed hash of an account, by which log events and entries of lookups name it."""
    tag = Keyring.load(read(os.environ).kek_file, os.urandom).tag("caller", ref)
    print_facts({"caller": tag}, [tag], as_json=as_json)
