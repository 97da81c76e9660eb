"""Each refusal that a mutation can meet is in its result union: another would be answered as an internal error.

The actions are followed by the names that they mention (`call_graph`). This finds more than can come about at run time,
so `CANNOT_COME` lists what a check before it makes impossible.
"""

import ast
from functools import cache

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from tests.architecture.sources.call_graph import by_name, reached, resolver_of
from tests.shipped_schema import shipped_types

SCHEMA = shipped_types()
assert SCHEMA.mutation_type is not None
UNIONS = {name: get_named_type(field.type) for name, field in SCHEMA.mutation_type.fields.items()}
CANNOT_COME = {
    # The record was found by the caller's own department, or is none that the caller may know.
    "collectDefault": {"NotTheirs"},
    "collectUnmetCommitment": {"NotTheirs"},
    "markConfidential": {"NotTheirs"},
    "unmarkConfidential": {"NotTheirs"},
    # The admission of a handler is for the letter that the handler enters.
    "stateDefence": {"NotTheirs"},
    "claimRectification": {"NotTheirs"},
    # The subject objects by itself and today; the rest is for the paper that an officer enters.
    "raiseObjection": {"DayOutOfOrder", "NotTheirs", "Lacking"},
    "assignObjection": {"DayOutOfOrder"},
    # A promise is settled today, and only if it is open; the outcome WITHDRAWN is refused as an argument.
    "decideApplication": {"PromiseRefused", "NotDue", "DateOutOfBounds", "InconsistentFacts"},
    "withdrawApplication": {"PromiseRefused", "NotDue", "DateOutOfBounds"},
    "enterApplicationWithdrawal": {"PromiseRefused", "NotDue", "DateOutOfBounds"},
    # Only a paper is refused because another one was contested.
    "withdrawDeferral": {"ApplicationRefused"},
    "withdrawCommitment": {"ApplicationRefused"},
    # What is wrong with a letter is met by the officer who enters it.
    "refuseAuthorisation": {"BadEvidence"},
    "narrowAuthorisation": {"BadEvidence"},
    "withdrawAuthorisation": {"BadEvidence"},
    "decideGuardianship": {"BadEvidence"},
    "contestGuardianship": {"BadEvidence", "NotDelegable"},
    # The breach is made only of a verification that found the commitment not met.
    "verifyCommitment": {"NotDue"},
    # The authorisation is new.
    "recordPaperAuthorisation": {"NotNow"},
    # What a ward gave is ended only where it is open.
    "recordDelegation": {"NotNow", "BadEvidence"},
}
"""By mutation: the branches that its action mentions but never meets."""


@cache
def raised(name: str) -> set[str]:
    """Return the names of the errors that the function of this name raises itself."""
    found: set[str] = set()
    for node in ast.walk(by_name()[name][1]):
        if isinstance(node, ast.Raise):
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found |= {made.id} if isinstance(made, ast.Name) else set()
    return found


def met(start: str) -> set[str]:
    """Return the names of the errors that *start*, or what it mentions, raises."""
    return {error for name in reached(start) for error in raised(name)}


def shown() -> dict[str, str]:
    """Return the GraphQL type of each branch, by the branch's name."""
    found: dict[str, str] = {}
    for named in SCHEMA.type_map.values():
        if isinstance(named, GraphQLObjectType) and "Refusal" in {each.name for each in named.interfaces}:
            branches = named.extensions["strawberry-definition"].origin.shows
            found |= {branch.__name__: named.name for branch in branches}
    return found


@pytest.mark.parametrize("mutation", UNIONS)
def test_its_result_names_every_refusal_that_its_action_can_meet(mutation: str) -> None:
    union = UNIONS[mutation]
    assert isinstance(union, GraphQLUnionType)
    types, members = shown(), {each.name for each in union.types}
    lost = {branch for branch in met(resolver_of(mutation)) if branch in types and types[branch] not in members}
    assert lost == CANNOT_COME.get(mutation, set())
