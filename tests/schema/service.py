"""The GraphQL service over a database with sample data, called directly: no HTTP, all else is real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import orjson

from gateway.services import Services, build_services
from gateway.settings.settings import Settings, read
from policy.actors import Actor
from schema.core.ports import GraphQLRequest, GraphQLResponse, WithheldMode
from tests.builders import NOW, World
from tests.builders.shown_ids import with_shown_ids
from tests.storage.access_record import entries_of
from tests.world_snapshots import record_world


def settings_for(kek: Path, url: str, **given: str) -> Settings:
    """Give the settings of a demo server on the database at *url*; tests have more lookups and more time."""
    plenty = {"LOOKUPS_PER_ACTOR": "100000/hour", "LOOKUPS_PER_DEPARTMENT": "100000/hour"}
    plenty |= {"DOCUMENT_MILLISECONDS": "1000000", "DOCUMENT_MILLISECONDS_PER_CLIENT": "1000000"}
    plenty |= {"TIMEOUT_SECONDS": "60", "STATEMENT_SECONDS": "30"}  # on a busy machine too
    files = {"KEK_FILE": str(kek), "DATABASE_URL": url, "DEV_KEY_FILE": str(kek.with_name("dev.json"))}
    ledger = kek.parent / f"ledger-{uuid4().hex}"  # a store is that of one database, and databases of tests change
    ledger.mkdir(parents=True)
    # Entries stay where they wait, and tests look at them there, unless they are about the sequencer; and nothing is
    # audited beside requests.
    still = {"LEDGER_STORE": f"file:{ledger}", "LEDGER_SEQUENCER": "off", "LEDGER_AUDIT_HOURS": "0"}
    named = {**files, **plenty, **still, **given}
    return read({f"CHENGXIN_{name}": value for name, value in named.items()})


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of the GraphQL service. *record* is what its log promises, which is another one at each request."""

    body: bytes
    status: int
    executed: bool
    record: Any = None

    @classmethod
    def of(cls, answer: GraphQLResponse) -> Reply:
        """Give the response without its record, so that two answers to one question can be the same."""
        if b'"record":[{"entries":' not in answer.body:
            return cls(answer.body, answer.status, answer.executed)
        body = orjson.loads(answer.body)
        record = body["extensions"].pop("record")
        if not body["extensions"]:
            del body["extensions"]
        return cls(orjson.dumps(body), answer.status, answer.executed, record)

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = with_shown_ids(orjson.loads(self.body))
        return found

    @property
    def data(self) -> Any:
        return self.json.get("data")

    @property
    def errors(self) -> list[dict[str, Any]]:
        return list(self.json.get("errors", []))

    @property
    def codes(self) -> list[str]:
        return [str(error["extensions"]["code"]) for error in self.errors]

    @property
    def withheld(self) -> dict[str, str]:
        """What is withheld: place in the document, and the reason."""
        return {
            ".".join(error["extensions"]["at"]): error["extensions"]["reason"]
            for error in self.errors
            if error["extensions"]["code"] == "WITHHELD"
        }


@dataclass(slots=True)
class ServiceUnderTest:
    """The services with their sample data. *failures* are the unexpected errors that the service reported."""

    services: Services
    world: World
    failures: list[BaseException] = field(default_factory=list)

    async def ask(
        self,
        query: str | None,
        who: str | Actor = "anonymous",
        variables: Mapping[str, object] | None = None,
        *,
        purpose: str | None = None,
        operation_name: str | None = None,
        method: Literal["GET", "POST"] = "POST",
        asks_cost: bool = False,
        withheld: WithheldMode = WithheldMode.ERRORS,
        document_id: str | None = None,
        extensions: Mapping[str, object] | None = None,
    ) -> Reply:
        """Ask as *who*; *purpose* is the header."""
        actor = self.world.actor(who) if isinstance(who, str) else who
        answer = await self.services.graphql_service.execute(
            GraphQLRequest(
                query=query,
                actor=actor,
                request_id="request-1",
                method=method,
                operation_name=operation_name,
                variables=variables,
                extensions=extensions,
                document_id=document_id,
                purpose=purpose,
                asks_cost=asks_cost,
                withheld=withheld,
            )
        )
        return Reply.of(answer)

    async def counted(self, query: str, who: str | Actor, variables: Mapping[str, object] | None = None) -> int:
        """Ask, and give the number of SQL statements that were run for it."""
        before = self.services.query_runner.statements_run
        reply = await self.ask(query, who, variables)
        assert reply.executed, reply.body
        return self.services.query_runner.statements_run - before

    async def entries(self) -> list[dict[str, Any]]:
        """Give what each access record showed of each subject by each right, oldest first."""
        return sorted(await entries_of(self.services.database), key=itemgetter("at"))

    async def recorded(
        self, query: str, who: str | Actor, variables: Mapping[str, object] | None = None, **more: Any
    ) -> tuple[Reply, list[dict[str, Any]]]:
        """Ask, and give the answer with the access entries that it left."""
        before = {entry["entry_id"] for entry in await self.entries()}
        reply = await self.ask(query, who, variables, **more)
        return reply, [entry for entry in await self.entries() if entry["entry_id"] not in before]


@asynccontextmanager
async def open_service(
    settings: Settings,
    *,
    now: Callable[[], datetime] = lambda: NOW,
    always_execute: bool = False,
    world: World | None = None,
) -> AsyncIterator[ServiceUnderTest]:
    """Build the services over the migrated database of *settings*; without a *world* it is empty, and one is put in."""
    services = build_services(settings, now, always_execute=always_execute)
    try:
        world = world or await record_world(settings.database_url, services.keyring)
        service = ServiceUnderTest(services, world)
        services.graphql_service.failed = lambda _, error: service.failures.append(error)
        yield service
    finally:
        await services.close()
