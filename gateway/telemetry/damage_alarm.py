"""The alarm of damaged sealed values: a log event for each place once, and a count of every one that did not open."""

from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import Final

import structlog
from cachetools import LRUCache

from credit.subjects.subject import Place

REMEMBERED: Final = 1_000
"""How many places are remembered as logged: a page that is read again and again does not fill the log."""


class DamageAlarm:
    """Reports each sealed value that does not open. Safe to share between threads."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._logged: LRUCache[Place, bool] = LRUCache(REMEMBERED)
        self._lock = Lock()

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many values of each table and column did not open since the start of the process."""
        with self._lock:
            return dict(self._counts)

    def __call__(self, place: Place) -> None:
        """Count the value, and log it by the ids of its row, which are random."""
        with self._lock:
            self._counts[place.table, place.column] += 1
            is_new = place not in self._logged
            self._logged[place] = True
        if is_new:
            structlog.get_logger().error("sealed.damaged", table=place.table, column=place.column, row=place.row_id)
