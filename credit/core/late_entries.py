"""Late entries: acts that are recorded on a later day than their own, and the day by which they count [5.1.4].

**Reading**: an act of the authority counts from the day on which it is recorded, so that no clock is met and no hearing
is over by a day that somebody wrote down afterwards. An act of the subject counts from its own day: the day of posting
or handing in. A late entry keeps both days, and is flagged in clocks and figures [6.1].

An act of the subject may come on paper, which an officer enters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from credit.core.labels import Labelled

SUBJECTS_ACTS: Final = frozenset(
    {
        "STATED",
        "RECTIFICATION_CLAIMED",
        "OBJECTED",
        "WITHDRAWN",
        "WITHDRAWAL_CONTESTED",
        "DEFERRAL_RESUMED",
        "COMMITMENT_RESUMED",
        "HANDED_IN",
        "DEFERRAL_WITHDRAWN",
        "COMMITMENT_WITHDRAWN",
    }
)
"""The steps that are acts of the subject, by name, whoever records them. All other steps are the authority's."""


@dataclass(frozen=True, slots=True)
class LateEntry:
    """The two days of an act that was recorded late: its own day *on*, and the later day of its record."""

    on: date
    recorded_on: date

    def __post_init__(self) -> None:
        if self.recorded_on <= self.on:
            raise ValueError("a late entry is recorded after its own day")


@dataclass(frozen=True, slots=True)
class ActDays:
    """The day from which an act counts; *late* if it was recorded late."""

    counts_on: date
    late: LateEntry | None = None

    @property
    def own_day(self) -> date:
        """The day of the act itself."""
        return self.counts_on if self.late is None else self.late.on


def days_of(step: str, on: date | None, recorded_on: date) -> ActDays:
    """Return the days of an act that is recorded on a day as done *on* its own day; by default the same.

    A day of the future stays as it is, for the rule of the step to refuse.
    """
    if on is None or on >= recorded_on:
        return ActDays(recorded_on if on is None else on)
    return ActDays(on if step in SUBJECTS_ACTS else recorded_on, LateEntry(on, recorded_on))


def written(late: LateEntry | None) -> dict[str, str] | None:
    """Return a late entry as JSON stores it."""
    return None if late is None else {"on": late.on.isoformat(), "recorded_on": late.recorded_on.isoformat()}


def read(stored: Mapping[str, str] | None) -> LateEntry | None:
    """Return a late entry from JSON."""
    if stored is None:
        return None
    return LateEntry(date.fromisoformat(stored["on"]), date.fromisoformat(stored["recorded_on"]))


def column(late: Iterable[tuple[str, LateEntry | None]]) -> dict[str, dict[str, str]] | None:
    """Return the late entries of a record by the names of their steps, as its column stores them; None without any."""
    found = {str(step): stored for step, entry in late if (stored := written(entry)) is not None}
    return found or None


def of_step(stored: Mapping[str, Mapping[str, str]] | None, step: str) -> LateEntry | None:
    """Return the late entry of a *step* from the column of its record."""
    return read((stored or {}).get(str(step)))


# --- acts of the subject on paper ---------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class WithdrawalContest:
    """The contest of a withdrawal on paper: the day *on* which it was made, that of its record, and who entered it.

    What it takes up again goes on from its record on.
    """

    on: date
    recorded_on: date
    entered_by: str | None = None


def written_withdrawal(withdrawal: PaperWithdrawal | None) -> dict[str, str | None] | None:
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


def read_withdrawal(stored: Mapping[str, str] | None) -> PaperWithdrawal | None:
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
