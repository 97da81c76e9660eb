"""Subscriptions over WebSockets and event streams of a real gateway: what is changed by one arrives at the other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.application import build_application
from gateway.http.app import server_options
from gateway.services import build_services
from tests.databases import on_both
from tests.gateway.fakes import ServerThread, wait_until
from tests.gateway.http.subscriptions.stream_clients import TOKEN, Addressed, events_of, socket_of
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.subscriptions.listeners import QUICK

READS = "subscription @purpose(is: SELF_ACCESS) { accessRecorded { nodes { actor } } }"
WORK = "subscription @purpose(is: DETERMINATION) { worklistChanged(first: 50) { nodes { case { number } } } }"
NAME = "query($id: ID!) @purpose(is: APPLICATION_HANDLING) { subject(id: $id) { name } }"
STREAM = "/graphql/stream"


@pytest.fixture
async def server(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json", **QUICK)) as opened:
        yield opened


def listening(server: Addressed, count: int) -> None:
    """Wait until so many subscriptions run: a WebSocket does not say when one has begun."""
    wait_until(lambda: f"\nchengxin_subscriptions {count}.0\n" in httpx.get(f"{server.url}/metrics").text)


def reads(server: RunningServer) -> None:
    """Let a clerk read of person-1."""
    person = server.world.party("person-1").gid
    assert server.ask("clerk", NAME, {"id": person}).data["subject"]["name"]


def actors_of(answer: Any) -> set[str]:
    return {node["actor"] for node in answer["data"]["accessRecorded"]["nodes"]}


@on_both
async def test_a_subject_sees_a_read_as_it_happens_over_each_transport(server: RunningServer) -> None:
    person = server.bearer("person-1")
    token = person | {TOKEN: server.client.put(STREAM, headers=person).text}
    with (
        socket_of(server) as socket,
        events_of(server, person, json={"query": READS}) as stream,
        events_of(server, token, "GET", STREAM) as shared,
    ):
        socket.initialise(person).subscribe("1", READS)
        body = {"query": READS, "extensions": {"operationId": "1"}}
        assert server.client.post(STREAM, headers=token, json=body).status_code == 202
        listening(server, 3)
        reads(server)
        clerk = server.world.actor("clerk").ref
        assert actors_of(socket.receive()["payload"]) == {clerk}
        assert actors_of(stream.next()[1]) == {clerk}
        assert actors_of(shared.next()[1]["payload"]) == {clerk}


@on_both
async def test_a_colleague_sees_what_became_of_a_task(server: RunningServer) -> None:
    handler = server.bearer("handler")
    case = OfCase(server, await put(server, "案-订阅"))
    with socket_of(server) as socket, events_of(server, handler, json={"query": WORK}) as stream:
        socket.initialise(handler).subscribe("1", WORK)
        listening(server, 2)
        case.done("handler", "verifyCase", february(9), evidence=PAPER, severity=SHORT)
        for answer in (socket.receive()["payload"], stream.next()[1]):
            assert "案-订阅" in {node["case"]["number"] for node in answer["data"]["worklistChanged"]["nodes"]}


async def test_a_token_that_expires_ends_the_connection(server: RunningServer) -> None:
    with socket_of(server) as socket, events_of(server, server.bearer("person-1"), json={"query": READS}) as stream:
        socket.initialise(server.bearer("person-1")).subscribe("1", READS)
        server.clock.at += timedelta(days=1)
        assert socket.closed() == (4403, "TOKEN_EXPIRED")
        name, answer = stream.next()
        assert (name, answer["errors"][0]["extensions"]["code"]) == ("next", "TOKEN_EXPIRED")
        assert stream.next() == ("complete", None)


@pytest.mark.parametrize(
    ("why", "who", "query", "code"),
    [
        ("no purpose", "person-1", READS.replace(" @purpose(is: SELF_ACCESS)", ""), "PURPOSE_REQUIRED"),
        ("another role's", "clerk", READS, "ROOT_REFUSED"),
        ("a field that is not there", "person-1", READS.replace("actor", "person"), "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_refused_subscription_says_why(
    server: RunningServer, why: str, who: str, query: str, code: str
) -> None:
    with socket_of(server) as socket, events_of(server, server.bearer(who), json={"query": query}) as stream:
        found = socket.initialise(server.bearer(who)).subscribe("1", query).receive()
        assert (found["type"], _code(found["payload"])) == ("error", code), why
        name, answer = stream.next()
        assert (name, _code(answer["errors"]), stream.next()) == ("next", code, ("complete", None)), why


def _code(errors: list[dict[str, Any]]) -> str:
    return str(errors[0].get("extensions", {}).get("code"))


async def test_each_operation_counts_as_a_request(sqlite_url: str, kek: Path) -> None:
    settings = settings_for(kek, sqlite_url, REQUESTS_PER_ACTOR="3/minute", **QUICK)
    async with open_server(settings) as server:
        person = server.bearer("person-1")
        with socket_of(server) as socket:
            socket.initialise(person)
            for operation in "123":
                socket.subscribe(operation, "query @purpose(is: SELF_ACCESS) { viewer { ref } }")
                assert (socket.receive()["type"], socket.receive()["type"]) == ("next", "complete")
            refused = socket.subscribe("4", READS).receive()
            assert (refused["type"], _code(refused["payload"])) == ("error", "RATE_EXCEEDED")
        with events_of(server, person, json={"query": READS}) as stream:
            assert stream.response.status_code == 429
            assert 1 <= int(stream.headers["retry-after"]) <= 60


def log_in(browser: httpx.Client, origin: str, persona: str) -> tuple[dict[str, str], dict[str, str]]:
    """Log a browser in; give the headers of its cookie and of its CSRF token."""
    address = browser.get("/login").headers["location"] + f"&persona={persona}"
    for _ in range(2):
        address = browser.get(address.removeprefix(origin)).headers["location"]
    csrf = browser.get("/session").json()["session"]["csrfToken"]
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return {"Cookie": cookie}, {"X-CSRF-Token": csrf}


def log_out(browser: httpx.Client, csrf: dict[str, str]) -> None:
    assert browser.post("/logout", headers=csrf).status_code == 200


async def test_a_page_of_ours_connects_by_the_cookie_of_its_login(server: RunningServer) -> None:
    origin = server.settings.browser_url
    with httpx.Client(base_url=server.url) as browser:
        cookie, csrf = log_in(browser, origin, "person-1")
        with socket_of(server, cookie, origin=origin) as socket:
            socket.initialise(csrf).subscribe("1", READS)
            listening(server, 1)
            reads(server)
            assert actors_of(socket.receive()["payload"]) == {server.world.actor("clerk").ref}
            for stated, page, word in (
                ({}, origin, "CSRF_TOKEN"),
                (csrf, server.url, "CROSS_SITE"),  # of the address, which is not the one that browsers are given
            ):
                with socket_of(server, cookie, origin=page) as other:
                    other.send(type="connection_init", payload=stated)
                    assert other.closed() == (4403, word)
            log_out(browser, csrf)
            assert socket.closed() == (4403, "SESSION_ENDED")
        with socket_of(server, cookie, origin=origin) as socket:
            socket.send(type="connection_init", payload=csrf)
            assert socket.closed() == (4403, "SESSION_ENDED")


async def test_a_document_is_named_by_its_id(sqlite_url: str, kek: Path) -> None:
    """By Apollo's protocol: the text once, with its hash, and then the hash alone."""
    settings = settings_for(kek, sqlite_url, TRUSTED_DOCUMENTS="log-unknown", **QUICK)
    known = {"persistedQuery": {"version": 1, "sha256Hash": sha256(READS.encode()).hexdigest()}}
    async with open_server(settings) as server:
        with socket_of(server) as socket:
            socket.initialise(server.bearer("person-1")).send(id="1", type="subscribe", payload={"extensions": known})
            assert _code(socket.receive()["payload"]) == "PERSISTED_QUERY_NOT_FOUND"
            socket.send(id="1", type="subscribe", payload={"query": READS, "extensions": known})
            listening(server, 1)
            reads(server)
            assert socket.receive()["type"] == "next"
            socket.send(id="2", type="subscribe", payload={"extensions": known})
            listening(server, 2)
            reads(server)
            assert {socket.receive()["id"] for _ in range(2)} == {"1", "2"}


@pytest.mark.postgres
async def test_what_happens_at_one_replica_arrives_at_another(postgresql_url: str, kek: Path) -> None:
    settings = settings_for(kek, postgresql_url, **QUICK)
    async with open_server(settings) as server:
        services = await asyncio.to_thread(build_services, settings, server.clock)
        app = build_application(services, server.issuer)
        with ServerThread(app, server_options(settings)) as other, socket_of(other) as socket:
            socket.initialise(server.bearer("person-1")).subscribe("1", READS)
            listening(other, 1)
            reads(server)
            assert actors_of(socket.receive()["payload"]) == {server.world.actor("clerk").ref}
