"""A database that the tests of one module share, for tests that only read what the module has put there."""

from collections.abc import AsyncIterator

import pytest

from storage.database.database import Database
from tests.schema.shared_databases import ground, standing_url

__all__ = ["ground", "standing_url"]


@pytest.fixture(scope="module")
async def shared_database(standing_url: str) -> AsyncIterator[Database]:
    """Give a freshly migrated, empty database, open; the same for a whole module."""
    database = Database.open(standing_url)
    yield database
    await database.close()
