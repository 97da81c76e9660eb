"""GraphQL services: one for a whole module that only reads, and a fresh one for each test that writes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.shared_databases import shared_url, template

__all__ = ["shared_url", "template"]


@pytest.fixture(scope="module")
async def shared_service(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service that the tests of a module share: they read, and write nothing but access entries."""
    async with open_service(settings_for(kek, shared_url)) as service:
        yield service


@pytest.fixture
async def service(database_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service with sample data of its own."""
    async with open_service(settings_for(kek, database_url)) as fresh:
        yield fresh
