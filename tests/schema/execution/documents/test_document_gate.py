"""Which documents are answered in each of the four steps, and by which ids clients may name them."""

# ruff: noqa: E501 - one row of a table is one line

from hashlib import sha256
from typing import Any

import pytest

from consent.vocabulary import Purpose
from policy.actors import ANONYMOUS, Actor, Role
from schema.core.errors import PersistedQueryNotFound, PersistedQueryNotSupported, SchemaError
from schema.core.ports import GraphQLRequest, TrustedDocument
from schema.execution.preparation.byte_cache import ByteCache
from schema.execution.preparation.document_gate import DocumentGate, DocumentSource, DocumentStep

LOADED, OTHER, SENT, OF_HEADS = (
    "query A { viewer { ref } }", "query B { viewer { role } }", "query C { sectors { totalCount } }",
    "query D { areas { totalCount } }",
)  # fmt: skip
CLERK = Actor("clerk-1", Role.CLERK)
OFF, LOG, PREFER, REQUIRE = DocumentStep
TRUSTED, UNKNOWN = DocumentSource


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def protocol(text: str, version: Any = 1) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": hashed(text)}}}


def named(text: str) -> dict[str, Any]:
    return {"document_id": f"sha256:{hashed(text)}"}


@pytest.fixture
def cache() -> ByteCache:
    return ByteCache(1 << 20)


def gate(step: DocumentStep, cache: ByteCache) -> DocumentGate:
    """Give a gate with two loaded documents, and one text that a client has sent with its id."""
    made = DocumentGate(step, cache)
    made.adopt({
        hashed(LOADED): TrustedDocument(LOADED, Purpose.FOCUSED_CHECK),
        hashed(OF_HEADS): TrustedDocument(OF_HEADS, roles=frozenset({Role.HEAD})),
    })  # fmt: skip
    made.register(GraphQLRequest(query=SENT, actor=CLERK, request_id="1", **protocol(SENT)))
    return made


NOT_FOUND, NOT_SUPPORTED, UNTRUSTED = (
    "PERSISTED_QUERY_NOT_FOUND",
    "PERSISTED_QUERY_NOT_SUPPORTED",
    "DOCUMENT_NOT_TRUSTED",
)
ROWS = (
    # sent                                           off             log-unknown    prefer         require
    ("a loaded text",       {"query": LOADED},       (None,          TRUSTED,       TRUSTED,       TRUSTED)),
    ("its id",              named(LOADED),           (NOT_SUPPORTED, TRUSTED,       TRUSTED,       TRUSTED)),
    ("its id, unprefixed",  {"document_id": hashed(LOADED)}, (NOT_SUPPORTED, TRUSTED, TRUSTED,     TRUSTED)),
    ("by Apollo's protocol", protocol(LOADED),       (NOT_SUPPORTED, TRUSTED,       TRUSTED,       TRUSTED)),
    ("both",                {"query": LOADED, **protocol(LOADED)}, (None, TRUSTED,  TRUSTED,       TRUSTED)),
    ("another text",        {"query": OTHER},        (None,          UNKNOWN,       UNKNOWN,       UNTRUSTED)),
    ("its id",              named(OTHER),            (NOT_SUPPORTED, NOT_FOUND,     NOT_FOUND,     NOT_FOUND)),
    ("with its id",         {"query": OTHER, **protocol(OTHER)}, (None, UNKNOWN,    UNKNOWN,       UNTRUSTED)),
    ("a text sent before",  protocol(SENT),          (NOT_SUPPORTED, UNKNOWN,       UNKNOWN,       NOT_FOUND)),
    ("with another id",     {"query": OTHER, **protocol(LOADED)}, (None, "DOCUMENT_ID_DIFFERS", "DOCUMENT_ID_DIFFERS", "DOCUMENT_ID_DIFFERS")),
    ("another id and text", {"query": LOADED, **named(OTHER)}, (None, "DOCUMENT_ID_DIFFERS", "DOCUMENT_ID_DIFFERS", "DOCUMENT_ID_DIFFERS")),
    ("an MD5",              {"document_id": "0" * 32}, (NOT_SUPPORTED, NOT_FOUND,   NOT_FOUND,     NOT_FOUND)),
    ("another version",     protocol(LOADED, 2),     (NOT_SUPPORTED, NOT_SUPPORTED, NOT_SUPPORTED, NOT_SUPPORTED)),
    ("no protocol",         {"extensions": {"persistedQuery": "x"}}, (NOT_SUPPORTED,) * 4),
    ("of other roles",      named(OF_HEADS),         (NOT_SUPPORTED, "DOCUMENT_ROLE_REFUSED", "DOCUMENT_ROLE_REFUSED", "DOCUMENT_ROLE_REFUSED")),
)  # fmt: skip


@pytest.mark.parametrize(("case", "sent", "outcomes"), ROWS, ids=[f"{row[0]} {at}" for at, row in enumerate(ROWS)])
def test_each_step_answers_what_it_says(cache: ByteCache, case: str, sent: dict[str, Any], outcomes: Any) -> None:
    for step, expected in zip(DocumentStep, outcomes, strict=True):
        request = GraphQLRequest(**{"query": None, "actor": CLERK, "request_id": "2", **sent})
        if not isinstance(expected, DocumentSource | None):
            with pytest.raises(SchemaError) as refused:
                gate(step, cache).admit(request)
            assert refused.value.code == expected, (case, step)
            continue
        admitted, source = gate(step, cache).admit(request)
        assert source is expected, (case, step)
        assert admitted.query in {LOADED, OTHER, SENT}
        assert (admitted.trusted is not None) is (source is TRUSTED)


def test_who_has_no_token_is_answered_loaded_documents_alone_where_they_are_preferred(cache: ByteCache) -> None:
    preferring = gate(PREFER, cache)
    request = GraphQLRequest(query=None, actor=ANONYMOUS, request_id="3")
    assert preferring.admit(request._replace(**named(LOADED)))[1] is TRUSTED
    for unknown in ({"query": OTHER}, protocol(SENT)):
        with pytest.raises(SchemaError) as refused:
            preferring.admit(request._replace(**unknown))
        assert refused.value.code == UNTRUSTED
    assert gate(LOG, cache).admit(request._replace(query=OTHER))[1] is UNKNOWN


@pytest.mark.parametrize("refusal", [PersistedQueryNotFound, PersistedQueryNotSupported])
def test_clients_compare_the_bare_message(refusal: type[SchemaError]) -> None:
    """urql compares the message, Apollo Client the message or the code; Chinese and English stand beside them."""
    entry = refusal().entry()
    assert entry["message"] == refusal.__name__
    assert set(entry["extensions"]) == {"code", "messageEn", "messageZh"}


def test_texts_of_clients_are_bounded_by_the_bytes_of_the_cache() -> None:
    small = ByteCache(20_000)
    made = DocumentGate(LOG, small)
    for at in range(100):
        text = f"query Q{at} {{ viewer {{ ref }} }}" + " " * 1000
        made.register(GraphQLRequest(query=text, actor=CLERK, request_id="4", **protocol(text)))
    assert small.size <= 20_000
    assert 5 < len(small) < 20
