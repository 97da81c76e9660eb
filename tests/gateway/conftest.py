from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.dev_issuer import DevIssuer, Example
from gateway.http.app import build_app, server_options
from gateway.telemetry import logging as log
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
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer, open_relay_and_peer


@pytest.fixture(scope="module")
def http_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    settings = settings_for(
        tmp_path_factory.mktemp("house"), LOG_FORMAT="json", BODY_LIMIT="4096", TIMEOUT_SECONDS="0.4",
        CORS_ORIGINS="https://front.example",
    )  # fmt: skip
    lines = LogStream()
    log.configure(settings, lines)
    service, issuer = ToyService(), DevIssuer(settings, PERSONAS, lambda: NOW)
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

    app = build_app(
        settings, service, identity, checks={"database": database}, dev_issuer=issuer,
        examples=[Example("公众", "{ hello }")],
    )  # fmt: skip
    with (
        ServerThread(app, server_options(settings)) as running,
        httpx.Client(base_url=running.url, timeout=30) as client,
    ):
        yield HttpServer(running.url, running.port, service, lines, issuer, client, settings)
    structlog.reset_defaults()


@pytest.fixture
def logged() -> Iterator[LogStream]:
    """The log of a test that configures logging itself."""
    yield LogStream()
    structlog.reset_defaults()


@pytest.fixture
async def relay_and_peer(database_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[RelayAndPeer]:
    """An outbox relay and its peer, on SQLite and on PostgreSQL."""
    async with open_relay_and_peer(database_url, kek, tmp_path) as opened:
        yield opened


@pytest.fixture
async def sqlite_relay_and_peer(sqlite_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[RelayAndPeer]:
    """The same on SQLite alone, for tests that do not depend on the database."""
    async with open_relay_and_peer(sqlite_url, kek, tmp_path) as opened:
        yield opened
