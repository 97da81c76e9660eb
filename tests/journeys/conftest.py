"""Streets to walk: each journey has one of its own, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import new_keyring
from tests.journeys.street import Street, open_street
from tests.schema.counter import settings_for


@pytest.fixture(scope="session")
def kek(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_keyring(tmp_path_factory.mktemp("kek"))


@pytest.fixture
async def street(database_url: str, kek: Path) -> AsyncIterator[Street]:
    async with open_street(settings_for(kek, database_url, LOG_FORMAT="json")) as opened:
        yield opened
