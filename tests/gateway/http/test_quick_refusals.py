"""A refusal costs little, and clients that do not wait after one leave the process time for its work."""

from asyncio import Transport
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.http.limits import resting_connections
from gateway.http.limits.resting_connections import AT_LEAST, AT_ONCE, FOR_EACH, REST_SECONDS, RestingConnections
from tests.gateway.fakes import HttpServer, wait_until
from tests.gateway.http.raw_connection import HEALTHZ, QUICK, SLOW, figure, head, opened, whole
from tests.gateway.toy_server import open_toy_server

REFUSED = (503, "OVERLOADED")
CONNECTIONS = 12
COUNT = 'chengxin_refusals_total{code="OVERLOADED"}'
NAMED_ORIGIN, IN_PIECES = "Origin: https://front.example", "X-Pieces: two"
TWO_IDS = ("0123456789abcdef" * 2, "01234567-89ab-cdef-0123-456789abcdef")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server for one request at a time; none waits."""
    with open_toy_server(
        tmp_path_factory.mktemp("one"), REQUESTS_AT_ONCE="1", REQUESTS_WAITING="0", TIMEOUT_SECONDS="60",
        CONNECTIONS_AT_ONCE=str(CONNECTIONS), CORS_ORIGINS="https://front.example",
    ) as server:  # fmt: skip
        yield server


@contextmanager
def full(server: HttpServer) -> Iterator[None]:
    """Let a request have the only place until the end of the block."""
    asked = len(server.service.seen)
    with opened(server) as running:
        running.send(whole(SLOW))
        wait_until(lambda: len(server.service.seen) > asked)
        yield
    wait_until(lambda: figure(server, "chengxin_requests_running") == 0)


def refusals(server: HttpServer) -> float:
    return figure(server, COUNT) if COUNT in server.client.get("/metrics").text else 0.0


# --- what a refusal costs -----------------------------------------------------------------------------------------


def test_nothing_is_made_of_a_request_that_is_refused(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*given: Any, **named: Any) -> Any:
            made[name] += 1
            return function(*given, **named)

        return count

    with full(server), opened(server) as client:
        before, logged = refusals(server), len(server.lines.events())
        monkeypatch.setattr(HttpToolsProtocol, "on_message_begin", counted("scope", HttpToolsProtocol.on_message_begin))
        monkeypatch.setattr(RequestResponseCycle, "__init__", counted("cycle", RequestResponseCycle.__init__))
        for id_ in TWO_IDS * 10:
            assert client.send(whole(QUICK, f"X-Request-Id: {id_}")).answer() == REFUSED
            assert f"x-request-id: {id_}" in client.headers
        monkeypatch.undo()
        assert made == {}
        assert refusals(server) == before + 20, "each is counted"
        wait_until(lambda: "requests.refused" in [line["event"] for line in server.lines.events()[logged:]])
        assert "request.answered" not in [line["event"] for line in server.lines.events()[logged:]]


FORMS = [
    ("a whole request", [whole(QUICK)], 1, True),
    ("in two pieces", [head("Content-Length: 19"), b'{"query":"{ hello }'[:18] + b"}"], 1, True),
    ("byte by byte", [bytes([byte]) for byte in whole(QUICK)], 1, True),
    ("several together", [whole(QUICK) * 3], 3, True),
    ("one and a half, and the rest", [whole(QUICK) + whole(QUICK)[:30], whole(QUICK)[30:]], 2, True),
    ("in chunks", [head("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"], 1, True),
    ("GET", [head(method="GET", path="/graphql?query=%7Bhello%7D")], 1, True),
    ("another address", [head(method="GET", path="/nothing")], 1, True),
    ("another method", [head(method="DELETE", path="/nothing")], 1, True),
    ("of a named origin", [whole(QUICK, NAMED_ORIGIN)], 1, True),
    ("with an id that is not one", [whole(QUICK, "X-Request-Id: Zhang San")], 1, True),
    ("the last one", [whole(QUICK, "Connection: close")], 1, False),
    ("the last one and more", [whole(QUICK, "Connection: close") + whole(QUICK)], 1, False),
    ("HTTP/1.0", [whole(QUICK).replace(b"HTTP/1.1", b"HTTP/1.0")], 1, False),
]


@pytest.mark.parametrize(("form", "pieces", "answers", "stays_open"), FORMS, ids=[form for form, *_ in FORMS])
def test_a_request_of_each_form_is_refused_once(server: HttpServer, form, pieces, answers, stays_open) -> None:
    with ExitStack() as stack:
        client = stack.enter_context(opened(server))
        with full(server):
            before = refusals(server)
            for piece in pieces:
                client.send(piece)
            assert [client.answer() for _ in range(answers)] == [REFUSED] * answers, form
            assert "zhang san" not in client.headers
            assert refusals(server) == before + answers
            if stays_open:
                assert client.send(HEALTHZ).answer()[0] == 200, "a probe is admitted on this connection too"
            else:
                assert client.is_closed
        if stays_open:
            assert client.send(whole(QUICK)).answer()[0] == 200, "nothing of the refused one is left"


@pytest.mark.usefixtures("no_connection_rests")
def test_of_who_reads_no_answer_no_more_is_taken(server: HttpServer) -> None:
    with full(server), opened(server) as client:
        most = 32 * 1024 * 1024
        assert client.fill(whole(QUICK), most) < most


# --- who does not wait --------------------------------------------------------------------------------------------


@pytest.fixture
def no_connection_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting_connections, "AT_LEAST", 1e9)


def spend_budget(monkeypatch: pytest.MonkeyPatch, server: HttpServer, rest_seconds: float) -> None:
    """Leave no budget: a connection rests after its first refusal."""
    monkeypatch.setattr(resting_connections, "AT_LEAST", 0)
    monkeypatch.setattr(resting_connections, "FOR_EACH", 0)
    monkeypatch.setattr(resting_connections, "REST_SECONDS", rest_seconds)
    with opened(server) as client:
        while not figure(server, "chengxin_connections_resting"):
            assert client.send(whole(QUICK)).answer() == REFUSED


def test_beyond_the_budget_a_refused_connection_rests_until_there_is_a_place(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        with full(server):
            spend_budget(monkeypatch, server, rest_seconds=60)
            impatient = {each: stack.enter_context(opened(server)) for each in ("Accept: */*", NAMED_ORIGIN, IN_PIECES)}
            before = refusals(server)
            for line, client in impatient.items():
                request = whole(QUICK, line)
                client.send(request[:-1] if line == IN_PIECES else request)
                assert client.answer() == REFUSED, "the first refusal does not wait"
                client.send(request[-1:] + request if line == IN_PIECES else request)
            assert server.client.get("/healthz").status_code == 200
            assert server.client.get("/readyz").status_code == 200
            assert refusals(server) == before + 3, "of those that rest nothing is read"
            assert figure(server, "chengxin_connections_resting") >= 3
        assert [client.answer()[0] for client in impatient.values()] == [200] * 3
        wait_until(lambda: figure(server, "chengxin_connections_resting") == 0)


def test_a_rest_ends_in_time_for_a_client_that_waits(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with full(server), opened(server) as client:
        spend_budget(monkeypatch, server, rest_seconds=0.05)
        for _ in range(3):
            assert client.send(whole(QUICK)).answer() == REFUSED
        wait_until(lambda: figure(server, "chengxin_connections_resting") == 0)


def test_a_connection_that_rests_keeps_its_place_and_further_ones_have_one_answer(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have sent a request that is not read yet."""
    with ExitStack() as stack:
        with full(server):
            spend_budget(monkeypatch, server, rest_seconds=60)
            # Two have the one that runs, and the one that has spent the budget.
            resting = [stack.enter_context(opened(server)) for _ in range(CONNECTIONS - 2)]
            for client in resting:
                assert client.send(whole(QUICK)).answer() == REFUSED
                client.send(whole(QUICK))
            more, probe = (stack.enter_context(opened(server)) for _ in range(2))
            assert more.send(whole(QUICK)).answer() == REFUSED
            assert probe.send(HEALTHZ).answer()[0] == 200
            assert more.is_closed
            assert probe.is_closed
        assert [client.answer()[0] for client in resting] == [200] * (CONNECTIONS - 2)


# --- the budget ---------------------------------------------------------------------------------------------------


class Clock:
    """A loop whose time the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self._later: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, function: Callable[..., None], *given: Any) -> None:
        self._later.append((self.now + seconds, function, given))

    def move(self, seconds: float) -> None:
        self.now += seconds
        due = [each for each in self._later if each[0] <= self.now]
        self._later = [each for each in self._later if each[0] > self.now]
        for _, function, given in due:
            function(*given)


class Client:
    """Stands for a connection, with uvicorn's flow control."""

    def __init__(self, clock: Clock) -> None:
        self.loop, self.flow = clock, FlowControl(cast("Transport", self))

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def read_on(self) -> None:
        self.flow.resume_reading()


@dataclass
class FullPlaces:
    done: int = 0
    room: int = 0


class Crowd:
    """Clients that are refused."""

    def __init__(self, places: FullPlaces) -> None:
        self.connections, self.clock = RestingConnections(places), Clock()

    def refused(self, count: int) -> list[Client]:
        clients = [Client(self.clock) for _ in range(count)]
        for client in clients:
            self.refuse(client)
        return clients

    def refuse(self, client: Client) -> None:
        self.connections.refused(client)  # type: ignore[arg-type] # its clock has what is used of a loop


def test_at_some_times_its_capacity_nothing_rests() -> None:
    """However fast the process is: here it does ten thousand a second."""
    places = FullPlaces()
    crowd = Crowd(places)
    for _ in range(5_000):
        places.done += 1
        crowd.clock.move(1e-4)
        crowd.refused(FOR_EACH)
        assert len(crowd.connections) == 0


@pytest.mark.parametrize(
    ("clients", "done_a_second", "expected"),
    [
        (150, 0, AT_LEAST),
        (1_500, 1_200, AT_LEAST + FOR_EACH * 1_200),
        (1_500, 0, 1_500 / REST_SECONDS),  # none rests longer than this
    ],
)
def test_of_clients_that_never_wait_as_many_are_refused_as_the_budget_allows(
    clients: int, done_a_second: int, expected: float
) -> None:
    places = FullPlaces()
    crowd = Crowd(places)
    never_wait, sent, seconds, step = [Client(crowd.clock) for _ in range(clients)], 0, 5, 0.005
    for _ in range(int(seconds / step)):
        for client in never_wait:
            if not client.flow.read_paused:
                crowd.refuse(client)
                sent += 1
        places.done += int(done_a_second * step)
        crowd.clock.move(step)
    assert sent == pytest.approx(AT_ONCE + expected * seconds, rel=0.15)


def test_who_rests_longest_is_read_first() -> None:
    places = FullPlaces()
    crowd = Crowd(places)
    crowd.refused(AT_ONCE)
    clients = crowd.refused(20)
    places.room = 3
    crowd.clock.move(0.005)
    read = [client for client in clients if not client.flow.read_paused]
    assert read == clients[: len(read)]
    assert len(read) == 3 + AT_LEAST * 0.005
