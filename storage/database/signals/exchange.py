"""Gives the signals of a process to its own subscribers, and exchanges them with the other processes of its database.

A signal is a hint, and nothing rests on it: whoever gets one reads what may have changed. It is given out after the
commit, by nobody whom a request waits for.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from queryplan.signals import Signal
from storage.database.signals.pending_signals import PendingSignals

Deliver = Callable[[Sequence[Signal]], None]
"""Gives signals to the subscribers of this process."""
PAUSE_SECONDS: Final = 0.25
"""Signals that come within this time are given out together."""


class OtherProcesses(Protocol):
    """The other processes that serve the same database."""

    async def send(self, signals: Sequence[Signal]) -> None:
        """Send *signals* to them, and what could not be sent before. Never raises: what cannot be sent waits."""
        ...

    async def keep_listening(self, deliver: Deliver) -> None:
        """Deliver what they send until cancelled, and ANYBODY where something may have been lost."""
        ...


class SignalExchange:
    """The exchange of one process; *deliver* is called on the event loop, and does not wait."""

    def __init__(self, pending: PendingSignals, others: OtherProcesses, deliver: Deliver) -> None:
        self._pending, self._others, self._deliver = pending, others, deliver

    async def keep_running(self) -> None:
        """Exchange signals until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._others.keep_listening(self._deliver), name="signals-of-others")
            tasks.create_task(self._keep_giving_out(), name="signals-of-this-process")

    async def give_out(self) -> None:
        """Give out what was collected since the last time."""
        taken = self._pending.take()
        if taken:
            self._deliver(taken)
        await self._others.send(taken)

    async def _keep_giving_out(self) -> None:
        while True:
            await self.give_out()
            await asyncio.sleep(PAUSE_SECONDS)
