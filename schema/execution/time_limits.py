"""Time limits of work in an event loop, with one timer for all of them.

A timer of its own costs more than all else about a limit: one looks at all of them instead, so that a limit is kept
within LOOK_SECONDS.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

LOOK_SECONDS: Final = 0.05
GRACE: Final = 2.0
"""How long cancelled work may take to roll back, before it is cancelled once more."""


class TimeLimits:
    """The time limits of the work that is under way, in the event loop that runs."""

    def __init__(self) -> None:
        self._open: dict[TimeLimit, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        """The loop that looks at them; None while there are none."""

    def within(self, seconds: float) -> TimeLimit:
        """Return what ends the work inside its `with` after *seconds*, by TimeoutError."""
        return TimeLimit(self, seconds)

    def add(self, time_limit: TimeLimit, loop: asyncio.AbstractEventLoop) -> None:
        """Look at *time_limit* from now on."""
        if self._loop is not loop:
            self._loop, self._open = loop, {}
            loop.call_later(LOOK_SECONDS, self._look, loop)
        self._open[time_limit] = None

    def remove(self, time_limit: TimeLimit) -> None:
        """Look at *time_limit* no more."""
        self._open.pop(time_limit, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            return
        now = loop.time()
        for time_limit in list(self._open):
            time_limit.look(now)
        if self._open:
            loop.call_later(LOOK_SECONDS, self._look, loop)
        else:
            self._loop = None


class TimeLimit:
    """Cancels the task inside its `with` when it is late, and then raises what `expired` returns."""

    __slots__ = ("_loop", "_sent", "_task", "_time_limits", "_until", "reason")

    def __init__(self, time_limits: TimeLimits, seconds: float) -> None:
        self._time_limits = time_limits
        self._loop = loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._task = task
        self._until = loop.time() + seconds
        self._sent = 0
        self.reason: Exception | None = None
        """Why the work was cancelled."""

    def __enter__(self) -> Self:
        self._time_limits.add(self, self._loop)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._time_limits.remove(self)
        if self.reason is None:
            return
        for _ in range(self._sent):
            self._task.uncancel()
        if error is None:
            return  # it has ended all the same, and its result stands
        if isinstance(error, asyncio.CancelledError) and self._task.cancelling():
            return  # somebody else has cancelled it too
        raise self.reason

    def expired(self) -> Exception:
        """Return what is raised after the time."""
        return TimeoutError()

    def extend(self, seconds: float) -> None:
        """Let the work end *seconds* from now."""
        self._until = self._loop.time() + seconds

    def look(self, now: float) -> None:
        """Cancel the work if it is late."""
        if now >= self._until:
            self.cancel(self.reason or self.expired())

    def cancel(self, reason: Exception) -> None:
        """Cancel the work, again and again until it has ended."""
        self.reason = reason
        self._sent += 1
        self.extend(GRACE)
        self._task.cancel()
