"""The checks of graphql-cop against a gateway in production mode, as a table of our own: it is in no registry.

Each row sends what the tool sends, without a token, and finds what the tool would report. Where other documents than
loaded ones are answered to callers without a token (`off`), GET answers a query: that is meant, and decision 8 says why
no other site can use it. From `prefer` on there is nothing.
"""

# ruff: noqa: E501 - one row of a table is one line

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from gateway.application import build_application
from gateway.services import build_services
from gateway.settings.settings import read
from tests.gateway.settings.test_settings import PRODUCTION, given

IDE_PATHS = ("/", "/graphiql", "/playground", "/console", "/graphql")
MARKS_OF_IDE = re.compile(r"graphiql|playground|graphql-explorer|apollo sandbox", re.IGNORECASE)


class Check(NamedTuple):
    """A check of the tool: what it sends, and what of the answer it reports."""

    title: str
    sent: dict[str, Any]
    finds: Callable[[Any], bool]


def query(text: str) -> dict[str, Any]:
    return {"method": "POST", "json": {"query": text}}


def has_data(body: Any) -> bool:
    return isinstance(body, dict) and bool(body.get("data"))


def is_batch(body: Any) -> bool:
    return isinstance(body, list) and len(body) > 1


def says(words: str) -> Callable[[Any], bool]:
    return lambda body: words.lower() in str(body).lower()


CYCLE = "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } }"
CHECKS = (
    Check("Alias Overloading", query("query cop { " + " ".join(f"alias{at}: __typename" for at in range(101)) + " }"), has_data),
    Check("Array-based Query Batching", {"method": "POST", "json": [{"query": "query cop { __typename }"}] * 11}, is_batch),
    Check("Directive Overloading", query("query cop { __typename " + "@aa" * 10 + " }"), lambda body: len(body.get("errors", ())) == 10),
    Check("Circular Query via Introspection", query(f"query cop {CYCLE}"), has_data),
    Check("Circular Fragment", query("query { __schema { ...A } } fragment A on __Schema { __typename ...B } fragment B on __Schema { ...A }"), lambda body: "errors" not in body),
    Check("Field Duplication", query("query cop { " + "__typename \n" * 500 + " }"), has_data),
    Check("Field Suggestions", query("query cop { __schema { directive } }"), says("did you mean")),
    Check("Introspection", query("query cop { __schema { types { name fields { name } } } }"), has_data),
    Check("GET Method Query Support", {"method": "GET", "params": {"query": "query cop {__typename}"}}, has_data),
    Check("Mutation is allowed over GET", {"method": "GET", "params": {"query": "mutation cop {__typename}"}}, has_data),
    Check("POST based url-encoded query", {"method": "POST", "data": {"query": "query cop {__typename}"}}, has_data),
    Check("Trace Mode", query("query cop { __typename }"), lambda body: says("tracing")(body) or says("stacktrace")(body)),
    Check("Unhandled Errors Detection", query("qwerty cop { abc }"), says("exception")),
)  # fmt: skip


@pytest.fixture(scope="module", params=["off", "prefer", "require"])
async def production(
    request: pytest.FixtureRequest, migrated_sqlite: Path, kek: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    """Give a client of a gateway as an operator starts it, in one step of trusted documents."""
    store = tmp_path_factory.mktemp("ledger")
    own = {"DATABASE_URL": f"sqlite:///{migrated_sqlite}", "KEK_FILE": str(kek), "LEDGER_STORE": f"file:{store}"}
    services = build_services(read(given(PRODUCTION, **own, TRUSTED_DOCUMENTS=request.param)))
    app = build_application(services, None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.example") as client:
        yield request.param, client
    await services.close()


async def test_graphql_cop_finds_nothing(production: tuple[str, httpx.AsyncClient]) -> None:
    step, client = production
    found = set()
    for check in CHECKS:
        answer = await client.request(url="/graphql", **check.sent)
        if check.finds(answer.json()):
            found.add(check.title)
    for path in IDE_PATHS:
        page = await client.get(path, headers={"Accept": "text/html"})
        if page.status_code == httpx.codes.OK and MARKS_OF_IDE.search(page.text):
            found.add("GraphQL IDE")
    assert found == ({"GET Method Query Support"} if step == "off" else set())


def test_the_checks_find_what_they_look_for() -> None:
    """Else the table would pass for want of sight."""
    answers = {"data": {"__typename": "Query"}, "extensions": {"tracing": {}}}
    errors = [{"message": "Did you mean x?", "extensions": {"exception": {}}}] * 10
    for check in CHECKS:
        assert check.finds(answers) or check.finds({"errors": errors}) or check.finds([answers] * 2), check.title
