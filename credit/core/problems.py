"""Collects all problems of an input, so that they are reported together."""

from collections.abc import Callable
from typing import TypeVar

from credit.core.errors import InvalidItem, NotWellFormed, Problem
from credit.core.flaws import Flaw
from credit.core.values.blanks import is_blank

Parsed = TypeVar("Parsed")


class Complaints:
    """The problems found so far, by field."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        """What was left out of an input that is accepted all the same."""

    def take(self, field: str, parse: Callable[[str], Parsed], raw: str) -> Parsed | None:
        """Return the result of *parse* for *raw*, or None, with the problem recorded under *field*."""
        try:
            return parse(raw)
        except NotWellFormed as error:
            self.problems.append(Problem.of(field, error))
            return None

    def take_if_given(self, field: str, parse: Callable[[str], Parsed], raw: str | None) -> Parsed | None:
        """Return the same for a value that may be missing: a blank one, or a word for nothing, is None."""
        return None if is_blank(raw) else self.take(field, parse, raw or "")

    def keep_if_read(self, field: str, parse: Callable[[str], Parsed], raw: str | None) -> Parsed | None:
        """Return the same, but leave a value that is not well formed out, with a warning."""
        if is_blank(raw):
            return None
        try:
            return parse(raw or "")
        except NotWellFormed as error:
            self.warnings.append(Problem.of(field, error))
            return None

    def replace(self, field: str, flaw: Flaw) -> None:
        """Record a flaw of *field* that says more than what was found so far."""
        self.problems = [problem for problem in self.problems if problem.field != field]
        self.note(field, flaw)

    def note(self, field: str, flaw: Flaw) -> None:
        """Record a flaw that shows only when several fields are compared."""
        self.problems.append(Problem.of(field, InvalidItem(flaw)))
