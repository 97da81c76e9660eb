"""A whole house on the loopback: a real server, real tokens, a world behind it, and what it logged."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import httpx
import structlog

from gateway.auth.dev_issuer import DevIssuer
from gateway.http.app import server_options
from gateway.inbound.endpoint import inbound_routes
from gateway.settings.settings import Settings
from gateway.telemetry import logging as log
from gateway.wiring import BackgroundWork, build_application, build_services
from policy.actors import Actor
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from tests.builders import NOW, World, persona
from tests.gateway.fakes import Lines, Running
from tests.world_snapshots import record_world


@dataclass(slots=True)
class Clock:
    """The clock of the house. Tests put it forward."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as a client gets it."""

    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def json(self) -> Any:
        return self.response.json()

    @property
    def data(self) -> Any:
        return self.json.get("data")

    @property
    def errors(self) -> list[dict[str, Any]]:
        return list(self.json.get("errors", []))

    @property
    def codes(self) -> set[str]:
        return {error["extensions"]["code"] for error in self.errors}

    @property
    def withheld(self) -> dict[str, str]:
        """What is withheld: place in the document, and the reason."""
        return {
            ".".join(error["extensions"]["at"]): error["extensions"]["reason"]
            for error in self.errors
            if error["extensions"]["code"] == "WITHHELD"
        }


@dataclass(slots=True)
class RunningServer:
    """A running house, and how to knock at its door."""

    url: str
    settings: Settings
    world: World
    database: Database
    """A door of our own to the same database, past the house."""
    issuer: DevIssuer
    client: httpx.Client
    lines: Lines
    clock: Clock

    def know(self, name: str, actor: Actor) -> None:
        """Let the issuer know one more actor."""
        self.issuer.personas = {**self.issuer.personas, name: persona(name, actor)}

    def bearer(self, who: str) -> dict[str, str]:
        """Give the header of a fresh token."""
        return {} if who == "anonymous" else {"Authorization": f"Bearer {self.issuer.mint(who)}"}

    def ask(
        self,
        who: str,
        query: str,
        variables: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Reply:
        """Ask as *who* over HTTP; *more* goes into the request's body."""
        body = {"query": query, "variables": variables, **more}
        return self.send(self.bearer(who) | dict(headers or {}), json=body)

    def send(self, headers: Mapping[str, str] | list[tuple[str, str]], method: str = "POST", **request: Any) -> Reply:
        """Send any request to the endpoint."""
        accept = [("Accept", "application/graphql-response+json")]
        pairs = headers if isinstance(headers, list) else list(headers.items())
        return Reply(self.client.request(method, "/graphql", headers=accept + pairs, **request))


@cache
def trust() -> ssl.SSLContext:
    """Give one context for every client: making one reads all the certificates of the world. Nothing here uses TLS."""
    return ssl.create_default_context()


@asynccontextmanager
async def open_server(
    settings: Settings, background_work: BackgroundWork | None = None
) -> AsyncIterator[RunningServer]:
    """Build a world in the empty, migrated database of *settings*, and serve it."""
    lines, clock = Lines(), Clock()
    log.configure(settings, lines)
    database = Database.open(settings.database_url)
    world = await record_world(settings.database_url, Keyring.load(settings.kek_file, lambda size: bytes(range(size))))
    issuer = DevIssuer(settings, world.personas(), clock)
    app = build_application(
        build_services(settings, clock), issuer, background_work=background_work, more_routes=inbound_routes
    )
    try:
        with (
            Running(app, server_options(settings)) as running,
            httpx.Client(base_url=running.url, verify=trust()) as client,
        ):
            yield RunningServer(running.url, settings, world, database, issuer, client, lines, clock)
    finally:
        await database.close()
        structlog.reset_defaults()
