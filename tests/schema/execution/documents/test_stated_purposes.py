"""An operation has one purpose, whatever states it: its directive, its roots, its header, or all of them [5.1.6]."""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import Mapping
from pathlib import Path

import pytest
from graphql import GraphQLEnumType

from consent.vocabulary import WITHOUT_PURPOSE
from schema.core.fields import PURPOSE_ARGUMENT
from tests.schema.service import ServiceUnderTest
from tests.shipped_schema import shipped_types

READ = "nodes { subject { name } }"
ROOTS = f"restraintCases(accessPurpose: DETERMINATION, first: 1) {{ {READ} }}"
BY_VARIABLE = f"query($p: Purpose) {{ restraintCases(accessPurpose: $p, first: 1) {{ {READ} }} }}"
BY_DEFAULT = BY_VARIABLE.replace("$p: Purpose", "$p: Purpose = DETERMINATION")
OTHER = f"restraintCases(accessPurpose: SUPERVISION, first: 1) {{ {READ} }}"
DIRECTED = f"query @purpose(is: DETERMINATION) {{ {ROOTS} }}"


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


# what states it, the document, its variables, the header -> the purpose that is recorded, or the refusal
STATED = (
    ("an argument alone",                   f"{{ {ROOTS} }}", {}, None, "DETERMINATION"),
    ("a variable",                          BY_VARIABLE, {"p": "SUPERVISION"}, None, "SUPERVISION"),
    ("the default of a variable",           BY_DEFAULT, {}, None, "DETERMINATION"),
    ("the directive as well",               DIRECTED, {}, None, "DETERMINATION"),
    ("the header as well",                  f"{{ {ROOTS} }}", {}, "DETERMINATION", "DETERMINATION"),
    ("one of two roots",                    f"{{ a: restraintCases(first: 1) {{ {READ} }} b: {ROOTS} }}", {}, None, "DETERMINATION"),
    ("a root in fragments",                 f"{{ ...A }} fragment A on Query {{ ... on Query {{ ...B }} ...B }} fragment B on Query {{ {ROOTS} }}", {}, None, "DETERMINATION"),
    ("an argument that is null",            f"{{ {ROOTS.replace('DETERMINATION', 'null')} }}", {}, "SUPERVISION", "SUPERVISION"),
    ("a variable without a value",          BY_VARIABLE, {}, "SUPERVISION", "SUPERVISION"),
    ("an argument that is null, and no more", f"{{ {ROOTS.replace('DETERMINATION', 'null')} }}", {}, None, "PURPOSE_REQUIRED"),
    ("a variable without a value alone",    BY_VARIABLE, {"p": None}, None, "PURPOSE_REQUIRED"),
    ("two roots that differ",               f"{{ a: {ROOTS} b: {OTHER} }}", {}, None, "PURPOSE_CONFLICT"),
    ("a root that is skipped",              f"{{ a: {ROOTS} b: {OTHER.replace(' {', ' @skip(if: true) {', 1)} }}", {}, None, "PURPOSE_CONFLICT"),
    ("another directive",                   f"query @purpose(is: SUPERVISION) {{ {ROOTS} }}", {}, None, "PURPOSE_CONFLICT"),
    ("another header",                      f"{{ {ROOTS} }}", {}, "SUPERVISION", "PURPOSE_CONFLICT"),
    ("a variable beside another root",      f"query($p: Purpose) {{ a: {ROOTS} b: {OTHER.replace('SUPERVISION', '$p')} }}", {"p": "SUPERVISION"}, None, "PURPOSE_CONFLICT"),
    ("a variable against the header",       BY_VARIABLE, {"p": "SUPERVISION"}, "DETERMINATION", "PURPOSE_CONFLICT"),
    ("a header that is none",               f"{{ {ROOTS} }}", {}, "CURIOSITY", "PURPOSE_UNKNOWN"),
    ("an argument that is none",            f"{{ {ROOTS.replace('DETERMINATION', 'CURIOSITY')} }}", {}, None, "GRAPHQL_VALIDATION_FAILED"),
    ("a variable that is none",             BY_VARIABLE, {"p": "CURIOSITY"}, None, "BAD_USER_INPUT"),
    ("a purpose of others",                 f"{{ {ROOTS.replace('DETERMINATION', 'SELF_ACCESS')} }}", {}, None, "ROOT_REFUSED"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("case", "document", "variables", "header", "expected"), STATED, ids=[row[0] for row in STATED]
)
async def test_whatever_states_the_purpose_states_the_same(
    shared_service: ServiceUnderTest,
    case: str,
    document: str,
    variables: Mapping[str, object],
    header: str | None,
    expected: str,
) -> None:
    """Twice, since a known plan is found by its purpose too."""
    for _ in range(2):
        reply, entries = await shared_service.recorded(document, "head", variables, purpose=header)
        assert {*reply.codes, *(entry["purpose"] for entry in entries)} - {"WITHHELD"} == {expected}, case
        assert reply.executed is bool(entries)


async def test_one_document_is_answered_for_each_purpose_apart(shared_service: ServiceUnderTest) -> None:
    found = [await shared_service.ask(BY_VARIABLE, "head", {"p": each}) for each in ("DETERMINATION", "SUPERVISION")]
    names = [each.data["restraintCases"]["nodes"][0]["subject"]["name"] for each in found]
    assert names[0] != names[1]


async def test_a_computed_root_takes_the_purpose_as_well(shared_service: ServiceUnderTest) -> None:
    document = "{ figures(year: 2026, accessPurpose: SUPERVISION) { __typename } }"
    assert (await shared_service.ask(document, "office")).data == {"figures": {"__typename": "YearSheets"}}


async def test_what_is_explained_is_explained_for_the_purpose_of_its_roots(shared_service: ServiceUnderTest) -> None:
    explain = "query($d: String!) { explainAccess(document: $d) { fields { field outcome } } }"
    for document, same in (
        (f"{{ {ROOTS} }}", DIRECTED),
        (f"{{ {OTHER} }}", DIRECTED.replace("DETERMINATION", "SUPERVISION")),
    ):
        twice = [(await shared_service.ask(explain, "head", {"d": each})).data for each in (document, same)]
        assert twice[0] == twice[1] != {"fields": []}
    reply = await shared_service.ask(explain, "head", {"d": f"{{ a: {ROOTS} b: {OTHER} }}"})
    assert reply.codes == ["PURPOSE_CONFLICT"]


async def test_every_root_that_is_read_for_a_purpose_takes_it(shared_service: ServiceUnderTest) -> None:
    """By the table of classes. What `nodes` finds has the class of what it turns out to be; Relay takes no such `node`."""
    classes, query = shared_service.services.graphql_service.policy.classes, shipped_types().query_type
    assert query is not None
    wanted = {name for name in query.fields if classes[f"Query.{name}"] not in WITHOUT_PURPOSE} | {"nodes"}
    taking = {name for name, field in query.fields.items() if PURPOSE_ARGUMENT in field.args}
    assert taking == wanted
    assert list(query.fields["node"].args) == ["id"]
    for name in taking:
        argument = query.fields[name].args[PURPOSE_ARGUMENT]
        assert isinstance(argument.type, GraphQLEnumType)
        assert argument.type.name == "Purpose"
