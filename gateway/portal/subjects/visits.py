"""Who looked at a subject, visit by visit: the entries that one request left make one visit [5.1.6]."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar

CLEAR: Final = "CLEAR"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that showed something of a subject, or of several that a delegate acts for.

    *at* is an instant with its offset, *department* has its names in both languages. *grounds* are pairs of a basis and
    its clauses, each basis once. *clear* and *masked* are classes of data; what was shown both ways is clear. What the
    log does not say to this visitor is None or empty.
    """

    at: str
    actor: str | None
    operator_act: str | None
    role: str | None
    department: Mapping[str, str] | None
    purpose: str | None
    subjects: tuple[str, ...]
    grounds: tuple[tuple[str, str], ...]
    clear: tuple[str, ...]
    masked: tuple[str, ...]
    opened_on: str | None
    """The day on which a delayed entry opened; None for the others."""


def visits_of(entries: Sequence[Mapping[str, Any]]) -> Sequence[Visit]:
    """Return the visits of *entries*, in their order."""
    return [_visit(list(group)) for _, group in groupby(entries, _request_of)]


def _request_of(entry: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what the entries of one request have in common: the instant, the account, what it ran and what for."""
    return tuple(entry[name] for name in ("at", "actor", "actingRole", "purpose", "documentHash"))


def _visit(entries: Sequence[Mapping[str, Any]]) -> Visit:
    first = entries[0]
    shown = [each for entry in entries for each in entry["fieldsShown"] or ()]
    clear = _each_once(each["dataClass"] for each in shown if each["form"] == CLEAR)
    masked = _each_once(each["dataClass"] for each in shown if each["form"] != CLEAR)
    delay = first["delay"]
    return Visit(
        at=first["at"],
        actor=first["actor"],
        operator_act=first["operatorAct"],
        role=first["actingRole"],
        department=first["department"],
        purpose=first["purpose"],
        subjects=_each_once(entry["subject"]["name"] for entry in entries if entry["subject"] is not None),
        grounds=_grounds([each for entry in entries for each in entry["grounds"] or ()]),
        clear=clear,
        masked=tuple(each for each in masked if each not in clear),
        opened_on=None if delay is None else delay["opensOn"],
    )


def _grounds(found: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return each basis with all clauses that are cited for it, as `("STATUTE", "5.1.4(5) 6.2")`."""
    bases = _each_once(each["basis"] for each in found)
    return tuple(
        (basis, " ".join(_each_once(c for each in found if each["basis"] == basis for c in each["citation"].split())))
        for basis in bases
    )


def _each_once(items: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(each for each in items if each is not None))
