"""The kill drill, short: what was answered is recorded, and each change happened once [5.1.6]. `make drill` is long."""

import os
from pathlib import Path

import pytest

from policy.crypto.keyring import Keyring
from tests.databases import on_both
from tests.drill.kill_drill import FEW_CLIENTS, drill
from tests.postgresql import free_port
from tests.world_snapshots import record_world

pytestmark = [pytest.mark.slow, pytest.mark.subprocess, pytest.mark.first]


@on_both
async def test_nothing_that_was_answered_is_missing_after_kills(database_url: str, kek: Path, tmp_path: Path) -> None:
    """One server on SQLite, two on PostgreSQL, each of which may be killed at any moment."""
    ports = [free_port()] if database_url.startswith("sqlite") else [free_port(), free_port()]
    await record_world(database_url, Keyring.load(kek, os.urandom))
    found = await drill(tmp_path, database_url, ports, kills=1, seed=1, clients=FEW_CLIENTS, KEK_FILE=str(kek))
    assert (found.unrecorded, found.missing, found.repeated) == (set(), set(), set())
    assert found.reads
    assert found.changes
