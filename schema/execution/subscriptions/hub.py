"""Gives signals to the subscriptions of this process: many signals become one, and nothing piles up."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from queryplan.signals import Signal

SPREAD_SECONDS: Final = 5.0
"""Where all subscribers have to look, they do so within this time, one after the other."""
_TURN: Final = 0.618
"""The golden section: numbers that follow each other are spread evenly by it."""


class Listener:
    """One that waits for a signal. *phase*, from 0 to 1, is its place among all others where all have to look."""

    __slots__ = ("_heard", "_timer", "phase", "signal")

    def __init__(self, signal: Signal, phase: float) -> None:
        self.signal, self.phase = signal, phase
        self._heard = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def has_heard(self) -> bool:
        """Whether a signal has come since `forget`."""
        return self._heard.is_set()

    def hear(self) -> None:
        """Wake whoever waits, now or later."""
        self._heard.set()

    def hear_in_turn(self) -> None:
        """Wake it when its turn has come, if that is not awaited already."""
        if self._timer is None and not self._heard.is_set():
            delay = self.phase * SPREAD_SECONDS
            self._timer = asyncio.get_running_loop().call_later(delay, self._hear_now)

    def forget(self) -> None:
        """Forget what was heard: what comes from now on is heard again."""
        self._heard.clear()

    async def wait(self, seconds: float) -> None:
        """Wait until a signal has come, but no longer than *seconds*."""
        await wait_for(self._heard, seconds)

    def close(self) -> None:
        """Stop its timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _hear_now(self) -> None:
        self._timer = None
        self._heard.set()


class SignalHub:
    """All listeners of one process. A signal about a subject reaches those who listen to it, or to anybody."""

    def __init__(self) -> None:
        self._listeners: defaultdict[Signal, set[Listener]] = defaultdict(set)
        self._count = 0

    def listen(self, signal: Signal) -> Listener:
        """Return a new listener to *signal*; to all of its kind where it names no subject. Close it with `leave`."""
        self._count += 1
        listener = Listener(signal, self._count * _TURN % 1)
        self._listeners[signal].add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Give *listener* no more signals."""
        listener.close()
        these = self._listeners.get(listener.signal)
        if these is not None:
            these.discard(listener)
            if not these:
                del self._listeners[listener.signal]

    def publish(self, signals: Sequence[Signal]) -> None:
        """Let everybody look who may be concerned. A signal about anybody concerns all listeners of its kind."""
        for signal in signals:
            if signal.subject_id is None:
                for each, listeners in self._listeners.items():
                    if each.kind is signal.kind:
                        for listener in listeners:
                            listener.hear_in_turn()
                continue
            for each in (signal, Signal(signal.kind, None)):
                for listener in self._listeners.get(each, ()):
                    listener.hear()


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait until *event* is set, but no longer than *seconds*."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
