"""The gateway with its worlds, and the comparison of what an observer gets from two of them."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from tests.builders import World
from tests.schema.noninterference.changes import Variation
from tests.schema.noninterference.gateway import Difference, Gateway, Observer, Question, difference, open_gateway
from tests.schema.noninterference.questions import observers, questions
from tests.schema.noninterference.variations import VARIATIONS
from tests.schema.noninterference.worlds import Worlds


@dataclass(slots=True)
class Bench:
    """The gateway, its worlds, the observers by their names, and what each asks of every world.

    Everything is asked of every world: the ids, numbers and references of all variations, there or not. So the answers
    of the sample data are fetched once for each observer.
    """

    gateway: Gateway
    worlds: Worlds
    observers: dict[str, Observer]
    everything: World
    subjects: set[UUID]
    asked: dict[str, list[Question]] = field(default_factory=dict)
    before: dict[str, list[bytes]] = field(default_factory=dict)

    async def differ(
        self,
        observer: Observer,
        more: Collection[Variation],
        *,
        common: Collection[Variation] = (),
        asked: Sequence[Question] | None = None,
    ) -> Difference | None:
        """Give the first difference that *more* makes to *observer* in a database that has *common* already.

        Without *asked* it asks everything.
        """
        if asked is None and not common:
            asked, left = await self._before(observer)
        else:
            asked = asked or await self._questions(observer)
            self.gateway.put(self.worlds.varied(common, "left"))
            left = await self.gateway.transcript(observer, asked, self.subjects)
        self.gateway.put(self.worlds.varied([*common, *more], "right"))
        return difference(asked, left, await self.gateway.transcript(observer, asked, self.subjects))

    async def unseen(self, variation: Variation, names: Sequence[str]) -> list[str]:
        """Give who of *names* should notice *variation* and does not: each is asked until the first difference."""
        found = []
        for name in names:
            asked, before = await self._before(self.observers[name])
            self.gateway.put(self.worlds.varied([variation]))
            if not await self._notices(self.observers[name], asked, before):
                found.append(name)
        return found

    async def _notices(self, observer: Observer, asked: Sequence[Question], before: Sequence[bytes]) -> bool:
        known = iter(before)
        async for answer in self.gateway.answers(observer, asked):
            if answer != next(known):
                return True
        return False

    async def _before(self, observer: Observer) -> tuple[list[Question], list[bytes]]:
        """Give what *observer* asks, and what it gets of the sample data."""
        asked = await self._questions(observer)
        if observer.name not in self.before:
            self.gateway.put(self.gateway.base)
            self.before[observer.name] = await self.gateway.transcript(observer, asked, self.subjects)
        return asked, self.before[observer.name]

    async def _questions(self, observer: Observer) -> list[Question]:
        if observer.name not in self.asked:
            self.gateway.put(self.gateway.base)
            self.asked[observer.name] = await questions(self.gateway, observer, self.everything)
        return self.asked[observer.name]


def hidden_from(observer: Observer) -> list[Variation]:
    """Give every variation that *observer* may not see."""
    return [one for one in VARIATIONS if observer.name not in one.seen_by]


@asynccontextmanager
async def open_bench(folder: Path, migrated: Path, kek: Path) -> AsyncIterator[Bench]:
    """Open the gateway and carry out every variation once."""
    async with open_gateway(folder, migrated, kek) as gateway:
        worlds = Worlds(gateway.base, folder, gateway.service.world)
        await worlds.prepare()
        everything = worlds.world_of(VARIATIONS)
        asking = {one.name: one for one in observers(gateway.service)}
        yield Bench(gateway, worlds, asking, everything, worlds.subjects())
