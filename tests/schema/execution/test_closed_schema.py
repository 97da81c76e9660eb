"""With introspection off the schema is not shown, neither by introspection nor by hints in errors."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.schema.service import ServiceUnderTest, open_service, settings_for


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
