"""The steps of a request, as a trace shows them: when each began and ended, and nothing of what it was about."""

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Final, Protocol


class Step(StrEnum):
    """What a request does, one after another; a step that is cached takes no time."""

    DOCUMENT = "document"
    PLAN = "plan"
    SQL = "sql"
    OPENING = "opening"
    RECORD = "record"
    ANSWER = "answer"


class Trace(Protocol):
    """The trace of one request."""

    def step(self, step: Step) -> AbstractContextManager[object]:
        """Return what measures a step: it lasts as long as its block, and notes whether that raises."""
        ...


_NOTHING: Final[AbstractContextManager[object]] = nullcontext()


def traced(trace: Trace | None, step: Step) -> AbstractContextManager[object]:
    """Return what measures a step of *trace*; without a trace it measures nothing."""
    return _NOTHING if trace is None else trace.step(step)
