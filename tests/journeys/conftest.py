"""Streets to walk: one for a whole module that only reads, and one for each journey that changes something."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import SQLITE
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import standing_url

__all__ = ["standing_url"]


@pytest.fixture(params=SQLITE)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database: on SQLite, unless a test says `on_both`."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="module", params=SQLITE)
def ground(migrated_sqlite: Path) -> Path:
    """Give what a module's database is a copy of: who may ask what is decided before a database is asked."""
    return migrated_sqlite


@pytest.fixture(scope="module")
async def standing_street(standing_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a street that the tests of a module share: they read, and leave no mark but access entries."""
    async with open_server(settings_for(kek, standing_url, LOG_FORMAT="json")) as opened:
        yield opened


@pytest.fixture
async def server(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a street of one's own."""
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json")) as opened:
        yield opened
