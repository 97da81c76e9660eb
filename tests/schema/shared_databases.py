"""Databases that last for a module, for services and for servers."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.conftest import TEMPLATE, administer
from tests.databases import BOTH


@pytest.fixture(scope="module", params=BOTH)
def template(request: pytest.FixtureRequest) -> Path | str:
    """Give a migrated SQLite file, or the URL of a server with a migrated template."""
    found: Path | str = request.getfixturevalue(
        "migrated_sqlite" if request.param == "sqlite" else "migrated_postgresql"
    )
    return found


@pytest.fixture(scope="module")
async def shared_url(template: Path | str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Give a migrated, empty database that lasts for a module."""
    name = f"standing_{uuid4().hex}"
    if isinstance(template, Path):
        path = tmp_path_factory.mktemp(name) / "chengxin.db"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    await administer(template, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield f"{template}/{name}"
    await administer(template, f"DROP DATABASE {name} WITH (FORCE)")
