"""Whoever appends an entry about a subject says by which way the act came in [5.1.6]."""

import ast
from collections.abc import Iterator

from tests.architecture.mutations.test_entries import APPENDED_BY, calls
from tests.architecture.sources.syntax_trees import syntax_trees

WORK = {"SealingUnitOfWork": 2, "SqlUnitOfWork": 1}
"""The classes of a unit of work, and how many arguments they have before the provenance."""
OTHERS = {"number-lookup"}
"""Entries that are about nobody and say so themselves."""


def without_provenance() -> Iterator[tuple[str, set[str]]]:
    """Give each function of the gateway that begins a unit of work without a provenance, and what that appends."""
    for path, module in syntax_trees("gateway"):
        for function in ast.walk(module):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
                if name in WORK and isinstance(node, ast.Call) and len(node.args) <= WORK[name]:
                    appended = {APPENDED_BY[each] for each in calls(function) if each in APPENDED_BY}
                    yield f"{path}:{function.name}", appended - OTHERS


def test_who_appends_about_a_subject_says_by_which_way() -> None:
    found = list(without_provenance())
    assert len(found) > 10, "the search finds nothing any more"
    # The relay records a delivery, for which it begins another unit of work, with a provenance.
    assert [each for each, appended in found if appended] == []
