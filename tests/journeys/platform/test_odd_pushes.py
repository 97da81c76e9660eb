"""Pushes that no platform should send: each is quarantined or refused by name, and nothing breaks [5.1.3]."""

from typing import Any

from tests.builders import SCJG
from tests.databases import on_both
from tests.hypothesis_profiles import examples
from tests.journeys.platform.test_pushed_cases import pushed
from tests.journeys.running_server import RunningServer

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 1e308, [], {}, [[]], {"a": {}}, "", " ", "\0", "a\0b", "\x1b[31m", "\u202e甲", "😀", "𠮷",
    "字" * 20_000, "x" * 70, "0001-01-01", "9999-12-31", "1582-10-10", "20261120", "null", "' OR 1=1 --",
)  # fmt: skip
ITEMS = (*pushed(), "occurred_on", "phone")
ODD_TO_A_DATABASE = (None, 2**63, "", "\0", "a\0b", "𠮷", "字" * 20_000, "x" * 70, "0001-01-01", "9999-12-31")
"""The values that PostgreSQL may take otherwise than SQLite."""


def sent(server: RunningServer, key: str, **request: Any) -> int:
    """Push, and give the status; a refusal is one by name."""
    given = {**server.bearer("platform"), "Idempotency-Key": key, **request.pop("headers", {})}
    reply = server.client.post("/platform/cases", headers=given, **request)
    assert reply.status_code < 500, (key, reply.text)
    if reply.status_code >= 400:
        assert reply.json()["errors"][0]["extensions"]["code"] not in {"", "INTERNAL"}
    return reply.status_code


@on_both
async def test_no_odd_value_of_an_item_breaks_the_endpoint(server: RunningServer) -> None:
    values = ODD if server.settings.database_url.startswith("sqlite") else ODD_TO_A_DATABASE
    # `make test` sends a third of the pairs, so that each item and each value is in some; `make check` sends all.
    step = 1 if examples(2, few=1) > 1 else 3
    pairs = [(item, odd) for at, item in enumerate(ITEMS) for odd in values[at % step :: step]]
    for place, (item, odd) in enumerate(pairs):
        body = pushed(number=f"推-{place}") | {item: odd}
        assert sent(server, f"odd-{place}", json=body) in {201, 202}, (item, odd)
    for place, item in enumerate(ITEMS):
        assert sent(server, f"list-{place}", json=pushed(number=f"推-列-{place}") | {item: [None]}) == 202, item


BODIES: tuple[tuple[str, bytes, int], ...] = (
    ("no JSON", b"{", 202),
    ("nothing", b"", 202),
    ("nested without end", b"[" * 30_000, 202),
    ("nested a thousand deep", b'{"a":' * 1_000 + b"1" + b"}" * 1_000, 202),
    ("a number without end", b'{"schema":' + b"9" * 5_000 + b"}", 202),
    ("no UTF-8", b'{"schema":"\xff\xfe"}', 202),
    ("half a surrogate", b'{"schema":"chengxin/collected-case/1","name":"\\ud800"}', 202),
    ("a key twice", b'{"schema":"chengxin/collected-case/1","schema":"other"}', 202),
    ("too large", b'"' + b"a" * 70_000 + b'"', 413),
)


@on_both
async def test_no_odd_body_breaks_the_endpoint(server: RunningServer) -> None:
    for attempt, body, status in BODIES:
        headers = {"Content-Type": "application/json"}
        assert sent(server, attempt.replace(" ", "-"), content=body, headers=headers) == status, attempt


async def test_who_is_not_the_platform_pushes_nothing(server: RunningServer) -> None:
    for who in ("anonymous", "handler", "head", "clerk", "regulator", "office", "admin", "auditor", "person-1"):
        given = {**server.bearer(who), "Idempotency-Key": "k-1"}
        reply = server.client.post("/platform/cases", json=pushed(department=SCJG), headers=given)
        assert reply.status_code == (401 if who == "anonymous" else 403), who
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"Content-Type": kind}
        assert sent(server, "k-2", content=b"{}", headers=headers) == 415, kind
    for key in ("", "k" * 129, "a b", "键", "k\t1"):
        given = [
            (b"Authorization", server.bearer("platform")["Authorization"].encode()),
            (b"Idempotency-Key", key.encode()),
            (b"Content-Type", b"application/json"),
        ]
        reply = server.client.post("/platform/cases", content=b"{}", headers=given)
        assert reply.status_code == 400, key


PATHS = ("../graphql", "..%2f..%2fetc%2fpasswd", "%00", "a%0d%0aX-A:1", "字", "a" * 5_000, "%ff", "{0}", "%2e%2e")


async def test_no_odd_path_breaks_the_notice_endpoint(server: RunningServer) -> None:
    headers = {**server.bearer("handler"), "Access-Purpose": "DETERMINATION"}
    for path in PATHS:
        reply = server.client.get(f"/notices/{path}", headers=headers)
        assert 400 <= reply.status_code < 500, (path, reply.text)
        assert "no-store" in reply.headers["cache-control"], path


CODES = (b"", b"code=", b"code=%00", b"code=%ff%fe", b"code=" + b"A" * 400, b"\xff", b"code=a&code=b", b"x" * 513)


async def test_no_odd_code_breaks_the_page_of_checks(server: RunningServer) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in CODES:
        reply = server.client.post("/check", content=body, headers=headers)
        assert reply.status_code == (413 if len(body) > 512 else 200), (body, reply.text)
        assert "文书真实" not in reply.text, body
