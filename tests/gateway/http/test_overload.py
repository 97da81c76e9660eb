"""A process that has enough to do refuses further requests at once, and answers its probes."""

import asyncio
import time
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.auth.dev_issuer import DevIssuer
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.admission_control import TURN_SECONDS, AdmissionControl
from gateway.http.limits.body_limits import RequestTimeLimit
from schema.execution.time_limits import TimeLimits
from tests.gateway.fakes import NOW, PERSONAS, HttpServer, ToyService, settings_for, wait_until
from tests.gateway.http.raw_connection import HEALTHZ, QUICK, SLOW, figure, head, opened, whole
from tests.gateway.toy_server import open_toy_server, toy_app

# --- places -------------------------------------------------------------------------------------------------------


def control(at_once: int = 1, waiting: int = 1, seconds: float = 30.0) -> AdmissionControl:
    return AdmissionControl(at_once, waiting, seconds, lambda _: None)


async def refused(work: Awaitable[object]) -> None:
    with pytest.raises(HttpRefusal) as refusal:
        await work
    assert refusal.value.code is Code.OVERLOADED


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_so_many_run_so_many_wait_in_order_and_no_more() -> None:
    admission = control(at_once=2, waiting=2)
    for _ in range(2):
        admission.refuse_if_full()
        await admission.enter()
    order: list[str] = []

    async def wait(name: str) -> None:
        await admission.enter()
        order.append(name)

    waiting = [asyncio.create_task(wait(name)) for name in ("first", "second")]
    await settled()
    assert (admission.running, admission.waiting) == (2, 2)
    with pytest.raises(HttpRefusal):
        admission.refuse_if_full()
    await refused(admission.enter())
    for _ in range(2):
        admission.leave()
    await asyncio.gather(*waiting)
    assert order == ["first", "second"]
    assert (admission.running, admission.waiting) == (2, 0)
    for _ in range(2):
        admission.leave()
    assert admission.running == 0


async def test_who_has_waited_too_long_is_refused_and_leaves_the_queue() -> None:
    admission = control(seconds=0.01)
    await admission.enter()
    await refused(admission.enter())
    assert (admission.running, admission.waiting) == (1, 0)
    admission.leave()
    assert admission.running == 0


async def test_who_would_wait_too_long_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request takes a quarter of the time that one may wait: before the fifth it is too late."""
    clock = 0.0
    monkeypatch.setattr("gateway.http.limits.admission_control.time.perf_counter", lambda: clock)
    admission = control(waiting=100, seconds=40.0)
    await admission.enter()
    waiting = [asyncio.create_task(admission.enter()) for _ in range(80)]
    for _ in range(78):
        await settled()
        clock += 10
        admission.leave()
    await settled()
    while not admission.is_full:
        waiting.append(asyncio.create_task(admission.enter()))
        await settled()
    assert admission.waiting == 4
    for task in waiting:
        task.cancel()
    for _ in range(7):
        await settled()
        admission.leave()
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("has_a_place", [False, True])
async def test_no_place_is_lost_with_a_client_that_goes(has_a_place) -> None:
    admission = control()
    await admission.enter()
    waiting = asyncio.create_task(admission.enter())
    await settled()
    if has_a_place:
        admission.leave()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not has_a_place:
        admission.leave()
    assert (admission.running, admission.waiting) == (0, 0)


async def test_a_body_that_is_under_way_takes_no_place() -> None:
    admission, arrives = control(waiting=0), asyncio.Event()
    await admission.enter()

    async def receive() -> dict[str, Any]:
        await arrives.wait()
        return {"type": "http.request"}

    body = asyncio.create_task(admission.outside(receive)())
    await settled()
    await admission.enter()
    arrives.set()
    await refused(body)
    for _ in range(2):
        admission.leave()
    assert admission.running == 0


async def test_work_that_never_waits_leaves_the_loop_time_for_others() -> None:
    """Work on SQLite is such. Twenty requests come together, and a probe is answered between any two of them."""
    admission, happened = control(at_once=20, waiting=20), list[str]()

    async def work() -> None:
        await admission.enter()
        until = time.perf_counter() + 2 * TURN_SECONDS
        while time.perf_counter() < until:
            pass
        happened.append("work")
        admission.leave()

    async def probe() -> None:
        while happened.count("work") < 20:
            happened.append("probe")
            await asyncio.sleep(0)

    await asyncio.gather(*(work() for _ in range(20)), probe())
    assert "work work" not in " ".join(happened)


async def test_work_that_soon_waits_begins_together() -> None:
    """Work on PostgreSQL is such. How soon it waits is measured, from one request a turn on."""
    admission, turns, under_way = control(at_once=20, waiting=10_000), 0, 2_000

    async def work() -> None:
        nonlocal under_way
        await admission.enter()
        await asyncio.sleep(0)
        admission.leave()
        under_way -= 1

    requests = [asyncio.create_task(work()) for _ in range(under_way)]
    while under_way:
        turns += 1
        await asyncio.sleep(0)
    assert turns < 1_000
    await asyncio.gather(*requests)


# --- tasks --------------------------------------------------------------------------------------------------------


async def test_a_request_that_need_not_wait_makes_no_task(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    app = toy_app(settings, ToyService(), DevIssuer(settings, PERSONAS, lambda: NOW))
    sent: list[dict[str, Any]] = []
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": orjson.dumps(QUICK), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    before = asyncio.all_tasks()
    answering = app(scope, receive, send)
    with pytest.raises(StopIteration):  # it ends before it waits for anything
        answering.send(None)
    assert asyncio.all_tasks() == before
    assert sent[0]["status"] == 200


async def test_work_that_rolls_back_too_slowly_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schema.execution.time_limits.GRACE", 0.01)
    cancelled = 0

    async def stubborn() -> None:
        nonlocal cancelled
        while True:
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                cancelled += 1
                if cancelled == 3:
                    raise

    with pytest.raises(HttpRefusal) as refusal, RequestTimeLimit(TimeLimits(), 0.01):
        await stubborn()
    assert (refusal.value.code, cancelled) == (Code.TIMEOUT, 3)
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


# --- over HTTP ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server for one request at a time and one that waits."""
    with open_toy_server(
        tmp_path_factory.mktemp("small"), REQUESTS_AT_ONCE="1", REQUESTS_WAITING="1", REQUESTS_WAITING_SECONDS="0.5",
        RECEIVE_SECONDS="0.3", TIMEOUT_SECONDS="20",
    ) as server:  # fmt: skip
        yield server


def test_beyond_the_queue_nothing_is_read_and_probes_are_answered(small: HttpServer) -> None:
    asked, logged = len(small.service.seen), len(small.lines.events())
    with ExitStack() as stack:
        running, waiting, third = (stack.enter_context(opened(small)) for _ in range(3))
        running.send(whole(SLOW))
        wait_until(lambda: len(small.service.seen) > asked)
        waiting.send(whole(QUICK))
        wait_until(lambda: figure(small, "chengxin_requests_waiting") == 1)
        # Neither the body, of which nothing has come, nor the token is looked at.
        third.send(head("Content-Length: 50", "Authorization: Bearer forged"))
        assert third.answer() == (503, "OVERLOADED")
        assert "retry-after: 1" in third.headers
        id_ = "0123456789abcdef" * 2
        again = stack.enter_context(opened(small))
        assert again.send(whole(QUICK, f"X-Request-Id: {id_}")).answer() == (503, "OVERLOADED")
        assert f"x-request-id: {id_}" in again.headers
        assert "x-content-type-options: nosniff" in again.headers
        assert small.client.get("/healthz").status_code == 200
        assert small.client.get("/readyz").status_code == 200
        assert waiting.answer() == (503, "OVERLOADED"), "it has waited too long"
        running.close()
        wait_until(lambda: figure(small, "chengxin_requests_running") == 0)
        assert again.send(whole(QUICK)).answer()[0] == 200, "a connection outlives a refusal"
    wait_until(lambda: figure(small, "chengxin_requests_running") == 0)
    assert figure(small, 'chengxin_refusals_total{code="OVERLOADED"}') >= 2
    wait_until(lambda: [line for line in small.lines.events()[logged:] if line["event"] == "requests.refused"])
    assert not [line for line in small.lines.events() if line.get("status") == 503]


def test_who_waits_is_answered_when_another_is_done(small: HttpServer) -> None:
    asked = len(small.service.seen)
    with ExitStack() as stack:
        running, waiting = (stack.enter_context(opened(small)) for _ in range(2))
        running.send(whole(SLOW))
        wait_until(lambda: len(small.service.seen) > asked)
        waiting.send(whole(QUICK))
        running.close()
        assert waiting.answer()[0] == 200


@pytest.mark.parametrize(
    ("case", "sent", "expected"),
    [
        ("headers that do not end", b"POST /graphql HTTP/1.1\r\nHost: x\r\n", (408, "REQUEST_INCOMPLETE")),
        ("a body that does not end", head("Content-Length: 50") + b"{", (408, "REQUEST_INCOMPLETE")),
        ("nothing at all", b"", (0, "")),
        ("headers without measure", b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, (431, "HEADERS_TOO_LARGE")),
    ],
)
def test_what_does_not_arrive_is_given_up(small: HttpServer, case: str, sent: bytes, expected: tuple[int, str]) -> None:
    with ExitStack() as stack:
        raw = stack.enter_context(opened(small))
        assert raw.send(sent).answer() == expected, case
        assert raw.is_closed
        assert expected[0] == 0 or "x-content-type-options: nosniff" in raw.headers


def test_a_connection_is_kept_for_the_next_request_as_long_as_it_says_and_is_not_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.http.limits.connections.LOOK_SECONDS", 0.05)
    with open_toy_server(tmp_path, KEEP_ALIVE_SECONDS="1") as server, ExitStack() as stack:
        idle = stack.enter_context(opened(server))
        assert idle.send(whole(QUICK)).answer()[0] == 200
        assert idle.is_closed
        kept, last, old = (stack.enter_context(opened(server)) for _ in range(3))
        kept.send(whole(QUICK) * 3)
        assert [kept.answer()[0] for _ in range(3)] == [200] * 3
        last.send(whole(QUICK, "Connection: close") + whole(QUICK))
        assert last.answer()[0] == 200
        assert "\r\nconnection: close" in last.headers
        assert last.is_closed
        old.send(whole(QUICK).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert old.answer()[0] == 200
        assert old.is_closed


def test_a_connection_above_the_limit_takes_the_place_of_an_idle_one_or_is_for_probes(tmp_path: Path) -> None:
    with open_toy_server(tmp_path, CONNECTIONS_AT_ONCE="3", TIMEOUT_SECONDS="20") as server, ExitStack() as stack:
        idle, *others = (stack.enter_context(opened(server)) for _ in range(3))
        assert [raw.send(HEALTHZ).answer()[0] for raw in (idle, *others)] == [200] * 3
        others.append(stack.enter_context(opened(server)))
        assert others[-1].send(HEALTHZ).answer()[0] == 200
        assert idle.is_closed, "it was idle the longest"

        for raw in others:
            raw.send(whole(SLOW))
        wait_until(lambda: len(server.service.seen) == 3)
        more, probe = (stack.enter_context(opened(server)) for _ in range(2))
        assert more.send(whole(QUICK)).answer() == (503, "OVERLOADED")
        assert probe.send(HEALTHZ).answer()[0] == 200
        assert more.is_closed
        assert probe.is_closed
