"""The figures of `/metrics` in the form of OTLP: each is counted once, and shown in both forms."""

import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import pairwise
from typing import Final

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import Metric as Family
from prometheus_client.samples import Sample

MetricsOf = Callable[[], Awaitable[Iterable[Family]]]
STARTED: Final = time.time_ns()
"""When this process began to count."""


def exported_metrics(families: Iterable[Family], resource: Resource) -> MetricsData:
    """Return *families* of Prometheus as OTLP has them. A figure that could not be read, NaN, is left out."""
    now = time.time_ns()
    metrics = [
        Metric(family.name, family.documentation, "s" if family.name.endswith("_seconds") else "", data)
        for family in families
        if (data := _data(family, now)) is not None
    ]
    scope = ScopeMetrics(InstrumentationScope("chengxin"), metrics, "")
    return MetricsData([ResourceMetrics(resource, [scope], "")])


def _data(family: Family, now: int) -> Sum | Gauge | Histogram | None:
    if family.type == "histogram":
        return Histogram(_histograms(family.samples, now), AggregationTemporality.CUMULATIVE)
    points = [
        NumberDataPoint(each.labels, STARTED, now, each.value)
        for each in family.samples
        if not math.isnan(each.value) and not each.name.endswith("_created")
    ]
    if family.type == "counter":
        return Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True)
    return Gauge(points) if points else None


def _histograms(samples: Iterable[Sample], now: int) -> list[HistogramDataPoint]:
    """Return a point for each series. OTLP counts each bucket by itself, Prometheus with all below it."""
    series: dict[tuple[tuple[str, str], ...], dict[float, float]] = {}
    sums: dict[tuple[tuple[str, str], ...], float] = {}
    for each in samples:
        key = tuple(sorted((name, value) for name, value in each.labels.items() if name != "le"))
        if each.name.endswith("_bucket"):
            series.setdefault(key, {})[float(each.labels["le"])] = each.value
        elif each.name.endswith("_sum"):
            sums[key] = each.value
    return [_histogram(dict(key), buckets, sums.get(key, 0.0), now) for key, buckets in series.items()]


def _histogram(labels: Mapping[str, str], buckets: Mapping[float, float], total: float, now: int) -> HistogramDataPoint:
    bounds = sorted(buckets)
    counts = [round(buckets[bound]) for bound in bounds]
    return HistogramDataPoint(
        labels,
        STARTED,
        now,
        count=counts[-1],
        sum=total,
        bucket_counts=[counts[0], *(above - below for below, above in pairwise(counts))],
        explicit_bounds=bounds[:-1],
        min=None,  # type: ignore[arg-type] # OTLP may leave out what is not known, and the encoder does
        max=None,  # type: ignore[arg-type] # as above
    )
