"""Signals: that something was done to a subject's record, or that it was read, without what, by whom or for what."""

from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID


class SignalKind(StrEnum):
    """What happened."""

    ACT = "act"
    """A unit of work with an act about the subject was committed."""
    READ = "read"
    """A disclosure that shows the subject was recorded."""


class Signal(NamedTuple):
    """A signal about one subject, by its internal id; without it about anybody: some signal may have been lost."""

    kind: SignalKind
    subject_id: UUID | None


ANYBODY: Final = tuple(Signal(kind, None) for kind in SignalKind)
"""Let everybody look: signals may have been lost, or were too many to be told apart."""
