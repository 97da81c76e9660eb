"""The signals of a process that nobody has taken yet: a set, so that many about one subject are one."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from queryplan.signals import Signal, SignalKind

MOST: Final = 2_000
"""How many subjects of one kind are told apart between two looks; of more, the signal is about anybody."""


class PendingSignals:
    """Collects signals after each commit, outside of its transaction. Whoever does so waits for nothing.

    What a process that ends has not given out is lost: subscribers look by themselves from time to time.
    """

    def __init__(self) -> None:
        self._subjects: dict[SignalKind, set[UUID] | None] = {}
        """By kind; None for anybody."""

    def add(self, kind: SignalKind, subjects: Iterable[UUID]) -> None:
        """Note that something of *kind* happened to *subjects*."""
        known = self._subjects.setdefault(kind, set())
        if known is None:
            return
        known.update(subjects)
        if len(known) > MOST:
            self._subjects[kind] = None

    def take(self) -> list[Signal]:
        """Return what was collected, and forget it."""
        taken, self._subjects = self._subjects, {}
        return [
            Signal(kind, subject_id)
            for kind, subjects in taken.items()
            for subject_id in ([None] if subjects is None else sorted(subjects))
        ]
