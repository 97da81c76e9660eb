"""What a subscriber was sent already: by it an event has only what is new, and there is none where nothing is.

INVARIANT: both ask only the rows that the subscriber itself may see, so nothing outside of its scope makes an event.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

from credit.calendar.deadlines import civil_date
from credit.subjects.subject import Sealed
from schema.core.errors import SubscriptionBehind
from schema.execution.output.output_nodes import Row
from schema.execution.planning.operation_plan import PlannedWatch
from schema.execution.planning.operation_planner import MOST_NEW
from schema.execution.read_executor import Look

Rows = Sequence[Sequence[Row]]


class SentRows(ABC):
    """What one subscriber of *watch* was sent. What its first look finds is sent to nobody: what follows is new.

    *watch* is that of the newest plan: another policy may show other columns.
    """

    def __init__(self, watch: PlannedWatch) -> None:
        self.watch = watch

    @abstractmethod
    def binds(self, now: datetime) -> Mapping[str, object]:
        """Return the binds of the next look, at the instant *now*."""

    @abstractmethod
    def unsent(self, rows: Rows) -> Rows:
        """Return *rows* without those that need not be sent again. Raises SubscriptionBehind."""

    @abstractmethod
    def is_new(self, look: Look) -> bool:
        """Return whether the look has something to send; without, it is noted as done."""

    @abstractmethod
    def note(self, look: Look) -> bool:
        """Note that the page of *look* was sent, and return whether more waits to be sent."""

    @abstractmethod
    def begin(self, look: Look) -> None:
        """Begin with what *look* found: nothing of it is new."""


class SentPage(SentRows):
    """A page that is followed as a whole: it is sent where its rows, or the day by which they are shown, differ.

    Only a digest of it stays in memory.
    """

    def __init__(self, watch: PlannedWatch) -> None:
        super().__init__(watch)
        self._digest = self._looked = b""

    def binds(self, now: datetime) -> Mapping[str, object]:  # noqa: ARG002 - the other class needs it
        return {}

    def unsent(self, rows: Rows) -> Rows:
        return rows

    def is_new(self, look: Look) -> bool:
        self._looked = _digest(look)
        return self._looked != self._digest

    def note(self, look: Look) -> bool:  # noqa: ARG002 - as above
        self._digest = self._looked
        return False

    def begin(self, look: Look) -> None:
        self._digest = _digest(look)


class SentNews(SentRows):
    """The rows that are new in a list: those of the last minute that were not sent, by their keys.

    A row becomes visible later than the instant that it has, by a commit and the difference of clocks: *overlap*. So
    every look goes back so far behind the one before, and the keys of what it finds there are kept until the next.
    """

    def __init__(self, watch: PlannedWatch, overlap: timedelta) -> None:
        super().__init__(watch)
        self._overlap = overlap
        self._looked_at: datetime | None = None
        self._sent: set[tuple[object, ...]] = set()
        self._present: set[tuple[object, ...]] = set()
        self._is_beginning = True

    def binds(self, now: datetime) -> Mapping[str, object]:
        since = (self._looked_at or now) - self._overlap
        source = self.watch.source.only_new
        if source is None or source.place is None:
            return {"changes_seen_at": since, "changes_seen_on": civil_date(since)}
        return {f"{self.watch.after}_{at}": value for at, value in enumerate(source.place(since))}

    def unsent(self, rows: Rows) -> Rows:
        listed = rows[self.watch.statement]
        self._present = {self._key(row) for row in listed}
        if self._is_beginning:
            left: Sequence[Row] = ()
        else:
            left = [row for row in listed if self._key(row) not in self._sent]
            if not left and self._is_cut:
                raise SubscriptionBehind
        return [left if index == self.watch.statement else each for index, each in enumerate(rows)]

    def is_new(self, look: Look) -> bool:
        if look.page_rows[self.watch.statement]:
            return True
        self.note(look)
        return False

    def begin(self, look: Look) -> None:
        self._is_beginning = False
        self._sent = self._present
        self._looked_at = look.begun.now

    def note(self, look: Look) -> bool:
        sent = {self._key(row) for row in look.page_rows[self.watch.statement]}
        self._sent = (self._sent | sent) & self._present
        is_more = self._is_cut or not self._present <= self._sent
        if not is_more:
            self._looked_at = look.begun.now
        return is_more

    def _key(self, row: Row) -> tuple[object, ...]:
        return tuple([row[at] for at in self.watch.keys_at])

    @property
    def _is_cut(self) -> bool:
        """Whether the last look found more rows than it looks through."""
        return len(self._present) > MOST_NEW


def sent_rows(watch: PlannedWatch, overlap: timedelta) -> SentRows:
    """Return what keeps in mind what a subscriber of *watch* was sent: nothing yet."""
    return SentPage(watch) if watch.source.only_new is None else SentNews(watch, overlap)


def _digest(look: Look) -> bytes:
    parts = look.begun.today.day.today, look.begun.today.digest, look.page_rows, look.more, look.found.figures
    return blake2b(repr(_comparable(parts)).encode(), digest_size=16).digest()


def _comparable(value: object) -> object:
    """Return *value* so that it is printed as what it is: a sealed one by its ciphertext, which nothing here opens."""
    if isinstance(value, Sealed):
        return value.place.version, value.text
    if isinstance(value, Mapping):
        return sorted((str(key), _comparable(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return [_comparable(one) for one in value]
    return value
