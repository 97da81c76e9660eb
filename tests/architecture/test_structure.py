"""The structure of the tree: small folders, one class for each name, standard terms."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources.syntax_trees import PRODUCT, ROOT, syntax_trees

MOST_MODULES = 15


def split_names(text: str) -> frozenset[str]:
    """Return the words of a text, in any number of lines."""
    return frozenset(text.split())


RETIRED_WORDS = split_names("""
    Archive Beat Counter Desk Door House Judge Kept Mailroom Office Road Standing Street Things Threshold Told
""")
"""Pictures that stood for a layer or a role. A word of a class's name that is among them says nothing to a newcomer."""
RETIRED_MODULES = split_names("""
    collecting committing consulting correcting counter deferring demanding desk desks door house issuing judge
    keeping mailroom noting objecting road room speaking standing stating street taking telling things threshold
    told trying ways_out words
""")

GRAPHQL_NAMES = split_names("RecordRecipientToldInput")
"""Types whose name clients write: it stays."""


def modules(*packages: str) -> Iterator[Path]:
    """Give every module, as a path from the root; migrations are named by their number."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def classes() -> Iterator[tuple[Path, str]]:
    """Give every public class of the product with its module."""
    for path, module in syntax_trees(*PRODUCT):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield path, node.name


def shared_names() -> set[str]:
    """Return the names of several classes. A GraphQL type may have the name of the domain type that it shows."""
    found: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for path, name in classes():
        found[name][path.parts[0] == "schema"] += 1
    return {name for name, counts in found.items() if max(counts.values()) > 1}


def words_of(name: str) -> set[str]:
    """Return the words of a class's name."""
    return set(re.findall(r"[A-Z][a-z]*", name))


@pytest.mark.parametrize("packages", [PRODUCT, ("tests",)], ids=["product", "tests"])
def test_a_folder_has_at_most_fifteen_modules(packages: tuple[str, ...]) -> None:
    sizes = Counter(path.parent for path in modules(*packages) if path.name != "__init__.py")
    assert {str(folder): size for folder, size in sizes.items() if size > MOST_MODULES} == {}


def test_one_name_is_one_class() -> None:
    assert shared_names() == set()


def test_no_class_is_imported_under_another_name() -> None:
    """Where a GraphQL type has the name of the domain type, the module of the domain type is imported."""
    renamed = {
        f"{path}:{alias.name}"
        for path in modules("schema", "credit", "consent", "policy")
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname is not None and alias.asname != alias.name and alias.asname[0].isupper()
    }
    assert renamed == set()


def test_no_class_carries_a_retired_word() -> None:
    found = {
        f"{path}:{name}" for path, name in classes() if words_of(name) & RETIRED_WORDS and name not in GRAPHQL_NAMES
    }
    assert found == set()


def test_no_module_is_named_by_a_retired_word() -> None:
    assert [str(path) for path in modules(*PRODUCT, "tests") if path.stem in RETIRED_MODULES] == []


@pytest.mark.parametrize(
    ("name", "apart"), [("BuildHouse", {"Build", "House"}), ("SqlArchive", {"Sql", "Archive"}), ("Roads", {"Roads"})]
)
def test_a_name_is_taken_apart_at_its_capitals(name: str, apart: set[str]) -> None:
    """Otherwise the test of retired words would pass because it finds nothing."""
    assert words_of(name) == apart
