"""Figures for Prometheus: how many requests, how they ended, how long they took. Nothing about anybody."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one app. Each worker process has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "chengxin_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._refusals = Counter(
            "chengxin_refusals", "Requests refused at the door.", ("code",), registry=self.registry
        )
        self._seconds = Histogram(
            "chengxin_request_seconds", "Time to answer.", ("route",), buckets=BUCKETS, registry=self.registry
        )

    def answered(self, *, route: str, method: str, status: int, seconds: float, code: str | None) -> None:
        """Count a request. All words are from closed lists, so that no caller can grow the number of series."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if code:
            self._refusals.labels(code).inc()

    def routes(self) -> list[Route]:
        """Return `/metrics`."""

        async def show(_: Request) -> Response:
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return [Route("/metrics", show)]
