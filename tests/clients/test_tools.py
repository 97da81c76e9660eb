"""What reads the schema does what docs/front-end/ and docs/federation.md say of it (`make clients`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schema.federation.subgraph_sdl import subgraph_sdl
from tests.clients.features import CODEGEN, FEDERATION, LINTERS, unlike
from tests.clients.guide import command
from tests.clients.installed import needs_tools, workplace
from tests.shipped_schema import shipped_schema

pytestmark = [pytest.mark.subprocess, pytest.mark.slow, needs_tools]


@pytest.fixture(scope="module")
def switched_on() -> dict[str, str]:
    return {"FEDERATION": "on", "TRUSTED_DOCUMENTS": "log-unknown"}


def test_a_router_shows_our_objects_beside_those_of_another_subgraph(given: dict[str, Any], tmp_path: Path) -> None:
    place = workplace(tmp_path, "tools", [], given)
    (tmp_path / "federated.graphql").write_text(subgraph_sdl(shipped_schema().as_str()), encoding="utf-8")
    assert unlike(FEDERATION, place.seen_by(["node", "federation.mjs"])) == []


def test_generated_types_compile_and_run(
    given: dict[str, Any], load_documents: Callable[..., None], tmp_path: Path
) -> None:
    place = workplace(tmp_path, "tools", ["code-generation"], given)
    page = "code-generation"
    for config in ("codegen.mjs", "codegen-throwing.mjs"):
        line = command(page, "generate").replace("codegen.mjs", config)
        generated = place.run(line, page)
        assert generated.returncode == 0, generated.stdout + generated.stderr
    compiled = place.run(["tsc", "--project", "."])
    assert compiled.returncode == 0, compiled.stdout
    load_documents(tmp_path / page / "src" / "gql" / "persisted-documents.json")
    seen = place.seen_by(["node", "--import", "./hooks.mjs", "generated.js"])
    typed = (tmp_path / page / "src" / "gql-throwing" / "graphql.ts").read_text(encoding="utf-8")
    seen["a field that is null only where withheld"] = "no null" if "on: string }" in typed else "null"
    assert unlike(CODEGEN, seen) == []


def test_linters_find_nothing(given: dict[str, Any], tmp_path: Path) -> None:
    place = workplace(tmp_path, "tools", [], given)
    found = {
        "graphql-schema-linter": place.run(["graphql-schema-linter", "schema.graphql"]),
        "graphql-eslint, schema": place.run(["eslint", "schema.graphql"]),
        "graphql-eslint, documents": place.run(["eslint", "documents"]),
    }
    seen = {name: "nothing" if ran.returncode == 0 else ran.stdout[-2000:] for name, ran in found.items()}
    assert unlike(LINTERS, seen) == []
