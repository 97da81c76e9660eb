"""What reads the schema does what docs/front-end/ and docs/federation.md say of it (`make clients`)."""

from pathlib import Path
from typing import Any

import pytest

from schema.federation.subgraph_sdl import subgraph_sdl
from tests.clients.features import FEDERATION, unlike
from tests.clients.installed import needs_tools, workplace
from tests.shipped_schema import shipped_schema

pytestmark = [pytest.mark.subprocess, pytest.mark.slow, needs_tools]


@pytest.fixture(scope="module")
def switched_on() -> dict[str, str]:
    return {"FEDERATION": "on"}


def test_a_router_shows_our_objects_beside_those_of_another_subgraph(given: dict[str, Any], tmp_path: Path) -> None:
    place = workplace(tmp_path, "tools", [], given)
    (tmp_path / "federated.graphql").write_text(subgraph_sdl(shipped_schema().as_str()), encoding="utf-8")
    assert unlike(FEDERATION, place.seen_by(["node", "federation.mjs"])) == []
