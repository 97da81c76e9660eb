"""Each refusal that a mutation can meet is in its result union: another would be answered as an internal error.

The actions are followed by the names that they mention, through the imports of each module. This finds more than can
come about at run time, so `CANNOT_COME` lists what a check before it makes impossible.
"""

import ast
from collections.abc import Iterator

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from tests.architecture.syntax_trees import syntax_trees
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
    # It counts from today.
    "raiseObjection": {"DayOutOfOrder"},
    "assignObjection": {"DayOutOfOrder"},
    # A promise is settled today, and only if it is open; the outcome WITHDRAWN is refused as an argument.
    "decideApplication": {"PromiseRefused", "NotDue", "DateOutOfBounds", "InconsistentFacts"},
    "withdrawApplication": {"PromiseRefused", "NotDue", "DateOutOfBounds"},
    # The breach is made only of a verification that found the commitment not met.
    "verifyCommitment": {"NotDue"},
    # The authorisation is new.
    "recordPaperAuthorisation": {"NotNow"},
}
"""By mutation: the branches that its action mentions but never meets."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def imported(name: str, module: ast.Module) -> dict[str, str]:
    """Return the full name of everything that *module* imports or defines at its top, by its name there."""
    found: dict[str, str] = {}
    for node in module.body:
        if isinstance(node, ast.ImportFrom):
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, Function | ast.ClassDef):
            found[node.name] = f"{name}.{node.name}"
    return found


def functions() -> Iterator[tuple[str, dict[str, str], Function]]:
    """Give each function and method by its full name, with the names of its module."""
    for path, module in syntax_trees("consent", "credit", "schema"):
        name = ".".join(path.with_suffix("").parts)
        names = imported(name, module)
        for node in module.body:
            if isinstance(node, Function):
                yield f"{name}.{node.name}", names, node
            elif isinstance(node, ast.ClassDef):
                yield from (
                    (f"{name}.{node.name}.{each.name}", names, each) for each in node.body if isinstance(each, Function)
                )


def mentioned(names: dict[str, str], function: Function) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in names:
            found.add(names[node.id])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            found.add(f"{names[node.value.id]}.{node.attr}")
    return found


def raised(function: Function) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Raise):
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found |= {made.id} if isinstance(made, ast.Name) else set()
    return found


FUNCTIONS = {name: (mentioned(names, node), raised(node)) for name, names, node in functions()}


def met(start: str) -> set[str]:
    """Return the names of the errors that *start*, or what it mentions, raises."""
    seen: set[str] = set()
    waiting, errors = [start], set()
    while waiting:
        name = waiting.pop()
        if name in FUNCTIONS and name not in seen:
            seen.add(name)
            more, own = FUNCTIONS[name]
            errors |= own
            waiting += more
    return errors


def shown() -> dict[str, str]:
    """Return the GraphQL type of each branch, by the branch's name."""
    found: dict[str, str] = {}
    for named in SCHEMA.type_map.values():
        if isinstance(named, GraphQLObjectType) and "Refusal" in {each.name for each in named.interfaces}:
            branches = named.extensions["strawberry-definition"].origin.shows
            found |= {branch.__name__: named.name for branch in branches}
    return found


def resolver_of(mutation: str) -> str:
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in mutation)
    (found,) = [name for name in FUNCTIONS if name.startswith("schema.") and name.endswith(f"Mutation.{words}")]
    return found


@pytest.mark.parametrize("mutation", UNIONS)
def test_its_result_names_every_refusal_that_its_action_can_meet(mutation: str) -> None:
    union = UNIONS[mutation]
    assert isinstance(union, GraphQLUnionType)
    types, members = shown(), {each.name for each in union.types}
    lost = {branch for branch in met(resolver_of(mutation)) if branch in types and types[branch] not in members}
    assert lost == CANNOT_COME.get(mutation, set())
