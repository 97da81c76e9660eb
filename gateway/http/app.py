"""Assembles the ASGI app from its dependencies; creates none of them."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.auth.bearer_tokens import Authenticator
from gateway.auth.dev_issuer import DevIssuer, DevIssuerRefused, Example
from gateway.clients.client_file import read_clients
from gateway.http import health
from gateway.http.client_network import ClientNetworks
from gateway.http.developer_pages import graphiql_routes
from gateway.http.errors import Code, HttpRefusal
from gateway.http.graphql_endpoint import GraphQLEndpoint
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.limits.connections import Connections, LimitedProtocol
from gateway.http.limits.resting_connections import RestingConnections
from gateway.http.limits.websockets import LimitedWebSocket
from gateway.http.named_origins import NamedOrigins
from gateway.http.request_handler import RequestHandler
from gateway.http.request_reader import Authenticate, RequestReader
from gateway.http.request_reports import GRAPHQL, STREAM, RequestReports
from gateway.http.security_headers import security_headers
from gateway.http.subscriptions.endpoints import stream_endpoints
from gateway.portal.pages import style_route
from gateway.portal.start_page import FirstStep, StartPage
from gateway.rates.request_rates import LeasedRequestRates
from gateway.rates.route_rates import RouteRates
from gateway.settings.settings import Settings
from gateway.telemetry.logging import report_overload
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import QueueMetrics
from gateway.telemetry.trace_context import Tracing
from schema.core.subscription_ports import Subscriptions
from schema.execution.service import GraphQLService

Lifespan = Callable[[Any], Any]
OTHER_HEADERS: Final = 64 * 1024
"""Bytes of headers besides the longest token. A token that is too long is refused by name, so it has to fit in."""


def build_app(
    settings: Settings,
    service: GraphQLService,
    authenticate: Authenticator,
    *,
    checks: Mapping[str, health.Check],
    dev_issuer: DevIssuer | None = None,
    examples: Sequence[Example] = (),
    first_steps: Sequence[FirstStep] = (),
    more_routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
    watch: QueueMetrics | None = None,
    rates: LeasedRequestRates | None = None,
    counted: Authenticate | None = None,
    tracing: Tracing | None = None,
    metrics: Metrics | None = None,
    new_request_id: Callable[[], str] = lambda: os.urandom(16).hex(),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    subscriptions: Subscriptions | None = None,
) -> ASGIApp:
    """Return the ASGI app. *examples* are queries without a token; those of personas come with *dev_issuer*.

    *first_steps* are the links of a demo's first page. *counted* gives the account that a request to another address
    than `/graphql` counts for, where *authenticate* asks for more. Without *subscriptions* there are no streams.
    """
    if dev_issuer and not settings.is_demo:
        raise DevIssuerRefused("The development issuer cannot be switched on in production.")
    metrics, headers = metrics or Metrics(), security_headers(settings)
    networks = ClientNetworks(settings.trusted_proxies)
    admission = AdmissionControl(
        settings.requests_at_once, settings.requests_waiting, settings.requests_waiting_seconds, report_overload
    )
    connections = Connections(
        settings.connections_at_once,
        settings.receive_seconds,
        settings.token_limit + OTHER_HEADERS,
        headers,
        RestingConnections(admission),
    )
    metrics.watch_load(admission, connections)
    reader = RequestReader(
        authenticate,
        body_limit=settings.body_limit,
        networks=networks,
        clients=read_clients(settings.clients_file),
        rates=rates,
    )
    endpoint = GraphQLEndpoint(
        service, reader, timeout_seconds=settings.limits.seconds, admission=admission, rates=rates
    )
    if rates is not None:
        metrics.watch_rates(rates.refused)
    routes: list[BaseRoute] = [*health.routes(checks), *more_routes]
    if settings.metrics:
        routes += metrics.routes(watch)
    if settings.graphiql:
        routes += graphiql_routes(dev_issuer, examples, first_steps, has_login=settings.login)
    if dev_issuer or settings.login or settings.portal:
        routes.append(style_route())
    if dev_issuer:
        start = StartPage(settings, dev_issuer, service, authenticate, public=examples, steps=first_steps)
        routes += [*dev_issuer.routes(), *start.routes()]
    router = Router(routes, redirect_slashes=False, default=_nothing_here, lifespan=lifespan)
    known = frozenset({GRAPHQL, STREAM, *(route.path for route in routes if isinstance(route, Route))})
    reports = RequestReports(metrics, known=known, new_request_id=new_request_id, tracing=tracing)
    endpoints = None
    if subscriptions is not None:
        endpoints = stream_endpoints(
            settings,
            subscriptions,
            authenticate,
            reader,
            reports,
            admission=admission,
            new_token=lambda: secrets.token_urlsafe(32),
        )
        connections.when_stopping = endpoints.streams.stopping.set
        metrics.watch_streams(endpoints.streams)
    return RequestHandler(
        endpoint,
        router,
        headers=headers,
        origins=NamedOrigins(settings) if settings.cors_origins else None,
        admission=admission,
        connections=connections,
        reports=reports,
        now=now,
        admit=partial(RouteRates(rates, networks, now).admit, counted or authenticate),
        streams=endpoints,
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
        "ws": LimitedWebSocket,
        "ws_max_size": settings.body_limit,
        # What a client sends and what it is shown would be compressed together, and its length tells of both.
        "ws_per_message_deflate": False,
        "http": LimitedProtocol,
        "timeout_keep_alive": settings.keep_alive_seconds,
        "timeout_graceful_shutdown": 10,
    }


async def _nothing_here(scope: Scope, _receive: Receive, _send: Send) -> None:
    if scope["type"] == "http":
        raise HttpRefusal(Code.NOT_FOUND)
