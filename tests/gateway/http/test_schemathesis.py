"""Random requests that schemathesis makes from the schema end in no failure: a short journey of `make fuzz-http`."""

from pathlib import Path

import pytest

from tests.databases import SQLITE
from tests.http_fuzz.schemathesis_run import INSTALLED, send_random
from tests.journeys.running_server import open_server
from tests.schema.service import settings_for

pytestmark = [
    pytest.mark.subprocess, pytest.mark.slow, pytest.mark.first,
    pytest.mark.skipif(not INSTALLED, reason="schemathesis is not installed: make fuzz-http"),
]  # fmt: skip


@pytest.fixture(params=SQLITE)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database; what is sent does not depend on which."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


async def test_one_random_request_for_each_root_ends_in_no_failure(database_url: str, kek: Path) -> None:
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json")) as server:
        token = server.bearer("handler")["Authorization"].removeprefix("Bearer ")
        found = send_random(server.url, token, "DETERMINATION", 1, "--seed", "1")
        answered = [line["status"] for line in server.lines.events() if line["event"] == "request.answered"]
        assert found.returncode == 0, found.stdout
        assert "129 passed" not in found.stdout or answered
        assert not [line for line in server.lines.events() if line["event"] == "request.broke"]
