"""What follows from a restraint, as data: the governing document's measures, and further ones by law [5.2] [5.2.4]."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from credit.restraint import Circumstance
from credit.ways_out import DataFileRefused


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. It follows from a restraint of one of *circumstances*, from its first day to its last, if any."""

    code: str
    name_zh: str
    name_en: str
    effect_zh: str
    effect_en: str
    clause: str
    citation: str
    circumstances: frozenset[Circumstance]
    starts_on: date
    ends_on: date | None

    def is_in_force(self, on: date) -> bool:
        """Tell whether the measure exists on the day *on*."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


def following(measures: Iterable[Measure], on: date, circumstance: Circumstance | None = None) -> tuple[Measure, ...]:
    """Return what follows on the day *on* from a restraint of *circumstance*; of any, where none is named [5.2]."""
    return tuple(
        measure
        for measure in measures
        if measure.is_in_force(on) and (circumstance is None or circumstance in measure.circumstances)
    )


def shipped() -> tuple[Measure, ...]:
    """Return the measures that come with this package."""
    return load(files("credit") / "measures.toml")


def with_own(own: Traversable | None) -> tuple[Measure, ...]:
    """Return these, and those of the deployment's own file after them [5.2.4]. Raises DataFileRefused."""
    shipped_file = files("credit") / "measures.toml"
    return load(shipped_file) if own is None else load(shipped_file, own)


def load(*sources: Traversable) -> tuple[Measure, ...]:
    """Read measures from TOML files (paths will do), in their order. Raises DataFileRefused, naming the file."""
    known: dict[str, Measure] = {}
    for source in sources:
        for entry in _entries(source):
            measure = _measure(source.name, entry)
            if measure.code in known:
                raise DataFileRefused(source.name, f"{measure.code} is there twice.")
            known[measure.code] = measure
    return tuple(known.values())


_TEXTS: Final = ("code", "name_zh", "name_en", "effect_zh", "effect_en", "clause", "citation")
_REQUIRED: Final = frozenset({*_TEXTS, "from"})
_OPTIONAL: Final = frozenset({"circumstances", "until"})


def _entries(source: Traversable) -> Sequence[Mapping[str, object]]:
    try:
        content = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileRefused(source.name, "it cannot be read as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise DataFileRefused(source.name, f"it is not TOML: {error}.") from error
    entries = content.get("measure")
    if set(content) != {"measure"} or not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise DataFileRefused(source.name, "it needs [[measure]] tables, and nothing else.")
    return entries


def _measure(file: str, entry: Mapping[str, object]) -> Measure:
    if not _REQUIRED <= set(entry) <= _REQUIRED | _OPTIONAL:
        strange = sorted((set(entry) ^ _REQUIRED) - _OPTIONAL)
        raise DataFileRefused(file, f"a measure lacks or has too much: {', '.join(strange)}.")
    texts = {name: entry[name] for name in _TEXTS}
    if blank := next((name for name, text in texts.items() if not isinstance(text, str) or not text.strip()), None):
        raise DataFileRefused(file, f"{blank} is not a text.")
    starts_on, ends_on = entry["from"], entry.get("until")
    # A datetime is a date too, and would never be equal to one.
    if type(starts_on) is not date or not (ends_on is None or (type(ends_on) is date and ends_on >= starts_on)):
        raise DataFileRefused(file, "from and until are not days in this order.")
    named = entry.get("circumstances", list(Circumstance))
    if not isinstance(named, list) or not named or not set(named) <= set(Circumstance):
        raise DataFileRefused(file, f"circumstances knows {', '.join(Circumstance)} only.")
    return Measure(
        **{name: str(text) for name, text in texts.items()},
        circumstances=frozenset(Circumstance(each) for each in named),
        starts_on=starts_on,
        ends_on=ends_on,
    )
