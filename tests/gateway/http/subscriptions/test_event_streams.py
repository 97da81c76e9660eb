"""Event streams in both modes: one operation each, and one stream of all operations of a client.

Source: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.gateway.fakes import MARKED, HttpServer, wait_until
from tests.gateway.http.raw_connection import figure
from tests.gateway.http.subscriptions.stream_clients import SUBSCRIPTION, TOKEN, events_of
from tests.gateway.toy_server import open_toy_server
from tests.gateway.toy_subscriptions import ToySubscriptions

STREAM = "/graphql/stream"
SHARED = 'chengxin_streams{transport="shared-events"}'
FRONT_END = "https://front-end.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    folder = tmp_path_factory.mktemp("events")
    with open_toy_server(folder, CORS_ORIGINS=FRONT_END, STREAM_RESERVATION_SECONDS="60") as opened:
        yield opened


@pytest.fixture
def toy(server: HttpServer) -> ToySubscriptions:
    found: ToySubscriptions = server.service.subscriptions
    found.opened.clear()
    return found


@pytest.fixture
def clerk(server: HttpServer) -> dict[str, str]:
    return server.bearer("clerk")


# --- one operation each -------------------------------------------------------------------------------------------


def test_a_subscription_gives_what_happens_until_it_ends(
    server: HttpServer, toy: ToySubscriptions, clerk: dict[str, str]
) -> None:
    with events_of(server, clerk | {"Origin": FRONT_END}) as stream:
        subscription = toy.newest(1)
        for what in ("one", "两"):
            subscription.happen(what)
            assert stream.next() == ("next", {"data": {"happened": what}})
        subscription.end(None)
        assert (stream.next(), stream.next()) == (("complete", None), ("", None))
        headers = stream.headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    assert (headers["access-control-allow-origin"], headers["x-content-type-options"]) == (FRONT_END, "nosniff")
    wait_until(lambda: headers["x-request-id"] in server.lines.getvalue())
    (line,) = [each for each in server.lines.events() if each.get("request_id") == headers["x-request-id"]]
    assert (line["route"], line["status"], line["count"], line["role"]) == ("/graphql", 200, 2, "clerk")


def test_a_client_that_goes_ends_its_subscription(
    server: HttpServer, toy: ToySubscriptions, clerk: dict[str, str]
) -> None:
    with events_of(server, clerk):
        assert not toy.newest(1).is_closed
    wait_until(lambda: toy.opened[0].is_closed)
    wait_until(lambda: figure(server, 'chengxin_streams{transport="events"}') == 0)


@pytest.mark.parametrize("code", ["TOKEN_EXPIRED", "PURPOSE_NOT_ADMITTED"])
def test_why_it_ended_is_its_last_answer(
    server: HttpServer, toy: ToySubscriptions, clerk: dict[str, str], code: str
) -> None:
    with events_of(server, clerk) as stream:
        toy.newest(1).end(code)
        name, answer = stream.next()
        assert (name, answer["errors"][0]["extensions"]["code"]) == ("next", code)
        assert stream.next() == ("complete", None)


@pytest.mark.parametrize(
    ("why", "query", "answer"),
    [
        ("a query", "{ hello }", {"data": {"hello": "你好"}}),
        ("a mutation", "mutation { change }", {"data": {"change": None}}),
        ("a refusal", "{ refused }", {"errors": [{"message": "not for this role"}]}),
    ],
)
def test_what_has_one_answer_is_complete_after_it(
    server: HttpServer, clerk: dict[str, str], why: str, query: str, answer: Any
) -> None:
    with events_of(server, clerk, json={"query": query}) as stream:
        assert (stream.next(), stream.next()) == (("next", answer), ("complete", None)), why


def test_a_get_opens_a_subscription_and_changes_nothing(
    server: HttpServer, toy: ToySubscriptions, clerk: dict[str, str]
) -> None:
    with events_of(server, clerk, "GET", f"/graphql?query={quote(SUBSCRIPTION)}") as stream:
        toy.newest(1).happen("one")
        assert stream.next() == ("next", {"data": {"happened": "one"}})
    with events_of(server, clerk, "GET", f"/graphql?query={quote('mutation { change }')}") as stream:
        assert stream.response.status_code == 405


@pytest.mark.parametrize(
    ("why", "headers", "request_", "status", "code"),
    [
        ("a token that is none", {"Authorization": f"Bearer {MARKED}"}, {}, 401, "TOKEN_REFUSED"),
        ("nobody's", {}, {}, 401, "ACCOUNT_REQUIRED"),
        ("no JSON", {}, {"content": "{", "headers_": "application/json"}, 400, "BAD_JSON"),
        ("a bug", {}, {"json": {"query": "{ broken }"}}, 500, "INTERNAL"),
    ],
)
def test_what_is_no_answer_of_the_service_has_its_own_status(
    server: HttpServer, why: str, headers: dict[str, str], request_: dict[str, Any], status: int, code: str
) -> None:
    if "headers_" in request_:
        headers = headers | {"Content-Type": request_.pop("headers_")}
    with events_of(server, headers, **request_) as stream:
        stream.response.read()
        found = stream.response.json()["errors"][0]["extensions"]["code"]
        assert (stream.response.status_code, found) == (status, code), why


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, multipart/mixed", "text/event-stream"),
        ("text/event-stream, */*;q=0.1", "text/event-stream"),
        ("text/event-stream;q=0", "application/json"),
        ("application/graphql-response+json, application/json, text/event-stream", "application/graphql-response+json"),
        ("application/json;q=0.9, text/event-stream", "text/event-stream"),
    ],
)
def test_a_stream_is_what_the_client_would_rather_have(
    server: HttpServer, clerk: dict[str, str], accept: str, media: str
) -> None:
    with events_of(server, clerk | {"Accept": accept}, json={"query": "{ hello }"}) as stream:
        if accept == "text/event-stream;q=0":
            assert stream.response.status_code == 406
        assert stream.headers["content-type"] == f"{media}; charset=utf-8"


# --- one stream of all operations ---------------------------------------------------------------------------------


def reserve(server: HttpServer, headers: dict[str, str]) -> dict[str, str]:
    """Give *headers* with the token of a new reservation."""
    reserved = server.client.put(STREAM, headers=headers)
    assert (reserved.status_code, reserved.headers["content-type"]) == (201, "text/plain; charset=utf-8")
    assert len(reserved.text) == 43
    return headers | {TOKEN: reserved.text}


def begin(server: HttpServer, headers: dict[str, str], operation: object, query: str = SUBSCRIPTION) -> httpx.Response:
    body = {"query": query, "extensions": {"operationId": operation}}
    return server.client.post(STREAM, headers=headers, json=body)


def codes_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


def test_one_stream_carries_every_operation(server: HttpServer, toy: ToySubscriptions, clerk: dict[str, str]) -> None:
    before = figure(server, SHARED)
    token = reserve(server, clerk)
    assert figure(server, SHARED) == before + 1
    assert begin(server, token, "before").status_code == 202  # its answers wait for the stream
    toy.newest(1).happen("early")
    with events_of(server, token, "GET", STREAM) as stream:
        assert stream.next() == ("next", {"id": "before", "payload": {"data": {"happened": "early"}}})
        accepted = begin(server, token, "one", "{ hello }")
        assert (accepted.status_code, accepted.content) == (202, b"")
        assert stream.next() == ("next", {"id": "one", "payload": {"data": {"hello": "你好"}}})
        assert stream.next() == ("complete", {"id": "one"})
        assert codes_of(begin(server, token, "before")) == (409, "OPERATION_ID_IN_USE")
        for _ in range(2):  # of an operation that is not there any more, nothing is left to do
            assert server.client.delete(f"{STREAM}?operationId=before", headers=token).status_code == 200
        wait_until(lambda: toy.opened[0].is_closed)
        assert begin(server, token, "before").status_code == 202
        toy.newest(2).end("PURPOSE_NOT_ADMITTED")
        name, last = stream.next()
        assert (name, last["id"], last["payload"]["errors"][0]["extensions"]["code"]) == (
            "next", "before", "PURPOSE_NOT_ADMITTED",
        )  # fmt: skip
        assert stream.next() == ("complete", {"id": "before"})
        assert begin(server, token, "after").status_code == 202
    wait_until(lambda: all(each.is_closed for each in toy.opened))
    wait_until(lambda: codes_of(begin(server, token, "late")) == (404, "STREAM_UNKNOWN"))
    wait_until(lambda: figure(server, SHARED) <= before)


def test_a_refused_operation_is_the_response_of_its_post(server: HttpServer, clerk: dict[str, str]) -> None:
    token = reserve(server, clerk)
    refused = begin(server, token, "1", "{ refused }")
    assert (refused.status_code, refused.json()) == (403, {"errors": [{"message": "not for this role"}]})
    assert codes_of(begin(server, token, "1", "{ broken }")) == (500, "INTERNAL")
    for wrong in (None, 1, "", "x" * 129):
        assert codes_of(begin(server, token, wrong)) == (400, "OPERATION_ID_REQUIRED")
    assert codes_of(server.client.delete(STREAM, headers=token)) == (400, "OPERATION_ID_REQUIRED")
    assert begin(server, token, "1", "{ hello }").status_code == 202  # the id was not used up


def test_a_stream_that_ends_while_something_is_done_loses_no_answer(server: HttpServer, clerk: dict[str, str]) -> None:
    token, seen = reserve(server, clerk), len(server.service.seen)
    with ThreadPoolExecutor(1) as thread, events_of(server, token, "GET", STREAM):
        answer = thread.submit(begin, server, token, "1", "{ brief: hello }")
        wait_until(lambda: len(server.service.seen) > seen)
        assert server.client.delete(f"{STREAM}?operationId=1", headers=token).status_code == 200
        found = answer.result()
        assert (found.status_code, found.json()) == (200, {"data": {"brief": "你好"}})


def test_a_stream_belongs_to_its_account_and_to_one_connection(server: HttpServer, clerk: dict[str, str]) -> None:
    token = reserve(server, clerk)
    others = server.bearer("subject") | {TOKEN: token[TOKEN]}
    for found in (
        begin(server, others, "1"),
        server.client.delete(f"{STREAM}?operationId=1", headers=others),
        server.client.get(STREAM, headers=others | {"Accept": "text/event-stream"}),
        begin(server, clerk, "1"),
        begin(server, clerk | {TOKEN: "x" * 43}, "1"),
    ):
        assert codes_of(found) == (404, "STREAM_UNKNOWN")
    assert codes_of(server.client.get(STREAM, headers=token)) == (406, "STREAM_NOT_ACCEPTED")
    with events_of(server, token, "GET", STREAM), events_of(server, token, "GET", STREAM) as second:
        second.response.read()
        assert codes_of(second.response) == (409, "STREAM_IN_USE")
    in_address = server.client.get(f"{STREAM}?token={token[TOKEN]}", headers={"Accept": "text/event-stream"})
    assert codes_of(in_address) == (400, "STREAM_TOKEN_IN_ADDRESS")
    patched = server.client.patch(STREAM, headers=token)
    assert (codes_of(patched), patched.headers["allow"]) == ((405, "STREAM_METHOD"), "GET, POST, PUT, DELETE")
    assert codes_of(server.client.put(STREAM)) == (401, "ACCOUNT_REQUIRED")
    assert token[TOKEN] not in server.lines.getvalue()


def test_a_reservation_that_nobody_opens_is_over(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, STREAM_RESERVATION_SECONDS="0.3") as server:
        token = reserve(server, server.bearer("clerk"))
        begin(server, token, "1")
        wait_until(lambda: codes_of(begin(server, token, "1"))[0] == 404)
        assert all(each.is_closed for each in server.service.subscriptions.opened)


def test_a_stream_has_so_many_operations(
    server: HttpServer, clerk: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.http.subscriptions.shared_stream.MOST_OPERATIONS", 1)
    token = reserve(server, clerk)
    assert begin(server, token, "1").status_code == 202
    assert codes_of(begin(server, token, "2")) == (429, "TOO_MANY_OPERATIONS")


def test_named_origins_may_use_it(server: HttpServer) -> None:
    asked = {"Origin": FRONT_END, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": TOKEN}
    assert server.client.options(STREAM, headers=asked).status_code == 200
