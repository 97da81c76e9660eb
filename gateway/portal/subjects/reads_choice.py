"""What a subject chooses of who looked at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from consent.vocabulary import Purpose
from gateway.portal.choices import Bilingual, FilteredChoice

PURPOSES: Final = tuple(each.name for each in Purpose if each is not Purpose.PUBLICITY)
"""The purposes of reads that leave an entry: what everybody may see leaves none."""
_UNKNOWN_PURPOSE: Final = "没有这种目的，请从列表中选择。", "There is no such purpose. Choose one of the list."
_LAST_DAY: Final = date.max - timedelta(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsChoice(FilteredChoice):
    """What a subject has chosen of who looked at it."""

    purpose: str | None

    @property
    def period(self) -> Mapping[str, str | None]:
        """The instants between which the chosen days lie, in Asia/Shanghai. Its days have been looked at."""
        after = None if self.until is None else min(date.fromisoformat(self.until), _LAST_DAY) + timedelta(1)
        return {
            "since": None if self.since is None else f"{self.since}T00:00:00+08:00",
            "until": None if after is None else f"{after}T00:00:00+08:00",
        }

    def _own_flaws(self) -> Mapping[str, Bilingual]:
        return {} if self.purpose is None or self.purpose in PURPOSES else {"purpose": _UNKNOWN_PURPOSE}
