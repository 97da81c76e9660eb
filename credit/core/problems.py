"""Collects all problems of an input, so that they are reported together."""

from collections.abc import Callable
from typing import TypeVar

from credit.core.errors import InvalidItem, NotWellFormed, Problem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean

Parsed = TypeVar("Parsed")


class Complaints:
    """The problems found so far, by field."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def take(self, field: str, parse: Callable[[str], Parsed], raw: str) -> Parsed | None:
        """Return the result of *parse* for *raw*, or None, with the problem recorded under *field*."""
        try:
            return parse(raw)
        except NotWellFormed as error:
            self.problems.append(Problem.of(field, error))
            return None

    def take_if_given(self, field: str, parse: Callable[[str], Parsed], raw: str | None) -> Parsed | None:
        """Return the same for a value that may be missing: a blank one is None, without a problem."""
        return self.take(field, parse, raw) if raw and clean(raw) else None

    def note(self, field: str, flaw: Flaw) -> None:
        """Record a flaw that shows only when several fields are compared."""
        self.problems.append(Problem.of(field, InvalidItem(flaw)))
