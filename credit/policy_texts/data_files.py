"""Rules as data: TOML files with a list of entries, each with its texts, its source and the days on which it is valid.

Incentives [4.2.4] and measures [5.2.4] are such files. A file that contradicts itself is refused with its name and the
reason.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from credit.policy_texts.refusals import DataFileRefused

Entry = Mapping[str, object]
Value = TypeVar("Value")
Read = Callable[[str, Entry], tuple[str, Value]]
"""A function that reads an entry of the named file and returns its code and its value."""


def by_code(sources: Iterable[Traversable], word: str, read: Read[Value]) -> dict[str, Value]:
    """Return the entries of the `[[word]]` tables of *sources* by code, in their order; *read* parses an entry.

    Raises DataFileRefused, naming the file, also for a code that occurs twice.
    """
    known: dict[str, Value] = {}
    for source in sources:
        for entry in _entries(source, word):
            code, value = read(source.name, entry)
            if code in known:
                raise DataFileRefused(source.name, f"{code} is there twice.")
            known[code] = value
    return known


def texts_of(
    file: str, what: str, entry: Entry, texts: Sequence[str], required: Collection[str], optional: Collection[str]
) -> dict[str, str]:
    """Return the *texts* of an entry; it must have these and the *required* fields, and may have *optional* ones."""
    needed = {*texts, *required}
    if not needed <= set(entry) <= needed | set(optional):
        strange = sorted((set(entry) ^ needed) - set(optional))
        raise DataFileRefused(file, f"{what} lacks or has too much: {', '.join(strange)}.")
    found: dict[str, Any] = {name: entry[name] for name in texts}
    if blank := next((name for name, text in found.items() if not isinstance(text, str) or not text.strip()), None):
        raise DataFileRefused(file, f"{blank} is not a text.")
    return found


def span_of(file: str, entry: Entry) -> tuple[date, date | None]:
    """Return the first day and the last day, if any, on which an entry is valid."""
    starts_on, ends_on = entry["from"], entry.get("until")
    # A datetime is a date too, but never equals one.
    if type(starts_on) is not date or not (ends_on is None or (type(ends_on) is date and ends_on >= starts_on)):
        raise DataFileRefused(file, "from and until are not days in this order.")
    return starts_on, ends_on


def content_of(source: Traversable) -> Mapping[str, Any]:
    """Return the content of a TOML file (a path will do)."""
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileRefused(source.name, "it cannot be read as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise DataFileRefused(source.name, f"it is not TOML: {error}.") from error


def _entries(source: Traversable, word: str) -> Sequence[Entry]:
    content = content_of(source)
    entries = content.get(word)
    if set(content) != {word} or not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise DataFileRefused(source.name, f"it needs [[{word}]] tables, and nothing else.")
    return entries
