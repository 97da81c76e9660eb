from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.services import Services
from tests.databases import TWICE
from tests.gateway.import_export.synthetic_cases import furnish, services_over


@pytest.fixture(params=TWICE)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database: what is imported and exported goes through actions and pages that have tests on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def services(database_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    """The services over a fresh database with the reference rows, on SQLite and on PostgreSQL."""
    async with furnished(database_url, tmp_path) as built:
        yield built


@pytest.fixture
async def sqlite_services(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    """The same on SQLite alone, for refusals that do not depend on the database."""
    async with furnished(sqlite_url, tmp_path) as built:
        yield built


@asynccontextmanager
async def furnished(url: str, folder: Path) -> AsyncIterator[Services]:
    built = services_over(url, folder)
    await furnish(built.database)
    yield built
    await built.close()
