"""Running servers: one for a whole module that only reads, and one for each journey that writes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import SQLITE
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import shared_url

__all__ = ["shared_url"]


@pytest.fixture(params=SQLITE)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database: on SQLite, unless a test says `on_both`."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="module", params=SQLITE)
def template(migrated_sqlite: Path) -> Path:
    """Give the file that a module's database is a copy of: authorisation does not depend on the database."""
    return migrated_sqlite


@pytest.fixture(scope="module")
async def shared_server(shared_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a server that the tests of a module share: they read, and write nothing but access entries."""
    async with open_server(settings_for(kek, shared_url, LOG_FORMAT="json")) as opened:
        yield opened


@pytest.fixture
async def server(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a server with sample data of its own."""
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json")) as opened:
        yield opened
