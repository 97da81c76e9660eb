"""Imports the server and what it needs, and no more: the beginning of each process that serves.

Two things would make it slower and larger. The garbage collector runs hundreds of times over the classes and types
that a start makes, and finds nothing. And structlog and httpx import rich and pygments, where they are installed, for
tracebacks that our log never has and for a command line of httpx.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp


TERMINAL: Final = ("rich", "pygments")
"""What structlog and httpx import where it is installed, to write in colour."""


def server() -> ModuleType:
    """Return `gateway.server`, imported without these."""
    unless_there = {name: None for name in TERMINAL if name not in sys.modules}
    sys.modules.update(unless_there)  # type: ignore[arg-type] # None stands for a module that is not to be found
    try:
        with without_collector():
            return import_module("gateway.server")
    finally:
        for name in unless_there:
            del sys.modules[name]


@contextmanager
def without_collector() -> Iterator[None]:
    """Switch the garbage collector off while the block makes what stays for the life of the process."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def application() -> "ASGIApp":
    """Return the app by the settings of the environment; each worker of several calls it."""
    app: ASGIApp = server().application()
    return app
