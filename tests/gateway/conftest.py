from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from tests.gateway.fakes import HttpServer, LogStream
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer, open_relay_and_peer
from tests.gateway.toy_server import open_toy_server


@pytest.fixture(scope="module")
def http_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    with open_toy_server(
        tmp_path_factory.mktemp("house"), BODY_LIMIT="4096", TIMEOUT_SECONDS="0.4", CORS_ORIGINS="https://front.example"
    ) as server:
        yield server


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
