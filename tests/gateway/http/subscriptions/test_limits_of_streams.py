"""Limits of streams, on a real server: how many, how long they are silent, and how they end with their server."""

import socket as sockets
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
from starlette.types import Receive
from websockets.exceptions import InvalidStatus

from gateway.http.subscriptions.websocket_endpoint import WebSocketEndpoint
from tests.gateway.fakes import HttpServer, wait_until
from tests.gateway.http.raw_connection import HEALTHZ, SLOW, figure, head, opened, whole
from tests.gateway.http.subscriptions.stream_clients import TOKEN, events_of, socket_of
from tests.gateway.toy_server import open_toy_server

CONNECTIONS = "chengxin_connections"
HANDSHAKE = (
    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: graphql-transport-ws",
)  # fmt: skip
GRAPHQL_UPGRADE = head(*HANDSHAKE, method="GET")


def connections_are(server: HttpServer, count: int) -> None:
    """Wait until so many connections are open besides the one that asks for the figure."""
    wait_until(lambda: figure(server, CONNECTIONS) == count + 1)


def test_a_websocket_is_counted_once_from_its_first_byte_to_its_end(tmp_path: Path) -> None:
    with open_toy_server(tmp_path) as server:
        connections_are(server, 0)
        with ExitStack() as stack:
            first = stack.enter_context(socket_of(server))
            stack.enter_context(socket_of(server))
            connections_are(server, 2)
            assert figure(server, 'chengxin_streams{transport="websocket"}') == 2
            first.connection.close()
            connections_are(server, 1)
        connections_are(server, 0)
        with opened(server) as raw:  # a client that goes without a word
            assert b"101" in raw.send(GRAPHQL_UPGRADE).read_head()
            connections_are(server, 1)
        connections_are(server, 0)
        with opened(server) as raw:  # the second request of a connection
            assert raw.send(HEALTHZ).answer()[0] == 200
            assert b"101" in raw.send(GRAPHQL_UPGRADE).read_head()
            connections_are(server, 1)
        connections_are(server, 0)
        for wrong in ("Sec-WebSocket-Version: 12", "X-Long: " + "x" * 9000):  # what the library refuses
            with opened(server) as raw:
                status, code = raw.send(head(*HANDSHAKE[:2], wrong, method="GET")).answer()
                assert (status == 400, code, raw.is_closed) == (True, "WEBSOCKET_HANDSHAKE", True)
        connections_are(server, 0)
        wait_until(lambda: figure(server, 'chengxin_streams{transport="websocket"}') == 0)


def test_an_upgrade_elsewhere_is_a_request_like_any_other(tmp_path: Path) -> None:
    with open_toy_server(tmp_path) as server, opened(server) as raw:
        assert raw.send(head(*HANDSHAKE, method="GET", path="/healthz")).answer()[0] == 200


def test_a_crowded_server_refuses_a_websocket_and_answers_its_probes(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, CONNECTIONS_AT_ONCE="1") as server, socket_of(server), opened(server) as raw:
        assert raw.send(GRAPHQL_UPGRADE).answer() == (503, "OVERLOADED")
        assert raw.is_closed
        with opened(server) as probe:
            assert probe.send(HEALTHZ).answer()[0] == 200


def test_a_full_server_refuses_a_websocket_before_it_is_one(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, REQUESTS_AT_ONCE="1", REQUESTS_WAITING="0") as server:
        with opened(server) as busy, opened(server) as raw:
            busy.send(whole(SLOW))
            wait_until(lambda: server.service.seen)
            assert raw.send(GRAPHQL_UPGRADE).answer() == (503, "OVERLOADED")
            assert raw.is_closed
        connections_are(server, 0)


def test_no_answer_is_sent_into_a_websocket(tmp_path: Path) -> None:
    """A request for a WebSocket right behind another one ends the connection."""
    with open_toy_server(tmp_path) as server:
        with opened(server) as raw:
            raw.send(whole(SLOW))
            wait_until(lambda: server.service.seen)
            assert raw.send(GRAPHQL_UPGRADE).is_closed
        connections_are(server, 0)


def test_frames_before_the_connection_is_accepted_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(_: object, __: object, ___: object, receive: Receive, ____: object) -> None:
        assert (await receive())["type"] == "websocket.disconnect"

    monkeypatch.setattr(WebSocketEndpoint, "_serve", wait)
    with open_toy_server(tmp_path) as server:
        with opened(server) as raw:
            raw.send(GRAPHQL_UPGRADE)
            connections_are(server, 1)
            raw.send(b"\xff" * 16)
            connections_are(server, 0)
        assert "library.said" not in server.lines.getvalue()


def test_streams_leave_room_for_requests(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, STREAMS_AT_ONCE="2") as server:
        clerk = server.bearer("clerk")
        with socket_of(server), events_of(server, clerk):
            with pytest.raises(InvalidStatus) as refused, socket_of(server):
                pass
            assert refused.value.response.status_code == 503
            assert refused.value.response.headers["Retry-After"] == "1"
            seen = len(server.service.seen)
            with events_of(server, clerk, json={"query": "mutation { change }"}) as stream:
                assert (stream.response.status_code, stream.headers["retry-after"]) == (503, "1")
            assert len(server.service.seen) == seen  # nothing was done
            assert server.client.put("/graphql/stream", headers=clerk).status_code == 503
            assert server.client.post("/graphql", json={"query": "{ hello }"}).status_code == 200
            assert figure(server, 'chengxin_streams_closed{limit="process"}') == 3
        wait_until(lambda: server.client.put("/graphql/stream", headers=clerk).status_code == 201)


def test_an_account_has_so_many_streams(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, STREAMS_PER_ACCOUNT="1") as server, ExitStack() as stack:
        clerk = server.bearer("clerk")
        first = stack.enter_context(socket_of(server)).initialise(clerk)
        with socket_of(server) as second:
            second.send(type="connection_init", payload=clerk)
            assert second.closed() == (1013, "TOO_MANY_STREAMS")
        with events_of(server, clerk) as stream:
            assert (stream.response.status_code, stream.headers["retry-after"]) == (429, "60")
        refused = server.client.put("/graphql/stream", headers=clerk)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["limit"]) == (429, 1)
        stack.enter_context(socket_of(server)).initialise(server.bearer("subject"))
        first.connection.close()
        wait_until(lambda: server.client.put("/graphql/stream", headers=clerk).status_code == 201)
        assert all(each.is_closed for each in server.service.subscriptions.opened)  # of the stream that was refused


def test_a_connection_has_so_many_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.subscriptions.websocket_connection.MOST_OPERATIONS", 2)
    with open_toy_server(tmp_path) as server, socket_of(server) as socket:
        socket.initialise(server.bearer("clerk")).subscribe("1").subscribe("2").subscribe("3")
        error = socket.receive()
        assert (error["id"], error["payload"][0]["extensions"]["code"]) == ("3", "TOO_MANY_OPERATIONS")
        socket.send(id="1", type="complete").subscribe("3", "{ hello }")
        assert socket.receive()["payload"] == {"data": {"hello": "你好"}}


def test_a_message_has_so_many_frames(tmp_path: Path) -> None:
    with open_toy_server(tmp_path) as server, socket_of(server) as socket:
        socket.connection.send([""] * 1_024)
        assert socket.closed()[0] == 1009


def test_there_are_signs_of_life(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, STREAM_HEARTBEAT_SECONDS="0.1") as server:
        with socket_of(server) as socket:
            socket.initialise(server.bearer("clerk"))
            assert [orjson.loads(socket.connection.recv(10)) for _ in range(2)] == [{"type": "ping"}] * 2
            assert socket.send(type="pong").send(type="ping").receive() == {"type": "pong"}
        with events_of(server, server.bearer("clerk")) as stream:
            stream.signs_of_life(3)


def test_who_does_not_read_is_cut_off(tmp_path: Path) -> None:
    """The subscription gives nothing while the client does not take what it got."""
    with open_toy_server(tmp_path, STREAM_PATIENCE_SECONDS="0.3") as server, ExitStack() as stack:
        toy, clerk = server.service.subscriptions, server.bearer("clerk")
        slow = stack.enter_context(sockets.create_connection(("127.0.0.1", server.port)))
        slow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        body = orjson.dumps({"query": "subscription { happened }"})
        lines = [
            "Accept: text/event-stream",
            f"Authorization: {clerk['Authorization']}",
            f"Content-Length: {len(body)}",
        ]
        slow.sendall(head(*lines) + body)
        events = toy.newest(1)
        socket = stack.enter_context(socket_of(server, max_queue=1, max_size=None))
        socket.initialise(clerk).subscribe("1")
        over_websocket = toy.newest(2)
        for subscription in (events, over_websocket):
            for _ in range(60):
                subscription.happen("x" * 1_000_000)
        wait_until(lambda: events.is_closed and over_websocket.is_closed)
        assert max(events.given, over_websocket.given) < 60
        assert figure(server, 'chengxin_streams_closed{limit="slow"}') == 2
        connections_are(server, 0)


@pytest.mark.parametrize("last", ["", "{ brief: hello }", "subscription { brief: happened }"])
def test_a_server_that_stops_closes_its_streams_and_says_nothing_of_completion(tmp_path: Path, last: str) -> None:
    """A client that is told that nothing follows would not come back. What has one answer is finished before."""
    with ExitStack() as clients:
        with open_toy_server(tmp_path) as server:
            toy, clerk = server.service.subscriptions, server.bearer("clerk")
            socket = clients.enter_context(socket_of(server)).initialise(clerk).subscribe("1")
            stream = clients.enter_context(events_of(server, clerk))
            token = server.client.put("/graphql/stream", headers=clerk).text
            shared = clients.enter_context(events_of(server, clerk | {TOKEN: token}, "GET", "/graphql/stream"))
            toy.newest(2)
            if last:
                seen = len(server.service.seen)
                socket.subscribe("2", last)
                wait_until(lambda: len(server.service.seen) > seen)
        if last.startswith("{"):
            assert socket.receive()["id"] == "2"
            assert socket.receive() == {"id": "2", "type": "complete"}
        assert socket.closed() == (1001, "SHUTTING_DOWN")
        assert (stream.next(), shared.next()) == (("", None), ("", None))
        assert all(each.is_closed for each in toy.opened)
