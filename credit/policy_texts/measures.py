"""The measures that follow from a restraint, as data: the document's, and further ones by law [5.2] [5.2.4]."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from credit.cases.status import Circumstance
from credit.policy_texts.data_files import Entry, by_code, span_of, texts_of
from credit.policy_texts.refusals import DataFileRefused


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
        """Return whether the measure exists on the day *on*."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


def following(measures: Iterable[Measure], on: date, circumstance: Circumstance | None = None) -> tuple[Measure, ...]:
    """Return the measures on the day *on* for a restraint of *circumstance*, or of any if None [5.2]."""
    return tuple(
        measure
        for measure in measures
        if measure.is_in_force(on) and (circumstance is None or circumstance in measure.circumstances)
    )


def shipped(own: Traversable | None = None) -> tuple[Measure, ...]:
    """Return the measures that come with this package, followed by those of a deployment's *own* file [5.2.4].

    Raises DataFileRefused.
    """
    file = files("credit.policy_texts") / "measures.toml"
    return load(file) if own is None else load(file, own)


def load(*sources: Traversable) -> tuple[Measure, ...]:
    """Read measures from TOML files (paths will do), in their order. Raises DataFileRefused, naming the file."""
    return tuple(by_code(sources, "measure", _measure).values())


_TEXTS: Final = ("code", "name_zh", "name_en", "effect_zh", "effect_en", "clause", "citation")


def _measure(file: str, entry: Entry) -> tuple[str, Measure]:
    texts = texts_of(file, "a measure", entry, _TEXTS, {"from"}, {"circumstances", "until"})
    starts_on, ends_on = span_of(file, entry)
    named = entry.get("circumstances", list(Circumstance))
    if not isinstance(named, list) or not named or not set(named) <= set(Circumstance):
        raise DataFileRefused(file, f"circumstances knows {', '.join(Circumstance)} only.")
    circumstances = frozenset(Circumstance(each) for each in named)
    return texts["code"], Measure(**texts, circumstances=circumstances, starts_on=starts_on, ends_on=ends_on)
