"""What every test may ask for: a freshly migrated, empty database, on SQLite and on a real PostgreSQL.

    async def test_something(database): ...      # runs twice, once on each

`database_url` gives the address instead, for what opens its own (a server, the command line). Each database is
migrated once in a session: the SQLite file is copied for each test, the PostgreSQL database is emptied after it.
"""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import structlog

from storage.database.database import Database
from storage.database.migrate import migrate
from storage.tables import metadata
from tests.postgresql import running_server

TEMPLATE = "migrated"
NUMBERS = count(1)
CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid();"
)
EMPTY = CUT + "".join(f"DELETE FROM {table.name};" for table in reversed(metadata.sorted_tables))
"""Cuts what a test left connected, and empties every table: milliseconds, where a new database takes a hundred."""


@pytest.fixture(autouse=True, scope="module")
def _logs_of_a_module() -> Iterator[None]:
    with _logs_restored():
        yield


@pytest.fixture(autouse=True)
def _logs_of_a_test(_logs_of_a_module: None) -> Iterator[None]:
    with _logs_restored():
        yield


@contextmanager
def _logs_restored() -> Iterator[None]:
    """Put logging back as it was: whoever configured it wrote to a stream that may be closed by now."""
    kept, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.configure(**kept)
        root.handlers = handlers
        root.setLevel(level)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server for the whole session; gives its URL without a database name."""
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
async def migrated_postgresql(postgresql_server: str) -> str:
    await administer(postgresql_server, f"CREATE DATABASE {TEMPLATE}")
    await asyncio.to_thread(migrate, f"{postgresql_server}/{TEMPLATE}")
    return postgresql_server


@pytest.fixture
async def empty_postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """Give a database without any table, for what tests the migrations themselves."""
    name = f"empty_{next(NUMBERS)}"
    await administer(postgresql_server, f"CREATE DATABASE {name}")
    yield f"{postgresql_server}/{name}"
    await administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "chengxin.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
async def shared_postgresql(migrated_postgresql: str) -> str:
    await administer(migrated_postgresql, f"CREATE DATABASE shared TEMPLATE {TEMPLATE}")
    return migrated_postgresql


@pytest.fixture
async def postgresql_url(shared_postgresql: str) -> AsyncIterator[str]:
    yield f"{shared_postgresql}/shared"
    await administer(shared_postgresql, EMPTY, database="shared")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a freshly migrated, empty database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give a freshly migrated, empty database, open."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


async def administer(server: str, script: str, database: str = "postgres") -> None:
    """Run statements by the side of whatever a test does."""
    connection = await asyncpg.connect(f"{server}/{database}")
    try:
        await connection.execute(script)
    finally:
        await connection.close()
