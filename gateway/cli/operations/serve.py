"""`chengxin serve`."""

import os
from typing import Annotated

import typer

from gateway import server
from gateway.cli.output import Bars, print_result


def serve(
    host: Annotated[str | None, typer.Option(metavar="HOST", help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="The port to listen on.")] = None,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many processes; more than one needs PostgreSQL.")
    ] = 1,
) -> None:
    """Open the gateway and serve until told to stop.

    In demo mode it makes what it lacks first: keys, tables, people. In production it serves only what is there.
    """
    environment = dict(os.environ)
    if host is not None:
        environment["CHENGXIN_HOST"] = host
    if port is not None:
        environment["CHENGXIN_PORT"] = str(port)
    with Bars() as bars:
        server.serve(environment, workers=workers, say=print_result, progress=bars)
