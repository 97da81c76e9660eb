"""`chengxin serve`."""

import os
from typing import Annotated

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
