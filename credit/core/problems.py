"""Collecting everything that is wrong, so that whoever has to mend it hears it once."""

from collections.abc import Callable
from typing import TypeVar

from credit.core.cells import clean
from credit.core.errors import InvalidItem, NotWellFormed, Problem
from credit.core.flaws import Flaw

Parsed = TypeVar("Parsed")


class Complaints:
    """The problems found so far, by field."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def take(self, field: str, parse: Callable[[str], Parsed], raw: str) -> Parsed | None:
        """Return what *parse* makes of *raw*, or None with a problem noted under *field*."""
        try:
            return parse(raw)
        except NotWellFormed as error:
            self.problems.append(Problem.of(field, error))
            return None

    def take_if_given(self, field: str, parse: Callable[[str], Parsed], raw: str | None) -> Parsed | None:
        """Return the same for a value that may be missing: a blank one is None, without a problem."""
        return self.take(field, parse, raw) if raw and clean(raw) else None

    def note(self, field: str, flaw: Flaw) -> None:
        """Note a flaw that shows only when several fields are held together."""
        self.problems.append(Problem.of(field, InvalidItem(flaw)))
