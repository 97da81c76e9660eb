"""Metrics for Prometheus: number, outcome and duration of requests, without personal data."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sized
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from consent.ports import Log
from gateway.joint_measures.circuit_breaker import CircuitState
from gateway.ledger.status import PublishedState
from gateway.telemetry.queue_metrics import QueueMetrics, QueueSnapshot
from schema.core.limits import Rate
from storage.ledger.ledger_state import LedgerState

CIRCUIT = {CircuitState.CLOSED: 0, CircuitState.HALF_OPEN: 1, CircuitState.OPEN: 2}
NOT_KNOWN = float("nan")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Load(Protocol):
    """The requests of a process."""

    running: int

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""


class OpenConnections(Protocol):
    """The connections of a process, those that rest, and how many were closed, by the limit that they reached."""

    @property
    def open(self) -> Collection[object]: ...

    @property
    def closed(self) -> Mapping[str, int]: ...

    @property
    def resting(self) -> Sized: ...


class OpenStreams(Protocol):
    """The streams of a process, and how many were closed or refused at a limit."""

    @property
    def open(self) -> Mapping[str, int]: ...

    @property
    def closed(self) -> Mapping[str, int]: ...


class RequestCounts(Collector):
    """Requests by outcome and duration, as plain numbers that become series when somebody looks.

    The library's own counters take a lock and look their labels up: 11 µs a request, and these one.
    """

    def __init__(self) -> None:
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._refusals: defaultdict[str, int] = defaultdict(int)
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.rates: Mapping[Rate, int] = {}
        """How many requests were refused by each rate."""

    def count(self, route: str, method: str, status: int, seconds: float, code: str | None) -> None:
        """Count a request."""
        self._requests[route, method, status] += 1
        self._buckets[route][bisect_left(BUCKETS, seconds)] += 1
        self._seconds[route] += seconds
        if code:
            self._refusals[code] += 1

    def collect(self) -> Iterable[Metric]:
        requests = CounterMetricFamily("chengxin_requests", "Requests answered.", labels=("route", "method", "status"))
        for (route, method, status), count in self._requests.items():
            requests.add_metric((route, method, str(status)), count)
        refusals = CounterMetricFamily("chengxin_refusals", "Requests refused, by code.", labels=("code",))
        for code, count in self._refusals.items():
            refusals.add_metric((code,), count)
        durations = HistogramMetricFamily("chengxin_request_seconds", "Time to answer.", labels=("route",))
        for route, counts in self._buckets.items():
            bounds = (*(str(bound) for bound in BUCKETS), "+Inf")
            durations.add_metric((route,), list(zip(bounds, accumulate(counts), strict=True)), self._seconds[route])
        rates = CounterMetricFamily("chengxin_rate_refusals", "Requests refused, by rate.", labels=("rate",))
        for rate in Rate:
            rates.add_metric((rate,), self.rates.get(rate, 0))
        return requests, refusals, durations, rates


class Metrics:
    """The metrics of one app. Each worker process has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = RequestCounts()
        self.registry.register(self._requests)

        def gauge(name: str, description: str, *labels: str) -> Gauge:
            return Gauge(name, description, labels, registry=self.registry)

        self._running = gauge("chengxin_requests_running", "Requests that this process works on.")
        self._queued = gauge("chengxin_requests_waiting", "Requests that wait for their turn.")
        self._connections = gauge("chengxin_connections", "Connections that are open.")
        self._resting = gauge("chengxin_connections_resting", "Connections that are not read for a moment.")
        self._closed = gauge("chengxin_connections_closed", "Connections that were closed at a limit.", "limit")
        self._streams = gauge("chengxin_streams", "WebSockets and event streams that are open.", "transport")
        self._cut_off = gauge("chengxin_streams_closed", "Streams that were closed or refused at a limit.", "limit")
        self._reads = gauge("chengxin_database_reads", "1 where the figures below could be read, else 0.")
        self._waiting = gauge("chengxin_outbox_waiting", "Messages to other platforms that wait.", "route")
        self._oldest = gauge("chengxin_outbox_oldest_seconds", "Age of the oldest of them.", "route")
        self._dead = gauge("chengxin_outbox_dead", "Messages that were given up.")
        self._damaged = gauge(
            "chengxin_damaged_values", "Sealed values of this process that did not open.", "table", "column"
        )
        self._quarantined = gauge("chengxin_quarantine_open", "What came in and waits for a person.")
        # Without their outcome: whoever looks a number up could read here whether somebody is on record.
        self._lookups = gauge("chengxin_lookups", "Numbers looked up, over CHENGXIN_LOOKUP_ALARM_MINUTES.")
        self._alarms = gauge("chengxin_lookup_alarms", "Accounts or neighbourhoods that are an alarm now.", "alarm")
        self._findings = gauge(
            "chengxin_ledger_findings",
            "Contradictions between records and ledger: the last audit, and the running one.",
        )
        self._audited = gauge("chengxin_ledger_audited_timestamp_seconds", "When the last audit ended.")
        self._entries = gauge("chengxin_ledger_entries", "Entries that are integrated.", "log")
        self._published = gauge("chengxin_ledger_published", "Entries that the last checkpoint covers.", "log")
        self._checkpoint = gauge(
            "chengxin_ledger_checkpoint_timestamp_seconds", "When the last checkpoint was written.", "log"
        )
        self._groups = gauge("chengxin_ledger_waiting_groups", "Groups of entries that wait, up to 10,000.")
        self._oldest_group = gauge(
            "chengxin_ledger_oldest_waiting_timestamp_seconds", "When the oldest act that waits for its log happened."
        )
        self._epoch = gauge("chengxin_ledger_epoch_timestamp_seconds", "When the last epoch was made.")
        self._held = gauge("chengxin_ledger_held_groups", "Groups that the sequencer has refused.")
        self._lost = gauge("chengxin_ledger_lost_entries", "Published entries whose rows a restore has lost.")
        self._circuit = gauge("chengxin_joint_measures_circuit", "0 closed, 1 half open, 2 open: the joint module.")

    def answered(self, *, route: str, method: str, status: int, seconds: float, code: str | None) -> None:
        """Count a request. All labels are from closed lists, so that no caller can add series."""
        self._requests.count(route, method, status, seconds, code)

    def watch_load(self, admission: Load, connections: OpenConnections) -> None:
        """Show the requests under way and the connections, as they are when somebody looks."""
        self._running.set_function(lambda: admission.running)
        self._queued.set_function(lambda: admission.waiting)
        self._connections.set_function(lambda: len(connections.open))
        self._resting.set_function(lambda: len(connections.resting))
        for limit in connections.closed:
            self._closed.labels(limit).set_function(partial(connections.closed.__getitem__, limit))

    def watch_streams(self, streams: OpenStreams) -> None:
        """Show the streams as they are when somebody looks."""
        for transport in streams.open:
            self._streams.labels(transport).set_function(partial(streams.open.__getitem__, transport))
        for limit in streams.closed:
            self._cut_off.labels(limit).set_function(partial(streams.closed.__getitem__, limit))

    def watch_rates(self, refused: Mapping[Rate, int]) -> None:
        """Show how many requests were *refused* by each rate, as it is when somebody looks."""
        self._requests.rates = refused

    def update_queues(self, watched: QueueSnapshot) -> None:
        """Copy the queue figures into the gauges. A figure that could not be read becomes NaN, not its last value."""
        self._reads.set(watched.reads)
        for route, figures in watched.routes.items():
            self._waiting.labels(route).set(figures.waiting)
            self._oldest.labels(route).set(figures.oldest_seconds)
        if not watched.reads:
            self._waiting.clear()
            self._oldest.clear()
        self._dead.set(NOT_KNOWN if watched.dead is None else watched.dead)
        for (table, column), count in watched.damaged.items():
            self._damaged.labels(table, column).set(count)
        self._quarantined.set(NOT_KNOWN if watched.quarantined is None else watched.quarantined)
        self._lookups.set(NOT_KNOWN if watched.lookups is None else watched.lookups.numbers)
        if watched.lookups is None:
            self._alarms.clear()
        else:
            self._alarms.labels("misses").set(len(watched.lookups.misses))
            self._alarms.labels("neighbours").set(len(watched.lookups.neighbours))
            self._alarms.labels("conflicts").set(len(watched.lookups.conflicts))
        self._update_ledger(watched.ledger)
        self._update_published(watched.published or {})
        self._circuit.set(NOT_KNOWN if watched.circuit is None else CIRCUIT[watched.circuit])

    def _update_ledger(self, ledger: LedgerState | None) -> None:
        if ledger is None:
            self._entries.clear()
            for each in (
                self._findings, self._audited, self._groups, self._oldest_group, self._held, self._lost, self._epoch
            ):  # fmt: skip
                each.set(NOT_KNOWN)
            return
        audit, logs = ledger.audit, ledger.logs.values()
        for log, state in ledger.logs.items():
            self._entries.labels(log).set(state.size)
        self._groups.set(sum(each.waiting for each in logs))
        self._oldest_group.set(_timestamp(ledger.oldest_waiting))
        self._held.set(sum(sum(each.held.values()) for each in logs))
        self._lost.set(sum(each.lost for each in logs))
        self._epoch.set(_timestamp(None if ledger.epoch is None else ledger.epoch.made_at))
        self._findings.set(NOT_KNOWN if audit is None else audit.most_findings)
        self._audited.set(_timestamp(None if audit is None else audit.finished_at))

    def _update_published(self, published: Mapping[Log, PublishedState]) -> None:
        for each in (self._published, self._checkpoint):
            each.clear()
        for log, state in published.items():
            self._published.labels(log).set(state.size)
            self._checkpoint.labels(log).set(_timestamp(state.written_at))

    async def read(self, watch: QueueMetrics | None = None) -> Iterable[Metric]:
        """Return all figures as they are now; *watch* reads the queue figures."""
        if watch is not None:
            self.update_queues(await watch())
        return self.registry.collect()

    def routes(self, watch: QueueMetrics | None = None) -> list[Route]:
        """Return `/metrics`; *watch* reads the queue figures at each request."""

        async def show(_: Request) -> Response:
            await self.read(watch)
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return [Route("/metrics", show)]


def _timestamp(at: datetime | None) -> float:
    return NOT_KNOWN if at is None else at.timestamp()
