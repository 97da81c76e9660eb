"""What an operator has to know of the sequencer: log events and figures, by codes and counts alone."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from consent.ports import Log
from gateway.telemetry.logging import where
from storage.ledger.check_groups import GroupFinding
from storage.ledger.restores import LostRange

PATIENCE_SECONDS: Final = 60.0
"""How long publication may fail until that is an alarm."""


@dataclass(slots=True)
class _Failing:
    since: float
    is_reported: bool = False


class SequencerAlarm:
    """Logs what goes wrong, and counts it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failing: dict[Log | None, _Failing] = {}
        self.faults: Counter[str] = Counter()
        """Faults of groups by their word, since the start of the process."""
        self.sizes: dict[Log, int] = {}
        """The sizes of the logs as this process published them."""

    def integrated(self) -> None:
        """State that the database takes entries in."""
        self._failing.pop(None, None)

    def found(self, findings: Sequence[GroupFinding]) -> None:
        """Report faults of groups."""
        for each in findings:
            self.faults[each.fault.value] += 1
            structlog.get_logger().error(
                "ledger.group-at-fault",
                fault=each.fault.value,
                log=each.log,
                recorder=str(each.recorder),
                number=each.number,
                is_held=each.is_held,
            )

    def restored(self, log: Log, lost: Sequence[LostRange]) -> None:
        """Report entries that a restored database lost."""
        for each in lost:
            self.faults["RESTORED"] += 1
            structlog.get_logger().error(
                "ledger.lost-in-a-restore", log=log, first=each.first, end=each.end, subjects=each.subjects
            )

    def published(self, log: Log, size: int) -> None:
        """State that the last checkpoint of *log* is of *size*, and that nothing more was to be published."""
        self.sizes[log] = size
        self._failing.pop(log, None)

    def failed(self, log: Log | None, error: Exception) -> None:
        """Report what failed, once; and as an alarm where it goes on for a minute. None: no log could be integrated."""
        failing = self._failing.get(log)
        if failing is None:
            self._failing[log] = _Failing(self._clock())
            structlog.get_logger().warning("ledger.round-failed", log=log, **where(error))
        elif not failing.is_reported and self._clock() - failing.since >= PATIENCE_SECONDS:
            failing.is_reported = True
            structlog.get_logger().error(
                "ledger.not-published", log=log, seconds=int(self._clock() - failing.since), **where(error)
            )
