"""The public GraphQL-over-HTTP audit suite, where Node and the suite are installed (`npm ci` in tests/audit)."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.gateway.fakes import HttpServer

pytestmark = pytest.mark.subprocess

AUDIT = Path(__file__).parents[2] / "audit"


@pytest.mark.skipif(
    not shutil.which("node") or not (AUDIT / "node_modules").is_dir(), reason="needs Node and npm ci in tests/audit"
)
def test_every_audit_passes(http_server: HttpServer):
    command = ["node", str(AUDIT / "run-audit.mjs"), f"{http_server.url}/graphql"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (shown.stdout.strip(), shown.stderr) == ("61 of 61", "")
