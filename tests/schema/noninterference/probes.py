"""Mutations that name a number or an id of somebody whom only one of the databases may know [5.1.3] [5.1.6].

And letters about a request that its subject has refused in one of them.

Refused or carried out, the answer is the same. What is asked of an answer is its kind, and the code of a refusal: a
registration answers with an id, which is an exception (docs/decisions/0032-non-interference.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from consent.vocabulary import Purpose
from policy.actions import Action
from policy.actors import Role
from policy.decisions import Withheld
from queryplan.entities import Entity
from schema.core.fields import ACTION
from schema.core.global_ids import encode
from tests.builders import SCJG, TODAY, WJJ, Party, World
from tests.schema.fuzz.load import mutations_of
from tests.schema.noninterference.gateway import Observer, Request
from tests.schema.service import ServiceUnderTest

Input = dict[str, Any]
NEW = "one more, 7"
"""Somebody whom only one of the databases knows; and somebody whom all know, of whom something differs."""
KNOWN = "company-1"
MATTERS = {SCJG: "SCJG-01", WJJ: "WJJ-01"}
CASE = {
    "circumstance": "FALSE_MATERIAL", "channel": "FACT_FINDING", "basis": "临政管办发〔2022〕3号 五（一）2",
    "facts": "示例事实", "evidence": ["卷宗-1"],
}  # fmt: skip
CONSULTED = {"kind": "AWARD", "occasion": "评优-2026-1"}


def _filing(observer: Observer, party: Party) -> Iterator[Input]:
    own = observer.actor.department
    elsewhere = next(matter for department, matter in MATTERS.items() if department != own)
    matter = {"matter": encode(Entity.MATTER, MATTERS.get(own or "", elsewhere))}
    yield {"person": party.document, "matter": encode(Entity.MATTER, elsewhere)}
    yield {"person": party.document | {"number": party.number[:-1]}, **matter}
    yield {"subject": party.gid, **matter}
    yield {"person": party.document, **matter}


def _registering(_: Observer, party: Party) -> Iterator[Input]:
    yield party.document | {"area": encode(Entity.AREA, "370399")}
    yield party.document


def _collecting(_: Observer, party: Party) -> Iterator[Input]:
    yield {"subject": party.gid, "number": "案-探-1", **CASE}
    yield {"person": party.document | {"name": ""}, "number": "案-探-2", **CASE}
    # The number on paper of a confidential case, which only one of the databases has.
    yield {"person": party.document, "number": "案-9secret", **CASE}


def _consulting(observer: Observer, party: Party) -> Iterator[Input]:
    number = {"kind": party.number_kind.value, "number": party.number}
    yield {**CONSULTED, "names": [number]}
    yield {**CONSULTED, "names": [number, {"subject": party.gid}]}
    if observer.actor.role is Role.HEAD:
        yield {**CONSULTED, "names": [number], "statute": "某法第一条"}


def _asking(observer: Observer, party: Party) -> Iterator[Input]:
    if observer.actor.role is not Role.ASSOCIATION:  # it asks by the id that the subject has given: an exception
        yield {"subject": party.gid, "purpose": observer.purpose.name}


def _delegating(_: Observer, party: Party) -> Iterator[Input]:
    yield {"subject": party.gid, "kind": "AGENT", "delegate": "agent-7", "scope": ["CONTACT"], "evidence": ["卷宗-1"],
           "expiresOn": TODAY.replace(month=12).isoformat()}  # fmt: skip


PROBES: Mapping[str, Callable[[Observer, Party], Iterator[Input]]] = {
    "requestAuthorisation": _asking,
    "recordDelegation": _delegating,
    "consult": _consulting,
    "fileApplication": _filing,
    "registerSubject": _registering,
    "collectCase": _collecting,
}
"""What names an id comes first: whoever has registered somebody knows it, by an id of that database."""


LETTER = {"on": TODAY.isoformat(), "evidence": "来信-2"}
SEEN = {"expectedVersion": 1}
LETTERS: Sequence[tuple[str, Input]] = (
    ("enterAuthorisationWithdrawal", LETTER | SEEN),
    ("enterAuthorisationNarrowing", LETTER | SEEN | {"uses": 1}),
    ("enterAuthorisationContest", LETTER | SEEN),
    ("enterAuthorisationRefusal", LETTER),
    ("enterAuthorisationWithdrawal", LETTER),
)
"""What an officer may try of a request that its subject has refused in one of the databases."""


def probes(service: ServiceUnderTest, observer: Observer, everything: World) -> list[Request]:
    """Give the mutations that the policy lets the observer send, with what may differ."""
    named = [
        (name, given)
        for name, inputs in PROBES.items()
        for party in (everything.party(NEW), everything.party(KNOWN))
        for given in inputs(observer, party)
    ]
    request = {"authorisation": everything.authorisation("requested").gid}
    return [
        Request(_document(service, name), {"i": given})
        for name, given in (*named, *((name, given | request) for name, given in LETTERS))
        if _is_admitted(service, observer, name)
    ]


def _is_admitted(service: ServiceUnderTest, observer: Observer, name: str) -> bool:
    table, definition = service.services.policy, mutations_of(service)[name]
    action = definition.extensions["strawberry-definition"].metadata.get(ACTION, Action.WRITE)
    answer = table.act(observer.actor.role, observer.purpose, table.classes[f"Mutation.{name}"], action)
    return observer.purpose is not Purpose.PUBLICITY and not isinstance(answer, Withheld)


def _document(service: ServiceUnderTest, name: str) -> str:
    """Ask for the kind of the answer, the code of a refusal, and the replies of a consultation."""
    definition = mutations_of(service)[name]
    union = get_named_type(definition.type)
    assert isinstance(union, GraphQLUnionType)
    shown = ["__typename ... on Refusal { code }"]
    shown += [
        f"... on {one.name} {{ lines {{ line reply }} }}"
        for one in union.types
        if isinstance(one, GraphQLObjectType) and "lines" in one.fields
    ]
    return f"mutation($i: {definition.args['input'].type}) {{ {name}(input: $i) {{ {' '.join(shown)} }} }}"
