"""Every response has an id, headers and one log line, and shows nothing of an internal error."""

import re

import httpx
import pytest

from gateway.http.security_headers import DATA_POLICY
from tests.gateway.fakes import MARKED, HttpServer, wait_until


def line_of(http_server: HttpServer, answer: httpx.Response, event: str = "request.answered"):
    request_id = answer.headers["x-request-id"]

    def found():
        return [
            one for one in http_server.lines.events() if one["event"] == event and one.get("request_id") == request_id
        ]

    wait_until(found)
    return found()[0]


def test_what_breaks_is_masked_and_found_by_its_id(http_server: HttpServer):
    answer = http_server.client.post("/graphql", json={"query": "{ broken }"})
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    line = line_of(http_server, answer, "request.broke")
    assert line["error"] == "RuntimeError"
    assert line["trace"].splitlines()[-1].startswith("tests/gateway/fakes.py:")
    assert MARKED not in answer.text


def test_a_request_leaves_one_line_without_anything_it_sent(http_server: HttpServer):
    body = {"query": f'{{ greet(name: "{MARKED}") }}', "variables": {"n": MARKED}, "operationName": None}
    headers = http_server.bearer("clerk") | {"Access-Purpose": f"{MARKED}"}
    answer = http_server.client.post(f"/graphql?note={MARKED}", json=body, headers=headers)
    line = line_of(http_server, answer)
    assert (line["route"], line["method"], line["status"], line["role"]) == ("/graphql", "POST", 200, "clerk")
    assert "purpose" not in line
    http_server.client.get("/graphql", params={"query": f'{{ greet(name: "{MARKED}") }}'})
    http_server.client.get(f"/{MARKED}?id={MARKED}")
    http_server.client.request(f"X{MARKED}", "/graphql")
    http_server.client.get("/healthz", headers={"X-Request-Id": MARKED, "User-Agent": MARKED, "Authorization": MARKED})
    assert MARKED not in http_server.lines.getvalue()


def test_a_known_purpose_and_the_code_of_a_refusal_are_logged(http_server: HttpServer):
    answer = http_server.client.post("/graphql", json={"query": "{ hello }"}, headers={"Access-Purpose": "PUBLICITY"})
    assert line_of(http_server, answer)["purpose"] == "PUBLICITY"
    answer = http_server.client.post("/graphql", json={})
    assert line_of(http_server, answer)["code"] == "QUERY_MISSING"


@pytest.mark.parametrize(
    ("case", "given", "accepted"),
    [
        ("32 hexadecimal digits", "0123456789abcdef0123456789abcdef", True),
        ("a UUID", "6f1d0e3a-6f0e-4c58-9c55-0d6b4b0f3a11", True),
        ("an identity number", MARKED, False),
        ("free text", "please find me", False),
        ("none", "", False),
    ],
)
def test_a_request_id_is_taken_over_only_if_it_can_carry_nothing(
    http_server: HttpServer, case: str, given: str, accepted
):
    answer = http_server.client.get("/healthz", headers={"X-Request-Id": given} if given else {})
    assert (answer.headers["x-request-id"] == given) is accepted, case
    assert re.fullmatch(r"[0-9a-f-]{32,36}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    "path", ["/graphql?query={hello}", "/healthz", "/nowhere", "/graphql", "/metrics", "/dev/token"]
)
def test_every_answer_carries_the_security_headers(http_server: HttpServer, path: str):
    headers = http_server.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == DATA_POLICY
    assert "server" not in headers
    assert "set-cookie" not in headers


def test_nothing_is_at_other_addresses(http_server: HttpServer):
    for path in ("/nowhere", "/graphql/", "/static/", "/static/../settings.py", "/static/source/app.jsx", "/docs"):
        answer = http_server.client.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND"), path


@pytest.mark.parametrize(
    ("case", "origin", "allowed"),
    [("ours", "https://front.example", True), ("another", "https://evil.example", False), ("none", "null", False)],
)
def test_pages_of_named_origins_may_call_and_no_others(http_server: HttpServer, case: str, origin: str, allowed):
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "acting-role"}
    preflight = http_server.client.options("/graphql", headers=asked)
    answer = http_server.client.post("/graphql", json={"query": "{ hello }"}, headers={"Origin": origin})
    assert preflight.is_success is allowed, case
    expected = origin if allowed else None
    assert preflight.headers.get("access-control-allow-origin") == expected
    assert answer.headers.get("access-control-allow-origin") == expected
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        ("authorization, content-type, acting-role, access-purpose, x-request-id", True),
        ("traceparent, tracestate", True),
        ("apollographql-client-name, apollographql-client-version", True),
        ("x-another", False),
    ],
)
def test_front_ends_may_send_the_headers_that_we_read_and_those_of_the_setting(
    http_server: HttpServer, header: str, allowed
):
    asked = {"Origin": "https://front.example", "Access-Control-Request-Method": "POST"}
    preflight = http_server.client.options("/graphql", headers=asked | {"Access-Control-Request-Headers": header})
    assert preflight.is_success is allowed


def test_probes_that_go_well_leave_no_line(http_server: HttpServer):
    answer = http_server.client.get("/healthz")
    later = http_server.client.get("/nowhere")
    line_of(http_server, later)
    assert answer.headers["x-request-id"] not in http_server.lines.getvalue()


def series(text: str, pattern: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(pattern, line)]


def test_figures_count_requests_by_closed_words_only(http_server: HttpServer):
    http_server.client.get(f"/{MARKED}")
    http_server.client.request("MKCOL", "/graphql")
    text = http_server.client.get("/metrics").text
    assert 'chengxin_requests_total{method="GET",route="(none)",status="404"}' in text
    assert 'method="(other)"' in text
    assert 'chengxin_refusals_total{code="NOT_FOUND"}' in text
    answered = sum(float(one.rpartition(" ")[2]) for one in series(text, 'chengxin_requests_total{.*route="/graphql"'))
    durations = [float(one.rpartition(" ")[2]) for one in series(text, 'chengxin_request_seconds_.*route="/graphql"')]
    *buckets, counted, seconds = durations
    assert buckets == sorted(buckets)
    assert (buckets[-1], counted) == (answered, answered)
    assert 0 < seconds < 10 * answered
    assert MARKED not in text
