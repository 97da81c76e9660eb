"""What a visitor chooses of the public list, as the address states it, and what is wrong with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from credit.cases.status import Circumstance
from gateway.portal.choices import Choice
from gateway.portal.languages import PageLanguage

LONGEST_DAY: Final = 10
"""The characters of a day. What is longer is none, might be a number of somebody, and is not shown again."""
CIRCUMSTANCES: Final = tuple(each.name for each in Circumstance)
_UNKNOWN_CIRCUMSTANCE: Final = (
    "没有这种失信情形，请从列表中选择。",
    "There is no such circumstance. Choose one of the list.",
)
_UNKNOWN_DEPARTMENT: Final = "没有这个部门，请从列表中选择。", "There is no such department. Choose one of the list."
_NO_DAY: Final = "这不是日历中的日期。请按 2026-03-05 的形式填写。", "This is not a day. Write it like 2026-03-05."
_DAYS_IN_WRONG_ORDER: Final = "不能早于起始日期。", "This is before the first day."


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChoice(Choice):
    """What a visitor has chosen of the public list. Nothing of it names anybody."""

    circumstance: str | None
    department: str | None
    since: str | None
    until: str | None

    def flaws(self, departments: Collection[str], language: PageLanguage) -> Mapping[str, str]:
        """Return what is wrong, by the name of the field. *departments* are the codes that can be chosen."""
        found = {}
        if self.circumstance is not None and self.circumstance not in CIRCUMSTANCES:
            found["circumstance"] = _UNKNOWN_CIRCUMSTANCE
        if self.department is not None and self.department not in departments:
            found["department"] = _UNKNOWN_DEPARTMENT
        days = {name: written for name in ("since", "until") if (written := getattr(self, name)) is not None}
        found |= dict.fromkeys((name for name, written in days.items() if not _is_day(written)), _NO_DAY)
        if not found and self.since and self.until and self.until < self.since:
            found["until"] = _DAYS_IN_WRONG_ORDER
        return {name: language.choose(*words) for name, words in found.items()}

    def shown_day(self, name: str) -> str:
        """Return what the field of a day shows: what was typed, if it is no longer than a day."""
        written = getattr(self, name) or ""
        return written if len(written) <= LONGEST_DAY else ""


def _is_day(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False
