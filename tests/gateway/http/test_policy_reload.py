"""A running server reloads its own policy tables at SIGHUP, and keeps the former ones where the new are refused."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import httpx
import pytest

from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.crypto.keyring import Keyring
from policy.decisions import load_second_reading
from tests.served import Served, served
from tests.world_snapshots import record_world

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]

EXPLAIN = (
    '{ explainAccess(document: "query @purpose(is: PUBLICITY) '
    '{ publicRestraintList { nodes { subject { ... on NaturalPerson { name } } } } }") '
    "{ policyVersion fields { field outcome } } }"
)
NAME_IS_PUBLIC = {
    "who.csv": "everyone,PUBLICITY,PERSON_NAME,mask,published,allow\n",
    "need.csv": "PUBLICITY,everyone,PERSON_NAME,MASKED,PUBLICATION,5.1.5,allow\n",
}


def decides(server: Served) -> tuple[str, str]:
    """Return the version of the policy, and what it decides about a person's name on the public list."""
    reply = httpx.post(f"{server.url}/graphql", json={"query": EXPLAIN}).json()["data"]["explainAccess"]
    outcomes = {field["field"]: field["outcome"] for field in reply["fields"]}
    return reply["policyVersion"], outcomes["NaturalPerson.name"]


def reloaded(server: Served, event: str) -> dict[str, str]:
    """Send SIGHUP, and return the next log line of *event*."""
    before = server.log.read_text().count(event)
    os.kill(server.pid, signal.SIGHUP)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        lines = [line for line in server.log.read_text().splitlines() if event in line]
        if len(lines) > before:
            found: dict[str, str] = json.loads(lines[-1])
            return found
        time.sleep(0.05)
    raise AssertionError(server.log.read_text())


async def test_sighup_reloads_the_tables_of_a_running_server(sqlite_url: str, kek: Path, tmp_path: Path) -> None:
    await record_world(sqlite_url, Keyring.load(kek, os.urandom))
    tables = tmp_path / "policy"
    tables.mkdir()
    for file in (*POLICY_OF_THIS_RELEASE.glob("*.csv"), POLICY_OF_THIS_RELEASE / "model.conf"):
        shutil.copy(file, tables)
    settings = {
        "CHENGXIN_DATABASE_URL": sqlite_url,
        "CHENGXIN_KEK_FILE": str(kek),
        "CHENGXIN_POLICY_DIR": str(tables),
        "CHENGXIN_LOG_FORMAT": "json",
    }
    with served(tmp_path, settings=settings) as server:
        first, outcome = decides(server)
        assert outcome == "MASKED"

        for name, row in NAME_IS_PUBLIC.items():
            text = (tables / name).read_text(encoding="utf-8")
            assert row in text
            (tables / name).write_text(text.replace(row, ""), encoding="utf-8")
        stricter = load_second_reading(tables).version
        assert stricter != first
        assert reloaded(server, "policy.reloaded")["policy_version"] == stricter
        assert decides(server) == (stricter, "WITHHELD")

        (tables / "who.csv").write_text("role,purpose,class\n", encoding="utf-8")
        assert "who.csv" in reloaded(server, "policy.refused")["error"]
        assert decides(server) == (stricter, "WITHHELD")

        shutil.copy(POLICY_OF_THIS_RELEASE / "who.csv", tables)
        shutil.copy(POLICY_OF_THIS_RELEASE / "need.csv", tables)
        assert reloaded(server, "policy.reloaded")["policy_version"] == first
        assert decides(server) == (first, "MASKED")
        os.kill(server.pid, signal.SIGTERM)
