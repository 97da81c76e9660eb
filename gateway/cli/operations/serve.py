"""`chengxin serve`."""

import os
import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from gateway import worker
from gateway.cli.output import Bars, print_result


def serve(
    host: Annotated[str | None, typer.Option(metavar="HOST", help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="The port to listen on.")] = None,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many processes; more than one needs PostgreSQL.")
    ] = 1,
) -> None:
    """Start the gateway and serve until stopped.

    In demo mode it first makes missing keys, tables and people. In production it makes nothing.
    """
    environment = dict(os.environ)
    if host is not None:
        environment["CHENGXIN_HOST"] = host
    if port is not None:
        environment["CHENGXIN_PORT"] = str(port)
    with Bars() as bars:
        worker.server().serve(environment, workers=workers, say=print_result, progress=bars)


NUMBER: Final = re.compile("[1-9][0-9]{0,9}")


def plain_options(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Return the options in *arguments* for `serve`; None for `--help`, and for what typer has to refuse.

    To read an option, typer imports pydantic, 15 MB that a server would keep for its life.
    """
    words = [part for word in arguments for part in (word.split("=", 1) if word.startswith("--") else [word])]
    found: dict[str, Any] = {}
    for name, value in zip(words[::2], words[1::2], strict=False):
        if name == "--host" and not value.startswith("-"):
            found["host"] = value
        elif name in ("--port", "--workers") and NUMBER.fullmatch(value):
            found[name[2:]] = int(value)
        else:
            return None
    return found if len(words) == 2 * len(words[::2]) else None
