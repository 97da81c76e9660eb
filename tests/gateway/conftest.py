from collections.abc import Iterator

import httpx
import pytest
import structlog

from gateway import log
from gateway.asgi import build_app, server_options
from gateway.dev_issuer import DevIssuer, Example
from gateway.identity import Identity
from tests.gateway.fakes import NOW, PERSONAS, House, Lines, Running, SmallCounter, settings_for


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    settings = settings_for(
        tmp_path_factory.mktemp("house"), LOG_FORMAT="json", BODY_LIMIT="4096", TIMEOUT_SECONDS="0.4",
        CORS_ORIGINS="https://front.example",
    )  # fmt: skip
    lines = Lines()
    log.configure(settings, lines)
    counter, issuer = SmallCounter(), DevIssuer(settings, PERSONAS, lambda: NOW)
    identity = Identity(
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
        yield House(running.url, running.port, counter, lines, issuer, client, settings)
    structlog.reset_defaults()


@pytest.fixture
def logged() -> Iterator[Lines]:
    """Lines of a test that configures the log itself."""
    yield Lines()
    structlog.reset_defaults()
