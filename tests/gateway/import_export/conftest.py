from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.wiring import Services
from tests.gateway.import_export.synthetic_cases import furnish, house


@pytest.fixture
async def services(database_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    """A whole house over a fresh database with the reference rows, on SQLite and on PostgreSQL."""
    async with furnished(database_url, tmp_path) as built:
        yield built


@pytest.fixture
async def small_parts(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    """The same on SQLite alone, for refusals that no database has a part in."""
    async with furnished(sqlite_url, tmp_path) as built:
        yield built


@asynccontextmanager
async def furnished(url: str, folder: Path) -> AsyncIterator[Services]:
    built = house(url, folder)
    await furnish(built.database)
    yield built
    await built.close()
