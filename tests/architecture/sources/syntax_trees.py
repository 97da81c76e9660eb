"""The syntax trees of the product's modules: each module is parsed once for all tests."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PRODUCT = ("gateway", "schema", "policy", "consent", "credit", "storage", "queryplan")


def syntax_trees(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    """Give each module of the packages, as a path from the root, with its tree. A tree is shared: do not change it."""
    for package in packages:
        yield from _of_package(package)


@cache
def _of_package(package: str) -> tuple[tuple[Path, ast.Module], ...]:
    paths = sorted((ROOT / package).rglob("*.py"))
    return tuple((path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)
