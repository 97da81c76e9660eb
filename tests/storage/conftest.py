"""A database that the tests of one module share, for tests that only read what the module has put there."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from storage.database.database import Database
from storage.database.migrate import migrate


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ground(request: pytest.FixtureRequest) -> Any:
    """Give a migrated SQLite file, or the URL of a server."""
    return request.getfixturevalue("migrated_sqlite" if request.param == "sqlite" else "postgresql_server")


@pytest.fixture(scope="module")
async def shared_database(ground: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """Give a freshly migrated, empty database, open; the same for a whole module."""
    name = f"shared_{uuid4().hex}"
    if isinstance(ground, str):
        connection = await asyncpg.connect(f"{ground}/postgres")
        await connection.execute(f"CREATE DATABASE {name}")
        url = f"{ground}/{name}"
        await asyncio.to_thread(migrate, url)
    else:
        path = tmp_path_factory.mktemp(name) / "chengxin.db"
        shutil.copy(ground, path)
        url = f"sqlite:///{path}"
    database = Database.open(url)
    yield database
    await database.close()
    if isinstance(ground, str):
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()
