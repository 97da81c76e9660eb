"""Whatever is no request to `/graphql` is counted by the same rates: files, pages, the ledger, what is not there."""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import shared_url

__all__ = ["shared_url"]

RATES = {"REQUESTS_PER_ACTOR": "3/minute", "REQUESTS_PER_NETWORK": "4/minute;9/hour", "LEDGER_PER_NETWORK": "2/minute"}
VIEWER = {"query": "{ viewer { ref } }"}
Send = Callable[[RunningServer], httpx.Response]


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


@pytest.fixture(scope="module")
async def shared_server(shared_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    async with open_server(settings_for(kek, shared_url, **RATES)) as server:
        yield server


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    """Give the server in a window of its own, for the longest window too."""
    shared_server.clock.at += timedelta(hours=1)
    return shared_server


def get(path: str, who: str = "anonymous", headers: Mapping[str, str] | None = None) -> Send:
    return lambda server: server.client.get(path, headers={**server.bearer(who), **(headers or {})})


def ask(who: str) -> Send:
    return lambda server: server.client.post("/graphql", json=VIEWER, headers=server.bearer(who))


def upload(server: RunningServer) -> httpx.Response:
    return server.client.post("/files", content=b"no file", headers=server.bearer("handler"))


NOTICE, FILE = f"/notices/{uuid4()}", "/files/none"
UNKNOWN = {"Authorization": "Bearer nobody"}
PROOF = f"/log/system/proof/{'0' * 64}"
COUNTED: list[tuple[str, list[Send], str, int]] = [
    ("files of an account", [get(FILE, "handler"), upload, get(NOTICE, "handler"), get(FILE, "handler")], "REQUESTS_OF_ACTOR", 3),
    ("files beside queries", [ask("handler"), get(FILE, "handler"), ask("handler"), get(NOTICE, "handler")], "REQUESTS_OF_ACTOR", 3),
    ("queries after files", [upload, get(FILE, "handler"), upload, ask("handler")], "REQUESTS_OF_ACTOR", 3),
    ("a page for everybody, with a token", [get("/check", "handler")] * 4, "REQUESTS_OF_ACTOR", 3),
    ("pages without a token", [get("/check"), get("/verify-receipt"), get("/"), get("/my-data/data.json"), get("/check")], "REQUESTS_OF_NETWORK", 4),
    ("what is not there", [get("/nothing")] * 5, "REQUESTS_OF_NETWORK", 4),
    ("tokens that are refused", [get(FILE, headers=UNKNOWN)] * 5, "REQUESTS_OF_NETWORK", 4),
    ("a cookie of nobody", [get("/check", headers={"Cookie": "chengxin=x"})] * 5, "REQUESTS_OF_NETWORK", 4),
    ("checkpoints and proofs", [get("/log/system/checkpoint"), get(PROOF), get("/log/policy")], "LEDGER_OF_NETWORK", 2),
]  # fmt: skip


@pytest.mark.parametrize(("case", "sent", "rate", "quota"), COUNTED, ids=[case for case, *_ in COUNTED])
async def test_beyond_its_rate_a_request_is_refused_until_the_window_ends(
    server: RunningServer, case: str, sent: list[Send], rate: str, quota: int
) -> None:
    *before, last = [each(server) for each in sent]
    assert {each.status_code for each in before} & {429, 500} == set(), case
    assert last.status_code == 429
    (error,) = last.json()["errors"]
    assert {name: error["extensions"][name] for name in ("code", "rate", "allowed", "window")} == {
        "code": "RATE_EXCEEDED", "rate": rate, "allowed": quota, "window": 60,
    }  # fmt: skip
    label = rate.lower().replace("_", "-")
    assert last.headers["ratelimit-policy"].startswith(f'"{label}-60s";q={quota};w=60')
    seconds = int(last.headers["retry-after"])
    assert last.headers["ratelimit"].startswith(f'"{label}-60s";r=0;t={seconds}')
    server.clock.at += timedelta(minutes=1)
    assert sent[-1](server).status_code != 429


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/static/portal.css", "/log/system/tile/0/000"])
async def test_probes_static_files_and_tiles_are_not_counted(server: RunningServer, path: str) -> None:
    assert {server.client.get(path).status_code for _ in range(10)} & {429, 500} == set()
    assert get("/check")(server).status_code == get("/log/policy")(server).status_code == 200


async def test_a_page_of_another_origin_may_read_that_the_ledger_was_read_too_often(server: RunningServer) -> None:
    *_, last = [server.client.get("/log/policy", headers={"Origin": "https://other.example"}) for _ in range(3)]
    assert (last.status_code, last.headers["access-control-allow-origin"]) == (429, "*")
    exposed = last.headers["access-control-expose-headers"]
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= set(exposed.split(", "))


async def test_the_longer_of_two_windows_holds_beyond_the_shorter_one(server: RunningServer) -> None:
    found = []
    for _ in range(3):
        found += [get("/check")(server) for _ in range(4)]
        server.clock.at += timedelta(minutes=1)
    assert [each.status_code for each in found] == [200] * 9 + [429] * 3
    assert found[-1].headers["ratelimit-policy"] == '"requests-of-network-3600s";q=9;w=3600'
    assert 60 < int(found[-1].headers["retry-after"]) <= 3600
