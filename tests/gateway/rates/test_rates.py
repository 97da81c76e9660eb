"""How many requests come, and what they cost, is limited by account, department, network and document."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.journeys.running_server import Reply, RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import shared_url

__all__ = ["shared_url"]

VIEWER = "{ viewer { ref } }"
SECTORS = "{ sectors(first: %d) { nodes { code } } }"
RATES = {
    "REQUESTS_PER_ACTOR": "6/minute", "REQUESTS_PER_DEPARTMENT": "9/minute", "REQUESTS_PER_NETWORK": "4/minute",
    "REQUESTS_PER_DOCUMENT": "12/minute", "MAX_COST": "100", "COST_PER_ACTOR": "200/minute",
}  # fmt: skip


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
    """Give the server in a window of its own."""
    shared_server.clock.at += timedelta(minutes=1)
    return shared_server


def refused(reply: Reply) -> tuple[int, str, str]:
    (error,) = reply.errors
    assert error["message"] == "请求过于频繁或者查询量过大，已达 rate 所示的上限，请在 until 所示时间之后再试。"
    assert 0 < int(reply.response.headers["retry-after"]) <= 60
    return reply.status, error["extensions"]["code"], error["extensions"]["rate"]


REFUSED = [
    ("an account", ["handler"] * 7, VIEWER, "REQUESTS_OF_ACTOR"),
    ("an account, whatever it asks", ["handler"] * 7, "{ no such document", "REQUESTS_OF_ACTOR"),
    ("a department", ["handler"] * 5 + ["head"] * 5, VIEWER, "REQUESTS_OF_DEPARTMENT"),
    ("a network of callers without a token", ["anonymous"] * 5, VIEWER, "REQUESTS_OF_NETWORK"),
    ("a document", ["clerk", "handler", "office"] * 4 + ["auditor"], VIEWER, "REQUESTS_OF_DOCUMENT"),
    ("what an account's requests cost", ["handler"] * 3, SECTORS % 80, "COST_OF_ACTOR"),
]


@pytest.mark.parametrize(("case", "who", "document", "rate"), REFUSED, ids=[case for case, *_ in REFUSED])
async def test_beyond_its_rate_a_request_is_refused_until_the_window_ends(
    server: RunningServer, case: str, who: list[str], document: str, rate: str
) -> None:
    del case
    *before, last = [server.ask(each, document) for each in who]
    assert {reply.status for reply in before} & {429} == set()
    assert refused(last) == (429, "RATE_EXCEEDED", rate)
    label = rate.lower().replace("_", "-")
    assert f'chengxin_rate_refusals_total{{rate="{label}"}} ' in server.client.get("/metrics").text
    server.clock.at += timedelta(minutes=1)
    assert server.ask(who[-1], document).status != 429


async def test_others_are_not_refused(server: RunningServer) -> None:
    assert [server.ask("handler", VIEWER).status for _ in range(7)][-1] == 429
    assert server.ask("office", VIEWER).status == server.ask("anonymous", VIEWER).status == 200


async def test_what_a_request_costs_is_told_where_it_is_preferred(server: RunningServer) -> None:
    """By POST and by GET; where nobody prefers it, nothing is told."""
    told = server.ask("handler", SECTORS % 30, headers={"Prefer": "respond-async, Cost"})
    assert told.json["extensions"] == {"cost": {"requested": 31, "limit": 200, "remaining": 169}}
    assert told.response.headers["preference-applied"] == "cost"
    got = server.send(server.bearer("handler") | {"Prefer": "cost"}, "GET", params={"query": SECTORS % 9})
    assert got.json["extensions"] == {"cost": {"requested": 10, "limit": 200, "remaining": 159}}
    plain = server.ask("handler", SECTORS % 30, headers={"Prefer": "return=minimal"})
    assert "extensions" not in plain.json
    assert "preference-applied" not in plain.response.headers


async def test_an_answer_tells_how_the_callers_own_limit_stands(server: RunningServer) -> None:
    """On every answer, refused ones too; never that of a department, of which colleagues use a part."""
    ends = 60 - server.clock.at.second
    for at, (who, rate, quota) in enumerate([("handler", "actor", 6), ("anonymous", "network", 4)]):
        for sent in range(1, quota + 2):
            headers = [{}, {"Prefer": "cost"}, {"Origin": "https://other.example"}][(at + sent) % 3]
            response = server.ask(who, VIEWER if sent % 2 else "{ nothing", headers=headers).response
            assert response.headers["ratelimit-policy"] == f'"requests-of-{rate}-60s";q={quota};w=60'
            assert response.headers["ratelimit"] == f'"requests-of-{rate}-60s";r={max(0, quota - sent)};t={ends}'
    assert response.status_code == 429


async def test_an_operation_above_the_limit_of_cost_is_refused_and_says_what_it_costs(server: RunningServer) -> None:
    (error,) = server.ask("handler", "{ sectors(first: 90) { edges { node { code } } } }").errors
    assert {name: error["extensions"][name] for name in ("code", "limit", "allowed", "found")} == {
        "code": "LIMIT_EXCEEDED", "limit": "cost", "allowed": 100, "found": 181,
    }  # fmt: skip
