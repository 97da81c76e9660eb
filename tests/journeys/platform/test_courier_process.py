"""The outbox relay inside the server, and as a process of its own (`courier run`); the peer is a process, too."""

import asyncio
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from gateway.cli import run
from gateway.inbound.accept import accept
from gateway.outbox_relay.runner import relay_in_background
from gateway.services import build_services
from policy.actors import Actor, Role
from tests.builders import SCJG, WJJ
from tests.forked import start_chengxin
from tests.gateway.fakes import wait_until
from tests.journeys.cases.test_a_case import SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

pytestmark = pytest.mark.subprocess

PATIENCE = 60
MORNING = february(26, 9)


@dataclass(frozen=True, slots=True)
class Peer:
    """A city platform in a process of its own."""

    url: str

    def case(self, case_id: object) -> dict[str, Any]:
        """Return what it has of a case."""
        found: dict[str, Any] = httpx.get(f"{self.url}/cases/{case_id}").json()
        return found


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CHENGXIN_")}


@pytest.fixture
def peer(environment: dict[str, str], tmp_path: Path) -> Iterator[Peer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start_chengxin(["demo", "city-platform", "--port", str(port)], environment, tmp_path / "peer.log")
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/counts"))
        yield Peer(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.join(10)


async def determined(server: RunningServer) -> OfCase:
    """Bring a new case to its determination on Thu 26 February, over HTTP."""
    steps = OfCase(server, await put(server, "案-信使-1"))
    steps.served()
    steps.done("handler", "determineCase", MORNING, severity=SHORT, legalDocument="临审告字〔2026〕第7号")
    return steps


async def test_what_is_published_over_http_arrives_by_the_server_itself(
    database_url: str, kek: Path, peer: Peer
) -> None:
    """Nobody starts the relay by hand: it runs as long as the server does [5.1.4(5)]."""
    settings = settings_for(kek, database_url, PLATFORM_URL=f"{peer.url}/restraints", COURIER_SECONDS="0.05")
    async with open_server(settings, relay_in_background) as server:
        steps = await determined(server)
        wait_until(lambda: peer.case(steps.case.case_id).get("state") == "DETERMINED")
        steps.done("handler", "publishCase", MORNING)
        wait_until(lambda: peer.case(steps.case.case_id)["state"] == "IN_FORCE")
    got = peer.case(steps.case.case_id)
    assert got["topics"] == ["restraint-case.determined", "restraint-case.published"]
    assert got["restraint"]["subject"]["name"] == server.world.party("person-1").name


async def test_a_courier_process_delivers_until_sigterm(
    sqlite_url: str, kek: Path, peer: Peer, environment: dict[str, str], tmp_path: Path
) -> None:
    """`chengxin courier run`: SIGTERM ends it with 0, after messages under way are marked."""
    given = {"PLATFORM_URL": f"{peer.url}/restraints", "COURIER_SECONDS": "0.05"}
    named = {**given, "KEK_FILE": str(kek), "DATABASE_URL": sqlite_url, "DEV_KEY_FILE": str(kek.with_name("dev.json"))}
    environment |= {f"CHENGXIN_{name}": value for name, value in named.items()}
    async with open_server(settings_for(kek, sqlite_url)) as server:
        steps = await determined(server)
        process = start_chengxin(["courier", "run"], environment, tmp_path / "courier.log")
        try:
            wait_until(lambda: peer.case(steps.case.case_id).get("state") == "DETERMINED")
            steps.done("handler", "publishCase", MORNING)
            wait_until(lambda: "restraint-case.published" in peer.case(steps.case.case_id)["topics"])
        finally:
            process.terminate()
        process.join(PATIENCE)
    printed = (tmp_path / "courier.log").read_text()
    assert (process.exitcode, printed.splitlines()[-1]) == (0, "stopped")


async def test_the_quarantine_is_listed_shown_and_settled_by_command(
    sqlite_url: str, kek: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list is about nobody; the look needs a department's handler; settled it is gone [5.1.3] [5.1.6]."""
    settings = settings_for(kek, sqlite_url)
    named = {"KEK_FILE": str(kek), "DATABASE_URL": sqlite_url, "DEV_KEY_FILE": str(kek.with_name("dev.json"))}
    for name, value in named.items():
        monkeypatch.setenv(f"CHENGXIN_{name}", value)
    sent = orjson.dumps({"schema": "chengxin/collected-case/1", "department": SCJG, "name": "演示辛"})
    async with open_server(settings):
        services = build_services(settings)
        came = (await accept(services, Actor("city-platform", Role.PLATFORM), "q-1", sent)).came
        await services.close()

        async def chengxin(*words: str) -> tuple[int, str]:
            capsys.readouterr()
            code = await asyncio.to_thread(run, words)  # which has a loop of its own
            return code, capsys.readouterr().out

        item, ours = str(came.item_id), ("--as", "handler-1", "--department", SCJG)
        code, listed = await chengxin("quarantine", "list", "--json")
        assert (code, [one["item_id"] for one in orjson.loads(listed)["items"]]) == (0, [item])
        assert "演示辛" not in listed
        assert await chengxin("quarantine", "show", item, "--as", "handler-9", "--department", WJJ) == (1, "")
        code, shown = await chengxin("quarantine", "show", item, *ours)
        assert (code, orjson.loads(shown)["name"]) == (0, "演示辛")
        assert (await chengxin("quarantine", "settle", item, *ours, "--discard"))[0] == 0
        assert await chengxin("quarantine", "list") == (0, "nothing waits\n")
        assert await chengxin("quarantine", "show", item, *ours) == (1, "")
        code, printed = await chengxin("focused-check", "tell", "--json")
        assert (code, orjson.loads(printed)) == (0, {"told": 0}), "nobody has subscribed"
