"""Clients that a front end may choose read and write at a real gateway, as docs/front-end/ says (`make clients`)."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients.features import APOLLO, ARIADNE, GQL, RELAY, REQUEST, URQL, unlike
from tests.clients.guide import command
from tests.clients.installed import needs_libraries, needs_python, workplace

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]


@needs_libraries
@pytest.mark.parametrize(
    ("client", "script", "pages"),
    [(APOLLO, "apollo", ("apollo",)), (URQL, "urql", ("urql",)), (REQUEST, "graphql-request", ())],
    ids=["apollo", "urql", "graphql-request"],
)
def test_a_client_shows_what_the_table_says(
    client: str, script: str, pages: tuple[str, ...], given: dict[str, Any], tmp_path: Path
) -> None:
    place = workplace(tmp_path, "libraries", pages, given)
    assert unlike(client, place.seen_by(["node", f"{script}.mjs"])) == []


@needs_libraries
def test_relay_compiles_and_shows_what_the_table_says(given: dict[str, Any], tmp_path: Path) -> None:
    place = workplace(tmp_path, "libraries", ["relay"], given)
    for more in ("Applicant.js", "Grant.js"):
        (tmp_path / "relay" / more).rename(tmp_path / "relay" / "src" / more)
    compiled = place.run(command("relay", "compile"), "relay")
    assert compiled.returncode == 0, compiled.stderr + compiled.stdout
    (tmp_path / "relay" / "lists" / "SubjectCases.js").rename(tmp_path / "relay" / "src" / "SubjectCases.js")
    with_lists = place.run(command("relay", "compile"), "relay")
    errors = "" if with_lists.returncode == 0 else with_lists.stdout + with_lists.stderr
    (tmp_path / "relay" / "compiled-lists.txt").write_text(errors, encoding="utf-8")
    assert unlike(RELAY, place.seen_by(["node", "relay.mjs"])) == []


@needs_python
@pytest.mark.parametrize("client", [GQL, ARIADNE])
def test_a_python_client_shows_what_the_table_says(client: str, given: dict[str, Any], tmp_path: Path) -> None:
    place = workplace(tmp_path, "python", ["python"], given)
    if client == ARIADNE:
        written = place.run(command("python", "generate"), "python")
        assert written.returncode == 0, written.stdout + written.stderr
    script = {GQL: "gql_journeys.py", ARIADNE: "ariadne_journeys.py"}[client]
    assert unlike(client, place.seen_by(["python", f"../{script}"], "python")) == []
