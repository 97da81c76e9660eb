"""What is closed tells nothing of the schema: neither by introspection, nor by hints, nor by which error comes back.

With introspection off there are no hints. Where only loaded documents are answered, a probe with the schema's own words
gets one and the same answer, and an error of a loaded document has its code and nothing else.
"""

# ruff: noqa: E501 - one row of a table is one line

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_introspection_query,
    is_introspection_type,
)

from consent.vocabulary import Purpose
from policy.actors import Role
from schema.core.ports import TrustedDocument
from schema.execution.preparation.document_gate import hash_of
from tests.schema.service import Reply, ServiceUnderTest, open_service, settings_for
from tests.shipped_schema import shipped_types


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


@pytest.fixture(scope="module")
async def closed(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service that does not show its schema."""
    async with open_service(settings_for(kek, shared_url, INTROSPECTION="off")) as service:
        yield service


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "Subject") { fields { name } } }',
        "{ s: __schema { queryType { name } } }",
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
        "{ viewr { ref } }",
        "{ viewer { rol } }",
        "{ sectors(frst: 1) { totalCount } }",
        "query($p: Purpos) { viewer { ref } }",
        '{ explainAccess(document: "", purpose: FOCUSED_CHEC) { role } }',
        "query @purpos(is: AUDIT) { viewer { ref } }",
        '{ node(id: "YTM3MDMwNQ") { ... on NaturalPersn { id } } }',
    ],
)
async def test_a_closed_schema_gives_no_hint_of_itself(closed: ServiceUnderTest, query: str) -> None:
    reply = await closed.ask(query, "clerk")
    assert (reply.status, set(reply.codes)) == (400, {"GRAPHQL_VALIDATION_FAILED"})
    text = reply.body.decode()
    assert "Did you mean" not in text
    for word in ('viewer"', "'viewer'", "'role'", "'first'", "FOCUSED_CHECK", "'NaturalPerson'"):
        assert word not in text


async def test_a_closed_schema_still_answers_typename(closed: ServiceUnderTest) -> None:
    assert (await closed.ask("{ viewer { __typename } }", "clerk")).data == {"viewer": {"__typename": "Viewer"}}


# --- only loaded documents are answered -----------------------------------------------------------------------------

ME = "query Me { me: viewer { ref } }"
LIST = "query L($n: Int!, $s: Date) @purpose(is: FOCUSED_CHECK) { l: restraintCases(first: $n, since: $s) { n: nodes { id } } }"
NEXT = "query M($n: Int!, $c: String) { l: restraintCases(first: $n, after: $c) { n: nodes { id } } }"
OPEN_PURPOSE = "query O($p: Purpose) { l: restraintCases(first: 1, accessPurpose: $p) { n: nodes { id } } }"
NO_PURPOSE = "query P { l: restraintCases(first: 1) { n: nodes { id } } }"
WRITE = "mutation W($i: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) { w: registerSubject(input: $i) { __typename } }"
EXPLAIN = "query E($d: String!) { e: explainAccess(document: $d) { role fields { field } } }"
NUMBER = "query N($k: IdentifierKind!, $v: String!) @purpose(is: CREDIT_CHECK) { s: subjectByIdentifier(kind: $k, number: $v) { id } }"
IDS = "query I($i: [ID!]!) @purpose(is: FOCUSED_CHECK) { s: nodes(ids: $i) { id } }"
LOADED = {
    hash_of(text): TrustedDocument(text, purpose)
    for text, purpose in (
        (ME, None), (LIST, None), (NEXT, Purpose.FOCUSED_CHECK), (NO_PURPOSE, None), (WRITE, None), (EXPLAIN, None),
        (NUMBER, None), (IDS, None), (OPEN_PURPOSE, Purpose.FOCUSED_CHECK),
    )
}  # fmt: skip


@pytest.fixture(scope="module")
async def requiring(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service that answers a few loaded documents and nothing else. Introspection is on, and ends nowhere."""
    given = {"TRUSTED_DOCUMENTS": "require", "INTROSPECTION": "on"}
    async with open_service(settings_for(kek, shared_url, **given)) as service:
        service.services.graphql_service.gate.adopt(LOADED)
        yield service


def types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    return (each for each in schema.type_map.values() if not is_introspection_type(each))


def probes(schema: GraphQLSchema) -> Iterator[str]:
    """Yield documents in the schema's own words: each root, type, field, input, argument and enum value is in one."""
    yield from ("{ __typename }", "query { __typename }", "mutation { __typename }", get_introspection_query(), "{", "")
    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        for name, field in root.fields.items():
            kind = "mutation" if root is schema.mutation_type else "query"
            yield f"{kind} {{ {name} {{ __typename }} }}"
            yield f"{kind} {{ {name} {{ {name[:-1]} }} }}"
            for argument in field.args:
                yield f"{kind} {{ {name}({argument}: null) {{ __typename }} }}"
    for each in types(schema):
        yield f'{{ __type(name: "{each.name}") {{ name }} }}'
        match each:
            case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLUnionType():
                inner = " ".join(getattr(each, "fields", {"__typename": None}))
                yield f'{{ node(id: "YTM3MDMwNQ") {{ ... on {each.name} {{ {inner} }} }} }}'
            case GraphQLInputObjectType():
                yield f"query($v: {each.name}) {{ __typename }}"
            case GraphQLEnumType():
                yield f"query($v: {each.name} = {next(iter(each.values))}) {{ __typename }}"
    yield from (f"query @purpose(is: {purpose.value}) {{ __typename }}" for purpose in Purpose)
    yield from (f"{text} " for text in (ME, LIST, WRITE))  # of which one character more is sent


def told(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.body


@pytest.mark.parametrize("who", ["anonymous", "clerk", "head"])
async def test_a_blind_probe_gets_one_answer_whatever_its_words(requiring: ServiceUnderTest, who: str) -> None:
    """By text, with a variable, with a purpose: each of thousands of documents gets the same bytes."""
    asked = list(probes(shipped_types()))
    assert len(asked) > 1_000
    answers = {told(await requiring.ask(text, who)) for text in asked if text}
    answers |= {
        told(await requiring.ask(text, who, {"v": 1}, purpose="NOTHING", method="GET")) for text in asked[:50] if text
    }
    ((status, body),) = answers
    assert status == 403
    assert b"DOCUMENT_NOT_TRUSTED" in body
    by_id = {told(await requiring.ask(None, who, document_id=hash_of(text))) for text in asked[:50]}
    assert [(status, b"PersistedQueryNotFound" in body) for status, body in by_id] == [(400, True)]


NAMED_ELSEWHERE = {"messageEn", "Purpose"}
"""A key of every error, and a part of the name of the header."""


def words(schema: GraphQLSchema) -> frozenset[str]:
    """Return the schema's words that are no words of English: names of types, of fields in several words, of values."""
    found: set[str] = set()
    for each in types(schema):
        found |= {each.name, *getattr(each, "fields", ()), *getattr(each, "values", ())}
        for field in getattr(each, "fields", {}).values():
            found |= set(getattr(field, "args", ()))
    return frozenset(word for word in found - NAMED_ELSEWHERE if re.search(r"[a-z][A-Z]|_|^[A-Z][a-z]{3}", word))


# who, document, variables, operation name, header -> code
CLOSED_ERRORS = (
    ("a variable that is missing",         "regulator", LIST, {}, None, None, "BAD_USER_INPUT"),
    ("one of another type",                "regulator", LIST, {"n": "x"}, None, None, "BAD_USER_INPUT"),
    ("a day that is none",                 "regulator", LIST, {"n": 1, "s": "x"}, None, None, "BAD_USER_INPUT"),
    ("an enum value that is none",         "clerk", NUMBER, {"k": "X", "v": "1"}, None, None, "BAD_USER_INPUT"),
    ("an input without its fields",        "clerk", WRITE, {"i": {}}, None, None, "BAD_USER_INPUT"),
    ("an input with another field",        "clerk", WRITE, {"i": {"nam": "x"}}, None, None, "BAD_USER_INPUT"),
    ("another operation",                  "clerk", ME, {}, "You", None, "GRAPHQL_VALIDATION_FAILED"),
    ("a root of other roles",              "clerk", LIST, {"n": 1}, None, None, "ROOT_REFUSED"),
    ("a root, to who has no token",        "anonymous", LIST, {"n": 1}, None, None, "ROOT_REFUSED"),
    ("an action of other roles",           "regulator", WRITE, {"i": {"kind": "NATURAL_PERSON", "name": "x", "number": "1", "area": "YTM3MDMwNQ"}}, None, None, "ROOT_REFUSED"),
    ("no purpose",                         "regulator", NO_PURPOSE, {}, None, None, "PURPOSE_REQUIRED"),
    ("another purpose than the document's", "regulator", LIST, {"n": 1}, None, "AUDIT", "PURPOSE_CONFLICT"),
    ("another than it was loaded with",    "regulator", NEXT, {"n": 1}, None, "AUDIT", "PURPOSE_CONFLICT"),
    ("another by the argument of a root",  "regulator", OPEN_PURPOSE, {"p": "AUDIT"}, None, None, "PURPOSE_CONFLICT"),
    ("a purpose that is none",             "regulator", NEXT, {"n": 1}, None, "X", "PURPOSE_UNKNOWN"),
    ("a page that is too large",           "regulator", LIST, {"n": 100_000}, None, None, "LIMIT_EXCEEDED"),
    ("a cursor that is none",              "regulator", NEXT, {"n": 1, "c": "x"}, None, None, "BAD_CURSOR"),
    ("ids that are none",                  "regulator", IDS, {"i": ["x"]}, None, None, "BAD_USER_INPUT"),
    ("a number that is none",              "clerk", NUMBER, {"k": "ID_NUMBER", "v": "1"}, None, None, None),
    ("an explanation",                     "clerk", EXPLAIN, {"d": "{ viewer { ref } }"}, None, None, "ROOT_REFUSED"),
    ("an explanation of what is wrong",    "head", EXPLAIN, {"d": "{ viewr }"}, None, None, "ROOT_REFUSED"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("case", "who", "text", "variables", "name", "purpose", "code"),
    CLOSED_ERRORS,
    ids=[row[0] for row in CLOSED_ERRORS],
)
async def test_an_error_of_a_loaded_document_has_its_code_and_no_word_of_the_schema(
    requiring: ServiceUnderTest,
    case: str,
    who: str,
    text: str,
    variables: dict[str, Any],
    name: Any,
    purpose: Any,
    code: Any,
) -> None:
    reply = await requiring.ask(None, who, variables, document_id=hash_of(text), operation_name=name, purpose=purpose)
    assert code is None or set(reply.codes) == {code}, (case, reply.json)
    for error in reply.errors:
        assert set(error) == {"message", "extensions"}
        assert set(error["extensions"]) <= {"code", "messageEn", "limit", "allowed", "found", "until"}
    sent = set(re.findall(r"\w+", text))
    told_of = set(re.findall(r"\w+", reply.body.decode())) & words(shipped_types())
    assert told_of == set(), (case, told_of & sent)
    assert not requiring.failures


async def test_loaded_documents_are_answered_by_id_and_by_text(requiring: ServiceUnderTest) -> None:
    by_id = await requiring.ask(None, "regulator", {"n": 1}, document_id=f"sha256:{hash_of(LIST)}")
    by_text = await requiring.ask(LIST, "regulator", {"n": 1})
    assert by_id.executed
    assert by_id.body == by_text.body


async def test_the_purpose_of_a_loaded_document_counts_where_the_request_states_none(
    requiring: ServiceUnderTest,
) -> None:
    """Relay's query for the next page has no directive [5.1.6]."""
    first = await requiring.ask(None, "regulator", {"n": 2}, document_id=hash_of(LIST))
    again, entries = await requiring.recorded(None, "regulator", {"n": 2}, document_id=hash_of(NEXT))
    assert again.data == first.data
    assert {entry["purpose"] for entry in entries} == {"FOCUSED_CHECK"}
    same = await requiring.ask(None, "regulator", {"n": 2}, document_id=hash_of(NEXT), purpose="FOCUSED_CHECK")
    assert same.data == first.data


@pytest.mark.parametrize("who", [Role.AUDITOR, Role.ADMIN])
async def test_who_supervises_the_policy_still_has_documents_explained(requiring: ServiceUnderTest, who: Role) -> None:
    reply = await requiring.ask(None, who.value, {"d": "{ viewer { ref } }"}, document_id=hash_of(EXPLAIN))
    assert [each["field"] for each in reply.data["e"]["fields"]] == ["Query.viewer"]
