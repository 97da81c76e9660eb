"""The documents name modules, files and tests that exist, and use no retired word."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md"), TOP / "k8s" / "README.md"])
PACKAGES = "gateway|schema|policy|storage|queryplan|consent|credit|tests|docs|bench|k8s"
PATH = re.compile(rf"`((?:{PACKAGES})/[\w/.-]*\w)/?`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")

RETIRED = re.compile(
    r"\b(roads?|streets?|houses?|counters?|desks?|doors?|mailroom|judges?|threshold|told|standings?)\b", re.IGNORECASE
)
"""Pictures that named layers and roles. Counters of Prometheus and the courier of the command line stay, as do the
witnesses of a log [c2sp.org/tlog-witness]."""


def ids(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(TOP)) for page in pages]


def lines_of(page: Path) -> Iterator[str]:
    """Give the lines of *page* without code, file names and the blocks that a test generates from the code."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"<!-- (\w+): begin -->.*?<!-- \1: end -->", "", text, flags=re.DOTALL)
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for line in text.splitlines():
        yield re.sub(r"`[^`]*`|\]\([^)]*\)|Counters? start", "", line)


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_a_page_names_files_that_exist(page: Path) -> None:
    named = set(PATH.findall(page.read_text(encoding="utf-8")))
    assert {name for name in named if not (TOP / name).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_a_link_leads_to_a_file(page: Path) -> None:
    links = set(LINK.findall(page.read_text(encoding="utf-8")))
    assert {link for link in links if not (page.parent / link).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_a_page_has_no_retired_word(page: Path) -> None:
    assert [line for line in lines_of(page) if RETIRED.search(line)] == []


def test_the_recipes_name_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (TOP / "docs" / "contributing.md").read_text(encoding="utf-8")))
    written = "".join(file.read_text(encoding="utf-8") for file in (TOP / "tests").rglob("test_*.py"))
    assert {name for name in named if f"def {name}(" not in written} == set()


def test_every_page_can_be_found() -> None:
    """A page that no other page links to is read by nobody."""
    linked = {
        (page.parent / link).resolve() for page in PAGES for link in LINK.findall(page.read_text(encoding="utf-8"))
    }
    folders = {path for path in linked if path.is_dir()}
    lost = {page for page in PAGES if page.resolve() not in linked and page.resolve().parent not in folders}
    assert {str(page.relative_to(TOP)) for page in lost} == {"CHANGELOG.md"}
