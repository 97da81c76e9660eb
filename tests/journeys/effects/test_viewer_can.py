"""`viewerCan` and the mutations give one answer: what it refuses they refuse alike, and what it allows they do.

Random histories over HTTP: at each turn somebody asks what may be done, every refused step is tried, and one of the
allowed ones is taken.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.builders.restraints import put_case
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import allow, at, cleared
from tests.shipped_schema import shipped_types

PAPER: Mapping[str, object] = {"evidence": ["卷宗-1"]}
LETTER: Mapping[str, object] = {"evidence": "信件-1"}
LESS: Mapping[str, object] = {"expiresOn": "2026-11-25"}
SHORT: Mapping[str, object] = {"severity": "SHORT_OF_PENALTY"}
INPUTS: Mapping[str, Mapping[str, object]] = {
    "verifyCase": PAPER | SHORT,
    "serveCase": PAPER | {"means": "ON_THE_SPOT"},
    "stateDefence": {"text": "并无此事"},
    "enterStatement": PAPER,
    "assignReviewer": {"reviewer": "reviewer-1"},
    "reviewCase": {"outcome": "UPHELD"},
    "determineCase": SHORT | {"legalDocument": "文书-1"},
    "handOverCase": {"handler": "handler-2"},
    "confirmTakenOver": PAPER,
    "claimRectification": PAPER,
    "enterRectificationClaim": PAPER,
    "refuseRectification": PAPER,
    "confirmRectification": PAPER,
    "referCase": PAPER,
    "reportError": PAPER | {"remedy": "CORRECT", "cause": "WRONG", "items": ["LEGAL_DOCUMENT"]},
    "delayEntries": PAPER | {"ground": "刑事诉讼法第1条"},
    "extendEntryDelay": PAPER | {"ground": "刑事诉讼法第1条"},
    "correctCase": {"legalDocument": "文书-2"},
    "correctSubject": {},
    "raiseObjection": {"text": "并无此事"},
    "assignObjection": {"reviewer": "reviewer-1"},
    "answerObjection": {"answer": "REJECTED", "reasons": "事实清楚"},
    "decideApplication": {"outcome": "APPROVED"},
    "enterApplicationWithdrawal": PAPER,
    "enterWithdrawalContest": PAPER,
    "handInDocument": {"document": "场地证明", "receipt": "收据-1"},
    "remindDocuments": {"paper": "催告-1"},
    "serveReminder": {"proof": "回执-1"},
    "enterDeferralWithdrawal": PAPER,
    "completeCommitment": PAPER,
    "verifyCommitment": PAPER | {"outcome": "MET"},
    "enterCommitmentWithdrawal": PAPER,
    "narrowAuthorisation": LESS,
    "enterAuthorisationNarrowing": LETTER | LESS,
    "enterAuthorisationRefusal": LETTER,
    "enterAuthorisationWithdrawal": LETTER,
    "enterAuthorisationContest": LETTER,
    "decideContest": {"finding": "GIVEN", "evidence": "决定-1"},
    "endDelegation": PAPER,
    "enterGuardianshipContest": LETTER,
    "decideGuardianship": PAPER | {"finding": "HOLDS"},
    "acknowledgeDeletion": {"outcome": "DELETED"},
}
"""What an input must say besides the record; a step that is not here needs nothing."""
DATED = frozenset({"enterStatement", "enterRectificationClaim"} | {name for name in INPUTS if name.startswith("enter")})
"""The mutations of a letter, which have a day: today."""
UNTIL = frozenset({"delayEntries", "extendEntryDelay"})
MUTATIONS = shipped_types().mutation_type
CAN = "viewerCan { mutation allowed needs refusal { code message messageEn until since } }"


def id_of(mutation: str) -> str:
    """Return the field of the input that names the record."""
    assert MUTATIONS is not None
    given = get_named_type(MUTATIONS.fields[mutation].args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    return next(name for name, each in given.fields.items() if get_named_type(each.type).name == "ID")


@dataclass(slots=True)
class Record:
    """A record, the id under which its mutations name it, and who is asked about it for which purpose.

    *posted* is the day of its subject's letters; today without one.
    """

    server: RunningServer
    kind: str
    gid: str
    purposes: Mapping[str, str]
    named: str = ""
    posted: str = ""
    taken: list[str] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def told(self, who: str) -> list[dict[str, Any]]:
        """Return what *who* is told; nothing where the record is not shown."""
        query = f"query($i: ID!) {{ node(id: $i) {{ ... on {self.kind} {{ {CAN} }} }} }}"
        reply = self.server.ask(who, query, {"i": self.gid}, headers={"Access-Purpose": self.purposes[who]})
        assert not reply.errors, reply.json
        node = reply.data["node"]
        return [] if node is None else list(node["viewerCan"])

    def take(self, who: str, mutation: str, **more: object) -> dict[str, Any]:
        """Take a step, and return what its union shows."""
        assert MUTATIONS is not None
        today = (self.server.clock.at + timedelta(hours=8)).date()
        given = {id_of(mutation): self.named or self.gid, **INPUTS.get(mutation, {}), **more}
        if mutation in DATED:
            given.setdefault("on", self.posted or today.isoformat())
        if mutation in UNTIL:
            given["until"] = (today + timedelta(days=30)).isoformat()
        kind = get_named_type(MUTATIONS.fields[mutation].args["input"].type).name
        members = {one.name: one for one in get_named_type(MUTATIONS.fields[mutation].type).types}
        days = {"until", "since"}
        shown = "".join(
            f" ... on {name} {{ {' '.join(sorted(days & one.fields.keys()))} }}"
            for name, one in members.items()
            if days & one.fields.keys() and name != "AskedBefore"
        )
        query = f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ __typename ... on Refusal {{ code message messageEn }}{shown} }} }}"  # noqa: E501 - one document
        reply = self.server.ask(who, query, {"i": given}, headers={"Access-Purpose": self.purposes[who]})
        assert not reply.errors, (mutation, reply.json)
        return dict(reply.data[mutation])

    def compare(self, who: str) -> Iterator[str]:
        """Try every step that is refused, and yield those that are allowed."""
        for step in self.told(who):
            if step["allowed"]:
                assert step["refusal"] is None
                yield step["mutation"]
                continue
            refused, answer = step["refusal"], self.take(who, step["mutation"])
            told = {name: value for name, value in refused.items() if value is not None or name in answer}
            assert {name: answer.get(name) for name in told} == told, (who, step["mutation"])
            self.refused.add((step["mutation"], refused["code"]))

    def turn(self, who: str, choose: Callable[[list[str]], str | None]) -> None:
        """Compare for *who*, and take the step that *choose* names among those that are allowed."""
        mutation = choose(list(self.compare(who)))
        if mutation is not None:
            answer = self.take(who, mutation)
            assert "code" not in answer, (who, mutation, answer)
            self.taken.append(mutation)


OF_A_CASE = {"handler": "DETERMINATION", "head": "DETERMINATION", "reviewer": "REVIEW", "person-1": "SELF_ACCESS"}
NARROWED = frozenset({"narrowAuthorisation", "enterAuthorisationNarrowing"})
LAST = frozenset({"dropCase", "referCase", "markConfidential", "handOverCase"})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_a_random_history_of_a_case(server: RunningServer, seed: int) -> None:
    """[5.1.4] [5.1.5] What ends it comes last, so that histories are long."""
    chance, world = Random(seed), server.world  # noqa: S311 - which step comes next is no secret
    server.clock.at = begun = datetime(2026, 3, 2, 2, tzinfo=UTC)
    facts = {"published_on": None, "determined_on": None, "ends_on": None}
    party = world.party("person-1")
    case = await put_case(server.database, world, party, "案-步骤", collected_at=begun, changed_at=begun, **facts)
    record = Record(server, "RestraintCase", case.gid, OF_A_CASE)

    def choose(allowed: list[str]) -> str | None:
        new = [each for each in allowed if each not in {*record.taken, *LAST}]
        return chance.choice(sorted(new)) if new else None

    for _ in range(30):
        for who in chance.sample(sorted(OF_A_CASE), 2):
            record.turn(who, choose)
            if record.taken[-1:] == ["noticeCase"]:
                record.posted = (server.clock.at + timedelta(hours=8)).date().isoformat()
        server.clock.at += timedelta(days=chance.randrange(3))
    for last in sorted(LAST):
        for who in OF_A_CASE:
            record.turn(who, lambda allowed, last=last: last if last in allowed else None)  # type: ignore[misc]  # a default
    assert {"verifyCase", "noticeCase", "serveCase"} <= set(record.taken)
    assert len(record.refused) >= 25


AT_THE_WINDOW = {
    **dict.fromkeys(("clerk", "handler", "other clerk"), "APPLICATION_HANDLING"),
    **dict.fromkeys(("person-1", "company-1", "agent"), "SELF_ACCESS"),
}
OTHERS: Mapping[Entity, Mapping[str, str]] = {
    Entity.APPLICATION: AT_THE_WINDOW,
    Entity.DEFERRAL: AT_THE_WINDOW,
    Entity.AUTHORISATION: {
        "clerk": "CREDIT_CHECK", "person-1": "SELF_ACCESS", "company-1": "SELF_ACCESS", "agent": "SELF_ACCESS",
        "office": "SUPERVISION",
    },
    Entity.DELEGATION: {
        "clerk": "APPLICATION_HANDLING", "person-1": "SELF_ACCESS", "agent": "SELF_ACCESS", "office": "SUPERVISION",
    },
}  # fmt: skip
"""Who is asked about the records of the world, for which purpose."""


@pytest.mark.slow
@pytest.mark.parametrize("entity", OTHERS, ids=lambda entity: entity.spec.graphql_type)
async def test_the_steps_of_every_other_record(server: RunningServer, entity: Entity) -> None:
    """[4.2] [5.1.6] Each record of the world, by each who may see it: one step after the other until none is new."""
    chance = Random(5)  # noqa: S311 - as above
    seen: set[tuple[str, str]] = set()
    taken: set[str] = set()
    for held in [each for each in server.world.held.values() if each.entity is entity]:
        named = encode(Entity.APPLICATION, held.subject_id, held.row_id) if entity is Entity.DEFERRAL else ""
        record = Record(server, entity.spec.graphql_type, held.gid, OTHERS[entity], named)

        def choose(allowed: list[str], record: Record = record) -> str | None:
            new = [
                each
                for each in allowed
                if each not in record.taken and not (NARROWED.intersection(record.taken) and each in NARROWED)
            ]
            return chance.choice(new) if new else None

        for _ in range(3):
            for who in chance.sample(sorted(OTHERS[entity]), len(OTHERS[entity])):
                record.turn(who, choose)
        seen |= record.refused
        taken |= set(record.taken)
    assert taken
    assert seen


def related(record: Record, relation: str) -> list[str]:
    """Return the ids of the corrections or objections of a case, as its handler sees them."""
    query = f"query($i: ID!) {{ node(id: $i) {{ ... on RestraintCase {{ {relation} {{ nodes {{ id }} }} }} }} }}"
    reply = record.server.ask("head", query, {"i": record.gid}, headers={"Access-Purpose": "DETERMINATION"})
    return [each["id"] for each in reply.data["node"][relation]["nodes"]]


@pytest.mark.slow
async def test_corrections_and_objections_of_a_case(server: RunningServer) -> None:
    """[5.1.4(6)] An error is corrected once, another one removes the case; an objection is assigned and answered."""
    world, chance = server.world, Random(3)  # noqa: S311 - as above
    case = Record(
        server,
        "RestraintCase",
        (await put_case(server.database, world, world.party("person-1"), "案-更正")).gid,
        OF_A_CASE,
    )
    removal = {"remedy": "REMOVE", "items": []}
    for more in ({}, removal):
        assert "code" not in case.take("handler", "reportError", **more)
    assert "code" not in case.take("person-1", "raiseObjection")
    records = [
        *(Record(server, "Correction", gid, OF_A_CASE) for gid in related(case, "corrections")),
        *(Record(server, "Objection", gid, OF_A_CASE) for gid in related(case, "objections")),
    ]
    assert len(records) == 3
    for record in records:

        def choose(allowed: list[str], record: Record = record) -> str | None:
            new = [each for each in allowed if each not in record.taken]
            return chance.choice(new) if new else None

        for _ in range(3):
            for who in ("reviewer", "handler", "head", "person-1"):
                record.turn(who, choose)
    taken = {step for record in records for step in record.taken}
    assert taken == {"correctCase", "removeCase", "assignObjection", "answerObjection"}
    assert {code for record in records for _, code in record.refused} >= {"ALREADY_TAKEN", "INCONSISTENT_FACTS"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_a_random_history_of_a_commitment(server: RunningServer, seed: int) -> None:
    """[4.2.3] It is completed or withdrawn, and then verified."""
    promise, chance = await cleared(server, "02-02"), Random(seed)  # noqa: S311 - as above
    await allow(server, commitment=True, commitment_limit_days=0, commitment_verify_days=5)
    promise.done("clerk", "makeCommitment", at("02-02"), commitment="承诺-1")
    owner, application = promise.application.subject_id, promise.application.row_id
    gid = encode(Entity.COMMITMENT, owner, application)
    record = Record(server, "Commitment", gid, AT_THE_WINDOW, promise.application.gid)

    def choose(allowed: list[str]) -> str | None:
        new = [each for each in allowed if each not in record.taken]
        return chance.choice(sorted(new)) if new else None

    for _ in range(6):
        record.turn(chance.choice(["clerk", "handler", "person-1", "agent"]), choose)
        server.clock.at += timedelta(days=chance.randrange(3))
    assert record.taken
    assert record.refused
