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
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select

from consent.vocabulary import Purpose
from credit.calendar.deadlines import civil_date
from gateway import wiring
from gateway.uuid7 import time_ordered
from policy.actors import Actor
from schema.core.ports import Runtime
from storage import tables
from tests.schema.noninterference.variations import Change, add_applicant
from tests.schema.service import Reply, ServiceUnderTest, open_service, settings_for


class Request(NamedTuple):
    """A document with its variables."""

    query: str
    variables: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Observer:
    """Who asks, and for which purpose."""

    name: str
    actor: Actor
    purpose: Purpose


class Difference(NamedTuple):
    """A request that is answered otherwise, or the entries that differ."""

    request: Request
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

    def put(self, rows: Path) -> None:
        """Make the database the one of the file *rows*, which stays as it is."""
        copied(rows, self.path)
        self.service.services.graphql_service.figures._published.clear()

    async def ask(self, observer: Observer, request: Request, *seed: object) -> Reply:
        """Ask with the randomness of *seed*."""
        self.seeded.begin(observer.name, *seed)
        reply = await self.service.ask(request.query, observer.actor, request.variables, purpose=observer.purpose.value)
        assert self.service.failures == [], (observer.name, request, self.service.failures)
        return reply

    async def answers(self, observer: Observer, requests: Sequence[Request]) -> AsyncIterator[bytes]:
        """Give status and body of each answer, in the order of *requests*."""
        for place, request in enumerate(requests):
            reply = await self.ask(observer, request, place)
            yield b"%d " % reply.status + reply.body

    async def transcript(
        self, observer: Observer, requests: Sequence[Request], apart: Collection[UUID] = ()
    ) -> list[bytes]:
        """Give the answers, and at the end the entries that they left.

        Entries of the subjects *apart*, whom one of the databases has alone, are theirs to see.
        """
        answers = [answer async for answer in self.answers(observer, requests)]
        return [*answers, await self._entries(observer, apart)]

    async def _entries(self, observer: Observer, apart: Collection[UUID]) -> bytes:
        of = tables.access_entries.c
        wanted = select(*of).where(
            of.actor_ref == observer.actor.ref, of.role == observer.actor.role.value,
            of.purpose == observer.purpose.value, of.subject_id.not_in(apart),
        )  # fmt: skip
        rows = await self.service.services.database.fetch(wanted.order_by(of.entry_id))
        return "\n".join(str(tuple(row)) for row in rows).encode()


LOG = Request("the access entries")


def difference(requests: Sequence[Request], left: Sequence[bytes], right: Sequence[bytes]) -> Difference | None:
    """Give the first difference of two transcripts of *requests*."""
    for request, one, other in zip((*requests, LOG), left, right, strict=True):
        if one != other:
            return Difference(request, one, other)
    return None


def copied(source: Path, target: Path) -> Path:
    """Copy the rows of one SQLite database into another one, which a gateway may have open."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    return target


@asynccontextmanager
async def open_gateway(folder: Path, migrated: Path, kek: Path) -> AsyncIterator[Gateway]:
    """Open a gateway over the sample data and one applicant more, with seeded randomness."""
    path, seeded = folder / "live.db", Seeded()
    shutil.copy(migrated, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, wiring.runtime.__name__, seeded.runtime)
        async with open_service(settings_for(kek, f"sqlite:///{path}")) as service:
            await add_applicant(Change(service.services.database, service.world))
            yield Gateway(service, path, copied(path, folder / "base.db"), seeded)
