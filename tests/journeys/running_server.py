"""A complete server on the loopback, with real tokens, sample data, and its log."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import structlog

from gateway.application import BackgroundWork, build_application
from gateway.auth.dev_issuer import DevIssuer
from gateway.http.app import server_options
from gateway.server import more_routes
from gateway.services import build_services
from gateway.settings.settings import Settings
from gateway.telemetry import logging as log
from policy.actors import Actor
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.ledger.audit.folds.kinds import KINDS
from storage.ledger.audit.folds.records import contradicted_records
from tests.builders import NOW, World, persona
from tests.builders.shown_ids import with_shown_ids
from tests.gateway.fakes import LogStream, ServerThread
from tests.journeys.left_entries import LeftEntries, noted_entries
from tests.world_snapshots import record_world


@dataclass(slots=True)
class Clock:
    """The clock of the server. Tests put it forward."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as a client gets it."""

    response: httpx.Response

    @property
    def unrecorded(self) -> bytes:
        """The body without what the log promises for its record, which is another promise at each request."""
        body = self.response.json()
        body.get("extensions", {}).pop("record", None)
        return json.dumps(body).encode()

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def json(self) -> Any:
        return with_shown_ids(self.response.json())

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
    """A running server, and methods that send requests to it."""

    url: str
    settings: Settings
    world: World
    database: Database
    """A connection of the tests to the same database, beside the server."""
    issuer: DevIssuer
    client: httpx.Client
    lines: LogStream
    clock: Clock
    left: LeftEntries
    """What its requests have left in the ledger."""

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
        begun = len(self.left.kinds)
        reply = self.send(self.bearer(who) | dict(headers or {}), json=body)
        if "mutation" in query and reply.status == httpx.codes.OK:
            self.left.require(begun, body, reply.data)
        return reply

    async def contradictions(self) -> list[tuple[str, tuple[str, ...]]]:
        """Give what the audit finds in the records that are folded from acts: table, and columns."""
        async with self.database.snapshot() as session:
            return [
                (one.table, one.columns)
                for kind in KINDS
                for one in (await contradicted_records(session, kind, None, 1_000))[0]
            ]

    def send(self, headers: Mapping[str, str] | list[tuple[str, str]], method: str = "POST", **request: Any) -> Reply:
        """Send any request to the endpoint."""
        accept = [("Accept", "application/graphql-response+json")]
        pairs = headers if isinstance(headers, list) else list(headers.items())
        return Reply(self.client.request(method, "/graphql", headers=accept + pairs, **request))


@asynccontextmanager
async def open_server(
    settings: Settings, background_work: BackgroundWork | None = None
) -> AsyncIterator[RunningServer]:
    """Put the sample data in the empty, migrated database of *settings*, and serve it.

    Raises AssertionError at the end where the server found a record that contradicts the ledger: everything that a
    journey decides by stands in the ledger.
    """
    lines, clock = LogStream(), Clock()
    log.configure(settings, lines)
    keyring = Keyring.load(settings.kek_file, os.urandom)
    database = Database.open(settings.database_url, tag=keyring.pending_tag)
    world = await record_world(settings.database_url, keyring)
    issuer = DevIssuer(settings, world.personas(), clock)
    # In a thread, because the server has an event loop of its own: it shares no connections with the tests.
    services = await asyncio.to_thread(build_services, settings, clock)
    app = build_application(services, issuer, background_work=background_work, more_routes=more_routes)
    try:
        with (
            ServerThread(app, server_options(settings)) as running,
            httpx.Client(base_url=running.url, timeout=30) as client,
            noted_entries() as left,
        ):
            yield RunningServer(running.url, settings, world, database, issuer, client, lines, clock, left)
        # A read by an authorisation that the ledger contradicts finds nothing, as if there were none.
        assert "ledger.decision-refused" not in lines.getvalue(), "a record contradicts the ledger"
    finally:
        await database.close()
        structlog.reset_defaults()
