"""Ids in place of documents, over HTTP as clients send them: kept from a client, or loaded while the server runs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from gateway.documents import stored_documents
from gateway.documents.check_documents import CheckedDocument
from tests.builders import NOW
from tests.gateway.documents.manifests import FIRST, ME, hash_of
from tests.gateway.fakes import wait_until
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import shared_url

__all__ = ["shared_url"]

JSON, RESPONSE = "application/json", "application/graphql-response+json"


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


@pytest.fixture
async def server(shared_url: str, kek: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningServer]:
    monkeypatch.setattr(stored_documents, "EVERY_SECONDS", 0.02)
    given = {"TRUSTED_DOCUMENTS": "log-unknown", "LOG_FORMAT": "json"}
    async with open_server(settings_for(kek, shared_url, **given)) as opened:
        yield opened


def protocol(text: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}}


def sent(server: RunningServer, method: str, body: dict[str, Any], accept: str = RESPONSE) -> httpx.Response:
    headers = {"Accept": accept, **server.bearer("regulator")}
    if method == "POST":
        return server.client.post("/graphql", json=body, headers=headers)
    params = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in body.items()}
    return server.client.get("/graphql", params=params, headers=headers)


def noted(server: RunningServer) -> list[Any]:
    return [line.get("document") for line in server.lines.events() if line["event"] == "request.answered"]


async def test_clients_name_documents_by_ids(server: RunningServer) -> None:
    for accept, status in ((RESPONSE, 400), (JSON, 200)):
        missed = sent(server, "GET", protocol(ME), accept)
        assert (missed.status_code, missed.json()["errors"][0]["message"]) == (status, "PersistedQueryNotFound")
    assert sent(server, "POST", {"query": ME, **protocol(ME)}).status_code == 200
    for method in ("GET", "POST"):
        assert sent(server, method, protocol(ME)).json()["data"]["viewer"]["role"] is not None
    unknown = [line for line in server.lines.events() if line["event"] == "document.unknown"]
    assert [line["role"] for line in unknown] == ["regulator"], "once, and without its text"
    assert "viewer" not in server.lines.getvalue()

    document = CheckedDocument(hash_of(FIRST), FIRST, "Targets")
    await stored_documents.load(server.database, [document], NOW)
    wait_until(lambda: any(line["event"] == "documents.adopted" for line in server.lines.events()))
    for method in ("GET", "POST"):
        asked = {"documentId": f"sha256:{hash_of(FIRST)}", "variables": {"n": 1}}
        assert sent(server, method, asked).json()["data"]["focusedCheckTargets"] is not None
    assert noted(server)[-6:] == [None, "unknown", "unknown", "unknown", "trusted", "trusted"]
