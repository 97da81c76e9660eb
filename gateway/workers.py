"""Several processes that serve one socket: uvicorn's supervisor, which says when all are ready, and what it replaces.

A worker answers its supervisor's question from a thread of its own, but not before it has begun to import: on a busy
machine that takes longer than the five seconds of uvicorn's default, and the worker would be killed and begin again.
"""

import socket
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors import Multiprocess

PATIENCE_SECONDS: Final = 30
"""How long a worker may take to answer its supervisor."""


class Workers(Multiprocess):
    """Calls *opened* once all workers accept requests. `failed` says whether one could not start."""

    def __init__(self, config: Config, sockets: Sequence[socket.socket], opened: Callable[[], None]) -> None:
        super().__init__(config, list(sockets))
        self._opened: Callable[[], None] | None = opened
        self.failed = False

    def keep_subprocess_alive(self) -> None:
        before = list(self.processes)
        super().keep_subprocess_alive()
        for index, old in enumerate(before):
            if old.exitcode == STARTUP_FAILURE:
                self.failed = True
            elif old not in self.processes:
                structlog.get_logger().error("worker.replaced", index=index, state=f"exit {old.exitcode}")
        if self._opened is not None and not self.failed and all(each.is_ready(1) for each in self.processes):
            opened, self._opened = self._opened, None
            opened()
