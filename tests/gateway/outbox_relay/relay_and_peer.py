"""The services, a peer behind real HTTP, and the outbox relay between them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from credit.cases.status import UnrectifiedPolicy
from gateway.demo.city_platform import CityPlatform
from gateway.http.app import server_options
from gateway.jobs.job_lease import JobLease
from gateway.outbox_relay.recipients import recipients
from gateway.outbox_relay.relay import JOB, OutboxRelay, RelayRun
from gateway.outbox_relay.runner import on_delivered
from gateway.services import Services, build_services
from policy.crypto.keyring import Keyring
from storage import tables
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import SCJG, Case, World
from tests.gateway.fakes import ServerThread
from tests.journeys.running_server import Clock
from tests.schema.service import settings_for
from tests.world_snapshots import record_world

TOKEN = "a-token-of-the-city-platform"


@dataclass(slots=True)
class RelayAndPeer:
    """Everything that a test of the outbox relay needs."""

    services: Services
    world: World
    clock: Clock
    peer: CityPlatform
    relay: OutboxRelay
    url: str

    async def enqueue(self, case: Case, step: str, to: str = "platform") -> UUID:
        """Enqueue a message about *case*, as the actions do."""
        message_id = self.services.runtime.new_id()
        about = {
            "to": to, "subject_id": str(case.subject_id), "case_id": str(case.case_id), "department_code": SCJG,
        }  # fmt: skip
        async with SqlUnitOfWork(self.services.database) as work:
            await work.outbox(f"restraint-case.{step}", about, message_id, self.clock())
            await work.commit()
        return message_id

    async def change(self, case: Case, **columns: Any) -> None:
        """Change columns of *case*."""
        cases = tables.restraint_cases
        async with self.services.database.writing() as session:
            await session.execute(update(cases).where(cases.c.case_id == case.case_id).values(columns))

    async def round(self, later: timedelta = timedelta(0)) -> RelayRun:
        self.clock.at += later
        return await self.relay.round()

    async def row(self, message_id: UUID) -> dict[str, Any]:
        (row,) = await self.services.database.fetch(
            select(*tables.outbox.c).where(tables.outbox.c.message_id == message_id)
        )
        return dict(zip(tables.outbox.c.keys(), row, strict=True))

    def got(self, case: Case) -> Any:
        """Return what the peer has of *case*."""
        return self.peer.cases.get(str(case.case_id))


@asynccontextmanager
async def open_relay_and_peer(url: str, kek: Path, folder: Path, **given: str) -> AsyncIterator[RelayAndPeer]:
    clock, peer = Clock(), CityPlatform(TOKEN)
    token = folder / "token"
    token.write_text(f"{TOKEN}\n")
    base = settings_for(kek, url)
    with ServerThread(peer.app(), server_options(base)) as running:
        supervisors = folder / "supervisors.toml"
        supervisors.write_text(f'[market]\nurl = "{running.url}/restraints"\ntoken_file = "{token}"\n')
        named = {
            "PLATFORM_URL": f"{running.url}/restraints", "PLATFORM_TOKEN_FILE": str(token),
            "SUPERVISORS_FILE": str(supervisors), **given,
        }  # fmt: skip
        settings = settings_for(kek, url, **{name: value for name, value in named.items() if value})
        services = build_services(settings, clock)
        world = await record_world(url, Keyring.load(kek, os.urandom))
        async with httpx.AsyncClient(timeout=1.0) as client:
            relay = OutboxRelay(
                services.database, services.keyring, services.graphql_service, services.runtime,
                UnrectifiedPolicy.STAYS, recipients(settings),
                client, chance=lambda: 0.0, on_delivered=on_delivered,
                lease=JobLease(services.database, JOB, services.runtime.new_id()),
            )  # fmt: skip
            yield RelayAndPeer(services, world, clock, peer, relay, running.url)
        await services.close()
