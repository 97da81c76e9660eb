from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.dev_issuer import DevIssuer, Example
from gateway.http.app import build_app, server_options
from gateway.telemetry import logging as log
from tests.gateway.fakes import NOW, PERSONAS, HttpServer, Lines, Running, SmallService, settings_for
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer, open_relay_and_peer


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    settings = settings_for(
        tmp_path_factory.mktemp("house"), LOG_FORMAT="json", BODY_LIMIT="4096", TIMEOUT_SECONDS="0.4",
        CORS_ORIGINS="https://front.example",
    )  # fmt: skip
    lines = Lines()
    log.configure(settings, lines)
    counter, issuer = SmallService(), DevIssuer(settings, PERSONAS, lambda: NOW)
    identity = TokenAuthenticator(
        keys=issuer.keys,
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        skew_seconds=settings.clock_skew_seconds,
        now=lambda: NOW,
    )

    async def database() -> None:
        return None

    app = build_app(
        settings, counter, identity, checks={"database": database}, dev_issuer=issuer,
        examples=[Example("公众", "{ hello }")],
    )  # fmt: skip
    with Running(app, server_options(settings)) as running, httpx.Client(base_url=running.url) as client:
        yield HttpServer(running.url, running.port, counter, lines, issuer, client, settings)
    structlog.reset_defaults()


@pytest.fixture
def logged() -> Iterator[Lines]:
    """Lines of a test that configures the log itself."""
    yield Lines()
    structlog.reset_defaults()


@pytest.fixture
async def post(database_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[RelayAndPeer]:
    """A house with a courier and a peer, on SQLite and on PostgreSQL."""
    async with open_relay_and_peer(database_url, kek, tmp_path) as opened:
        yield opened


@pytest.fixture
async def small_post(sqlite_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[RelayAndPeer]:
    """The same on SQLite alone, where no database has a part in what is tested."""
    async with open_relay_and_peer(sqlite_url, kek, tmp_path) as opened:
        yield opened
