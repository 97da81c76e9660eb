"""One gateway for every client of a module, with the sample data."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from queryplan.entities import Entity
from schema.core.global_ids import encode
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


@pytest.fixture(scope="module")
def given(gateway: RunningServer) -> dict[str, Any]:
    """Give what the scripts of the journeys need."""
    party, case = gateway.world.party("person-1"), gateway.world.case("in-force")
    matter = encode(Entity.MATTER, "SCJG-01")
    return {
        "url": f"{gateway.url}/graphql",
        "tokens": {role: gateway.issuer.mint(role) for role in ("clerk", "handler", "head")},
        "person": party.gid,
        "case": {"id": case.gid, "number": case.number},
        "filing": {"person": party.document, "matter": matter},
    }
