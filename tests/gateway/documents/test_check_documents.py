"""Manifests of front-ends, read and checked before they are loaded: each flaw by its name, with the line."""

# ruff: noqa: E501 - one row of a table is one line

from pathlib import Path
from typing import Any

import pytest

from consent.vocabulary import Purpose
from gateway.documents.check_documents import CheckedDocument, DocumentChecker
from gateway.documents.errors import ManifestRefused
from gateway.documents.manifests import DocumentTerms, ManifestDocument, read_manifest, read_terms
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.actors import Role
from policy.decisions import load, raise_disagreement
from schema.core.fields import field_map, refusal_fields
from schema.core.limits import Limits
from schema.core.measured.costs import field_costs
from schema.execution.planning.operation_plan import PlanContext
from tests.gateway.documents.manifests import FIRST, LISTED, ME, NEXT, TARGET, apollo, codegen, hash_of, relay, written
from tests.shipped_schema import shipped_types


@pytest.fixture(scope="module")
def plan_context() -> PlanContext:
    schema = shipped_types()
    policy = load(POLICY_OF_THIS_RELEASE, refusal_fields(schema), raise_disagreement)
    return PlanContext(schema, field_map(schema), policy, Limits(), lambda content: content, field_costs(schema))


@pytest.mark.parametrize("form", [codegen, relay, apollo])
def test_three_forms_of_manifest_are_read_alike(tmp_path: Path, form: Any) -> None:
    found = read_manifest(written(tmp_path / "m.json", form(FIRST, ME)))
    assert sorted(found) == sorted([ManifestDocument(hash_of(FIRST), FIRST), ManifestDocument(hash_of(ME), ME)])


@pytest.mark.parametrize(
    ("case", "content", "says"),
    [
        ("no JSON", b"{", "is no JSON"),
        ("an id twice", b'{"a": "query A { viewer { ref } }", "a": "x"}', "has an id twice"),
        ("the same id in two spellings", b'{"sha256:a": "query A { viewer { ref } }", "a": "x"}', "no documents in a form"),
        ("a list", b"[]", "no documents in a form"),
        ("nothing", b"{}", "no documents in a form"),
        ("texts that are none", b'{"a": 1}', "no documents in a form"),
        ("a form of another tool", b'{"format": "x", "operations": []}', "no documents in a form"),
        ("operations that are none", b'{"format": "apollo-persisted-query-manifest", "operations": [1]}', "no documents in a form"),
        ("ids that are none", b'{"format": "apollo-persisted-query-manifest", "operations": [{"id": [], "body": ""}]}', "no documents in a form"),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused_by_name(tmp_path: Path, case: str, content: bytes, says: str) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(content)
    with pytest.raises(ManifestRefused, match=says) as refused:
        read_manifest(path)
    assert refused.value.hint, case


@pytest.mark.parametrize(
    ("case", "content", "says"),
    [
        ("no TOML", "[A", "is no TOML"),
        ("another key", "[A]\nrole = 1", "something else"),
        ("a value at the top", "purpose = 'AUDIT'", "something else"),
        ("no purpose", "[A]\npurpose = 'X'", "no purpose or role"),
        ("no role", "[A]\nroles = ['x']", "no purpose or role"),
        ("roles in one text", "[A]\nroles = 'clerk'", "are no list"),
    ],
)
def test_what_is_no_file_of_terms_is_refused_by_name(tmp_path: Path, case: str, content: str, says: str) -> None:
    path = tmp_path / "terms.toml"
    path.write_text(content)
    with pytest.raises(ManifestRefused, match=says):
        read_terms(path)


def checked(plan_context: PlanContext, *texts: str, terms: Any = None, **defaults: Any) -> list[CheckedDocument]:
    checker = DocumentChecker(plan_context, terms or {}, DocumentTerms(**defaults))
    return list(checker.check([ManifestDocument(hash_of(text), text) for text in texts]))


def test_a_document_that_holds_has_its_purpose_its_roles_and_what_it_is_never_shown(plan_context: PlanContext) -> None:
    first, following, me = checked(plan_context, FIRST, NEXT, ME)
    assert (first.name, first.purpose, first.admitted) == ("Targets", Purpose.FOCUSED_CHECK, {Role.REGULATOR})
    assert first.withheld == ["NaturalPerson.phone"]
    assert (following.name, following.purpose) == ("TargetsNext", Purpose.FOCUSED_CHECK), "of what shares its fragment"
    assert (me.purpose, me.admitted, me.roles) == (None, set(Role), set())
    assert not [*first.flaws, *following.flaws, *me.flaws]


def test_a_document_has_the_purpose_of_its_roots_whatever_shares_its_fragments(plan_context: PlanContext) -> None:
    (rooted, _) = checked(plan_context, ROOTED, DETERMINED)
    assert (rooted.purpose, rooted.admitted, rooted.flaws) == (Purpose.FOCUSED_CHECK, {Role.REGULATOR}, [])


def test_the_queries_that_relay_writes_for_a_fragment_have_its_purpose(plan_context: PlanContext) -> None:
    """It appends a hash of the arguments to the fragment's name, and refetches an object by its id."""
    first, following = (
        text.replace("Target ", f"List_cases_{tail} ") for text, tail in ((FIRST, "yu5n1"), (NEXT, "1G22uz"))
    )
    again = f"query Again($id: ID!) {{ node(id: $id) {{ ...Target }} }} {TARGET}"
    found = checked(plan_context, first, following, again, terms={"Again": DocumentTerms(Purpose.FOCUSED_CHECK)})
    assert [each.flaws for each in found] == [[], [], []]
    assert [each.purpose for each in found] == [Purpose.FOCUSED_CHECK] * 3
    assert found[2].admitted == {Role.REGULATOR}


DETERMINED = (
    FIRST.replace("query Targets", "query Others")
    .replace("FOCUSED_CHECK", "DETERMINATION")
    .replace("focusedCheckTargets", "restraintCases")
)
ROOTED = NEXT.replace("TargetsNext", "Rooted").replace("after: $c", "after: $c, accessPurpose: FOCUSED_CHECK")
FLAWS = (
    ("syntax", ("query A {",), {}, ("A", "GRAPHQL_PARSE_FAILED", 1)),
    ("a field that is not there", ("query A {\n viewer {\n  nothing\n } }",), {}, ("A", "GRAPHQL_VALIDATION_FAILED", 3)),
    ("introspection", ("query A { __schema { types { name } } }",), {}, ("A", "GRAPHQL_VALIDATION_FAILED", 1)),
    ("two operations", (f"{ME} query You {{ viewer {{ ref }} }}",), {}, ("Me", "GRAPHQL_VALIDATION_FAILED", None)),
    ("no name", ("{ viewer { ref } }",), {}, ("", "OPERATION_WITHOUT_NAME", 1)),
    ("too deep", ("query A " + "{ a" * 20 + "}" * 20,), {}, ("A", "LIMIT_EXCEEDED", None)),
    ("an id in the document", ('query A @purpose(is: DETERMINATION) { node(id: "x") { id } }',), {}, ("A", "BAD_USER_INPUT", 1)),
    ("a number in it", ('query A @purpose(is: DETERMINATION) {\n subjectByIdentifier(kind: ID_NUMBER, number: "370305190001010015") { id } }',), {}, ("A", "NUMBER_IN_DOCUMENT", 2)),
    ("a purpose by a variable", ("query A($p: Purpose!) @purpose(is: $p) { viewer { ref } }",), {}, ("A", "PURPOSE_NOT_CONSTANT", None)),
    ("two purposes in its roots", (ROOTED.replace("{ focused", "{ n: worklist(accessPurpose: AUDIT) { totalCount } focused"),), {}, ("Rooted", "PURPOSE_CONFLICT", None)),
    ("a purpose by a variable of its root", (ROOTED.replace("($n: Int!", "($n: Int!, $p: Purpose!").replace("FOCUSED_CHECK", "$p"),), {}, ("Rooted", "PURPOSE_REQUIRED", 1)),
    ("no purpose", (NEXT,), {}, ("TargetsNext", "PURPOSE_REQUIRED", 1)),
    ("a write without a purpose", ("mutation W($i: AuthorisationInput!) {\n withdrawAuthorisation(input: $i) { __typename } }",), {}, ("W", "PURPOSE_REQUIRED", 1)),
    ("fragments of two purposes", (FIRST, DETERMINED, NEXT), {}, ("TargetsNext", "PURPOSE_UNCLEAR", None)),
    ("another purpose than its own", (FIRST,), {"terms": {"Targets": DocumentTerms(Purpose.AUDIT)}}, ("Targets", "PURPOSE_CONFLICT", None)),
    ("a role that may not send it", (FIRST,), {"roles": frozenset({Role.REGULATOR, Role.CLERK})}, ("Targets", "ROOT_REFUSED", 1)),
    ("a purpose for which nobody may", (NEXT,), {"purpose": Purpose.CREDIT_CHECK}, ("TargetsNext", "ROOT_REFUSED", 1)),
)  # fmt: skip


@pytest.mark.parametrize(("case", "texts", "given", "expected"), FLAWS, ids=[row[0] for row in FLAWS])
def test_a_document_that_does_not_hold_is_refused_by_name_and_line(
    plan_context: PlanContext, case: str, texts: tuple[str, ...], given: dict[str, Any], expected: Any
) -> None:
    flawed = [each for each in checked(plan_context, *texts, **given) if each.flaws]
    assert [(each.name, each.flaws[0].code, each.flaws[0].line) for each in flawed] == [expected], case


def test_an_id_is_the_hash_of_its_text(plan_context: PlanContext) -> None:
    """Relay's compiler takes MD5 unless it is told otherwise."""
    (found,) = DocumentChecker(plan_context).check([ManifestDocument("0" * 32, ME)])
    assert [flaw.code for flaw in found.flaws] == ["DOCUMENT_ID_DIFFERS"]


def test_terms_give_each_document_its_purpose_and_roles(tmp_path: Path, plan_context: PlanContext) -> None:
    path = tmp_path / "terms.toml"
    path.write_text('[TargetsNext]\npurpose = "FOCUSED_CHECK"\nroles = ["regulator"]\n[Nobody]\n')
    checker = DocumentChecker(plan_context, read_terms(path), DocumentTerms(Purpose.PUBLICITY))
    found = checker.check([ManifestDocument(hash_of(text), text) for text in (NEXT, LISTED)])
    assert [(each.purpose, each.roles, each.flaws) for each in found] == [
        (Purpose.FOCUSED_CHECK, {Role.REGULATOR}, []), (Purpose.PUBLICITY, set(), [])
    ]  # fmt: skip
    assert checker.unknown_names(found) == ["Nobody"]
    assert TARGET in NEXT
