"""Where the database cannot do its work, every entrance says so: 503, `Retry-After`, a stable code; then all works.

The log names what failed, and why; readiness turns red, and green again.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.databases import on_both
from tests.journeys.cases.test_files import png, upload
from tests.journeys.guard.test_retry_after import NOBODY
from tests.journeys.platform.test_metrics import figures
from tests.journeys.platform.test_pushed_cases import push, pushed
from tests.journeys.running_server import RunningServer, open_server
from tests.journeys.support.documents import CHECK
from tests.schema.service import open_service, settings_for
from tests.storage.outages.freezable_proxy import proxy_before

SOON: Final = 30.0
SETTINGS: Final = {"LOG_FORMAT": "json"}
TARGETS = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 2) { nodes { subject { name } } } }"
WITHDRAW = (
    "mutation($i: ID!) @purpose(is: SELF_ACCESS) "
    "{ again: withdrawAuthorisation(input: {authorisation: $i}) { __typename } }"
)
Ask = Callable[[RunningServer], httpx.Response]


def graphql(who: str, query: str, **variables: str) -> Ask:
    return lambda server: server.ask(who, query, variables).response


def withdraw(server: RunningServer) -> httpx.Response:
    return server.ask("person-1", WITHDRAW, {"i": server.world.held["authorisation live"].gid}).response


ENTRANCES: Final[Mapping[str, tuple[Ask, str]]] = {
    "a read that is recorded": (graphql("regulator", TARGETS), "NOT_RECORDED"),
    "a lookup that is counted": (graphql("clerk", CHECK, number=NOBODY), "DATABASE_UNAVAILABLE"),
    "a mutation": (withdraw, "DATABASE_UNAVAILABLE"),
    "a pushed case": (lambda server: push(server, pushed()), "DATABASE_UNAVAILABLE"),
    "a file": (lambda server: upload(server, "handler", png(), "DETERMINATION"), "DATABASE_UNAVAILABLE"),
    "a code of a notice": (
        lambda server: server.client.post("/check", data={"code": "AAAA-BBBB"}),
        "DATABASE_UNAVAILABLE",
    ),
}
"""What each says where the database takes no writes. Where it is gone, every code is DATABASE_UNAVAILABLE."""

Outage = tuple[RunningServer, Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]


@asynccontextmanager
async def locked_file(url: str, kek: Path) -> AsyncIterator[Outage]:
    """Give a server whose database file another process can lock."""
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)

    async def begin() -> None:
        other.execute("BEGIN IMMEDIATE")

    async def end() -> None:
        other.execute("ROLLBACK")

    async with open_server(settings_for(kek, url, STATEMENT_SECONDS="0.6", **SETTINGS)) as server:
        yield server, begin, end
    other.close()


@asynccontextmanager
async def lost_server(url: str, kek: Path) -> AsyncIterator[Outage]:
    """Give a server that can lose its database."""
    async with proxy_before(url) as proxy, open_server(settings_for(kek, proxy.url, **SETTINGS)) as server:
        yield server, proxy.stop, proxy.start


@pytest.fixture
async def outage(database_url: str, kek: Path) -> AsyncIterator[Outage]:
    opened = locked_file if database_url.startswith("sqlite") else lost_server
    async with opened(database_url, kek) as outage:
        yield outage


async def ready(server: RunningServer, wanted: Mapping[str, str]) -> None:
    """Wait until `/readyz` says what is *wanted* of some checks."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        said = (await asyncio.to_thread(server.client.get, "/readyz")).json()["checks"]
        if wanted.items() <= said.items():
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"/readyz says {said}")


@on_both
async def test_an_outage_is_said_by_name_at_every_entrance_and_passes(outage: Outage) -> None:
    server, begin, end = outage
    await ready(server, {"recorder": "ready", "database": "ready"})
    assert (await asyncio.to_thread(ENTRANCES["a read that is recorded"][0], server)).status_code == 200

    await begin()
    for name, (ask, code) in ENTRANCES.items():
        answer = await asyncio.to_thread(ask, server)
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5"), (name, answer.text)
        said = answer.json()["errors"][0]["extensions"]["code"]
        assert said in {code, "DATABASE_UNAVAILABLE"}, name
        if server.settings.database_url.startswith("sqlite"):
            assert said == code, name
    await ready(server, {"recorder": "not ready"})

    await end()
    await ready(server, {"recorder": "ready", "database": "ready"})
    for name, (ask, _) in ENTRANCES.items():
        assert (await asyncio.to_thread(ask, server)).status_code < 300, name

    events = server.lines.events()
    answered = [event for event in events if event["event"] == "request.answered" and event["status"] == 503]
    assert {"withdrawAuthorisation"} == {event["root"] for event in answered if "root" in event}
    assert all("code" in event for event in answered if event["route"] != "/readyz")
    causes = {event.get("cause") for event in events if event["event"] == "request.broke"}
    assert causes <= {"OperationalError", "TimeoutError", "ConnectionRefusedError", "ConnectionDoesNotExistError", None}
    assert causes - {None}, "the first cause is in the log"


async def test_a_mutation_that_is_refused_is_in_the_log_and_counted(server: RunningServer) -> None:
    """Its answer is 200, and the client did not ask for the code. An alias is a client's text, and is not logged."""
    before = server.client.get("/metrics").text.count('chengxin_refusals_total{code="NOT_FOUND"}')
    assert (before, withdraw(server).status_code) == (0, 200)
    line: Any = [event for event in server.lines.events() if event.get("route") == "/graphql"][-1]
    assert (line["status"], line["executed"], line["root"]) == (200, True, "withdrawAuthorisation")
    assert figures(server)["chengxin_refusals_total", ""] >= 1
    assert f'chengxin_refusals_total{{code="{line["code"]}"}} 1.0' in server.client.get("/metrics").text


async def test_a_request_that_is_not_finished_in_time_does_not_blame_its_caller(sqlite_url: str, kek: Path) -> None:
    async with open_service(settings_for(kek, sqlite_url, TIMEOUT_SECONDS="0.1")) as service:
        given = {"i": service.world.held["authorisation live"].gid}
        async with service.services.database.writing():
            reply = await service.ask(WITHDRAW, "person-1", given)
    assert (reply.status, reply.codes) == (503, ["TIMEOUT"])
