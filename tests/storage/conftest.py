"""A database that the tests of one module share, for tests that only read what the module has put there."""

from collections.abc import AsyncIterator

import pytest

from storage.database.database import Database
from tests.schema.shared_databases import shared_url, template

__all__ = ["shared_url", "template"]


@pytest.fixture(scope="module")
async def shared_database(shared_url: str) -> AsyncIterator[Database]:
    """Give a freshly migrated, empty database, open; the same for a whole module."""
    database = Database.open(shared_url)
    yield database
    await database.close()
