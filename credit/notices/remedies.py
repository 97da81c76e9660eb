"""Where a determination can be contested, and until when: the document of a determination says so [5.1.1].

A determination is an administrative act. Its subject can apply for reconsideration within 60 days [ARL art. 20], to the
people's government of the authority's level [ARL art. 24], or sue within six months [ALL art. 46], each counted from
receipt. Bodies and courts differ by district and by department, so they are data.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from credit.policy_texts.data_files import content_of
from credit.policy_texts.refusals import DataFileRefused

_DISTRICT: Final = "district"
_DEPARTMENTS: Final = "departments"


@dataclass(frozen=True, slots=True)
class Remedies:
    """The two remedies against a determination: the period, where to turn, and the law of each."""

    reconsideration_days: int
    reconsideration_body: str
    reconsideration_law: str
    litigation_months: int
    court: str
    litigation_law: str

    @property
    def facts(self) -> Mapping[str, object]:
        """The facts of the document, by their names there."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RemedyTable:
    """The remedies of the district, and those of the departments for which they differ, by code."""

    district: Remedies
    departments: Mapping[str, Remedies]

    def of(self, department_code: str) -> Remedies:
        """Return the remedies against a determination of a department."""
        return self.departments.get(department_code, self.district)


def shipped(own: Traversable | None = None) -> RemedyTable:
    """Return the remedies of a deployment's *own* file, or of this package; raises DataFileRefused."""
    return load(own or files("credit.notices") / "remedies.toml")


def load(source: Traversable) -> RemedyTable:
    """Read a TOML file (a path will do); raises DataFileRefused, naming the file."""
    content = content_of(source)
    if not {_DISTRICT} <= set(content) <= {_DISTRICT, _DEPARTMENTS}:
        raise DataFileRefused(source.name, f"it needs [{_DISTRICT}], may have [{_DEPARTMENTS}.CODE], and nothing else.")
    district = _table(source.name, _DISTRICT, content[_DISTRICT])
    departments = _table(source.name, _DEPARTMENTS, content.get(_DEPARTMENTS, {}))
    return RemedyTable(
        _remedies(source.name, _DISTRICT, district),
        {
            code: _remedies(source.name, code, {**district, **_table(source.name, code, entry)})
            for code, entry in departments.items()
        },
    )


def _remedies(file: str, what: str, entry: Mapping[str, Any]) -> Remedies:
    kinds = {each.name: each.type for each in fields(Remedies)}
    if strange := sorted(set(entry) ^ set(kinds)):
        raise DataFileRefused(file, f"{what} lacks or has too much: {', '.join(strange)}.")
    for name, value in entry.items():
        is_good = isinstance(value, str) and value.strip() if kinds[name] is str else type(value) is int and value > 0
        if not is_good:
            raise DataFileRefused(file, f"{name} of {what} is no {'text' if kinds[name] is str else 'number'}.")
    return Remedies(**entry)


def _table(file: str, what: str, entry: object) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise DataFileRefused(file, f"{what} is no table.")
    return entry
