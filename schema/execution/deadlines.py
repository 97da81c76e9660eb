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


class Deadlines:
    """The deadlines of the work that is under way, in the event loop that runs."""

    def __init__(self) -> None:
        self._open: dict[Deadline, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        """The loop that looks at them; None while there are none."""

    def within(self, seconds: float) -> Deadline:
        """Return what ends the work inside its `with` after *seconds*, by TimeoutError."""
        return Deadline(self, seconds)

    def add(self, deadline: Deadline, loop: asyncio.AbstractEventLoop) -> None:
        """Look at *deadline* from now on."""
        if self._loop is not loop:
            self._loop, self._open = loop, {}
            loop.call_later(LOOK_SECONDS, self._look, loop)
        self._open[deadline] = None

    def remove(self, deadline: Deadline) -> None:
        """Look at *deadline* no more."""
        self._open.pop(deadline, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            return
        now = loop.time()
        for deadline in list(self._open):
            deadline.look(now)
        if self._open:
            loop.call_later(LOOK_SECONDS, self._look, loop)
        else:
            self._loop = None


class Deadline:
    """Cancels the task inside its `with` when it is late, and then raises what `expired` returns."""

    __slots__ = ("_deadlines", "_loop", "_sent", "_task", "_until", "reason")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._loop = loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._task = task
        self._until = loop.time() + seconds
        self._sent = 0
        self.reason: Exception | None = None
        """Why the work was cancelled."""

    def __enter__(self) -> Self:
        self._deadlines.add(self, self._loop)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._deadlines.remove(self)
        if self.reason is None:
            return
        for _ in range(self._sent):
            self._task.uncancel()
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
