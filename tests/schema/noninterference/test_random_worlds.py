"""Random databases, random differences, random documents: who may not see the difference gets the same bytes [5.1.6].

A few in `make test`; `make fuzz` goes on for an hour, or FUZZ_MINUTES. FUZZ_SEED=7 begins at another place.
"""

import time
from random import Random

import pytest

from queryplan.entities import Entity
from schema.core.fields import core
from schema.core.global_ids import decode
from tests.builders import World
from tests.hypothesis_profiles import MINUTES, SEED, examples
from tests.schema.fuzz.load import NAMED, Gunner, asking, fired, gunner_for, input_of, mutations_of, queries_of
from tests.schema.fuzz.test_laws import Author
from tests.schema.noninterference.bench import Bench, hidden_from
from tests.schema.noninterference.gateway import Observer, Request
from tests.schema.noninterference.questions import ids_of, readable, roots_of
from tests.schema.noninterference.variations import VARIATIONS

pytestmark = pytest.mark.slow

DOCUMENTS = 6
MOSTLY = 0.8
NAMED_TO = {"handling reviewer REVIEW": Entity.RESTRAINT_CASE}
"""Who handled a case knows it, and is told by name why it does not review it [5.1.4(4)]."""


async def test_no_document_shows_what_is_not_for_its_reader(bench: Bench) -> None:
    rounds = 0
    until = time.monotonic() + MINUTES * 60
    while rounds < examples(8, few=3) or time.monotonic() < until:
        seed = SEED * 1_000_000 + rounds
        await hold(bench, seed)
        rounds += 1


async def hold(bench: Bench, seed: int) -> None:
    """Hold one observer, one pair of databases and some documents to the property."""
    chance = Random(seed)  # noqa: S311 - chooses documents, no secrets
    observer = chance.choice(list(bench.observers.values()))
    may_not = [one for one in hidden_from(observer) if observer.name not in one.widens]
    more = chance.sample(may_not, chance.randint(1, min(6, len(may_not))))
    common = [
        one for one in VARIATIONS if one not in more and observer.name not in one.widens and chance.random() < 0.3
    ]
    world = bench.worlds.world_of([*common, *more])
    asked = documents(bench, observer, chance, world)
    found = await bench.differ(observer, more, common=common, asked=asked)
    assert found is None, (seed, observer.name, [one.name for one in more], str(found))
    # What is named and hidden is refused like what is not there; each in databases of its own, for it may change them.
    for request in refusals(bench, observer, chance, world):
        found = await bench.differ(observer, more, common=common, asked=[request])
        assert found is None, (seed, observer.name, [one.name for one in more], str(found))


def documents(bench: Bench, observer: Observer, chance: Random, world: World) -> list[Request]:
    """Give documents over the schema, and lists with filters and cursors that name records of both databases."""
    service = bench.gateway.service
    listed, alone = readable(service, observer, world)
    # Mostly ids of kinds that the observer may read: one of another kind refuses the whole document.
    ids = [*listed, *alone] if listed and chance.random() < MOSTLY else ids_of(world)
    gunner = _gunner(bench, chance, world)
    roots = [*roots_of(service, observer), "node", "nodes", "subject"]
    author = core(service.services.schema)
    found = [Request(Author(author, chance, ids, roots).document()[0]) for _ in range(DOCUMENTS)]
    lists = [(name, one) for name, one in queries_of(service).items() if name in roots and "after" in one.args]
    for name, definition in chance.sample(lists, min(len(lists), DOCUMENTS)):
        document, given = asking(gunner, name, definition)
        found.append(Request(document.replace("{ __typename }", "{ totalCount edges { cursor } }"), given))
    return found


def refusals(bench: Bench, observer: Observer, chance: Random, world: World) -> list[Request]:
    """Give mutations that name a record which only one of the databases may have, and which the observer cannot see."""
    service = bench.gateway.service
    gunner = _gunner(bench, chance, world)
    known = set(ids_of(bench.worlds.world))
    hidden = [(decode(gid).entity, gid) for gid in ids_of(world) if gid not in known]
    found: list[Request] = []
    for name, definition in mutations_of(service).items():
        for field, entity in NAMED.items():
            given = input_of(definition).fields
            of_it = [gid for kind, gid in hidden if kind is entity and field in given]
            if of_it and entity is not Entity.SUBJECT and entity is not NAMED_TO.get(observer.name):
                found.append(
                    Request(
                        fired(name, definition),
                        {"i": gunner.filled(input_of(definition)) | {field: chance.choice(of_it)}},
                    )
                )
    return chance.sample(found, min(len(found), 2))


def _gunner(bench: Bench, chance: Random, world: World) -> Gunner:
    gunner = gunner_for(bench.gateway.service, chance.randrange(1_000_000))
    gunner.odd, gunner.world = 0.02, world
    for gid in ids_of(world):
        gunner.known.setdefault(decode(gid).entity, []).append(gid)
    return gunner
