"""Assembles the ASGI app from its dependencies; creates none of them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.auth.dev_issuer import DevIssuer, DevIssuerRefused, Example
from gateway.http import health
from gateway.http.client_network import ClientNetworks
from gateway.http.developer_pages import graphiql_routes, landing_routes
from gateway.http.errors import Code, HttpRefusal
from gateway.http.graphql_endpoint import Authenticate, GraphQLEndpoint
from gateway.http.middleware import RequestMiddleware
from gateway.http.security_headers import for_named_origins, security_headers
from gateway.settings.settings import Settings
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import QueueMetrics
from schema.execution.service import GraphQLService

Lifespan = Callable[[Any], Any]


def build_app(
    settings: Settings,
    service: GraphQLService,
    authenticate: Authenticate,
    *,
    checks: Mapping[str, health.Check],
    dev_issuer: DevIssuer | None = None,
    examples: Sequence[Example] = (),
    more_routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
    watch: QueueMetrics | None = None,
    new_request_id: Callable[[], str] = lambda: secrets.token_hex(16),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ASGIApp:
    """Return the ASGI app. *examples* are queries without a token; those of personas come with *dev_issuer*."""
    if dev_issuer and not settings.is_demo:
        raise DevIssuerRefused("The development issuer cannot be switched on in production.")
    metrics = Metrics()
    endpoint = GraphQLEndpoint(
        service,
        authenticate,
        body_limit=settings.body_limit,
        timeout_seconds=settings.limits.seconds,
        networks=ClientNetworks(settings.trusted_proxies),
    )
    routes: list[BaseRoute] = [Route("/graphql", endpoint), *health.routes(checks), *more_routes]
    if settings.metrics:
        routes += metrics.routes(watch)
    if settings.graphiql:
        routes += graphiql_routes(dev_issuer, examples)
    if dev_issuer:
        routes += [*dev_issuer.routes(), *landing_routes(settings, dev_issuer, examples)]
    router = Router(routes, redirect_slashes=False, default=_nothing_here, lifespan=lifespan)
    known = frozenset(route.path for route in routes if isinstance(route, Route))
    return RequestMiddleware(
        for_named_origins(router, settings),
        known=known,
        headers=security_headers(settings),
        metrics=metrics,
        new_request_id=new_request_id,
        now=now,
    )


def server_options(settings: Settings) -> dict[str, Any]:
    """Return the options of uvicorn. Its own log is off: it would write whole addresses."""
    return {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "ws": "none",
        "timeout_graceful_shutdown": 10,
    }


async def _nothing_here(scope: Scope, _receive: Receive, _send: Send) -> None:
    if scope["type"] == "http":
        raise HttpRefusal(Code.NOT_FOUND)
