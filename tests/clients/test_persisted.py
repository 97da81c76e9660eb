"""What clients see that send the ids of documents, in the steps `prefer` and `require` of trusted documents."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.features import APOLLO, MANIFEST, URQL, in_step, unlike
from tests.clients.guide import command
from tests.clients.installed import needs_libraries, needs_tools, workplace

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]


@pytest.fixture(scope="module", params=["prefer", "require"])
def step(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def switched_on(step: str) -> dict[str, str]:
    return {"TRUSTED_DOCUMENTS": step}


@needs_libraries
def test_apollo_sends_the_id_of_a_text(step: str, given: dict[str, Any], tmp_path: Path) -> None:
    place = workplace(tmp_path, "libraries", ["apollo", "subscriptions"], given)
    assert unlike(in_step(APOLLO, step), place.seen_by(["node", "apollo.mjs", "persisted"])) == []


@needs_libraries
def test_urql_sends_the_id_of_a_text_and_then_of_a_loaded_one(
    step: str, given: dict[str, Any], load_documents: Callable[..., None], tmp_path: Path
) -> None:
    place = workplace(tmp_path, "libraries", ["urql", "subscriptions"], given)
    seen = place.seen_by(["node", "urql.mjs", "persisted"])
    manifest = tmp_path / "manifest.json"
    manifest.write_text(place.run(["node", "urql.mjs", "manifest"]).stdout, encoding="utf-8")
    load_documents(manifest)
    seen |= place.seen_by(["node", "urql.mjs", "loaded"])
    assert unlike(in_step(URQL, step), seen) == []


@needs_tools
def test_apollo_sends_the_ids_of_the_manifest_of_its_tool(
    step: str, given: dict[str, Any], load_documents: Callable[..., None], tmp_path: Path
) -> None:
    place = workplace(tmp_path, "tools", ["apollo"], given)
    written = place.run(command("apollo", "manifest"), "apollo")
    assert written.returncode == 0, written.stdout + written.stderr
    load_documents(tmp_path / "apollo" / "persisted-query-manifest.json")
    assert unlike(in_step(MANIFEST, step), place.seen_by(["node", "by-manifest.mjs"])) == []
