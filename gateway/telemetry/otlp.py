"""Traces and metrics by OTLP over HTTP, with the extra `otel`. Imported only where a setting names a collector.

Spans are made by hand: automatic instrumentation writes statements, arguments and addresses. A span has the attributes
of a closed list and no others; errors have no message. The text of the caller in `tracestate` is passed on to called
services, and never exported.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.telemetry.logging import REQUEST_ID
from gateway.telemetry.otlp_metrics import MetricsOf, exported_metrics
from gateway.telemetry.trace_context import CURRENT, TraceContext
from schema.core.measured.trace import Step

ATTRIBUTES: Final = {
    "status": "http.response.status_code",
    "role": "chengxin.role",
    "purpose": "chengxin.purpose",
    "code": "chengxin.code",
    "root": "chengxin.root",
    "executed": "chengxin.executed",
}
"""The facts of a request that a span may have, with the names of their attributes. All are words of closed lists."""
ALWAYS: Final = ("http.request.method", "http.route", "chengxin.request_id")
"""The attributes of every span of a request; a step has the last alone."""
EXPORT_SECONDS: Final = 10.0
"""How long an export may take."""
METRICS_SECONDS: Final = 60.0
"""How often metrics are exported."""
SERVER_ERROR: Final = 500


class _StepSpan:
    """Measures a step. A failure is noted without its message, which may quote a row."""

    __slots__ = ("_make", "_span", "_step")

    def __init__(self, request: "_RequestSpan", step: Step) -> None:
        self._make, self._step = request, step

    def __enter__(self) -> Self:
        self._span = self._make.child(self._step)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class _RequestSpan:
    """The span of a request. Implements `RequestTrace`, and `Trace` for its steps."""

    def __init__(self, tracer: trace.Tracer, span: trace.Span, tracestate: str | None) -> None:
        self._tracer, self._span = tracer, span
        own = span.get_span_context()
        headers = {"traceparent": f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"}
        if tracestate:
            headers["tracestate"] = tracestate
        self.context = TraceContext(f"{own.trace_id:032x}", headers)
        self.steps = self if span.is_recording() else None
        self._below = trace.set_span_in_context(span)

    def step(self, step: Step) -> _StepSpan:
        """Return what measures *step*."""
        return _StepSpan(self, step)

    def child(self, step: Step) -> trace.Span:
        """Begin the span of *step*."""
        return self._tracer.start_span(step, self._below, attributes={"chengxin.request_id": REQUEST_ID.get() or ""})

    def end(self, facts: Mapping[str, Any]) -> None:
        """End the span, with those *facts* that it may have."""
        if self.steps is not None:
            self._span.set_attributes(
                {name: _plain(facts[key]) for key, name in ATTRIBUTES.items() if facts.get(key) is not None}
            )
            if facts.get("status", 0) >= SERVER_ERROR:
                self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class OtlpTelemetry:
    """Exports traces and metrics to one collector. *percent* of the traces that begin here are recorded."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], percent: int, version: str) -> None:
        self._resource = Resource({"service.name": "chengxin", "service.version": version})
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(percent / 100)), resource=self._resource, shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", headers=headers, timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("chengxin", version)
        self._propagator = TraceContextTextMapPropagator()
        self._metric_exporter = OTLPMetricExporter(f"{endpoint}/v1/metrics", headers=headers, timeout=EXPORT_SECONDS)

    def request(self, traceparent: str | None, tracestate: str | None, method: str, route: str) -> _RequestSpan:
        """Begin the trace of a request, or continue the one that its headers name."""
        parent, passed_on = None, None
        if traceparent is not None:
            carrier = {"traceparent": traceparent, **({"tracestate": tracestate} if tracestate else {})}
            remote = trace.get_current_span(self._propagator.extract(carrier)).get_span_context()
            if remote.is_valid:
                passed_on = remote.trace_state.to_header()
                # Without the trace state: it is a text of the caller's, and would be exported.
                remote = SpanContext(remote.trace_id, remote.span_id, is_remote=True, trace_flags=remote.trace_flags)
                parent = trace.set_span_in_context(trace.NonRecordingSpan(remote))
        stated = dict(zip(ALWAYS, (method, route, REQUEST_ID.get() or ""), strict=True))
        span = self._tracer.start_span(f"{method} {route}", parent, SpanKind.SERVER, attributes=stated)
        return _RequestSpan(self._tracer, span, passed_on)

    @contextmanager
    def work(self, name: str) -> Iterator[None]:
        """Trace the work of the block, which no request began, under *name*."""
        traced = _RequestSpan(self._tracer, self._tracer.start_span(name, kind=SpanKind.CLIENT), None)
        bound = CURRENT.set(traced.context)
        try:
            yield
        finally:
            CURRENT.reset(bound)
            traced.end({})

    async def keep_exporting(self, metrics: MetricsOf) -> None:
        """Export *metrics* again and again until cancelled."""
        while True:
            await asyncio.sleep(METRICS_SECONDS)
            await self.export_metrics(metrics)

    async def export_metrics(self, metrics: MetricsOf) -> None:
        """Export *metrics* as they are now. A failure is logged by the library."""
        found = exported_metrics(await metrics(), self._resource)
        await asyncio.to_thread(self._metric_exporter.export, found)

    async def close(self) -> None:
        """Export what is left, and end."""
        await asyncio.to_thread(self._provider.shutdown)
        await asyncio.to_thread(self._metric_exporter.shutdown)


def _plain(value: object) -> str | int | bool:
    return value if isinstance(value, bool | int) else str(value)
