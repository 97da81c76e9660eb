"""How an act of the subject reaches the authority, and a withdrawal that an officer enters from paper [5.1.4]."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from credit.core.labels import Labelled
from credit.core.late_entries import LateEntry


class Means(Labelled):
    """How an act of the subject comes in: by itself or its delegate, or on paper that an officer enters.

    A paper needs its reference, and counts from its own day: that of posting, or of handing in.
    """

    ONLINE = "ONLINE", "网上提交"
    PAPER = "PAPER", "书面提交"


@dataclass(frozen=True, slots=True)
class PaperWithdrawal:
    """A withdrawal on paper: the day *on* which it was posted or handed in, and the day of its record.

    Once the subject has contested it, it ends nothing any more.
    """

    on: date
    recorded_on: date
    entered_by: str
    contested_on: date | None = None

    @property
    def stands(self) -> bool:
        """Whether the subject has not contested it."""
        return self.contested_on is None

    @property
    def late(self) -> LateEntry | None:
        """Both its days, if it was entered on a later day than its own."""
        return LateEntry(self.on, self.recorded_on) if self.on < self.recorded_on else None


def written(withdrawal: PaperWithdrawal | None) -> dict[str, str | None] | None:
    """Return a withdrawal on paper as JSON stores it."""
    if withdrawal is None:
        return None
    contested_on = withdrawal.contested_on
    return {
        "on": withdrawal.on.isoformat(),
        "recorded_on": withdrawal.recorded_on.isoformat(),
        "entered_by": withdrawal.entered_by,
        "contested_on": None if contested_on is None else contested_on.isoformat(),
    }


def read(stored: Mapping[str, str] | None) -> PaperWithdrawal | None:
    """Return a withdrawal on paper from JSON."""
    if stored is None:
        return None
    contested_on = stored["contested_on"]
    return PaperWithdrawal(
        date.fromisoformat(stored["on"]),
        date.fromisoformat(stored["recorded_on"]),
        stored["entered_by"],
        None if contested_on is None else date.fromisoformat(contested_on),
    )
