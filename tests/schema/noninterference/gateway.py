"""A gateway whose rows can be exchanged while it runs, and what an observer gets from it.

    gateway.put(base);   left = await gateway.transcript(observer, requests)
    gateway.put(varied); right = await gateway.transcript(observer, requests)
    difference(requests, left, right)      # None: the same bytes

Clock and keys stay the same, and ids, random bytes and entry ids are drawn from a seed that each request begins anew.
So what is left to differ is what the rows tell. That nothing is remembered from the rows before is held by the
differences that have to be seen.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

import httpx
import orjson
import pytest
from starlette.datastructures import Headers
from starlette.types import ASGIApp

from consent.vocabulary import Purpose
from credit.calendar.deadlines import civil_date
from gateway import services as gateway_services
from gateway.files.endpoints import file_routes
from gateway.http.app import build_app
from gateway.http.client_network import ClientNetworks
from gateway.notices.endpoints import routes as notice_routes
from gateway.uuid7 import time_ordered
from policy.actors import ANONYMOUS, Actor
from schema.core.ports import Runtime
from tests.schema.noninterference.changes import PAST_YEAR, Change
from tests.schema.noninterference.variations import prepare
from tests.schema.service import Reply, ServiceUnderTest, open_service, settings_for
from tests.storage.access_record import entries_of

WHOLE = {"MAX_COST": "1000000", "MAX_VALUES": "1000000"}
"""Documents ask everything at once: what a request may cost is no matter here."""


class Request(NamedTuple):
    """A document with its variables."""

    query: str
    variables: Mapping[str, object] = {}


class Fetch(NamedTuple):
    """A path that is fetched over HTTP: a file, a document."""

    path: str


Question = Request | Fetch


@dataclass(frozen=True, slots=True)
class Observer:
    """Who asks, and for which purpose."""

    name: str
    actor: Actor
    purpose: Purpose


class Difference(NamedTuple):
    """A request that is answered otherwise, or the entries that differ."""

    request: Question
    left: bytes
    right: bytes

    def __str__(self) -> str:
        one, other = self.left.decode(), self.right.decode()
        at = next((i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))
        near = slice(max(0, at - 160), at + 160)
        return f"{self.request}\n  at byte {at}\n  left:  …{one[near]}…\n  right: …{other[near]}…"


@dataclass(slots=True)
class Seeded:
    """Randomness that begins anew with each request."""

    chance: Random = field(default_factory=Random)

    def begin(self, *seed: object) -> None:
        self.chance.seed("/".join(map(str, seed)))

    def random(self, size: int) -> bytes:
        return self.chance.randbytes(size)

    def new_id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def runtime(self, now: Callable[[], datetime]) -> Runtime:
        return Runtime(now, civil_date, self.random, self.new_id, lambda at: time_ordered(at, self.random))


@dataclass(slots=True)
class Gateway:
    """The service over a SQLite file, and the file *base* with the sample data."""

    service: ServiceUnderTest
    path: Path
    base: Path
    seeded: Seeded
    app: ASGIApp
    caller: list[Actor]

    def put(self, rows: Path) -> None:
        """Make the database the one of the file *rows*, which stays as it is."""
        copied(rows, self.path)
        self.service.services.recorder.interned.forget()
        self.service.services.graphql_service.figures._published.clear()
        self.service.services.lookups._tried.clear()

    async def ask(self, observer: Observer, request: Request, *seed: object) -> Reply:
        """Ask with the randomness of *seed*."""
        self.seeded.begin(observer.name, *seed)
        reply = await self.service.ask(request.query, observer.actor, request.variables, purpose=observer.purpose.value)
        assert self.service.failures == [], (observer.name, request, self.service.failures)
        return reply

    async def fetch(self, observer: Observer, wanted: Fetch, *seed: object) -> bytes:
        """Give status, headers and body of a path."""
        self.seeded.begin(observer.name, *seed)
        self.caller[:] = [observer.actor]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://gateway") as client:
            answer = await client.get(wanted.path, headers=HEADERS | {"Access-Purpose": observer.purpose.value})
        assert self.service.failures == [], (observer.name, wanted, self.service.failures)
        return f"{answer.status_code} {sorted(answer.headers.items())} ".encode() + answer.content

    async def answers(self, observer: Observer, asked: Sequence[Question]) -> AsyncIterator[bytes]:
        """Give status and body of each answer, in the order in which they are *asked*."""
        for place, question in enumerate(asked):
            if isinstance(question, Fetch):
                yield await self.fetch(observer, question, place)
            else:
                reply = await self.ask(observer, question, place)
                yield b"%d " % reply.status + reply.body + orjson.dumps(reply.record)

    async def transcript(self, observer: Observer, asked: Sequence[Question], of: Collection[UUID]) -> list[bytes]:
        """Give the answers, and at the end the entries that they left of the subjects *of* both databases.

        Entries of a subject whom one of the databases has alone are that subject's to see.
        """
        answers = [answer async for answer in self.answers(observer, asked)]
        return [*answers, await self._entries(observer, of)]

    async def _entries(self, observer: Observer, subjects: Collection[UUID]) -> bytes:
        caller = observer.actor.ref, observer.actor.role.value, observer.purpose.value
        left = [
            tuple(each.values())
            for each in await entries_of(self.service.services.database)
            if (each["actor_ref"], each["role"], each["purpose"]) == caller and each["subject_id"] in subjects
        ]
        return "\n".join(map(str, left)).encode()


LOG = Request("the access entries")


def difference(asked: Sequence[Question], left: Sequence[bytes], right: Sequence[bytes]) -> Difference | None:
    """Give the first difference of two transcripts of what was *asked*."""
    for question, one, other in zip((*asked, LOG), left, right, strict=True):
        if one != other:
            return Difference(question, one, other)
    return None


def copied(source: Path, target: Path) -> Path:
    """Copy the rows of one SQLite database into another one, which a gateway may have open."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        other.execute("PRAGMA synchronous = OFF")
        one.backup(other)
    return target


@asynccontextmanager
async def open_gateway(folder: Path, migrated: Path, kek: Path) -> AsyncIterator[Gateway]:
    """Open a gateway over the sample data, and what the variations change, with seeded randomness."""
    path, seeded = folder / "live.db", Seeded()
    shutil.copy(migrated, path)
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gateway_services, gateway_services.runtime.__name__, seeded.runtime)
            service = await stack.enter_async_context(open_service(settings_for(kek, f"sqlite:///{path}", **WHOLE)))
        await prepare(Change(service.services.database, service.world))
        await service.ask(f"{{ publishedFigures(year: {PAST_YEAR}) {{ year }} }}")  # publishes them
        caller = [ANONYMOUS]
        yield Gateway(
            service, path, _changeable(copied(path, folder / "base.db")), seeded, _app(service, caller), caller
        )


def _changeable(path: Path) -> Path:
    """Let a variation change what is appended only: one row of two databases then differs in one column."""
    guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND upper(sql) LIKE '%RAISE%'"
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute(guards).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
    return path


HEADERS = {"X-Request-Id": "0" * 32}


def _app(service: ServiceUnderTest, caller: Sequence[Actor]) -> ASGIApp:
    """Give the HTTP app over *service*, whose caller is the first of *caller*: it needs no token."""

    async def authenticate(_: Headers) -> Actor:
        return caller[0]

    services = service.services
    graphql, networks = services.graphql_service, ClientNetworks(services.settings.trusted_proxies)
    routes = [
        *file_routes(graphql, authenticate, services.uploads),
        *notice_routes(graphql, authenticate, graphql.notices, services.runtime, networks),
    ]
    return build_app(services.settings, graphql, authenticate, checks={}, more_routes=routes)
