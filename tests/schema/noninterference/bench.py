"""The gateway with its worlds, and the comparison of what an observer gets from two of them."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.schema.noninterference.gateway import Difference, Gateway, Observer, Request, difference, open_gateway
from tests.schema.noninterference.questions import by_ids, by_numbers, ids_of, observers, standing
from tests.schema.noninterference.variations import VARIATIONS, Variation
from tests.schema.noninterference.worlds import Worlds


@dataclass(slots=True)
class Bench:
    """The gateway, its worlds and the observers by their names."""

    gateway: Gateway
    worlds: Worlds
    observers: dict[str, Observer]
    questions: dict[str, list[Request]] = field(default_factory=dict)
    answers: dict[str, list[bytes]] = field(default_factory=dict)

    async def differ(
        self,
        observer: Observer,
        more: Collection[Variation],
        *,
        common: Collection[Variation] = (),
        asked: Sequence[Request] | None = None,
    ) -> Difference | None:
        """Give the first difference that *more* makes to *observer* in a database that has *common* already.

        Without *asked* it asks everything: its standing questions, every id and every number of both databases.
        """
        left_rows, _ = self.worlds.varied(common, "left")
        right_rows, world = self.worlds.varied([*common, *more], "right")
        apart = self.worlds.added(world)
        if asked is None:
            asked = [
                *await self._standing(observer), *by_ids(ids_of(world)),
                *by_numbers(self.gateway.service, observer, world),
            ]  # fmt: skip
        self.gateway.put(left_rows)
        left = await self.gateway.transcript(observer, asked, apart)
        self.gateway.put(right_rows)
        return difference(asked, left, await self.gateway.transcript(observer, asked, apart))

    async def unseen(self, variation: Variation, names: Sequence[str]) -> list[str]:
        """Give who of *names* should notice *variation* and does not: each is asked until the first difference."""
        rows, _ = self.worlds.varied([variation])
        found = []
        for name in names:
            observer = self.observers[name]
            requests = await self._standing(observer)
            if name not in self.answers:
                self.gateway.put(self.gateway.base)
                self.answers[name] = [answer async for answer in self.gateway.answers(observer, requests)]
            self.gateway.put(rows)
            if await self._notices(observer, requests):
                continue
            if await self.differ(observer, [variation]) is None:
                found.append(name)
        return found

    async def _notices(self, observer: Observer, requests: Sequence[Request]) -> bool:
        before = iter(self.answers[observer.name])
        async for answer in self.gateway.answers(observer, requests):
            if answer != next(before):
                return True
        return False

    async def _standing(self, observer: Observer) -> list[Request]:
        if observer.name not in self.questions:
            self.gateway.put(self.gateway.base)
            self.questions[observer.name] = await standing(self.gateway, observer)
        return self.questions[observer.name]


def hidden_from(observer: Observer) -> list[Variation]:
    """Give every variation that *observer* may not see."""
    return [one for one in VARIATIONS if observer.name not in one.seen_by]


@asynccontextmanager
async def open_bench(folder: Path, migrated: Path, kek: Path) -> AsyncIterator[Bench]:
    """Open the gateway and carry out every variation once."""
    async with open_gateway(folder, migrated, kek) as gateway:
        worlds = Worlds(gateway.base, folder, gateway.service.world)
        await worlds.prepare()
        yield Bench(gateway, worlds, {one.name: one for one in observers(gateway.service)})
