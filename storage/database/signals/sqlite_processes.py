"""Other processes on one file of SQLite send nothing: the file is asked every second whether they committed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from queryplan.plan import StoreUnavailable
from queryplan.signals import ANYBODY, Signal
from storage.database.signals.exchange import Deliver

POLL_SECONDS: Final = 1.0


class SqliteProcesses:
    """Implements `OtherProcesses`. *version* is a number that changes when another process has committed."""

    def __init__(self, version: Callable[[], Awaitable[int]]) -> None:
        self._version = version
        self._known: int | None = None

    async def send(self, signals: Sequence[Signal]) -> None:
        """Send nothing: the others see by the file that something was committed."""

    async def keep_listening(self, deliver: Deliver) -> None:
        while True:
            await self.look(deliver)
            await asyncio.sleep(POLL_SECONDS)

    async def look(self, deliver: Deliver) -> None:
        """Deliver ANYBODY if another process has committed since the last look."""
        try:
            version = await self._version()
        except StoreUnavailable:
            return  # it is asked again
        if self._known not in {None, version}:
            deliver(ANYBODY)
        self._known = version
