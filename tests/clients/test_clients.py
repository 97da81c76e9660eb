"""Clients that a front end may choose read and write at a real gateway, as docs/front-end/ says (`make clients`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.features import APOLLO, ARIADNE, GQL, GRAPHQL_SSE, GRAPHQL_WS, RELAY, REQUEST, URQL, unlike
from tests.clients.guide import command
from tests.clients.installed import needs_libraries, needs_python, workplace
from tests.schema.subscriptions.listeners import QUICK

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]


@pytest.fixture(scope="module")
def switched_on() -> dict[str, str]:
    """Texts are answered as by default, and ids of loaded documents besides."""
    return {"TRUSTED_DOCUMENTS": "log-unknown", **QUICK}


@needs_libraries
@pytest.mark.parametrize(
    ("client", "script", "pages"),
    [
        (APOLLO, "apollo", ("apollo", "subscriptions")),
        (URQL, "urql", ("urql", "subscriptions")),
        (REQUEST, "graphql-request", ()),
        (GRAPHQL_WS, "graphql-ws", ("subscriptions",)),
        (GRAPHQL_SSE, "graphql-sse", ("subscriptions",)),
    ],
    ids=["apollo", "urql", "graphql-request", "graphql-ws", "graphql-sse"],
)
def test_a_client_shows_what_the_table_says(
    client: str, script: str, pages: tuple[str, ...], given: dict[str, Any], tmp_path: Path
) -> None:
    place = workplace(tmp_path, "libraries", pages, given)
    assert unlike(client, place.seen_by(["node", f"{script}.mjs"])) == []


@needs_libraries
def test_relay_compiles_and_shows_what_the_table_says(
    given: dict[str, Any], load_documents: Callable[..., None], tmp_path: Path
) -> None:
    place = workplace(tmp_path, "libraries", ["relay"], given)
    for more in ("Applicant.js", "Grant.js", "CaseListBack.js", "TwoPurposes.js"):
        (tmp_path / "relay" / more).rename(tmp_path / "relay" / "src" / more)
    compiled = place.run(command("relay", "compile"), "relay")
    assert compiled.returncode == 0, compiled.stderr + compiled.stdout
    seen = place.seen_by(["node", "relay.mjs"])
    persisted = place.run(command("relay", "persist"), "relay")
    assert persisted.returncode == 0, persisted.stderr + persisted.stdout
    load_documents(tmp_path / "relay" / "persisted.json", "--terms", str(tmp_path / "relay" / "terms.toml"))
    seen |= place.seen_by(["node", "relay.mjs", "by-id"])
    assert unlike(RELAY, seen) == []


@needs_python
@pytest.mark.parametrize("client", [GQL, ARIADNE])
def test_a_python_client_shows_what_the_table_says(client: str, given: dict[str, Any], tmp_path: Path) -> None:
    place = workplace(tmp_path, "python", ["python"], given)
    if client == ARIADNE:
        written = place.run(command("python", "generate"), "python")
        assert written.returncode == 0, written.stdout + written.stderr
    script = {GQL: "gql_journeys.py", ARIADNE: "ariadne_journeys.py"}[client]
    assert unlike(client, place.seen_by(["python", f"../{script}"], "python")) == []
