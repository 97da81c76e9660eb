"""GraphQL over HTTP, through a real server: request -> status, media type, code."""

# ruff: noqa: E501 - one row of a table is one line

import socket
from typing import Any

import httpx
import orjson
import pytest

from tests.gateway.fakes import HttpServer, wait_until

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HELLO = {"query": "{ hello }"}


def code(response: httpx.Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    ("case", "body", "as_response", "as_json", "has_data"),
    [
        ("a query", {"query": "{ hello }"}, 200, 200, True),
        ("a mutation", {"query": "mutation { change }"}, 200, 200, True),
        ("nulls are as good as absent", {"query": "{ hello }", "variables": None, "operationName": None, "extensions": None}, 200, 200, True),
        ("a named operation", {"query": "query A { hello } query B { hello }", "operationName": "B"}, 200, 200, True),
        ("variables", {"query": "query($n: String) { greet(name: $n) }", "variables": {"n": "甲"}}, 200, 200, True),
        ("extensions are passed on", {"query": "{ hello }", "extensions": {"some": "value"}}, 200, 200, True),
        ("unknown parameters are ignored", {"query": "{ hello }", "more": 1}, 200, 200, True),
        ("a document that does not parse", {"query": "{"}, 400, 200, False),
        ("a document that is not valid", {"query": "{ nothing }"}, 400, 200, False),
        ("a variable that does not coerce", {"query": "query($i: ID!) { needs(id: $i) }", "variables": {"i": None}}, 400, 200, False),
        ("a refusal by the service", {"query": "{ refused }"}, 403, 200, False),
    ],
)  # fmt: skip
def test_a_question_is_answered_with_the_status_of_its_media_type(
    http_server: HttpServer, case: str, body: dict[str, Any], as_response: int, as_json: int, has_data
):
    for media, status in ((RESPONSE, as_response), (JSON, as_json)):
        answer = http_server.client.post("/graphql", json=body, headers={"Accept": media})
        assert (answer.status_code, answer.headers["content-type"]) == (status, f"{media}; charset=utf-8"), case
        assert ("data" in answer.json()) is has_data


def test_a_byte_order_mark_before_the_json_is_ignored(http_server: HttpServer):
    sent = {"content": '\ufeff{"query": "{ hello }"}'.encode(), "headers": {"Content-Type": JSON}}
    assert http_server.client.post("/graphql", **sent).json() == {"data": {"hello": "你好"}}
    asked = {"query": "query($n: String) { greet(name: $n) }", "variables": '\ufeff{"n": "甲"}'}
    assert http_server.client.get("/graphql", params=asked).json() == {"data": {"greet": "甲"}}


def test_a_token_over_the_limit_is_refused_by_name_and_not_by_the_server(http_server: HttpServer):
    headers = {"Authorization": f"Bearer {'x' * 20_000}"}
    answer = http_server.client.post("/graphql", json=HELLO, headers=headers)
    assert (answer.status_code, code(answer)) == (431, "TOKEN_TOO_LONG")
    assert answer.json()["errors"][0]["extensions"]["limit"] == http_server.settings.token_limit


@pytest.mark.parametrize(
    ("case", "content", "status", "expected"),
    [
        ("nothing", b"", 400, "BAD_JSON"),
        ("half a text", b'{ "not a JSON', 400, "BAD_JSON"),
        ("UTF-16", '{"query": "{ hello }"}'.encode("utf-16"), 400, "BAD_JSON"),
        ("NaN is no JSON", b'{"query": "{ hello }", "variables": {"a": NaN}}', 400, "BAD_JSON"),
        ("nesting without end", b"[" * 3000, 400, "BAD_JSON"),
        ("a key twice", b'{"query": "{ hello }", "query": "{ other }"}', 400, "DUPLICATE_KEY"),
        ("a variable twice", b'{"query": "{ hello }", "variables": {"a": 1, "\\u0061": 2}}', 400, "DUPLICATE_KEY"),
        ("a batch", b'[{"query": "{ hello }"}]', 400, "BATCH_REFUSED"),
        ("a text", b'"{ hello }"', 400, "BAD_REQUEST"),
        ("null", b"null", 400, "BAD_REQUEST"),
        ("no query", b'{"qeury": "{ hello }"}', 400, "QUERY_MISSING"),
        ("a null query", b'{"query": null}', 400, "QUERY_MISSING"),
        ("an empty extension", b'{"extensions": {}}', 400, "QUERY_MISSING"),
        ("the id of a document is a number", b'{"documentId": 1}', 400, "BAD_REQUEST"),
        ("query is a map", b'{"query": {}}', 400, "BAD_REQUEST"),
        ("query is a number", b'{"query": 0}', 400, "BAD_REQUEST"),
        ("operationName is a flag", b'{"query": "{ hello }", "operationName": false}', 400, "BAD_REQUEST"),
        ("variables are a text", b'{"query": "{ hello }", "variables": "{}"}', 400, "BAD_REQUEST"),
        ("variables are a list", b'{"query": "{ hello }", "variables": []}', 400, "BAD_REQUEST"),
        ("extensions are zero", b'{"query": "{ hello }", "extensions": 0}', 400, "BAD_REQUEST"),
        ("larger than the limit", b'{"query": "' + b"a" * 5000 + b'"}', 413, "BODY_TOO_LARGE"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("media", [RESPONSE, JSON])
def test_what_is_no_question_is_refused_alike_in_either_media_type(
    http_server: HttpServer, case: str, content: bytes, status: int, expected: str, media: str
):
    headers = {"Content-Type": JSON, "Accept": media}
    asked = len(http_server.service.seen)
    answer = http_server.client.post("/graphql", content=content, headers=headers)
    assert (answer.status_code, code(answer), "data" in answer.json()) == (status, expected, False), case
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert len(http_server.service.seen) == asked


@pytest.mark.parametrize(
    ("case", "headers", "status"),
    [
        ("with charset", {"Content-Type": "application/json; charset=utf-8"}, 200),
        ("in capitals and quotes", {"Content-Type": 'Application/JSON;charset="UTF-8"'}, 200),
        ("none", {}, 415),
        ("a form, which any page could send", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ("plain text, which any page could send", {"Content-Type": "text/plain"}, 415),
        ("a form with files", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ("another charset", {"Content-Type": "application/json; charset=gb18030"}, 415),
        ("a document alone", {"Content-Type": "application/graphql"}, 415),
        ("compressed", {"Content-Type": JSON, "Content-Encoding": "gzip"}, 415),
    ],
)
def test_a_post_is_json_in_utf8(http_server: HttpServer, case: str, headers: dict[str, str], status: int):
    answer = http_server.client.post("/graphql", content=orjson.dumps(HELLO), headers=headers)
    assert answer.status_code == status, case


@pytest.mark.parametrize(
    ("case", "parameters", "status"),
    [
        ("a query", {"query": "{ hello }"}, 200),
        ("with variables", {"query": "query($n: String) { greet(name: $n) }", "variables": '{"n": "甲"}'}, 200),
        ("an empty operation name is none", {"query": "{ hello }", "operationName": ""}, 200),
        ("no query", {}, 400),
        ("variables that are no JSON", {"query": "{ hello }", "variables": "{"}, 400),
        ("variables that are no map", {"query": "{ hello }", "variables": "[]"}, 400),
        ("extensions that are no map", {"query": "{ hello }", "extensions": "1"}, 400),
        ("query twice", [("query", "{ hello }"), ("query", "{ hello }")], 400),
        ("a mutation", {"query": "mutation { change }"}, 405),
        ("a token in the address", {"query": "{ hello }", "access_token": "x"}, 400),
    ],
)
@pytest.mark.parametrize("media", [RESPONSE, JSON])
def test_get_asks_queries_only(http_server: HttpServer, case: str, parameters: Any, status: int, media: str):
    answer = http_server.client.get("/graphql", params=parameters, headers={"Accept": media})
    assert (answer.status_code, answer.headers["content-type"]) == (status, f"{media}; charset=utf-8"), case
    assert (answer.headers.get("allow") == "POST") is (status == 405)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"])
def test_other_methods_are_refused(http_server: HttpServer, method: str):
    answer = http_server.client.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("case", "accept", "expected"),
    [
        ("nothing said", None, JSON),
        ("anything", "*/*", JSON),
        ("a browser", "text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("both, the newer first", f"{RESPONSE}, {JSON};q=0.9", RESPONSE),
        ("both alike", f"{JSON}, {RESPONSE}", RESPONSE),
        ("the older preferred", f"{RESPONSE};q=0.5, {JSON}", JSON),
        ("event streams are listed too", f"{RESPONSE}, {JSON}, text/event-stream, multipart/mixed", RESPONSE),
        ("the newer excluded", f"*/*, {RESPONSE};q=0", JSON),
        ("the older excluded", f"*/*, {JSON};q=0", RESPONSE),
        ("only parts", "multipart/mixed", None),
        ("only pages", "text/html", None),
        ("another charset", f"{JSON}; charset=gb18030", None),
        ("nothing at all", "*/*;q=0", None),
    ],
)
def test_the_media_type_is_negotiated(http_server: HttpServer, case: str, accept: str | None, expected: str | None):
    request = http_server.client.build_request("POST", "/graphql", json=HELLO)
    request.headers.pop("accept")
    if accept:
        request.headers["accept"] = accept
    answer = http_server.client.send(request)
    assert answer.status_code == (200 if expected else 406), case
    assert answer.headers["content-type"] == f"{expected or JSON}; charset=utf-8"


def test_the_purpose_reaches_the_service_unchanged_and_once(http_server: HttpServer):
    http_server.client.post("/graphql", json=HELLO, headers={"Access-Purpose": "FOCUSED_CHECK"})
    assert http_server.service.seen[-1].purpose == "FOCUSED_CHECK"
    twice = [("Access-Purpose", "FOCUSED_CHECK"), ("Access-Purpose", "SELF_ACCESS")]
    answer = http_server.client.post("/graphql", json=HELLO, headers=twice)
    assert (answer.status_code, code(answer)) == (400, "TWO_PURPOSES")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_document_is_named_by_its_id_in_place_of_its_text(http_server: HttpServer, method: str):
    """[GraphQL over HTTP, appendix A] [Apollo's automatic persisted queries]"""
    protocol = {"persistedQuery": {"version": 1, "sha256Hash": "ab" * 32}}
    for body in ({"documentId": "sha256:" + "ab" * 32}, {"extensions": protocol}):
        written = {name: v if isinstance(v, str) else orjson.dumps(v).decode() for name, v in body.items()}
        sent = {"params": written} if method == "GET" else {"json": body}
        assert http_server.client.request(method, "/graphql", **sent).status_code == 200
        seen = http_server.service.seen[-1]
        assert (seen.query, seen.document_id, seen.extensions) == (None, body.get("documentId"), body.get("extensions"))


def test_the_actor_reaches_the_service(http_server: HttpServer):
    http_server.client.post("/graphql", json=HELLO)
    assert http_server.service.seen[-1].actor.role == "anonymous"
    http_server.client.post("/graphql", json=HELLO, headers=http_server.bearer("clerk"))
    assert (http_server.service.seen[-1].actor.ref, http_server.service.seen[-1].actor.role) == ("demo-clerk", "clerk")


def test_a_refused_token_is_401_with_a_challenge_and_asks_nothing(http_server: HttpServer):
    asked = len(http_server.service.seen)
    answer = http_server.client.post("/graphql", json=HELLO, headers={"Authorization": "Bearer forged"})
    assert (answer.status_code, code(answer)) == (401, "TOKEN_REFUSED")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token", error_description="TOKEN_REFUSED"'
    assert len(http_server.service.seen) == asked


def test_a_body_without_a_length_is_stopped_at_the_limit(http_server: HttpServer):
    def endless():
        for _ in range(100):
            yield b" " * 1000

    answer = http_server.client.post("/graphql", content=endless(), headers={"Content-Type": JSON})
    assert (answer.status_code, code(answer)) == (413, "BODY_TOO_LARGE")


def test_slow_work_is_given_up_and_cancelled(http_server: HttpServer):
    http_server.service.cancelled.clear()
    answer = http_server.client.post("/graphql", json={"query": "{ slow }"})
    assert (answer.status_code, code(answer)) == (504, "TIMEOUT")
    assert http_server.service.cancelled.wait(2)


def test_a_body_that_never_arrives_is_given_up(http_server: HttpServer):
    with socket.create_connection(("127.0.0.1", http_server.port)) as raw:
        raw.settimeout(5)
        raw.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
        )
        assert raw.recv(4096).startswith(b"HTTP/1.1 504")


def test_work_is_cancelled_when_the_client_leaves(http_server: HttpServer):
    http_server.service.cancelled.clear()
    body = orjson.dumps({"query": "{ slow }"})
    received, logged = len(http_server.service.seen), len(http_server.lines.events())
    with socket.create_connection(("127.0.0.1", http_server.port)) as raw:
        raw.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        wait_until(lambda: len(http_server.service.seen) > received)
    assert http_server.service.cancelled.wait(5)
    wait_until(lambda: [line["status"] for line in http_server.lines.events()[logged:] if "status" in line])
    statuses = [line["status"] for line in http_server.lines.events()[logged:] if "status" in line]
    assert statuses == [499], "cancelled because the client left, not by the time limit, which is 504"
