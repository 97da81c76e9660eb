from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import new_keyring
from tests.gateway.courier.setting import Post, open_post


@pytest.fixture
async def post(database_url: str, tmp_path: Path) -> AsyncIterator[Post]:
    """A house with a courier and a peer, on SQLite and on PostgreSQL."""
    async with open_post(database_url, new_keyring(tmp_path), tmp_path) as opened:
        yield opened


@pytest.fixture
async def small_post(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Post]:
    """The same on SQLite alone, where no database has a part in what is tested."""
    async with open_post(sqlite_url, new_keyring(tmp_path), tmp_path) as opened:
        yield opened
