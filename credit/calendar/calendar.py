"""The official working days of mainland China, with the State Council's moved weekends.

Every year has its own table, entered once its notice is published and never guessed: libraries that offer future years
have invented them. `calendars/2026.toml` shows the form.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from credit.core.errors import CalendarNotLoaded, CalendarRefused

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_DECEMBER: Final = 12
PROMPTLY: Final = 5
"""The working days that "promptly" is at most, if a deployment sets no other number: a reading of [5.1.4(5)]."""
DELETION_DAYS: Final = 15
"""The working days for deleting what may not be used any more, if a deployment sets no other number.

The document and [PIPL 47] give none: a reading by analogy with the review [5.1.4(4)].
"""
NOTICE_EXPECTED: Final = (11, 1)
"""Month and day from which next year's table must exist: the State Council usually publishes its notice by then."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day in time. *provisional*: counted through a year whose table is missing."""

    on: date
    provisional: bool = False

    def is_missed(self, on: date) -> bool:
        """Return whether it is too late on the day *on*."""
        return on > self.on


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods in working days for which the document gives no number, so that a deployment sets them."""

    promptly: int = PROMPTLY
    deletion_days: int = DELETION_DAYS

    def applied_to(self, calendar: "Calendar") -> "Calendar":
        """Return *calendar* with these periods."""
        return replace(calendar, promptly=self.promptly, deletion_days=self.deletion_days)


PERIODS: Final = Periods()
"""Those of a deployment that sets none."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years that have a table, the days off in them beside weekends, and the weekend days worked.

    *sources* names the notice that each year's table follows. *promptly* is how many working days "promptly" is at most
    [5.1.4(5)], *deletion_days* how many a recipient has to delete [5.1.6] (`Periods`).
    """

    years: frozenset[int]
    off: frozenset[date]
    work: frozenset[date]
    promptly: int = PROMPTLY
    deletion_days: int = DELETION_DAYS
    sources: Mapping[int, str] = field(default_factory=dict, compare=False)

    def is_working_day(self, day: date) -> bool:
        """Return whether *day* is a working day. Raises CalendarNotLoaded for a year without a table."""
        if day.year not in self.years:
            raise CalendarNotLoaded(day.year)
        return self._counts(day)

    def add_working_days(self, start: date, days: int) -> date:
        """Return the last day of a period of *days* working days that begins the day after *start*.

        Raises CalendarNotLoaded for a year without a notice: no answer is better than a guessed one.
        """
        deadline = self.deadline(start, days)
        if deadline.provisional:
            raise CalendarNotLoaded(next(year for year in range(start.year, 9999) if year not in self.years))
        return deadline.on

    def deadline(self, start: date, days: int) -> Deadline:
        """Return the same day, marked as provisional if it was counted through a year without a table.

        Such a year is counted by plain weekdays. The deadline must be computed again once the table is loaded.
        """
        if days < 0:
            raise ValueError("a period cannot be negative")
        day, provisional = start, False
        while days > 0:
            day += _DAY
            provisional |= day.year not in self.years
            days -= self._counts(day)
        return Deadline(day, provisional)

    def of_year(self, year: int) -> "YearTable | None":
        """Return the content of the notice for *year*, or None without a table."""
        if year not in self.years:
            return None
        return YearTable(
            year,
            self.sources.get(year, ""),
            tuple(sorted(day for day in self.off if day.year == year)),
            tuple(sorted(day for day in self.work if day.year == year)),
        )

    def missing(self, today: date) -> tuple[int, ...]:
        """Return the years that should have a table but have none: this year, and from 1 November on also the next."""
        due = (today.year, today.year + 1) if (today.month, today.day) >= NOTICE_EXPECTED else (today.year,)
        return tuple(year for year in due if year not in self.years)

    def working_days_left(self, last: date, today: date) -> int:
        """Return how many working days follow *today* up to and including *last*: 0 on the last one itself.

        A year without a table is counted by plain weekdays, like the deadline.
        """
        return sum(self._counts(today + _DAY * ahead) for ahead in range(1, (last - today).days + 1))

    def _counts(self, day: date) -> bool:
        return day in self.work or (day.weekday() < _SATURDAY and day not in self.off)


@dataclass(frozen=True, slots=True)
class YearTable:
    """The content of one year's notice: its *source*, days off in order, and weekend days that are worked."""

    year: int
    source: str
    off: tuple[date, ...]
    work: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class YearNotice:
    """What the notice of one year lists: days off and weekend days worked, the December before included."""

    year: int
    source: str
    off: frozenset[date]
    work: frozenset[date]


def shipped() -> Calendar:
    """Return the calendar that comes with this package."""
    return calendar_of(shipped_notices().values())


def shipped_notices() -> Mapping[int, YearNotice]:
    """Return the notices that come with this package, by year."""
    return notices(files("credit.calendar") / "data")


def notices(folder: Traversable) -> Mapping[int, YearNotice]:
    """Read every `<year>.toml` of *folder* (a path will do), by year. Raises CalendarRefused, naming the file."""
    found = [
        read_notice(file)
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".toml")
    ]
    return {notice.year: notice for notice in found}


def calendar_of(found: Iterable[YearNotice]) -> Calendar:
    """Return the calendar of the notices *found*, one for each year. Raises CalendarRefused.

    A notice may move days of the December before, so two notices may mention the same day.
    """
    sources: dict[int, str] = {}
    off: set[date] = set()
    work: set[date] = set()
    for notice in found:
        sources[notice.year] = notice.source
        off |= notice.off
        work |= notice.work
    if clash := off & work:
        raise CalendarRefused("calendar", f"{min(clash)} is both off and worked.")
    return Calendar(frozenset(sources), frozenset(off), frozenset(work), sources=MappingProxyType(sources))


def read_notice(file: Traversable) -> YearNotice:
    """Read one `<year>.toml` (a path will do). Raises CalendarRefused, naming the file."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CalendarRefused(file.name, f"it is not TOML: {error}.") from error
    if set(content) != {"year", "source", "off", "work"}:
        raise CalendarRefused(file.name, "it needs year, source, off and work, and nothing else.")
    year = content["year"]
    if file.name != f"{year}.toml":
        raise CalendarRefused(file.name, "its name is not its year.")
    if not isinstance(content["source"], str) or not content["source"].strip():
        raise CalendarRefused(file.name, "it does not say which notice it follows.")
    off, work = _days(file, content, "off"), _days(file, content, "work")
    if weekdays := {day for day in work if day.weekday() < _SATURDAY}:
        raise CalendarRefused(file.name, f"{min(weekdays)} is a weekday: working it needs no mention.")
    if clash := off & work:
        raise CalendarRefused(file.name, f"{min(clash)} is both off and worked.")
    return YearNotice(year, content["source"].strip(), off, work)


def _days(file: Traversable, content: Mapping[str, object], key: str) -> frozenset[date]:
    listed = content[key]
    days: list[date] = []
    for day in listed if isinstance(listed, Iterable) else (None,):
        # A datetime is a date too, but never equals one.
        if type(day) is not date:
            raise CalendarRefused(file.name, f"{key} is not a list of days.")
        days.append(day)
    if len(set(days)) != len(days):
        raise CalendarRefused(file.name, f"{key} lists a day twice.")
    if stray := {day for day in days if not _belongs(day, content["year"])}:
        raise CalendarRefused(file.name, f"{min(stray)} belongs to another year.")
    return frozenset(days)


def _belongs(day: date, year: object) -> bool:
    return day.year == year or (day.month == _DECEMBER and day.year + 1 == year)
