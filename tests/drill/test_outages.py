"""A server whose PostgreSQL goes away under reads and changes: it says so, ends when told, and goes on afterwards.

The clients of the kill drill keep every answer; none may be without its record, and no change happens twice [5.1.6].
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import httpx
import pytest

from policy.crypto.keyring import Keyring
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage.database.migrate import migrate
from tests.drill.kill_drill import FEW_CLIENTS, READ, Drill, Replica, change, environment_for, examine
from tests.postgresql import PostgresqlServer, free_port, postgresql_server
from tests.storage.outages.freezable_proxy import proxy_before
from tests.world_snapshots import record_world

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.first]

SETTINGS: Final = {"STATEMENT_SECONDS": "0.5"}
SOME: Final = 5
"""How many answers show that all goes well."""
GRACE_SECONDS: Final = 10
"""How long requests may take after SIGTERM (`gateway.http.app.server_options`); here nothing takes nearly so long."""


@dataclass(frozen=True, slots=True)
class Site:
    """A PostgreSQL server with sample data, the key file of these, and a folder for what a server makes."""

    server: PostgresqlServer
    kek: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"{self.server.url}/postgres"

    def drill(self, url: str) -> Drill:
        """Return a drill with one server, whose way to the database is *url*."""
        environment = environment_for(self.folder, url, KEK_FILE=str(self.kek), **SETTINGS)
        replica = Replica(free_port(), environment, self.folder / "log")
        return Drill([replica], Random(1), FEW_CLIENTS)  # noqa: S311 - chooses subjects, no secrets


@pytest.fixture(scope="module")
async def site(kek: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    with postgresql_server() as server:
        site = Site(server, kek, tmp_path_factory.mktemp("site"))
        await asyncio.to_thread(migrate, site.url)
        await record_world(site.url, Keyring.load(kek, os.urandom))
        yield site


async def all_goes_well(drill: Drill) -> None:
    """Return when some reads and some changes were answered."""
    reads, changes = len(drill.answers.reads), len(drill.answers.changes)
    while len(drill.answers.reads) < reads + SOME or len(drill.answers.changes) < changes + SOME:
        await drill.answers_come(1)


async def all_is_refused(drill: Drill) -> None:
    """Hold that reads and changes are refused because the database is away, and that readiness is red."""
    [replica] = drill.replicas
    shown = next(iter(drill.answers.reads.values()))
    changing, _ = change(encode(Entity.SUBJECT, next(iter(shown))))
    async with httpx.AsyncClient(headers=drill.headers, timeout=GRACE_SECONDS) as client:
        for body in ({"query": READ}, changing):
            answer = await client.post(f"{replica.url}/graphql", json=body)
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5"), answer.text
            [error] = answer.json()["errors"]
            assert error["extensions"]["code"] in {"NOT_RECORDED", "DATABASE_UNAVAILABLE"}
    await replica.readiness(httpx.codes.SERVICE_UNAVAILABLE)


async def nothing_is_lost(site: Site, drill: Drill) -> None:
    found = await examine(site.url, drill.answers)
    assert (found.unrecorded, found.missing, found.repeated) == (set(), set(), set())


async def test_a_database_that_goes_away_comes_back_to_a_server_that_says_so_and_ends_when_told(site: Site) -> None:
    """It is stopped and started, and the server needs no restart; then it is frozen, and the next server serves."""
    async with proxy_before(site.url) as proxy:
        drill = site.drill(proxy.url)
        [replica] = drill.replicas
        async with drill.under_load():
            await all_goes_well(drill)
            site.server.stop()
            await all_is_refused(drill)
            site.server.start()
            await all_goes_well(drill)
            await replica.ready()

            await proxy.freeze(new_ones=True)
            await all_is_refused(drill)
            told = time.monotonic()
            await replica.end(signal.SIGTERM)
            assert time.monotonic() - told < GRACE_SECONDS
            assert replica.process is not None
            assert replica.process.exitcode == 0

            await proxy.thaw()
            await replica.start()
            await replica.ready()
            await all_goes_well(drill)
    await nothing_is_lost(site, drill)
