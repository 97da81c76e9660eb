from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.wiring import Parts
from tests.gateway.exchange.made import furnish, house


@pytest.fixture
async def parts(database_url: str, tmp_path: Path) -> AsyncIterator[Parts]:
    """A whole house over a fresh database with the reference rows, on SQLite and on PostgreSQL."""
    built = house(database_url, tmp_path)
    await furnish(built.database)
    yield built
    await built.close()
