"""Traces and metrics reach a real OTLP receiver; nothing of a request's content does [5.1.6]."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from sqlalchemy import select

from gateway.outbox_relay.http_delivery import Delivered, post
from gateway.outbox_relay.recipients import Recipient
from gateway.settings.settings import SettingRefused
from gateway.telemetry.collector import open_telemetry
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.otlp import ALWAYS, ATTRIBUTES
from gateway.telemetry.trace_context import CURRENT, outgoing_headers
from schema.core.measured.trace import Step
from storage.database.database import Database
from storage.tables import disclosures
from tests.builders import NOW
from tests.gateway.http.subscriptions.stream_clients import socket_of
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import shared_url

__all__ = ["shared_url"]

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
MARKED = "MARKED"
"""A text that a caller puts wherever it may send one."""
SECRET = "Bearer of-the-collector"
FROM_THE_NUMBER = """
query MARKEDOperation($number: String!) @purpose(is: APPLICATION_HANDLING) {
  MARKEDAlias: subjectByIdentifier(kind: ID_NUMBER, number: $number) { id name identifier phone }
}
"""


@dataclass
class Received:
    """What an OTLP receiver has received."""

    url: str
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[str | None] = field(default_factory=list)

    def spans(self) -> list[Span]:
        exported = [ExportTraceServiceRequest.FromString(body) for path, body in self.bodies if path == "/v1/traces"]
        return [
            span for one in exported for of in one.resource_spans for scope in of.scope_spans for span in scope.spans
        ]


@contextmanager
def receiving() -> Iterator[Received]:
    """Receive OTLP over HTTP, as a collector does."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.bodies.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            received.headers.append(self.headers["authorization"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        received = Received(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


@dataclass
class Traced:
    """A server that was asked, and what its collector received after it had stopped."""

    received: Received
    server: RunningServer
    request_ids: list[str]
    recorded: list[UUID]

    def of(self, number: int) -> list[Span]:
        """Give the spans of one request, by its number, in the order in which they began."""
        mine = [
            span for span in self.received.spans() if facts(span)["chengxin.request_id"] == self.request_ids[number]
        ]
        return sorted(mine, key=lambda span: span.start_time_unix_nano)


def facts(span: Span) -> dict[str, object]:
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


@pytest.fixture(scope="module")
async def traced(shared_url: str, kek: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Traced]:
    own = tmp_path_factory.mktemp("otlp") / "headers"
    await asyncio.to_thread(own.write_text, f"Authorization: {SECRET}\n")
    with receiving() as received:
        settings = settings_for(
            kek, shared_url, OTLP_ENDPOINT=received.url, OTLP_HEADERS_FILE=str(own), LOG_FORMAT="json"
        )
        async with open_server(settings) as server:
            number = server.world.parties["person-1"].number
            sent = {
                "traceparent": f"00-{CALLER}-{PARENT}-01", "tracestate": f"vendor={MARKED}", "User-Agent": MARKED,
                "baggage": f"who={MARKED}",
            }  # fmt: skip
            replies = [
                server.ask("clerk", FROM_THE_NUMBER, {"number": number}, headers=sent),
                server.ask("clerk", FROM_THE_NUMBER, {"number": number}),
                server.ask("anonymous", f'{{ nothing(number: "{number}") {{ {MARKED} }} }}'),
                server.ask(
                    "clerk", FROM_THE_NUMBER, {"number": number}, headers={"traceparent": f"00-{CALLER}-{PARENT}-00"}
                ),
                server.ask("clerk", FROM_THE_NUMBER, {"number": number}, headers={"traceparent": f"00-{MARKED}-x-01"}),
            ]
            server.client.get(f"/{MARKED}?number={number}")
            server.client.get("/healthz")
            with socket_of(server) as socket:
                socket.initialise(server.bearer("clerk"))
                socket.subscribe("1", FROM_THE_NUMBER, variables={"number": number})
                assert (socket.receive()["type"], socket.receive()["type"]) == ("next", "complete")
            database = Database.open(settings.database_url)
            recorded = [row[0] for row in await database.fetch(select(disclosures.c.request_id))]
            await database.close()
        yield Traced(received, server, [reply.response.headers["x-request-id"] for reply in replies], recorded)


async def test_a_request_and_its_steps_are_spans_of_the_callers_trace(traced: Traced) -> None:
    whole, *steps = traced.of(0)
    assert (whole.name, whole.kind, whole.trace_id.hex()) == ("POST /graphql", Span.SPAN_KIND_SERVER, CALLER)
    assert whole.parent_span_id.hex() == PARENT
    assert [step.name for step in steps] == [
        Step.DOCUMENT, Step.PLAN, Step.SQL, Step.OPENING, Step.RECORD, Step.ANSWER,
    ]  # fmt: skip
    assert {(step.trace_id, step.parent_span_id) for step in steps} == {(whole.trace_id, whole.span_id)}
    assert [step.name for step in traced.of(1)[1:]] == [Step.DOCUMENT, Step.SQL, Step.OPENING, Step.RECORD, Step.ANSWER]


async def test_a_span_says_how_a_request_ended_by_words_of_closed_lists(traced: Traced) -> None:
    whole, refused = traced.of(1)[0], traced.of(2)
    assert facts(whole) == {
        "http.request.method": "POST", "http.route": "/graphql", "http.response.status_code": 200,
        "chengxin.request_id": traced.request_ids[1], "chengxin.role": "clerk", "chengxin.executed": True,
        "chengxin.purpose": "APPLICATION_HANDLING",
    }  # fmt: skip
    assert facts(refused[0])["chengxin.code"] == "GRAPHQL_VALIDATION_FAILED"
    assert [(step.name, step.status.code, step.status.message) for step in refused[1:]] == [
        (Step.DOCUMENT, Status.STATUS_CODE_ERROR, "")
    ]
    names = {name for span in traced.received.spans() for name in facts(span)}
    assert names <= {*ALWAYS, *ATTRIBUTES.values()}


async def test_log_lines_spans_and_access_records_have_one_request_id(traced: Traced) -> None:
    answered = [line for line in traced.server.lines.events() if line["event"] == "request.answered"]
    for number in (0, 1):
        (line,) = (line for line in answered if line["request_id"] == traced.request_ids[number])
        assert line["trace_id"] == traced.of(number)[0].trace_id.hex()
        assert UUID(traced.request_ids[number]) in traced.recorded
    assert all(not span.events and not span.links for span in traced.received.spans())


async def test_an_operation_of_a_websocket_is_a_request_of_its_own(traced: Traced) -> None:
    (whole,) = [span for span in traced.received.spans() if span.name == "WEBSOCKET /graphql"]
    request_id = str(facts(whole)["chengxin.request_id"])
    assert UUID(request_id) in traced.recorded
    assert (facts(whole)["http.response.status_code"], facts(whole)["chengxin.role"]) == (200, "clerk")
    steps = {span.name for span in traced.received.spans() if span.parent_span_id == whole.span_id}
    assert steps == {Step.DOCUMENT, Step.SQL, Step.OPENING, Step.RECORD, Step.ANSWER}
    answered = [line for line in traced.server.lines.events() if line["event"] == "request.answered"]
    (line,) = [line for line in answered if line["request_id"] == request_id]
    (connection,) = [line for line in answered if line["status"] == 101]
    assert (line["method"], line["count"], line["trace_id"]) == ("WEBSOCKET", 1, whole.trace_id.hex())
    assert connection["request_id"] != request_id


async def test_what_the_caller_does_not_sample_is_not_recorded_and_what_is_malformed_begins_a_trace(
    traced: Traced,
) -> None:
    assert traced.of(3) == []
    assert traced.of(4)[0].trace_id.hex() != CALLER
    lines = [line for line in traced.server.lines.events() if line.get("request_id") == traced.request_ids[3]]
    assert lines[-1]["trace_id"] == CALLER, "the log joins it all the same"


async def test_no_byte_that_was_exported_is_personal_or_the_callers(traced: Traced) -> None:
    world, everything = traced.server.world, b"".join(body for _, body in traced.received.bodies)
    assert set(traced.received.headers) == {SECRET}
    assert b"chengxin.request_id" in everything
    forbidden = [MARKED, "subjectByIdentifier", "SELECT", "/healthz"]
    forbidden += [text for party in world.parties.values() for text in (party.number, party.name, party.gid)]
    forbidden += [world.actor(who).ref for who in ("clerk", "handler")]
    assert [text for text in forbidden if text.encode() in everything] == []


async def test_a_called_service_continues_the_trace(kek: Path, sqlite_url: str) -> None:
    """What the caller said in `tracestate` goes on to it, and to no collector."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204)

    with receiving() as received:
        telemetry = open_telemetry(settings_for(kek, sqlite_url, OTLP_ENDPOINT=received.url))
        assert telemetry is not None
        recipient = Recipient("platform", "platform", "https://platform.example", None, None, "")  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            assert isinstance(await post(client, recipient, "key", b"{}", NOW), Delivered)
            with telemetry.work("courier"):
                assert isinstance(await post(client, recipient, "key", b"{}", NOW), Delivered)
        begun = telemetry.request(f"00-{CALLER}-{PARENT}-01", f"vendor={MARKED}", "POST", "/graphql")
        bound = CURRENT.set(begun.context)
        going = outgoing_headers()
        CURRENT.reset(bound)
        begun.end({})
        await telemetry.close()
        courier, request = received.spans()
    assert ["traceparent" in each.headers for each in asked] == [False, True]
    sent, flags = asked[1].headers["traceparent"].rsplit("-", 1)
    assert (sent, int(flags, 16) & 1) == (f"00-{courier.trace_id.hex()}-{courier.span_id.hex()}", 1)
    assert going == {"traceparent": f"00-{CALLER}-{request.span_id.hex()}-01", "tracestate": f"vendor={MARKED}"}
    assert outgoing_headers() == {}


async def test_the_figures_of_metrics_are_exported_as_they_are(kek: Path, sqlite_url: str) -> None:
    metrics = Metrics()
    for seconds in (0.002, 0.3, 99.0):
        metrics.answered(route="/graphql", method="POST", status=200, seconds=seconds, code="TIMEOUT")
    with receiving() as received:
        telemetry = open_telemetry(settings_for(kek, sqlite_url, OTLP_ENDPOINT=received.url))
        assert telemetry is not None
        await telemetry.export_metrics(metrics.read)
        await telemetry.close()
    ((path, body),) = received.bodies
    (of,) = ExportMetricsServiceRequest.FromString(body).resource_metrics
    found = {metric.name: metric for scope in of.scope_metrics for metric in scope.metrics}
    (durations,) = found["chengxin_request_seconds"].histogram.data_points
    assert (path, durations.count, round(durations.sum, 3), sum(durations.bucket_counts)) == (
        "/v1/metrics",
        3,
        99.302,
        3,
    )
    assert (durations.bucket_counts[1], durations.bucket_counts[-1], durations.HasField("min")) == (1, 1, False)
    (requests,) = found["chengxin_requests"].sum.data_points
    assert (requests.as_int, found["chengxin_requests"].sum.is_monotonic) == (3, True)
    assert {each.key: each.value.string_value for each in requests.attributes} == {
        "route": "/graphql", "method": "POST", "status": "200",
    }  # fmt: skip
    assert "chengxin_outbox_dead" in found


@pytest.mark.parametrize("text", ["", "no colon", "authorization:", ": value", "name: ä"])
def test_headers_for_the_collector_that_are_not_well_formed_stop_the_start(
    kek: Path, sqlite_url: str, tmp_path: Path, text: str
) -> None:
    own = tmp_path / "headers"
    own.write_text(f"{text}\n")
    settings = settings_for(kek, sqlite_url, OTLP_ENDPOINT="http://127.0.0.1:4318", OTLP_HEADERS_FILE=str(own))
    with pytest.raises(SettingRefused, match="OTLP_HEADERS_FILE"):
        open_telemetry(settings)
    assert open_telemetry(replace(settings, otlp_endpoint=None)) is None
