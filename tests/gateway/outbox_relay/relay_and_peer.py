"""A house, a peer behind real HTTP, and the courier between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from credit.cases.status import Unrectified
from gateway.demo.city_platform import CityPlatform
from gateway.http.app import server_options
from gateway.outbox_relay.recipients import recipients
from gateway.outbox_relay.relay import Courier, Round
from gateway.outbox_relay.runner import noted
from gateway.wiring import Parts, build_house
from policy.crypto.keyring import Keyring
from storage import tables
from storage.unit_of_work import UnitOfWork
from tests.builders import SCJG, Case, World, build_world
from tests.gateway.fakes import Running
from tests.journeys.running_server import Clock
from tests.schema.service import settings_for

TOKEN = "a-token-of-the-city-platform"


@dataclass(slots=True)
class Post:
    """Everything that a test of the courier speaks of."""

    parts: Parts
    world: World
    clock: Clock
    peer: CityPlatform
    courier: Courier
    url: str

    async def leave(self, case: Case, step: str, to: str = "platform") -> UUID:
        """Leave a message about *case*, as the actions do."""
        message_id = self.parts.street.new_id()
        about = {
            "to": to, "subject_id": str(case.subject_id), "case_id": str(case.case_id), "department_code": SCJG,
        }  # fmt: skip
        async with UnitOfWork(self.parts.database) as work:
            await work.outbox(f"restraint-case.{step}", about, message_id, self.clock())
            await work.commit()
        return message_id

    async def change(self, case: Case, **columns: Any) -> None:
        """Change what stands of *case*."""
        cases = tables.restraint_cases
        async with self.parts.database.writing() as session:
            await session.execute(update(cases).where(cases.c.case_id == case.case_id).values(columns))

    async def round(self, later: timedelta = timedelta(0)) -> Round:
        self.clock.at += later
        return await self.courier.round()

    async def row(self, message_id: UUID) -> dict[str, Any]:
        (row,) = await self.parts.database.fetch(
            select(*tables.outbox.c).where(tables.outbox.c.message_id == message_id)
        )
        return dict(zip(tables.outbox.c.keys(), row, strict=True))

    def got(self, case: Case) -> Any:
        """Return what the peer has of *case*."""
        return self.peer.cases.get(str(case.case_id))


@asynccontextmanager
async def open_post(url: str, kek: Path, folder: Path, **given: str) -> AsyncIterator[Post]:
    clock, peer = Clock(), CityPlatform(TOKEN)
    token = folder / "token"
    token.write_text(f"{TOKEN}\n")
    base = settings_for(kek, url)
    with Running(peer.app(), server_options(base)) as running:
        supervisors = folder / "supervisors.toml"
        supervisors.write_text(f'[market]\nurl = "{running.url}/restraints"\ntoken_file = "{token}"\n')
        named = {
            "PLATFORM_URL": f"{running.url}/restraints", "PLATFORM_TOKEN_FILE": str(token),
            "SUPERVISORS_FILE": str(supervisors), **given,
        }  # fmt: skip
        settings = settings_for(kek, url, **{name: value for name, value in named.items() if value})
        parts = build_house(settings, clock)
        world = await build_world(parts.database, Keyring.load(kek, lambda size: bytes(range(size))))
        async with httpx.AsyncClient(timeout=1.0) as client:
            courier = Courier(
                parts.database, parts.keyring, parts.road, parts.street, Unrectified.STAYS, recipients(settings),
                client, chance=lambda: 0.0, noted=noted,
            )  # fmt: skip
            yield Post(parts, world, clock, peer, courier, running.url)
        await parts.close()
