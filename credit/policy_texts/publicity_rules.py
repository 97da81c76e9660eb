"""The rules of publicity as data: whether and how long a restraint is listed, by circumstance and day [5.1.5] [6.3]."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from credit.cases.publicity import CountedFrom, Listing, Publicity, PublicityRule, Repair
from credit.cases.status import Circumstance
from credit.policy_texts.data_files import Entry, by_code, span_of, texts_of
from credit.policy_texts.refusals import DataFileRefused

LONGEST_MONTHS: Final = 3
"""The longest time for which the order lets a minor breach be listed, where a rule counts in months."""
SHIPPED: Final = ("district", "national")
"""The rules that come with this package."""


def shipped(name: str) -> tuple[PublicityRule, ...]:
    """Return the rules of `district` or `national`."""
    return load(files("credit.policy_texts") / f"publicity-{name}.toml")


def load(source: Traversable) -> tuple[PublicityRule, ...]:
    """Read the rules of a TOML file (a path will do). Raises DataFileRefused, naming the file."""
    return tuple(by_code((source,), "rule", _rule).values())


_TEXTS: Final = ("code", "name_zh", "name_en", "citation")
_CHOICES: Final = {"listing": Listing, "counted_from": CountedFrom, "repair": Repair}


def _rule(file: str, entry: Entry) -> tuple[str, PublicityRule]:
    required = {"from", "in_catalogue", *_CHOICES}
    texts = texts_of(file, "a rule", entry, _TEXTS, required, {"circumstances", "until", "months"})
    starts_on, ends_on = span_of(file, entry)
    for name, choices in _CHOICES.items():
        if entry[name] not in list(choices):
            raise DataFileRefused(file, f"{name} knows {', '.join(choices)} only.")
    named = entry.get("circumstances", list(Circumstance))
    if not isinstance(named, list) or not named or not set(named) <= set(Circumstance):
        raise DataFileRefused(file, f"circumstances knows {', '.join(Circumstance)} only.")
    if not isinstance(entry["in_catalogue"], bool):
        raise DataFileRefused(file, "in_catalogue is true or false.")
    publicity = Publicity(
        Listing(str(entry["listing"])),
        _months(file, entry),
        CountedFrom(str(entry["counted_from"])),
        Repair(str(entry["repair"])),
    )
    circumstances = frozenset(Circumstance(each) for each in named)
    return texts["code"], PublicityRule(
        **texts,
        circumstances=circumstances,
        starts_on=starts_on,
        ends_on=ends_on,
        in_catalogue=entry["in_catalogue"],
        publicity=publicity,
    )


def _months(file: str, entry: Entry) -> int | None:
    months = entry.get("months")
    if (entry["listing"] == Listing.MONTHS) is not (months is not None):
        raise DataFileRefused(file, "months goes with the listing MONTHS, and only with it.")
    if months is not None and (type(months) is not int or not 1 <= months <= LONGEST_MONTHS):
        raise DataFileRefused(file, f"months is a number from 1 to {LONGEST_MONTHS}.")
    return months
