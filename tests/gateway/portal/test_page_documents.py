"""The committed documents of the portal: each holds, is used, states its purpose, and reads nothing for nothing."""

import re
from pathlib import Path

import pytest
from graphql import FieldNode, parse, visit
from graphql.language import Visitor

from consent.vocabulary import Purpose
from gateway.documents.check_documents import CheckedDocument, DocumentChecker
from gateway.documents.manifests import ManifestDocument
from gateway.portal.page_documents import FOLDER, page_documents
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.actors import Role
from policy.decisions import load, raise_disagreement
from schema.core.fields import field_map, refusal_fields
from schema.core.limits import Limits
from schema.core.measured.costs import field_costs
from schema.execution.planning.operation_plan import PlanContext
from schema.execution.preparation.document_gate import hash_of
from tests.shipped_schema import shipped_types

NAMES = sorted(page_documents())
PORTAL = FOLDER.parent
OF_EVERYBODY = {
    "everybody/departments": None,
    "everybody/figures": None,
    "everybody/public-list": Purpose.PUBLICITY,
    "everybody/rules": None,
}


@pytest.fixture(scope="module")
def checker() -> DocumentChecker:
    schema = shipped_types()
    policy = load(POLICY_OF_THIS_RELEASE, refusal_fields(schema), raise_disagreement)
    return DocumentChecker(
        PlanContext(schema, field_map(schema), policy, Limits(), lambda content: content, field_costs(schema))
    )


def checked(checker: DocumentChecker, name: str) -> CheckedDocument:
    text = page_documents()[name]
    (found,) = checker.check([ManifestDocument(hash_of(text), text)])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_document_holds_and_states_its_purpose_itself(checker: DocumentChecker, name: str) -> None:
    """As an operator's documents are checked before they are loaded: nothing else gives it a purpose."""
    assert checked(checker, name).flaws == []


@pytest.mark.parametrize(("name", "purpose"), OF_EVERYBODY.items())
def test_pages_for_everybody_are_read_for_one_purpose_and_by_anybody(
    checker: DocumentChecker, name: str, purpose: Purpose | None
) -> None:
    found = checked(checker, name)
    assert (found.purpose, Role.ANONYMOUS in found.admitted, found.withheld) == (purpose, True, [])


def sources_of(folder: str) -> str:
    """Return the modules and templates of the pages of one folder."""
    found = [*(PORTAL / folder).glob("*.py"), *(PORTAL / "templates" / folder).glob("*.html")]
    return "\n".join(path.read_text("utf-8") for path in found)


def test_every_document_is_used_by_a_page() -> None:
    named = {
        name
        for path in PORTAL.rglob("*.py")
        for name in re.findall(r'"([a-z-]+/[a-z-]+)"', path.read_text("utf-8"))
        if name in page_documents()
    }
    assert sorted(named) == NAMES


def test_pages_run_no_text_of_their_own() -> None:
    """But for the first page of a demo, which shows queries of its personas."""
    askers = {path.name for path in PORTAL.rglob("*.py") if "GraphQLRequest(" in path.read_text("utf-8")}
    assert askers == {"portal.py", "start_page.py"}
    assert "query=page_documents()[document]" in (PORTAL / "portal.py").read_text("utf-8")


class _Leaves(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.selection_set is None:
            self.found.add((node.alias or node.name).value)


@pytest.mark.parametrize("name", OF_EVERYBODY)
def test_a_page_reads_only_what_it_shows_or_works_with(name: str) -> None:
    leaves = _Leaves()
    visit(parse(page_documents()[name]), leaves)
    source = sources_of(str(Path(name).parent))
    assert [leaf for leaf in leaves.found if not re.search(rf"\b{leaf}\b", source)] == []
