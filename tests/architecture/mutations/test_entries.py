"""Every mutation leaves an entry in the ledger, or stands in a list with the reason why it does not [5.1.6].

`tests/journeys` checks the same table against the requests that it sends.
"""

import ast

import pytest

from tests.architecture.sources.call_graph import by_name, reached, resolver_of
from tests.architecture.sources.entries_of_acts import MUTATIONS_WITHOUT, OF_MUTATIONS
from tests.shipped_schema import shipped_types

MUTATIONS = shipped_types().mutation_type
assert MUTATIONS is not None
APPENDED_BY = {
    "cases.append": "case-step",
    "applications.append": "application-step",
    "objections.append": "hearing-step",
    "authorisations.append_event": "consent-event",
    "delegations.append_event": "delegation-event",
    "subjects.record": "registration",
    "issued_notices.add": "issued-notice",
    "focused_checks.append": "focused-check",
    "consultations.save": "consultation-line",
    "own_logs.append_lookups": "number-lookup",
    "record_event": "subject-event",
    "notifications.see": "subject-event",
}
"""What a call of a unit of work appends, as the repositories do it."""


def calls(function: ast.AST) -> set[str]:
    """Return what a function calls of its unit of work: `cases.append`."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            path = ast.unparse(node).split(".")
            if path[0] == "work":
                found.add(".".join(path[1:]))
    return found


def can_leave(mutation: str) -> set[str]:
    """Return the kinds of entries that a mutation can leave."""
    called = {each for name in reached(resolver_of(mutation)) for each in calls(by_name()[name][1])}
    return {APPENDED_BY[each] for each in called if each in APPENDED_BY}


def test_each_mutation_leaves_an_entry_or_has_a_reason_not_to() -> None:
    assert OF_MUTATIONS.keys() | MUTATIONS_WITHOUT.keys() == MUTATIONS.fields.keys()
    assert not OF_MUTATIONS.keys() & MUTATIONS_WITHOUT.keys()


@pytest.mark.parametrize("mutation", OF_MUTATIONS)
def test_it_reaches_what_appends_its_entries(mutation: str) -> None:
    assert set(OF_MUTATIONS[mutation]) - {"number-lookup"} <= can_leave(mutation)


@pytest.mark.parametrize("mutation", MUTATIONS_WITHOUT)
def test_one_with_a_reason_appends_nothing(mutation: str) -> None:
    assert can_leave(mutation) == set()
