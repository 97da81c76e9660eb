"""A real HTTP server in front of the toy service, with settings of a test's own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import structlog
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.dev_issuer import DevIssuer, Example
from gateway.http.app import build_app, server_options
from gateway.settings.settings import Settings
from gateway.telemetry import logging as log
from schema.core.subscription_ports import Subscriptions
from tests.gateway.fakes import (
    NOW,
    PERSONAS,
    HttpServer,
    LogStream,
    ServerThread,
    ToyService,
    claim_reader,
    settings_for,
)
from tests.gateway.toy_subscriptions import ToySubscriptions


def toy_app(
    settings: Settings,
    service: ToyService,
    issuer: DevIssuer,
    more_routes: Sequence[BaseRoute] = (),
    subscriptions: Subscriptions | None = None,
) -> ASGIApp:
    """Return the gateway's app over the toy service."""
    identity = TokenAuthenticator(
        keys=issuer.keys,
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        skew_seconds=settings.clock_skew_seconds,
        now=lambda: NOW,
        claims=claim_reader(),
        longest=settings.token_limit,
    )

    async def database() -> None:
        return None

    return build_app(
        settings, service, identity, checks={"database": database}, dev_issuer=issuer,
        examples=[Example("公众", "{ hello }")], more_routes=more_routes,
        subscriptions=subscriptions,
    )  # type: ignore[arg-type]  # fmt: skip # the toy has the one method that is called


@contextmanager
def open_toy_server(
    folder: Path,
    more_routes: Sequence[BaseRoute] = (),
    subscriptions: Callable[[ToyService], Subscriptions] = ToySubscriptions,
    **given: str,
) -> Iterator[HttpServer]:
    """Serve the toy on the loopback, with files in *folder*."""
    settings = settings_for(folder, LOG_FORMAT="json", **given)
    lines, service, issuer = LogStream(), ToyService(), DevIssuer(settings, PERSONAS, lambda: NOW)
    log.configure(settings, lines)
    with (
        ServerThread(
            toy_app(settings, service, issuer, more_routes, subscriptions(service)), server_options(settings)
        ) as running,
        httpx.Client(base_url=running.url, timeout=30) as client,
    ):
        yield HttpServer(running.url, running.port, service, lines, issuer, client, settings)
    structlog.reset_defaults()
