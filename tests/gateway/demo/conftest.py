"""The district that most tests of the demo read, and an empty database."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from policy.crypto.keyring import Keyring
from storage.database.database import Database
from tests.gateway.demo.seed_calls import District, noted_statements, seeded


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "kek.key"
    Keyring.create(path, os.urandom)
    return path


@pytest.fixture(scope="session")
async def district(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> District:
    path = tmp_path_factory.mktemp("district") / "demo.db"
    shutil.copy(migrated_sqlite, path)
    database = Database.open(f"sqlite:///{path}", tag=Keyring.load(key_file, os.urandom).pending_tag)
    with noted_statements() as statements:
        made = await seeded(database, key_file)
    await database.close()
    return District(path, made, len(statements))


@pytest.fixture
async def settled(district: District) -> AsyncIterator[Database]:
    """Give the district, for what only reads."""
    database = Database.open(f"sqlite:///{district.path}")
    yield database
    await database.close()


@pytest.fixture
async def another(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty database."""
    shutil.copy(migrated_sqlite, tmp_path / "another.db")
    opened = Database.open(f"sqlite:///{tmp_path}/another.db")
    yield opened
    await opened.close()
