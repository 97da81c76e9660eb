"""How the portal says dates, counts and the values of enums, in the language of its visitor."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.portal.languages import PageLanguage
from schema.reference.labels import label_of

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
NOTHING: Final = "—"
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: PageLanguage

    def day(self, written: str | None) -> str:
        """Return a day, such as `2026-03-05`, in words; a dash for none."""
        if written is None:
            return NOTHING
        found = date.fromisoformat(written)
        return self.language.choose(
            f"{found.year}年{found.month}月{found.day}日", f"{found.day} {MONTHS[found.month - 1]} {found.year}"
        )

    def instant(self, written: str | None) -> str:
        """Return an instant with its offset, as the day and the time in Asia/Shanghai; a dash for none."""
        if written is None:
            return NOTHING
        found = datetime.fromisoformat(written).astimezone(SHANGHAI)
        return f"{self.day(found.date().isoformat())} {found:%H:%M}"

    def count(self, number: int | None, *, is_exact: bool = True) -> str:
        """Return a number with its thousands apart; a dash for none."""
        if number is None:
            return NOTHING
        return f"{number:,}" if is_exact else self.language.choose(f"{number:,} 以上", f"more than {number:,}")

    def name(self, enum: str, value: str | None) -> str:
        """Return what a value of an enum of the schema is called; a dash for none. Raises KeyError for no such one."""
        if value is None:
            return NOTHING
        label = label_of(enum, value)
        return self.language.choose(label.zh, label.en)
