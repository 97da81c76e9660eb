"""One gateway for every client of a module, with the sample data."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import run
from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.clients.installed import PATIENCE
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import shared_url

__all__ = ["shared_url"]


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Give the file that the database is a copy of: clients see no difference between databases."""
    return migrated_sqlite


@pytest.fixture(scope="module")
def switched_on() -> dict[str, str]:
    """Give the settings that differ from the default, where a module has any."""
    return {}


@pytest.fixture(scope="module")
async def gateway(shared_url: str, kek: Path, switched_on: dict[str, str]) -> AsyncIterator[RunningServer]:
    async with open_server(settings_for(kek, shared_url, LOG_FORMAT="json", **switched_on)) as opened:
        yield opened


@pytest.fixture
def load_documents(gateway: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give what loads a manifest, as the operator does, and waits until the gateway has taken it over."""

    def taken_over() -> int:
        return gateway.lines.getvalue().count("documents.adopted")

    settings = gateway.settings
    given = {
        "DATABASE_URL": settings.database_url,
        "KEK_FILE": settings.kek_file,
        "DEV_KEY_FILE": settings.dev_key_file,
    }

    def load(manifest: Path, *options: str) -> None:
        for name, value in given.items():
            monkeypatch.setenv(f"CHENGXIN_{name}", str(value))
        before, until = taken_over(), time.monotonic() + PATIENCE
        assert run(["documents", "load", str(manifest), *options]) == 0
        while taken_over() == before and time.monotonic() < until:
            time.sleep(0.05)
        assert taken_over() > before

    return load


def expired_token(gateway: RunningServer) -> str:
    """Give a token of person-1 that was good the day before."""
    now = gateway.clock.at
    gateway.clock.at -= timedelta(days=1)
    try:
        return gateway.issuer.mint("person-1")
    finally:
        gateway.clock.at = now


@pytest.fixture(scope="module")
def given(gateway: RunningServer) -> dict[str, Any]:
    """Give what the scripts of the journeys need."""
    party, case = gateway.world.party("person-1"), gateway.world.case("in-force")
    matter = encode(Entity.MATTER, "SCJG-01")
    return {
        "url": f"{gateway.url}/graphql",
        "tokens": {
            **{role: gateway.issuer.mint(role) for role in ("clerk", "handler", "head")},
            "person": gateway.issuer.mint("person-1"),
        },
        "expired": expired_token(gateway),
        "person": party.gid,
        "case": {"id": case.gid, "number": case.number},
        "filing": {"person": party.document, "matter": matter},
    }
