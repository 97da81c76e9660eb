"""Publicity is a rule of its own beside restraint: whether a restraint is listed, and how long [5.1.5].

A rule file says it by circumstance and day (`credit.policy_texts.publicity_rules`). Under the governing document a
restraint is listed while it is in force. Under order No. 36 of the National Development and Reform Commission and
国办发〔2025〕22号 a minor breach is not listed, days count from the determination, and repair on application ends
listing, sharing and restraint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from credit.calendar.deadlines import add_months
from credit.cases.status import Circumstance
from credit.core.labels import Labelled


class Listing(Labelled):
    """Whether a restraint is on the public list."""

    WHILE_IN_FORCE = "WHILE_IN_FORCE", "管理期限内公示", "5.1.5"
    MONTHS = "MONTHS", "限期公示", "5.1.5"
    NOT_LISTED = "NOT_LISTED", "不公示", "5.1.5"


class CountedFrom(Labelled):
    """The day from which the period, and the months of a listing, are counted."""

    PUBLICATION = "PUBLICATION", "自公布之日起", "5.1.5"
    DETERMINATION = "DETERMINATION", "自认定之日起", "5.1.5"


class Repair(Labelled):
    """When credit is repaired."""

    AT_THE_END = "AT_THE_END", "期满自动修复", "5.1.5"
    ON_APPLICATION = "ON_APPLICATION", "履行义务后申请修复", "5.1.5"


@dataclass(frozen=True, slots=True)
class Publicity:
    """What a rule says about one restraint. It stays with the case: a later rule does not change it."""

    listing: Listing = Listing.WHILE_IN_FORCE
    months: int | None = None
    counted_from: CountedFrom = CountedFrom.PUBLICATION
    repair: Repair = Repair.AT_THE_END

    @property
    def is_unlisted(self) -> bool:
        """Whether the restraint is not listed at all: announcing it to its subject stands for publication."""
        return self.listing is Listing.NOT_LISTED

    def period_from(self, determined_on: date, published_on: date) -> date:
        """Return the day from which the period is counted."""
        return determined_on if self.counted_from is CountedFrom.DETERMINATION else published_on

    def listed_until(self, determined_on: date, published_on: date) -> date | None:
        """Return the last day on the public list; None for as long as the restraint is in force."""
        if self.months is None:
            return None
        return add_months(self.period_from(determined_on, published_on), self.months)

    def written(self) -> dict[str, Any]:
        """Return it as a step stores it."""
        choices = {"listing": self.listing.value, "counted_from": self.counted_from.value, "repair": self.repair.value}
        return choices | {"months": self.months}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Publicity":
        """Read what a step stores."""
        return cls(
            Listing(written["listing"]),
            written["months"],
            CountedFrom(written["counted_from"]),
            Repair(written["repair"]),
        )


LISTED_WHILE_IN_FORCE: Final = Publicity()
"""What the governing document says [5.1.5]."""


@dataclass(frozen=True, slots=True)
class PublicityRule:
    """One entry of a rule file. *in_catalogue*: its circumstances stand in a catalogue of the order (art. 4)."""

    code: str
    name_zh: str
    name_en: str
    citation: str
    circumstances: frozenset[Circumstance]
    starts_on: date
    ends_on: date | None
    in_catalogue: bool
    publicity: Publicity


def publicity_of(rules: Sequence[PublicityRule], circumstance: Circumstance, on: date) -> Publicity:
    """Return what holds for a restraint of *circumstance* that is published on the day *on*.

    The last rule that fits decides. Without one, the governing document's holds.
    """
    fitting = (
        rule.publicity
        for rule in reversed(rules)
        if circumstance in rule.circumstances and rule.starts_on <= on and (rule.ends_on is None or on <= rule.ends_on)
    )
    return next(fitting, LISTED_WHILE_IN_FORCE)
