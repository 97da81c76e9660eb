"""Random requests that schemathesis makes from the schema end in no failure: a short journey of `make fuzz-http`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http_fuzz.schemathesis_run import INSTALLED, send_random
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.schema.shared_databases import shared_url

__all__ = ["shared_url"]

pytestmark = [
    pytest.mark.subprocess, pytest.mark.slow, pytest.mark.first,
    pytest.mark.skipif(not INSTALLED, reason="schemathesis is not installed: make fuzz-http"),
]  # fmt: skip


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """What is sent is refused or answered alike on either database."""
    return migrated_sqlite


@pytest.fixture(scope="module")
async def server(shared_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a server of its own: what is sent may write."""
    async with open_server(settings_for(kek, shared_url, LOG_FORMAT="json")) as opened:
        yield opened


@pytest.mark.sampled
@pytest.mark.parametrize("letters", ["c-d", "a-b", "e-m", "n-r", "s-z"])
async def test_one_random_request_for_each_root_ends_in_no_failure(server: RunningServer, letters: str) -> None:
    seen = len(server.lines.events())
    token = server.bearer("handler")["Authorization"].removeprefix("Bearer ")
    roots = ("--include-name-regex", rf"^(Query|Mutation)\.[{letters}]")
    found = send_random(server.url, token, "DETERMINATION", 1, "--seed", "1", *roots)
    assert found.returncode == 0, found.stdout
    lines = server.lines.events()[seen:]
    asked = [line for line in lines if line["event"] == "request.answered" and line.get("role") == "handler"]
    assert len(asked) > 10, "they were sent, and by who may ask"
    assert not [line for line in lines if line["event"] == "request.broke"]
