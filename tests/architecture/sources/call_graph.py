"""Which functions of the product mention which: by name, through the imports of each module.

This finds more than can come about at run time.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from tests.architecture.sources.syntax_trees import syntax_trees

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
    """Return the full names that *function* mentions."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in names:
            found.add(names[node.id])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            found.add(f"{names[node.value.id]}.{node.attr}")
    return found


@cache
def by_name() -> Mapping[str, tuple[dict[str, str], Function]]:
    """Return each function by its full name, with the names of its module: read once, by the first test that asks."""
    return {name: (names, node) for name, names, node in functions()}


@cache
def mentioned_by(name: str) -> set[str]:
    """Return what the function of this name mentions."""
    return mentioned(*by_name()[name])


def reached(start: str) -> set[str]:
    """Return *start* and every function that it, or what it mentions, mentions."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in by_name() and name not in seen:
            seen.add(name)
            waiting += mentioned_by(name)
    return seen


def resolver_of(mutation: str) -> str:
    """Return the resolver of a mutation, by its full name."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in mutation)
    (found,) = [name for name in by_name() if name.startswith("schema.") and name.endswith(f"Mutation.{words}")]
    return found
