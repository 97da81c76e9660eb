"""graphql-transport-ws: what is answered to each message, and how a connection is closed.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.http.errors import Code, HttpRefusal
from storage.errors import DatabaseUnavailable, Outage
from tests.gateway.fakes import MARKED, HttpServer, wait_until
from tests.gateway.http.subscriptions.stream_clients import Socket, socket_of
from tests.gateway.toy_server import open_toy_server

Steps = Callable[[Socket, HttpServer], object]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    folder = tmp_path_factory.mktemp("websocket")
    with open_toy_server(folder, BODY_LIMIT="4096", RECEIVE_SECONDS="3") as opened:
        yield opened


def clerk(socket: Socket, server: HttpServer) -> Socket:
    return socket.initialise(server.bearer("clerk"))


@pytest.mark.parametrize(
    ("why", "steps", "closed"),
    [
        ("no JSON", lambda s, _: s.send_text("{"), (4400, "INVALID_MESSAGE")),
        ("a key twice", lambda s, _: s.send_text('{"type":"ping","type":"ping"}'), (4400, "INVALID_MESSAGE")),
        ("bytes", lambda s, _: s.send_text(b'{"type":"ping"}'), (4400, "INVALID_MESSAGE")),
        ("no map", lambda s, _: s.send_text("[]"), (4400, "INVALID_MESSAGE")),
        ("a type that there is not", lambda s, _: s.send(type="start"), (4400, "INVALID_MESSAGE")),
        ("a payload that is no map", lambda s, _: s.send(type="ping", payload=1), (4400, "INVALID_MESSAGE")),
        ("an operation without id", lambda s, _: s.send(type="subscribe", payload={}), (4400, "INVALID_MESSAGE")),
        ("an empty id", lambda s, _: s.send(type="complete", id=""), (4400, "INVALID_MESSAGE")),
        ("a long id", lambda s, _: s.send(type="complete", id="x" * 129), (4400, "INVALID_MESSAGE")),
        ("no payload", lambda s, srv: clerk(s, srv).send(type="subscribe", id="1"), (4400, "INVALID_MESSAGE")),
        ("an operation before the initialisation", lambda s, _: s.subscribe(), (4401, "UNAUTHORIZED")),
        (
            "a token that is none",
            lambda s, _: s.send(type="connection_init", payload={"Authorization": f"Bearer {MARKED}"}),
            (4403, "TOKEN_REFUSED"),
        ),
        ("nobody", lambda s, _: s.send(type="connection_init"), (4403, "ACCOUNT_REQUIRED")),
        (
            "a header that is no text",
            lambda s, _: s.send(type="connection_init", payload={"Acting-Role": 1}),
            (4403, "BAD_REQUEST"),
        ),
        (
            "a header with another one in it",
            lambda s, srv: s.send(type="connection_init", payload={**srv.bearer("clerk"), "Prefer": "a\r\nb: c"}),
            (4403, "BAD_REQUEST"),
        ),
        (
            "a role that the account has not",
            lambda s, srv: s.send(type="connection_init", payload={**srv.bearer("clerk"), "acting-role": "head"}),
            (4403, "ROLE_NOT_HELD"),
        ),
        (
            "an id twice",
            lambda s, srv: clerk(s, srv).subscribe("1").subscribe("1"),
            (4409, "SUBSCRIBER_ALREADY_EXISTS"),
        ),
        (
            "a second initialisation",
            lambda s, srv: clerk(s, srv).send(type="connection_init"),
            (4429, "TOO_MANY_INITIALISATION_REQUESTS"),
        ),
        (
            "a message that is too long",
            lambda s, _: s.send_text("x" * 5000),
            (1009, "frame with 5000 bytes exceeds limit of 4096 bytes"),
        ),
    ],
)  # fmt: skip
def test_a_connection_is_closed(server: HttpServer, why: str, steps: Steps, closed: tuple[int, str]) -> None:
    with socket_of(server) as socket:
        steps(socket, server)
        assert socket.closed() == closed, why
    assert MARKED not in server.lines.getvalue()


def test_an_initialisation_is_not_waited_for_longer_than_any_request(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, RECEIVE_SECONDS="0.1") as server, socket_of(server) as socket:
        assert socket.send(type="ping").receive() == {"type": "pong"}
        assert socket.closed() == (4408, "CONNECTION_INITIALISATION_TIMEOUT")


@pytest.mark.parametrize("offered", [None, ["graphql-ws"]])
def test_another_subprotocol_is_closed(server: HttpServer, offered: list[str] | None) -> None:
    with socket_of(server, subprotocols=offered) as socket:
        assert socket.closed() == (4406, "SUBPROTOCOL_NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("why", "options", "status", "code"),
    [
        ("a page of another origin", {"origin": "https://evil.example"}, 403, "ORIGIN_REFUSED"),
        ("a header that is too long", {"headers": {"X-Long": "x" * 9000}}, 400, "WEBSOCKET_HANDSHAKE"),
    ],
)
def test_a_handshake_is_refused(server: HttpServer, why: str, options: dict, status: int, code: str) -> None:
    with pytest.raises(InvalidStatus) as refused, socket_of(server, **options):
        pass
    assert (refused.value.response.status_code, code in refused.value.response.body.decode()) == (status, True), why


def test_pages_of_our_own_address_may_connect(server: HttpServer) -> None:
    with socket_of(server, origin=server.url) as socket:
        clerk(socket, server)


def test_a_subscription_gives_what_happens_until_it_is_completed(server: HttpServer) -> None:
    toy = server.service.subscriptions
    with socket_of(server) as socket:
        begun = len(toy.opened)
        clerk(socket, server).subscribe("a").subscribe("b")
        toy.newest(begun + 2)
        first, second = toy.opened[begun:]
        first.happen("one")
        assert socket.receive() == {"id": "a", "type": "next", "payload": {"data": {"happened": "one"}}}
        second.happen("two")
        assert socket.receive() == {"id": "b", "type": "next", "payload": {"data": {"happened": "two"}}}
        socket.send(id="a", type="complete")
        wait_until(lambda: first.is_closed)
        first.happen("three")
        second.end(None)
        assert socket.receive() == {"id": "b", "type": "complete"}
        socket.subscribe("a").subscribe("b")  # both ids are free again
        toy.newest(begun + 4)
    wait_until(lambda: all(each.is_closed for each in toy.opened))


@pytest.mark.parametrize(
    ("why", "query", "messages"),
    [
        ("a query", "{ hello }", [("next", {"data": {"hello": "你好"}}), ("complete", None)]),
        ("a mutation", "mutation { change }", [("next", {"data": {"change": None}}), ("complete", None)]),
        ("a refusal", "{ refused }", [("error", [{"message": "not for this role"}])]),
        ("a refused subscription", "subscription { refused }", [("error", [{"message": "not for this role"}])]),
    ],
)
def test_what_has_one_answer_gets_it_as_over_http(
    server: HttpServer, why: str, query: str, messages: list[tuple[str, object]]
) -> None:
    with socket_of(server) as socket:
        clerk(socket, server).subscribe("1", query)
        for kind, payload in messages:
            found = socket.receive()
            assert (found["id"], found["type"], found.get("payload")) == ("1", kind, payload), why
        socket.subscribe("1")  # the id is free again


@pytest.mark.parametrize(
    ("why", "payload", "code"),
    [
        ("no document", {}, "QUERY_MISSING"),
        ("a name that is none", {"query": "{ hello }", "operationName": 1}, "BAD_REQUEST"),
        ("a bug", {"query": "{ broken }"}, "INTERNAL"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_operation(
    server: HttpServer, why: str, payload: dict[str, object], code: str
) -> None:
    with socket_of(server) as socket:
        clerk(socket, server).send(id="1", type="subscribe", payload=payload)
        error = socket.receive()
        assert (error["type"], error["payload"][0]["extensions"]["code"]) == ("error", code), why
        socket.subscribe("1", "{ hello }")
        assert socket.receive()["payload"] == {"data": {"hello": "你好"}}
    assert MARKED not in server.lines.getvalue()


def test_a_request_is_as_one_of_http(server: HttpServer) -> None:
    """It has purpose, role and preferences of the initialisation, its document's id, and a request id of its own."""
    stated = {
        **server.bearer("handler"),
        "Acting-Role": "clerk",
        "ACCESS-PURPOSE": "REVIEW",
        "prefer": "withheld=extensions",
    }
    with socket_of(server) as socket:
        payload = {"documentId": "sha256:1", "variables": {"a": 1}, "extensions": {"b": 2}}
        socket.initialise(stated).send(id="1", type="subscribe", payload=payload).receive()
        socket.subscribe("2", "{ hello }").receive()
    first, second = server.service.seen[-2:]
    assert (first.document_id, first.variables, first.extensions) == ("sha256:1", {"a": 1}, {"b": 2})
    assert (second.query, second.purpose, second.actor.role, second.withheld) == (
        "{ hello }",
        "REVIEW",
        "clerk",
        "extensions",
    )
    assert first.request_id != second.request_id
    wait_until(lambda: second.request_id in server.lines.getvalue())
    (line,) = [each for each in server.lines.events() if each.get("request_id") == second.request_id]
    assert (line["event"], line["method"], line["route"], line["status"], line["role"]) == (
        "request.answered", "WEBSOCKET", "/graphql", 200, "clerk",
    )  # fmt: skip


def test_who_is_not_who_it_was_any_more_is_closed(server: HttpServer) -> None:
    toy = server.service.subscriptions
    with socket_of(server) as socket:
        begun = len(toy.opened)
        clerk(socket, server).subscribe("1").subscribe("2")
        toy.newest(begun + 2)
        toy.opened[begun].end("TOKEN_EXPIRED")
        assert socket.closed() == (4403, "TOKEN_EXPIRED")
    wait_until(lambda: all(each.is_closed for each in toy.opened))


def test_an_authorisation_that_ended_ends_its_subscription_alone(server: HttpServer) -> None:
    toy = server.service.subscriptions
    with socket_of(server) as socket:
        begun = len(toy.opened)
        clerk(socket, server).subscribe("1").subscribe("2")
        toy.newest(begun + 2)
        toy.opened[begun].end("PURPOSE_NOT_ADMITTED")
        error = socket.receive()
        assert (error["type"], error["payload"][0]["extensions"]["code"]) == ("error", "PURPOSE_NOT_ADMITTED")
        toy.opened[begun + 1].happen("more")
        assert socket.receive()["payload"] == {"data": {"happened": "more"}}


def test_a_mutation_that_is_completed_is_given_up(server: HttpServer) -> None:
    with socket_of(server) as socket:
        server.service.cancelled.clear()
        seen = len(server.service.seen)
        clerk(socket, server).subscribe("1", "{ slow }")
        wait_until(lambda: len(server.service.seen) > seen)
        socket.send(id="1", type="complete")
        assert server.service.cancelled.wait(10)
        socket.send(id="1", type="complete").send(id="unknown", type="complete")  # is nothing
        assert socket.send(type="ping", payload={"a": 1}).receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("error", "closed"),
    [
        (HttpRefusal(Code.KEYS_UNAVAILABLE), (1013, "KEYS_UNAVAILABLE")),
        (DatabaseUnavailable(Outage.LOCKED), (1013, "DATABASE_UNAVAILABLE")),
        (RuntimeError(MARKED), (4500, "INTERNAL")),
    ],
)
def test_who_cannot_be_authenticated_now_is_not_forbidden(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch, error: Exception, closed: tuple[int, str]
) -> None:
    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(TokenAuthenticator, "__call__", fail)
    with socket_of(server) as socket:
        assert socket.send(type="connection_init").closed() == closed
    assert MARKED not in server.lines.getvalue()
