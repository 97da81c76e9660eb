"""What a visitor chooses of a list, as the address states it, and what is wrong with it. It names nobody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final, Self
from urllib.parse import urlencode

from starlette.requests import Request

from gateway.portal.languages import Language

PAGE: Final = 20
LONGEST_DAY: Final = 10
"""The characters of a day. What is longer is none, might be a number of somebody, and is not shown again."""
Bilingual = tuple[str, str]
_UNKNOWN_DEPARTMENT: Final = "没有这个部门，请从列表中选择。", "There is no such department. Choose one of the list."
_NO_DAY: Final = "这不是日历中的日期。请按 2026-03-05 的形式填写。", "This is not a day. Write it like 2026-03-05."
_DAYS_IN_WRONG_ORDER: Final = "不能早于起始日期。", "This is before the first day."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The page of a list that a visitor has chosen; a list with filters adds its own fields."""

    after: str | None
    before: str | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Return the choice that the address states; what is empty is not chosen."""
        return cls(**{each.name: request.query_params.get(each.name) or None for each in fields(cls)})

    def address(self, **other: str | None) -> str:
        """Return the same choice with *other* parts, as the query of an address."""
        parts = {each.name: getattr(self, each.name) for each in fields(self)} | other
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def page(self) -> Mapping[str, object]:
        """The arguments that say which page it is."""
        if self.before is not None:
            return {"last": PAGE, "before": self.before}
        return {"first": PAGE, "after": self.after}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredChoice(Choice):
    """A choice of a department and of the days from *since* to *until*. A list with more filters adds its own."""

    department: str | None
    since: str | None
    until: str | None

    def flaws(self, departments: Collection[str], language: Language) -> Mapping[str, str]:
        """Return what is wrong, by the name of the field. *departments* are the codes that can be chosen."""
        found = dict(self._own_flaws())
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

    def _own_flaws(self) -> Mapping[str, Bilingual]:
        """Return what is wrong with the filters that this list adds."""
        return {}


def _is_day(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False
