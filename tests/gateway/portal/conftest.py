"""One gateway with its portal over one district, which no test of the pages for everybody changes."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gateway.demo.districts import seeded_district
from tests.gateway.portal.portals import COUNT, NOW, Portal, open_portal


@dataclass(frozen=True)
class Place:
    """Where the seeded database is, and the folder of its keys."""

    url: str
    folder: Path


@pytest.fixture(scope="session")
async def place(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("portal")
    shutil.copy(migrated_sqlite, folder / "demo.db")
    url = f"sqlite:///{folder}/demo.db"
    async with seeded_district(url, folder, NOW, COUNT):
        return Place(url, folder)


@pytest.fixture(scope="session")
async def portal(place: Place) -> AsyncIterator[Portal]:
    """Give the portal of a demo, which has a login."""
    async with open_portal(place.url, place.folder) as opened:
        yield opened
