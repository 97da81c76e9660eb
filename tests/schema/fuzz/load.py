"""Builds random inputs from the schema, for tests that send them to every mutation and every list.

Most values are valid, so that they pass validation and reach the rules; some are odd.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from consent.vocabulary import Purpose
from policy.actions import Action
from policy.decisions import Withheld
from queryplan.entities import Entity
from schema.core.fields import ACTION, core
from schema.core.global_ids import decode, encode
from schema.execution.cursors import cursor
from tests.builders import ACTORS, NOW, SCJG, TODAY, WENSHAO, World
from tests.credit.subjects.synthetic_numbers import id_number
from tests.schema.service import ServiceUnderTest

ODD = 0.10
"""How often a value is one that nobody means."""
ASKERS = [*ACTORS, "person-1", "person-2", "company-1", "trader-1", "club-1"]
NAMED = {
    "case": Entity.RESTRAINT_CASE, "agentsCase": Entity.RESTRAINT_CASE, "subject": Entity.SUBJECT,
    "victim": Entity.SUBJECT, "application": Entity.APPLICATION, "authorisation": Entity.AUTHORISATION,
    "correction": Entity.CORRECTION, "telling": Entity.CORRECTION_TELLING, "objection": Entity.OBJECTION,
    "matter": Entity.MATTER, "area": Entity.AREA, "sector": Entity.SECTOR, "department": Entity.DEPARTMENT,
}  # fmt: skip
REFERENCES = {
    Entity.MATTER: ("SCJG-01", "SCJG-02", "WJJ-01"), Entity.AREA: (WENSHAO,), Entity.SECTOR: ("market", "health"),
    Entity.DEPARTMENT: (SCJG,),
}  # fmt: skip
OWNED_BY = frozenset(NAMED.values()) - REFERENCES.keys()
ODD_TEXTS = (
    "", " ", "\t\n", "\0", "a\0b", "\x1b[31m", "\u202e", "\u2028", "\ufeff", "\ufffe", "😀",
    "\U0001f469\u200d\U0001f469",
    "𠮷" * 70, "ｅ", "e\u0301",
    "%s%n", "' OR 1=1 --", "<b>&amp;</b>", "{{x}}", "../../etc/passwd", "a" * 65, "字" * 129, "长" * 600, "x" * 11_000,
    "长" * 70_000, "null", "0", "-1", "1e400", "\x1f", "\x1e", "\x85",
)  # fmt: skip
ODD_DAYS = ("0001-01-01", "9999-12-31", "0999-06-30", "1582-10-10", "2026-02-30", "2026-13-01", "20261120", "", "today")
ODD_NUMBERS = (0, -1, -(2**31), 2**31 - 1, 2**31, 2**63, 1.5, "1", True)
PLAIN_TEXTS = (
    "某" * 64,
    "某" * 100,
    "示例-" + "7" * 60,  # as long as a column, or as a reference, may be
    "卷宗-2026-0042",
    "临审〔2026〕示例1号",
    "示例事实",
    "场地证明",
    "reviewer-1",
    "handler-2",
    "GREEN_CHANNEL",
)


@dataclass
class Gunner:
    """Puts inputs together by chance; the same chance puts together the same."""

    chance: Random
    world: World
    known: dict[Entity, list[str]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    odd: float = ODD
    within: dict[Entity, list[str]] = field(default_factory=dict)
    """What the one who fires next can see: most shots are at these."""
    sights: dict[tuple[str, Purpose, int], dict[Entity, list[str]]] = field(default_factory=dict)
    """What `in_sight` has found: by whom, for what, and of how many ids."""

    def learn(self, found: object) -> None:
        """Keep the ids of an answer, to be fired with later."""
        if isinstance(found, Mapping):
            for name, value in found.items():
                if name == "id" and isinstance(value, str):
                    self.known.setdefault(decode(value).entity, []).append(value)
                self.learn(value)
        elif isinstance(found, list):
            for one in found:
                self.learn(one)

    def value(self, of: GraphQLInputType, name: str) -> object:
        if not is_non_null_type(of) and self.chance.random() < 0.3:
            return None
        bare = get_nullable_type(of)
        if is_list_type(bare):
            return self._list(bare.of_type, name)
        named = get_named_type(bare)
        if isinstance(named, GraphQLEnumType):
            return "NOBODY_KNOWS" if self._is_odd(0.1) else self.chance.choice(sorted(named.values))
        if isinstance(named, GraphQLInputObjectType):
            return self.filled(named)
        make: dict[str, Callable[[str], object]] = {
            "ID": self._id, "String": self._text, "Int": self._number, "Date": self._day, "DateTime": self._instant,
            "Boolean": lambda _: self.chance.choice([True, False]),
        }  # fmt: skip
        return make[named.name](name)

    def filled(self, of: GraphQLInputObjectType) -> dict[str, object]:
        given: dict[str, object] = {}
        for name, one in of.fields.items():
            share = 0.9 if name == "expectedVersion" else 0.35
            if not is_non_null_type(one.type) and self.chance.random() < share:
                continue
            given[name] = self.value(one.type, name)
        if {"subject", "person"} <= of.fields.keys() and not self._is_odd():
            # It names somebody in one of the two ways.
            given = {name: value for name, value in given.items() if name not in {"subject", "person"}}
            name = "subject" if self.chance.random() < 0.8 else "person"
            given[name] = self.value(GraphQLNonNull(get_nullable_type(of.fields[name].type)), name)
        return given

    def _is_odd(self, share: float = 1.0) -> bool:
        return self.chance.random() < self.odd * share

    def _list(self, of: GraphQLInputType, name: str) -> object:
        if self._is_odd():
            size = self.chance.choice([0, 2, 300, 10_000])
            return [self.value(of, name) for _ in range(size)] if size < 300 else [self.value(of, name)] * size
        return [self.value(of, name) for _ in range(self.chance.randint(1, 2))]

    def _id(self, name: str) -> str:
        if self._is_odd():
            return self.chance.choice([
                *ODD_TEXTS[:30], self.chance.choice(self.known[Entity.SUBJECT]),
                encode(Entity.RESTRAINT_CASE, self.world.new_id(), self.world.new_id()),
                encode(Entity.MATTER, "字" * 99), encode(Entity.OBJECTION, self.world.new_id(), self.world.new_id()),
                encode(Entity.AREA, "无"),
            ])  # fmt: skip
        wanted = NAMED.get(name)
        if wanted in REFERENCES:
            return encode(wanted, self.chance.choice(REFERENCES[wanted]))
        near = self.within if self.chance.random() < 0.85 else self.known
        pool = (near.get(wanted) or self.known.get(wanted)) if wanted else None
        return self.chance.choice(pool or [one for each in (near or self.known).values() for one in each])

    def _text(self, name: str) -> str:
        if name == "idempotencyKey":
            return self.chance.choice(["key-1", "key-2", *ODD_TEXTS]) if self._is_odd() else f"k{self.chance.random()}"
        if self._is_odd():
            return self.chance.choice([*ODD_TEXTS, self.world.party("person-1").number])
        if name == "number":
            return self.chance.choice([*self.numbers, "案-001", id_number(born="19120101", sequence="123")])
        if name == "expectedVersion":
            return "1"
        return self.chance.choice(PLAIN_TEXTS)

    def _number(self, _: str) -> object:
        if self._is_odd():
            return self.chance.choice(ODD_NUMBERS)
        return self.chance.choice([1, 2, 3, 6, 12, 2026])

    def _day(self, _: str) -> str:
        if self._is_odd():
            return self.chance.choice(ODD_DAYS)
        return (TODAY + timedelta(days=self.chance.choice([0, 0, -1, -2, -10, 1, 7, 30]))).isoformat()

    def _instant(self, _: str) -> str:
        if self._is_odd(3):
            return self.chance.choice(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "", "2026-01-01"])
        return (NOW - timedelta(days=self.chance.randint(0, 90))).isoformat()


def shown_of(union: GraphQLUnionType) -> str:
    """Ask for the kind of answer, its code, and the ids of what was changed."""
    services = ["__typename ... on Refusal { code message messageEn }"]
    for member in union.types:
        for name, one in member.fields.items():
            named = get_named_type(one.type)
            if isinstance(named, GraphQLObjectType) and "id" in named.fields:
                services.append(f"... on {member.name} {{ {name} {{ id }} }}")
    return " ".join(services)


def fired(mutation: str, definition: GraphQLField) -> str:
    union = get_named_type(definition.type)
    assert isinstance(union, GraphQLUnionType)
    return f"mutation($i: {definition.args['input'].type}) {{ {mutation}(input: $i) {{ {shown_of(union)} }} }}"


def admitted(service: ServiceUnderTest, mutation: str) -> list[tuple[str, Purpose]]:
    """Give every (who, purpose) whom the policy lets act there."""
    table = service.services.policy
    definition = mutations_of(service)[mutation]
    action = definition.extensions["strawberry-definition"].metadata.get(ACTION, Action.WRITE)
    data_class = table.classes[f"Mutation.{mutation}"]
    return [
        (who, purpose)
        for who in ASKERS
        for purpose in table.purposes_of(service.world.actor(who).role)
        if not isinstance(table.act(service.world.actor(who).role, purpose, data_class, action), Withheld)
    ]


async def in_sight(service: ServiceUnderTest, gunner: Gunner, who: str, purpose: Purpose) -> dict[Entity, list[str]]:
    """Give the ids whose rows *who* can read for *purpose*; asked again only when more ids are known."""
    key = (who, purpose, sum(map(len, gunner.known.values())))
    if key in gunner.sights:
        return gunner.sights[key]
    found: dict[Entity, list[str]] = {}
    for entity, ids in gunner.known.items():
        some = sorted(set(ids))[-40:]
        reply = await service.ask(
            "query($i: [ID!]!) { nodes(ids: $i) { id } }", who, {"i": some}, purpose=purpose.value
        )
        rows = (reply.data or {}).get("nodes") or []
        found[entity] = [row["id"] for row in rows if row]
    seen = gunner.sights[key] = {entity: ids for entity, ids in found.items() if ids}
    return seen


async def in_sight_at_all(service: ServiceUnderTest, gunner: Gunner, who: str) -> dict[Entity, list[str]]:
    """Give the ids whose rows *who* can read for whatever purpose."""
    found: dict[Entity, list[str]] = {}
    for purpose in service.services.policy.purposes_of(service.world.actor(who).role):
        for entity, ids in (await in_sight(service, gunner, who, purpose)).items():
            found.setdefault(entity, []).extend(ids)
    return found


STOCK = (
    ("person-1", "SELF_ACCESS", "raiseObjection", "record", "case in-force", {"text": "示例不服", "evidence": []}),
    ("company-1", "SELF_ACCESS", "raiseObjection", "record", "case company in force",
     {"text": "示例不服", "evidence": []}),
    ("handler", "DETERMINATION", "reportError", "case", "case in-force",
     {"remedy": "CORRECT", "cause": "WRONG", "items": ["BASIS"], "evidence": ["卷宗-1"]}),
    ("other handler", "DETERMINATION", "reportError", "case", "case company in force",
     {"remedy": "CORRECT", "cause": "WRONG", "items": ["NAME"], "evidence": ["卷宗-1"]}),
    ("regulator", "FOCUSED_CHECK", "recordFocusedCheck", "subject", "company-1",
     {"checkedOn": "2026-11-20", "outcome": "NOTHING_FOUND", "facts": "示例", "evidence": ["卷宗-2"]}),
)  # fmt: skip


async def stock(service: ServiceUnderTest, gunner: Gunner) -> None:
    """Put on record what the world has none of: objections, corrections, visits."""
    known = {f"case {name}": case.gid for name, case in service.world.cases.items()}
    known |= {name: party.gid for name, party in service.world.parties.items()}
    for who, purpose, mutation, target, name, given in STOCK:
        definition = mutations_of(service)[mutation]
        reply = await service.ask(
            fired(mutation, definition), who, {"i": {target: known[name], **given}}, purpose=purpose
        )
        gunner.learn(reply.data)
        assert "Changed" in str(reply.data) or "Made" in str(reply.data) or "Recorded" in str(reply.data), (
            mutation,
            reply.json,
        )


def gunner_for(service: ServiceUnderTest, seed: int) -> Gunner:
    world = service.world
    known: dict[Entity, list[str]] = {}
    for party in world.parties.values():
        known.setdefault(Entity.SUBJECT, []).append(party.gid)
    for case in world.cases.values():
        known.setdefault(Entity.RESTRAINT_CASE, []).append(case.gid)
    for held in world.held.values():
        known.setdefault(held.entity, []).append(held.gid)
    numbers = [party.number for party in world.parties.values()] + [case.number for case in world.cases.values()]
    return Gunner(Random(seed), world, known, numbers)  # noqa: S311 - chooses inputs, no secrets


def mutations_of(service: ServiceUnderTest) -> Mapping[str, GraphQLField]:
    found = core(service.services.schema).mutation_type
    assert found is not None
    return found.fields


def queries_of(service: ServiceUnderTest) -> Mapping[str, GraphQLField]:
    found = core(service.services.schema).query_type
    assert found is not None
    return found.fields


def input_of(mutation: GraphQLField) -> GraphQLInputObjectType:
    found = get_named_type(mutation.args["input"].type)
    assert isinstance(found, GraphQLInputObjectType)
    return found


def asking(gunner: Gunner, name: str, definition: GraphQLField) -> tuple[str, dict[str, object]]:
    """Put one list, and what narrows it, together."""
    given = {
        key: gunner.value(one.type, key) for key, one in definition.args.items() if is_non_null_type(one.type)
        or gunner.chance.random() < 0.4
    }  # fmt: skip
    for key in ("after",):
        if key in given and given[key] is not None and gunner.chance.random() < 0.5:
            given[key] = cursor("root:restraint_case:published_on.case_id", [gunner.chance.choice(ODD_TEXTS)])
    named = get_named_type(definition.type)
    head = ", ".join(f"${key}: {definition.args[key].type}" for key in given)
    passed = ", ".join(f"{key}: ${key}" for key in given)
    below = "" if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType) else "{ __typename }"
    return f"query{f'({head})' if head else ''} {{ {name}{f'({passed})' if passed else ''} {below} }}", given
