"""No answer quotes back what somebody sent: a number in the wrong place ends in no error message [5.1.6]."""

# ruff: noqa: E501 - one row of a table is one line

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.execution.preparation.documents import scrubbed
from tests.credit.subjects.synthetic_numbers import id_number, spaced, wide
from tests.schema.service import ServiceUnderTest

MARKED = id_number(born="19010203", sequence="977")
NAME = "演示甲某某"
WRITTEN = {
    "as it is": MARKED, "in groups": spaced(MARKED), "with dashes": "-".join((MARKED[:6], MARKED[6:14], MARKED[14:])),
    "full-width": wide(MARKED), "with a name": f"{NAME} {MARKED}", "a name": NAME, "in quotes": f"'{NAME}'",
}  # fmt: skip

LITERALS: tuple[tuple[str, str], ...] = (
    ("for an enum", 'query @purpose(is: DETERMINATION) {{ subjectByIdentifier(kind: {0}, number: "x") {{ id }} }}'),
    ("for a number", "query @purpose(is: DETERMINATION) {{ subjectByIdentifier(kind: ID_NUMBER, number: {0}) {{ id }} }}"),
    ("for an id", "query @purpose(is: DETERMINATION) {{ subject(id: {0}) {{ id }} }}"),
    ("for ids", "query @purpose(is: DETERMINATION) {{ nodes(ids: [{0}]) {{ id }} }}"),
    ("for a page size", "{{ sectors(first: {0}) {{ totalCount }} }}"),
    ("for a cursor", "{{ sectors(after: {0}) {{ totalCount }} }}"),
    ("for a day", "query @purpose(is: DETERMINATION) {{ restraintCases(since: {0}) {{ totalCount }} }}"),
    ("for an instant", "query @purpose(is: DETERMINATION) {{ restraintCases(changedSince: {0}) {{ totalCount }} }}"),
    ("for a condition", "{{ viewer {{ ref @include(if: {0}) }} }}"),
    ("for a default", "query($k: IdentifierKind = {0}) {{ viewer {{ ref }} }}"),
    ("where no value belongs", "{{ viewer {{ {0} }} }}"),
    ("after the end", "{{ viewer {{ ref }} }} {0}"),
    ("for a purpose", "query @purpose(is: {0}) {{ viewer {{ ref }} }}"),
    ("for an argument that is not there", "{{ viewer(of: {0}) {{ ref }} }}"),
    ("in an input", "mutation @purpose(is: APPLICATION_HANDLING) {{ registerSubject(input: {{kind: {0}, name: {0}, number: {0}, area: {0}}}) {{ __typename }} }}"),
    ("instead of an input", "mutation @purpose(is: APPLICATION_HANDLING) {{ registerSubject(input: {0}) {{ __typename }} }}"),
    ("unknown in an input", "mutation @purpose(is: APPLICATION_HANDLING) {{ registerSubject(input: {{n: {0}}}) {{ __typename }} }}"),
)  # fmt: skip

VARIABLES: tuple[tuple[str, str, Any], ...] = (
    ("for an enum", 'query($v: IdentifierKind!) @purpose(is: DETERMINATION) { subjectByIdentifier(kind: $v, number: "x") { id } }', "{0}"),
    ("in a list for a text", "query($v: String!) @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: $v) { id } }", ["{0}"]),
    ("as a key for a text", "query($v: String!) @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: $v) { id } }", {"{0}": 1}),
    ("for a number", "query($v: String!) @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: $v) { id } }", "{0}0"),
    ("for an id", "query($v: ID!) @purpose(is: DETERMINATION) { subject(id: $v) { id } }", "{0}"),
    ("for ids", "query($v: [ID!]!) @purpose(is: DETERMINATION) { nodes(ids: $v) { id } }", ["{0}"]),
    ("for a page size", "query($v: Int!) { sectors(first: $v) { totalCount } }", "{0}"),
    ("for a day", "query($v: Date) @purpose(is: DETERMINATION) { restraintCases(since: $v) { totalCount } }", "{0}"),
    ("for an instant", "query($v: DateTime) @purpose(is: DETERMINATION) { restraintCases(changedSince: $v) { totalCount } }", "{0}"),
    ("for a condition", "query($v: Boolean!) { viewer { ref @include(if: $v) } }", "{0}"),
    ("for a cursor", "query($v: String) { sectors(after: $v) { totalCount } }", "{0}"),
    ("unknown in an input", "mutation($v: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) { registerSubject(input: $v) { __typename } }", {"kind": "NATURAL_PERSON", "name": "{0}", "number": "{0}", "area": "x", "{0}": 1}),
    ("wrong in an input", "mutation($v: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) { registerSubject(input: $v) { __typename } }", {"kind": "{0}", "name": ["{0}", 2], "number": 1}),
    ("instead of an input", "mutation($v: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) { registerSubject(input: $v) { __typename } }", "{0}"),
    ("in an authorisation's id", "mutation($v: ID!) @purpose(is: SELF_ACCESS) { withdrawAuthorisation(input: {authorisation: $v}) { __typename } }", "{0}"),
    ("as an idempotency key", 'mutation($v: String!) @purpose(is: SELF_ACCESS) { withdrawAuthorisation(input: {authorisation: "x", idempotencyKey: $v}) { __typename } }', "{0}"),
)  # fmt: skip


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


def who(query: str) -> str:
    return "clerk" if "APPLICATION_HANDLING" in query else "person-1" if "SELF_ACCESS" in query else "handler"


def assert_not_quoted(body: bytes) -> None:
    text = body.decode()
    digits = re.sub(r"\D", "", re.sub(r'"(?:line|column|allowed|found)":\d+', "", text.translate(NARROW)))
    assert MARKED[:8] not in digits
    assert NAME not in text


NARROW = {ord(c) + 0xFEE0: c for c in "0123456789X"}


@pytest.mark.sampled
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize(("place", "query"), LITERALS, ids=[one[0] for one in LITERALS])
async def test_a_literal_in_the_wrong_place_is_not_quoted(
    shared_service: ServiceUnderTest, place: str, query: str, written: str
) -> None:
    del place
    for literal in (f'"{written}"', f'"""{written}"""', *([written] if written in {MARKED, NAME} else [])):
        reply = await shared_service.ask(query.format(literal), who(query))
        assert reply.errors or reply.executed
        assert_not_quoted(reply.body)
        assert "INTERNAL" not in reply.codes


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize(("place", "query", "shape"), VARIABLES, ids=[one[0] for one in VARIABLES])
async def test_a_variable_in_the_wrong_place_is_not_quoted(
    shared_service: ServiceUnderTest, place: str, query: str, shape: Any, written: str
) -> None:
    del place

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {fill(name): fill(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [fill(one) for one in value]
        return value.replace("{0}", written) if isinstance(value, str) else value

    reply = await shared_service.ask(query, who(query), {"v": fill(shape)})
    assert reply.errors
    assert_not_quoted(reply.body)
    assert "INTERNAL" not in reply.codes


async def test_an_explained_document_is_not_quoted_either(shared_service: ServiceUnderTest) -> None:
    for _, query in LITERALS:
        reply = await shared_service.ask(
            "query($d: String!) { explainAccess(document: $d) { role } }",
            "handler",
            {"d": query.format(f'"{NAME} {MARKED}"')},
        )
        assert_not_quoted(reply.body)
        assert "INTERNAL" not in reply.codes


@given(
    st.text(min_size=1, max_size=30),
    st.sampled_from(
        [
            "found {0}.",
            "Value '{0}' does not exist in 'Kind' enum.",
            "cannot represent value: {0}",
            'cannot represent a Date: "{0}". Invalid',
            'Syntax Error: Unexpected String "{0}".',
        ]
    ),
)
def test_whatever_is_quoted_is_left_out(text: str, message: str) -> None:
    quoted = f"«{text}»"
    assert quoted not in scrubbed("Variable '$v' has invalid value: " + message.replace("{0}", quoted))


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Cannot query field 'x' on type 'Query'.", "Cannot query field 'x' on type 'Query'."),
        ("Variable '$n' of type 'Int' used in position expecting type '[ID!]!'.", "Variable '$n' of type 'Int' used in position expecting type '[ID!]!'."),
        ("Variable '$k' has invalid value: String cannot represent a non string value: ['x']", "Variable '$k' has invalid value: String cannot represent a non string value: …"),
        ("Value '演示' does not exist in 'Kind' enum.", "Value … does not exist in 'Kind' enum."),
        ('Syntax Error: Expected Name, found String "x".', "Syntax Error: Expected Name, found …"),
        ("Argument 'if' has invalid value: Expected variable '$x' provided to type 'Boolean!' to provide a runtime value.", "Argument 'if' has invalid value: Expected variable '$x' provided to type 'Boolean!' to provide a runtime value."),
    ],
)  # fmt: skip
def test_what_helps_is_left_in(message: str, shown: str) -> None:
    assert scrubbed(message) == shown
