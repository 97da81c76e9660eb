"""Counters to ask: one for a whole module that only reads, and a fresh one for each test that changes something."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.shared_databases import ground, standing_url

__all__ = ["ground", "standing_url"]


@pytest.fixture(scope="module")
async def standing(standing_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a counter that the tests of a module share: they read, and leave no mark but access entries."""
    async with open_service(settings_for(kek, standing_url)) as service:
        yield service


@pytest.fixture
async def service(database_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a counter with a world of its own."""
    async with open_service(settings_for(kek, database_url)) as fresh:
        yield fresh
