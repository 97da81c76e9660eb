"""Properties of the authorisation, for documents that are put together at random from the schema itself.

For every document, actor and purpose: no value is shown that the policy withholds, no clear value where
it allows the mask, both lanes give the same bytes, every subject that is shown has its entry, and nothing breaks.

A few on each database in `make test`; `make fuzz` goes on for FUZZ_MINUTES, through every role and purpose in turn.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from consent.vocabulary import WITHOUT_PURPOSE, DataClass, Form, Purpose
from policy.actors import Actor
from policy.decisions import Decisions, Withheld
from schema.core.fields import core
from tests.builders import ACTORS, World
from tests.databases import BOTH
from tests.hypothesis_profiles import MINUTES, SEED, examples
from tests.schema.service import ServiceUnderTest

pytestmark = pytest.mark.slow

MOST_FIELDS, EVEN, USUALLY = 45, 0.5, 0.9
REFUSALS = {"ROOT_REFUSED", "LIST_ON_CONSENT", "LIMIT_EXCEEDED", "BAD_ID"}
ROOTS = (
    "myAuthorisations", "myAccessLog", "applications", "restraintCases", "focusedCheckTargets", "publicRestraintList",
    "departments", "mySubject", "subject", "node", "nodes", "worklist", "consultations", "myConsultations", "deferrals",
    "commitments", "focusedChecks", "creditChecks", "corrections", "objections", "focusedCheckChanges",
)  # fmt: skip
LIKELY = frozenset({"nodes", "edges", "node", "subject", "name", "identifier", "phone", "address", "facts", "evidence"})
"""What a cheat is after, and the way there: asked for more often than the rest."""
OF_A_PERSON = {
    DataClass.PERSON_NAME: "name", DataClass.IDENTITY_NUMBER: "number", DataClass.PHONE: "phone",
    DataClass.PERSON_ADDRESS: "address",
}  # fmt: skip

Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(slots=True)
class Selection:
    """What is asked of one object: by response key, the field and what is asked below it."""

    text: str
    fields: dict[str, tuple[str, "Selection | None"]] = field(default_factory=dict)


class Author:
    """Writes documents by chance; the same chance writes the same."""

    def __init__(self, schema: GraphQLSchema, chance: Random, ids: Sequence[str], roots: Sequence[str]) -> None:
        self._roots = roots
        self._schema = schema
        self._chance = chance
        self._ids = ids
        self._keys = 0
        self._fragments: list[str] = []

    def document(self) -> tuple[str, Selection]:
        """Give the text of an operation with one or two roots, and what it asks."""
        query = self._schema.query_type
        assert query is not None
        asked = Selection("")
        services: list[str] = []
        for _ in range(self._chance.randint(1, 2)):
            name = self._chance.choice(self._roots)
            services.append(self._field(query, name, asked, 5))
        return "{ " + " ".join(services) + " } " + " ".join(self._fragments), asked

    def _field(self, of: Composite, name: str, into: Selection, depth: int) -> str:
        self._keys += 1
        # Words of the language of generated code among them.
        key = f"{self._chance.choice(('k', 'v', 'class', '__proto__', 'None', 'rows'))}{self._keys}"
        definition = of.fields[name]
        below = None if is_leaf_type(get_named_type(definition.type)) else self._below(definition.type, depth)
        into.fields[key] = (name, below)
        condition = self._chance.choice(["", "", "", " @include(if: true)", " @skip(if: false)"])
        return f"{key}: {name}{self._arguments(name, definition.args)}{condition} {below.text if below else ''}"

    def _arguments(self, name: str, known: Mapping[str, object]) -> str:
        if "id" in known and name != "mySubject":
            return f'(id: "{self._chance.choice(self._ids)}")'
        if "ids" in known:
            some = self._chance.sample(self._ids, self._chance.randint(0, 4))
            return "(ids: [" + " ".join(f'"{one}"' for one in some) + "])"
        return f"(first: {self._chance.choice((0, 2, 3, 5))})" if "first" in known else ""

    def _below(self, of: GraphQLOutputType, depth: int) -> Selection:
        named = get_named_type(of)
        assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
        found = Selection("")
        services = ["kind_: __typename", *self._some(named, found, depth)]
        if is_abstract_type(named) and self._chance.random() < EVEN:
            concrete = self._chance.choice(sorted(one.name for one in self._schema.get_possible_types(named)))
            inner = self._schema.type_map[concrete]
            assert isinstance(inner, GraphQLObjectType)
            services.append(self._fragment(concrete, " ".join(["kind_: __typename", *self._some(inner, found, depth)])))
        found.text = "{ " + " ".join(services) + " }"
        return found

    def _fragment(self, of: str, text: str) -> str:
        if self._chance.random() < EVEN:
            return f"... on {of} {{ {text} }}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {of} {{ {text} }}")
        return f"...{name}"

    def _some(self, of: Composite, into: Selection, depth: int) -> list[str]:
        names = [
            name for name, definition in of.fields.items() if depth > 0 or is_leaf_type(get_named_type(definition.type))
        ]
        likely = [name for name in names if name in LIKELY]
        chosen = {*self._chance.sample(names, min(len(names), self._chance.randint(1, 4)))}
        chosen |= {*self._chance.sample(likely, min(len(likely), self._chance.randint(1, 4)))}
        return [self._field(of, name, into, depth - 1) for name in sorted(chosen) if self._keys < MOST_FIELDS]


def shown(answer: Any, asked: Selection, typename: str) -> list[tuple[str, Any]]:
    """Give (Type.field, value) of everything in an object of the answer, with what is below it."""
    found: list[tuple[str, Any]] = []
    for key, (name, below) in asked.fields.items():
        if key not in answer:
            continue  # of another type
        value = answer[key]
        found.append((f"{typename}.{name}", value))
        for item in value if isinstance(value, list) else [value]:
            if below is not None and isinstance(item, dict):
                found += shown(item, below, item["kind_"])
    return found


@pytest.fixture(scope="module")
def every_id(shared_service: ServiceUnderTest) -> list[str]:
    world = shared_service.world
    parties, cases, held = world.parties.values(), world.cases.values(), world.held.values()
    return [*(one.gid for one in parties), *(one.gid for one in cases), *(one.gid for one in held)]


ASKERS = [*ACTORS, "person-1", "company-1", "trader-1", "club-2"]


@pytest.mark.parametrize("template", BOTH, indirect=True)
async def test_no_document_shows_what_the_policy_withholds(
    shared_service: ServiceUnderTest, every_id: list[str]
) -> None:
    answered = rounds = 0
    until = time.monotonic() + MINUTES * 60
    while rounds < examples(8, few=3) or time.monotonic() < until:
        chance = Random(SEED * 1_000_000 + rounds)  # noqa: S311 - chooses documents, no secrets
        rounds += 1
        for _ in range(30):
            asker = ASKERS[answered % len(ASKERS)] if MINUTES else chance.choice(ASKERS)
            try:
                answered += await hold(shared_service, chance, every_id, asker)
            except AssertionError as found:
                raise AssertionError(f"FUZZ_SEED={SEED}, round {rounds}") from found
    assert answered


async def hold(shared_service: ServiceUnderTest, chance: Random, ids: Sequence[str], asker: str) -> bool:
    """Ask one document by chance, and hold the answer to the laws. Says whether there was one."""
    table = shared_service.services.policy
    actor = shared_service.world.actor(asker)
    purpose = chance.choice([*table.purposes_of(actor.role) * 3, chance.choice(list(Purpose))])
    allowed = [
        root
        for root in ROOTS
        if not isinstance(table.read(actor.role, purpose, table.classes[f"Query.{root}"]), Withheld)
    ]
    roots = allowed if allowed and chance.random() < USUALLY else ROOTS
    document, asked = Author(core(shared_service.services.schema), chance, ids, roots).document()

    reply, entries = await shared_service.recorded(document, actor, purpose=purpose.value)
    assert shared_service.failures == []
    if not reply.executed:
        assert set(reply.codes) <= REFUSALS, (document, reply.body)
        assert entries == []
        return False
    # Asking again shows one entry more in the log, and one use less of an authorisation.
    if "myAccessLog" not in document and not any(entry["authorisation_id"] for entry in entries):
        await assert_lanes_agree(shared_service, document, actor, purpose, reply.body)
    values = shown(reply.data, asked, "Query")
    for name, value in values:
        assert_admitted(table, actor, purpose, name, value, shared_service.world)
    assert_recorded(shared_service, values, entries, purpose)
    await assert_within_reach(shared_service, values, actor, purpose)
    return True


async def assert_within_reach(
    service: ServiceUnderTest, values: Sequence[tuple[str, Any]], actor: Actor, purpose: Purpose
) -> None:
    """Assert that no relation shows more than the record's own id does: what a relation shows, `node` shows as well.

    What is published has ids that lead to no record.
    """
    found = [(name, value) for name, value in values if name.endswith(".id") and value is not None]
    for name, gid in found:
        reply = await service.ask("query($i: ID!) { node(id: $i) { id } }", actor, {"i": gid}, purpose=purpose.value)
        refused = reply.data is None and set(reply.codes) <= {"ROOT_REFUSED"}
        if purpose is Purpose.PUBLICITY and reply.codes == ["BAD_ID"]:
            continue
        assert refused or reply.data["node"], (name, actor.role, purpose)


async def assert_lanes_agree(
    service: ServiceUnderTest, document: str, actor: Actor, purpose: Purpose, first: bytes
) -> None:
    """Assert that generated code, which answers from the second time on, and GraphQL's executor give the same bytes."""
    assert (await service.ask(document, actor, purpose=purpose.value)).body == first
    service.services.graphql_service.always_execute = True
    try:
        assert (await service.ask(document, actor, purpose=purpose.value)).body == first
    finally:
        service.services.graphql_service.always_execute = False


def assert_admitted(table: Decisions, actor: Actor, purpose: Purpose, name: str, value: object, world: World) -> None:
    """Hold one value against the policy: its class, and where only the mask is allowed, that it is one."""
    data_class = table.classes.get(name)
    if value is None or data_class is None or data_class in WITHOUT_PURPOSE:
        return
    grants = table.read(actor.role, purpose, data_class)
    assert not isinstance(grants, Withheld), f"{name} for {actor.role} and {purpose}"
    if all(grant.form is Form.MASKED for grant in grants) and data_class in OF_A_PERSON:
        clear = {getattr(party, OF_A_PERSON[data_class]) for party in world.parties.values()}
        assert value not in clear, name


def assert_recorded(
    service: ServiceUnderTest, values: Sequence[tuple[str, Any]], entries: Sequence[Mapping[str, Any]], purpose: Purpose
) -> None:
    """Hold what was shown against the entries: each field that has a value stands in one of them, and none else."""
    if purpose is Purpose.PUBLICITY:
        assert entries == []
        return
    recorded = {shown for entry in entries for shown, _, _ in entry["fields"]}
    for name, value in values:
        data_class = service.services.policy.classes.get(name)
        is_personal = data_class is not None and data_class not in WITHOUT_PURPOSE
        if is_personal and value is not None and not name.startswith("Query."):
            assert name in recorded, name
    asked = {name for name, _ in values} | {f"Query.{name}" for name in ROOTS}
    assert recorded <= asked, recorded - asked
