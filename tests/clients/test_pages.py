"""The pages of docs/front-end/: documents are valid, each block has a name, and the table is what was seen."""

import json
import os

import pytest

from tests.clients.features import document
from tests.clients.guide import DOCUMENTS, PAGES, blocks_of, errors_of
from tests.clients.installed import HERE

RUN = ["apollo", "clients", "code-generation", "network", "python", "relay", "subscriptions", "urql"]
TABLE = PAGES / "clients.md"


def test_every_document_is_valid() -> None:
    assert {path.name: errors for path in DOCUMENTS.glob("*.graphql") if (errors := errors_of(path))} == {}


def test_every_page_is_run_and_each_of_its_blocks_has_a_name() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == RUN
    assert {block.language for page in RUN for block in blocks_of(page)} == {"js", "json", "py", "sh", "toml", "ts"}


def test_the_table_of_the_pages_is_the_golden_table() -> None:
    start, end = "<!-- clients: begin -->", "<!-- clients: end -->"
    before, _, rest = TABLE.read_text(encoding="utf-8").partition(start)
    shown, _, after = rest.partition(end)
    if "RENEW_GOLDEN" in os.environ:
        TABLE.write_text(f"{before}{start}\n{document()}{end}{after}", encoding="utf-8")
        return
    assert shown.strip() == document().strip(), "make golden writes the table anew"


@pytest.mark.parametrize("folder", ["libraries", "tools"])
def test_versions_are_exact_and_a_lock_names_no_registry(folder: str) -> None:
    package = json.loads((HERE / folder / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((HERE / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in package["dependencies"]} == package[
        "dependencies"
    ]
    assert [name for name, facts in lock.items() if name and ("resolved" in facts or "integrity" not in facts)] == []
