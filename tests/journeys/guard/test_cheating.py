"""Attempts to get around the authorisation, and the code that refuses each.

No response holds the data that was attempted: a number, a telephone, an address, facts.
"""

# ruff: noqa: E501 - one row of a table is one line

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.auth.dev_issuer import Persona
from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import encode
from schema.execution.cursors import cursor
from tests.builders import NOW, SCJG
from tests.credit.subjects.synthetic_numbers import id_number
from tests.journeys.running_server import Reply, RunningServer

FOCUS = "@purpose(is: FOCUSED_CHECK)"
DETERMINATION = "@purpose(is: DETERMINATION)"
PUBLISHED = "root:restraint_case:-published_on.-case_id"
CHANGED = "root:restraint_case:-changed_at.-case_id"

Given = Callable[[RunningServer], Mapping[str, object]]


@dataclass(frozen=True)
class Cheat:
    """One attempt. *withheld*: place and reason, where the answer is a null and an error; else the request is refused."""

    attempt: str
    who: str
    query: str
    code: str
    status: int = 200
    variables: Given = field(default=lambda _: {})
    headers: Mapping[str, str] | None = None
    reason: str | None = None
    at: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)


def withheld(attempt: str, who: str, query: str, at: str, reason: str, variables: Given = lambda _: {}) -> Cheat:
    return Cheat(attempt, who, query, "WITHHELD", 200, variables, None, reason, at)


def person(server: RunningServer) -> dict[str, object]:
    return {"i": server.world.party("person-1").gid}


def stranger(server: RunningServer) -> dict[str, object]:
    return {"i": server.world.party("person-2").gid}


SMUGGLED: tuple[Cheat, ...] = (
    # A regulator needs no telephone, under whatever name and by whatever way it is asked for.
    withheld("alias", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ subject {{ name: phone }} }} }} }}", "focusedCheckTargets.nodes.subject.name", "necessity"),
    withheld("alias of a harmless field's name", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ subject {{ id: phone }} }} }} }}", "focusedCheckTargets.nodes.subject.id", "necessity"),
    withheld("fragment", "regulator", f"fragment F on Subject {{ phone }} query {FOCUS} {{ focusedCheckTargets {{ nodes {{ subject {{ ...F }} }} }} }}", "focusedCheckTargets.nodes.subject.phone", "necessity"),
    withheld("nested fragment", "regulator", f"fragment A on RestraintCase {{ subject {{ ...B }} }} fragment B on Subject {{ ...C }} fragment C on NaturalPerson {{ p: phone }} query {FOCUS} {{ focusedCheckTargets {{ nodes {{ ...A }} }} }}", "focusedCheckTargets.nodes.subject.p", "necessity"),
    withheld("inline fragment on the concrete type", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ subject {{ ... on NaturalPerson {{ phone }} }} }} }} }}", "focusedCheckTargets.nodes.subject.phone", "necessity"),
    withheld("inline fragment on an interface above", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ ... on Node {{ ... on RestraintCase {{ internalNotes }} }} }} }} }}", "focusedCheckTargets.nodes.internalNotes", "necessity"),
    withheld("inline fragment without a type", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ ... {{ subject {{ ... {{ phone }} }} }} }} }} }}", "focusedCheckTargets.nodes.subject.phone", "necessity"),
    withheld("an interface's field", "regulator", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ phone }} }}", "subject.phone", "necessity", person),
    withheld("through node", "regulator", f"query($i: ID!) {FOCUS} {{ node(id: $i) {{ ... on Subject {{ phone }} }} }}", "node.phone", "necessity", person),
    withheld("through nodes", "regulator", f"query($i: ID!) {FOCUS} {{ nodes(ids: [$i]) {{ ... on NaturalPerson {{ x: phone }} }} }}", "nodes.x", "necessity", person),
    withheld("through edges", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ edges {{ node {{ subject {{ phone }} }} }} }} }}", "focusedCheckTargets.edges.node.subject.phone", "necessity"),
    withheld("around a corner", "regulator", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ restraintCases {{ nodes {{ subject {{ phone }} }} }} }} }}", "subject.restraintCases.nodes.subject.phone", "necessity", person),
    withheld("merged under one name", "regulator", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ name }} subject(id: $i) {{ phone }} }}", "subject.phone", "necessity", person),
    withheld("@include by a variable", "regulator", f"query($i: ID!, $y: Boolean!) {FOCUS} {{ subject(id: $i) {{ phone @include(if: $y) }} }}", "subject.phone", "necessity", lambda s: {**person(s), "y": True}),
    withheld("@skip that is off", "regulator", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ ... @skip(if: false) {{ phone }} }} }}", "subject.phone", "necessity", person),
    withheld("the owner's reveal", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ subject {{ ... on NaturalPerson {{ n: identifierRevealed }} ... on SoleTrader {{ n: identifierRevealed }} }} }} }} }}", "focusedCheckTargets.nodes.subject.n", "necessity"),
    withheld("the owner's reveal by an agent", "agent", "query @purpose(is: SELF_ACCESS) { mySubject { ... on NaturalPerson { identifierRevealed } } }", "mySubject.identifierRevealed", "role"),
    withheld("one's own case's working notes", "person-1", "query @purpose(is: SELF_ACCESS) { mySubject { restraintCases { nodes { internalNotes } } } }", "mySubject.restraintCases.nodes.internalNotes", "necessity"),
    withheld("__typename tricks", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ subject {{ phone: __typename address: phone }} }} }} }}", "focusedCheckTargets.nodes.subject.address", "necessity"),
    withheld("applications by a step", "regulator", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ applications {{ totalCount nodes {{ id }} }} }} }}", "subject.applications", "necessity", person),
    withheld("authorisations by a step", "regulator", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ authorisations {{ totalCount }} delegations {{ totalCount }} }} }}", "subject.authorisations", "necessity", person),
    withheld("the subject of one's own request", "clerk", "query @purpose(is: CREDIT_CHECK) { myAuthorisations { nodes { subject { name identifier } } } }", "myAuthorisations.nodes.subject", "consent"),
    withheld("a union's member in a payload", "clerk", 'mutation($i: ID!) @purpose(is: CREDIT_CHECK) { requestAuthorisation(input: {subject: $i, purpose: CREDIT_CHECK, expiresOn: "2026-11-30", uses: 1}) { ... on AuthorisationChanged { authorisation { subject { phone name } } } } }', "requestAuthorisation.authorisation.subject", "consent", person),
    withheld("a number without consent", "clerk", "query($n: String!) @purpose(is: CREDIT_CHECK) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { id } }", "subjectByIdentifier", "consent", lambda s: {"n": s.world.party("person-2").number}),
    withheld("by the id that another purpose gave", "clerk", "query($i: ID!) @purpose(is: CREDIT_CHECK) { subject(id: $i) { name } }", "subject", "consent", stranger),
    withheld("any digit on the public list", "anonymous", "query @purpose(is: PUBLICITY) { publicRestraintList { nodes { subject { identifier phone address } } } }", "publicRestraintList.nodes.subject.identifier", "necessity"),
    withheld("facts on the public list", "anonymous", "query @purpose(is: PUBLICITY) { publicRestraintList { nodes { facts } } }", "publicRestraintList.nodes.facts", "necessity"),
)  # fmt: skip

REFUSED: tuple[Cheat, ...] = (
    # Roots of others.
    Cheat("targets by a subject", "person-1", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ id }} }} }}", "ROOT_REFUSED", 403),
    Cheat("cases by a regulator under another purpose", "regulator", "query @purpose(is: DETERMINATION) { restraintCases { nodes { facts } } }", "ROOT_REFUSED", 403),
    Cheat("applications by a regulator", "regulator", f"query {FOCUS} {{ applications {{ nodes {{ id }} }} }}", "ROOT_REFUSED", 403),
    Cheat("another root under an alias", "regulator", f"query {FOCUS} {{ focusedCheckTargets: applications {{ nodes {{ id }} }} }}", "ROOT_REFUSED", 403),
    Cheat("a refused root beside an allowed one", "regulator", f"query {FOCUS} {{ sectors {{ nodes {{ code }} }} ...F }} fragment F on Query {{ myAccessLog {{ nodes {{ actor }} }} }}", "ROOT_REFUSED", 403),
    Cheat("the log by a clerk", "clerk", "query @purpose(is: AUDIT) { myAccessLog { nodes { actor } } }", "ROOT_REFUSED", 403),
    Cheat("anything by the admin", "admin", "query @purpose(is: SUPERVISION) { restraintCases { nodes { id } } }", "ROOT_REFUSED", 403),
    Cheat("oneself without a token", "anonymous", "query @purpose(is: SELF_ACCESS) { mySubject { name } }", "ROOT_REFUSED", 401),
    Cheat("somebody's number on the public list", "anonymous", "query($n: String!) @purpose(is: PUBLICITY) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { isRestrained } }", "ROOT_REFUSED", 401, lambda s: {"n": s.world.party("person-1").number}),
    Cheat("the same with a token", "regulator", "query($n: String!) @purpose(is: PUBLICITY) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { isRestrained } }", "ROOT_REFUSED", 403, lambda s: {"n": s.world.party("person-1").number}),
    Cheat("numbers under a consultation", "head", "query($n: String!) @purpose(is: CONSULTATION) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { isRestrained } }", "ROOT_REFUSED", 403, lambda s: {"n": s.world.party("person-1").number}),
    Cheat("the same by an association", "association", "query($n: String!) @purpose(is: CONSULTATION) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { id } }", "ROOT_REFUSED", 403, lambda s: {"n": s.world.party("person-1").number}),
    Cheat("a person under a consultation", "head", "query($i: ID!) @purpose(is: CONSULTATION) { subject(id: $i) { isRestrained } }", "ROOT_REFUSED", 403, person),
    Cheat("a node of a kind that is closed", "regulator", f"query($i: ID!) {FOCUS} {{ node(id: $i) {{ id }} }}", "ROOT_REFUSED", 403, lambda s: {"i": s.world.application("of person-1").gid}),
    Cheat("granting in a subject's stead", "clerk", "mutation($i: ID!) @purpose(is: SELF_ACCESS) { grantAuthorisation(input: {authorisation: $i}) { __typename } }", "ROOT_REFUSED", 403, lambda s: {"i": s.world.authorisation("requested").gid}),
    Cheat("registering by the office", "office", 'mutation @purpose(is: SUPERVISION) { registerSubject(input: {kind: NATURAL_PERSON, name: "x", number: "x", area: "YTM3MDMwNQ"}) { __typename } }', "ROOT_REFUSED", 403),
    # Purposes.
    Cheat("no purpose", "regulator", "{ focusedCheckTargets { nodes { id } } }", "PURPOSE_REQUIRED", 400),
    Cheat("no purpose for node", "regulator", "query($i: ID!) { node(id: $i) { id } }", "PURPOSE_REQUIRED", 400, person),
    Cheat("two purposes that differ", "regulator", f"query {FOCUS} {{ focusedCheckTargets {{ nodes {{ id }} }} }}", "PURPOSE_CONFLICT", 400, headers={"Access-Purpose": "AUDIT"}),
    Cheat("an unknown purpose", "regulator", "{ focusedCheckTargets { nodes { id } } }", "PURPOSE_UNKNOWN", 400, headers={"Access-Purpose": "CURIOSITY"}),
    Cheat("an unknown purpose in the document", "regulator", "query @purpose(is: CURIOSITY) { focusedCheckTargets { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("a purpose by variable", "regulator", "query($p: Purpose!) @purpose(is: $p) { focusedCheckTargets { nodes { id } } }", "PURPOSE_NOT_CONSTANT", 400, lambda _: {"p": "AUDIT"}, {"Access-Purpose": "FOCUSED_CHECK"}),
    Cheat("a purpose on a field", "regulator", f"{{ focusedCheckTargets {FOCUS} {{ nodes {{ id }} }} }}", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("two purposes on one operation", "regulator", f"query {FOCUS} @purpose(is: AUDIT) {{ focusedCheckTargets {{ nodes {{ id }} }} }}", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("a purpose of others", "regulator", "query @purpose(is: SELF_ACCESS) { focusedCheckTargets { nodes { id } } }", "ROOT_REFUSED", 403),
    # Filters, orders, cursors.
    Cheat("filtering by a withheld field", "regulator", f'query {FOCUS} {{ restraintCases(handler: "handler-1") {{ totalCount }} }}', "FILTER_REFUSED", 403),
    Cheat("the same by a variable", "regulator", f"query($h: String) {FOCUS} {{ restraintCases(handler: $h) {{ totalCount }} }}", "FILTER_REFUSED", 403, lambda _: {"h": "handler-1"}),
    Cheat("filtering requests by whose they are", "clerk", "query($i: ID) @purpose(is: CREDIT_CHECK) { myAuthorisations(subject: $i) { totalCount } }", "FILTER_REFUSED", 403, person),
    Cheat("a status of others' cases", "regulator", f"query {FOCUS} {{ restraintCases(status: [COLLECTED]) {{ totalCount }} }}", "FILTER_REFUSED", 403),
    Cheat("several by a variable", "regulator", f"query($s: [CaseStatus!]) {FOCUS} {{ restraintCases(status: $s) {{ totalCount }} }}", "FILTER_REFUSED", 403, lambda _: {"s": ["COLLECTED", "ENDED"]}),
    Cheat("no status at all", "office", "query @purpose(is: SUPERVISION) { restraintCases(status: []) { totalCount } }", "BAD_USER_INPUT", 400),
    Cheat("ordering by a withheld day", "regulator", f"query {FOCUS} {{ restraintCases(orderBy: COLLECTED_AT_DESC) {{ nodes {{ id }} }} }}", "FILTER_REFUSED", 403),
    Cheat("the same order by a variable", "regulator", f"query($o: RestraintCaseOrder) {FOCUS} {{ restraintCases(orderBy: $o) {{ nodes {{ id }} }} }}", "FILTER_REFUSED", 403, lambda _: {"o": "COLLECTED_AT_ASC"}),
    Cheat("an order of another list", "regulator", f"query {FOCUS} {{ focusedCheckTargets(orderBy: REVERSED) {{ nodes {{ id }} }} }}", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("a cursor of another order", "regulator", f"query($a: String) {FOCUS} {{ focusedCheckTargets(orderBy: PUBLISHED_ON_ASC, after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": cursor(PUBLISHED, [date(2026, 1, 1), UUID(int=1)])}),
    Cheat("counting without showing", "handler", "query($i: ID) @purpose(is: DETERMINATION) { restraintCases(first: 0, subject: $i) { totalCount } }", "BAD_USER_INPUT", 400, person),
    Cheat("a cursor of another list", "regulator", f"query($a: String) {FOCUS} {{ restraintCases(after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": cursor(PUBLISHED, [date(2026, 1, 1), UUID(int=1)])}),
    Cheat("a forged cursor", "regulator", f"query($a: String) {FOCUS} {{ focusedCheckTargets(after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": "Zm9yZ2Vk"}),
    Cheat("a cursor of other types", "regulator", f"query($a: String) {FOCUS} {{ focusedCheckTargets(after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": cursor(PUBLISHED, ["2026' OR 1=1 --", UUID(int=1)])}),
    Cheat("a cursor that is too short", "regulator", f"query($a: String) {FOCUS} {{ focusedCheckTargets(after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": cursor(PUBLISHED, [date(2026, 1, 1)])}),
    Cheat("a cursor of before the walk had an instant", "handler", f"query($a: String) {DETERMINATION} {{ restraintCases(after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": cursor(CHANGED, [NOW, UUID(int=1)])}),
    Cheat("a cursor of no part of a walk", "handler", f"query($a: String) {DETERMINATION} {{ restraintCases(after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": cursor(CHANGED, ["both", NOW, "", NOW, UUID(int=1)])}),
    Cheat("a cursor with a day for an instant", "handler", f"query($a: String) {DETERMINATION} {{ restraintCases(after: $a) {{ nodes {{ id }} }} }}", "BAD_CURSOR", 400, lambda _: {"a": cursor(CHANGED, ["again", date(2026, 1, 1), "", UUID(int=1)])}),
    Cheat("a cursor with a NUL", "regulator", "query($a: String) { sectors(after: $a) { nodes { id } } }", "BAD_CURSOR", 400, lambda _: {"a": cursor("root:sector:code", ["a\0b"])}),
    # Ids.
    Cheat("an id of our own making", "regulator", f"query($i: ID!) {FOCUS} {{ node(id: $i) {{ id }} }}", "BAD_USER_INPUT", 400, lambda _: {"i": "1' OR '1'='1"}),
    Cheat("the database's id", "regulator", f"query($i: ID!) {FOCUS} {{ node(id: $i) {{ id }} }}", "BAD_USER_INPUT", 400, lambda s: {"i": str(s.world.party("person-1").subject_id)}),
    Cheat("a case's id for a subject's", "regulator", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ id }} }}", "BAD_ID", 400, lambda s: {"i": s.world.case("in-force").gid}),
    Cheat("a subject's id for a sector's", "regulator", f"query($i: ID!) {FOCUS} {{ focusedCheckTargets(sector: $i) {{ totalCount }} }}", "BAD_ID", 400, person),
    Cheat("a sector's id for a subject's", "handler", "query($i: ID!) @purpose(is: DETERMINATION) { restraintCases(subject: $i) { totalCount } }", "BAD_ID", 400, lambda _: {"i": encode(Entity.SECTOR, "market")}),
    Cheat("a code with a NUL", "regulator", "query($i: ID!) { node(id: $i) { id } }", "BAD_USER_INPUT", 400, lambda _: {"i": encode(Entity.SECTOR, "a\0b")}),
    # Values.
    Cheat("a text with a NUL", "handler", "query($n: String) @purpose(is: DETERMINATION) { restraintCases(number: $n) { totalCount } }", "BAD_USER_INPUT", 400, lambda _: {"n": "a\0b"}),
    Cheat("an instant without a zone", "person-1", "query($d: DateTime) @purpose(is: SELF_ACCESS) { myAccessLog(since: $d) { totalCount } }", "BAD_USER_INPUT", 400, lambda _: {"d": "2026-01-01T00:00:00"}),
    Cheat("an instant before all time", "person-1", "query($d: DateTime) @purpose(is: SELF_ACCESS) { myAccessLog(since: $d) { totalCount } }", "BAD_USER_INPUT", 400, lambda _: {"d": "0001-01-01T00:00:00+14:00"}),
    Cheat("both ends of a list", "clerk", "{ sectors(first: 1, last: 1) { totalCount } }", "BAD_USER_INPUT", 400),
    Cheat("less than nothing", "clerk", "{ sectors(first: -1) { totalCount } }", "BAD_USER_INPUT", 400),
    Cheat("a number that is none", "handler", 'query @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: "370305190102039901") { id } }', "INVALID_ID_NUMBER", 400),
    Cheat("a company's code for a person", "handler", "query($n: String!) @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { id } }", "INVALID_ID_NUMBER", 400, lambda s: {"n": s.world.party("company-1").number}),
    # Limits.
    Cheat("a huge document", "anonymous", "{" + " viewer { ref }" * 600 + "}", "LIMIT_EXCEEDED", 400),
    Cheat("a deep document", "anonymous", "{" + "a{" * 300 + "b" + "}" * 301, "LIMIT_EXCEEDED", 400),
    Cheat("a deep value", "anonymous", "{ node(id: " + "[" * 600 + "]" * 600 + ") { id } }", "LIMIT_EXCEEDED", 400),
    Cheat("many aliases", "anonymous", "{ viewer {" + " ".join(f"a{at}: ref" for at in range(61)) + "} }", "LIMIT_EXCEEDED", 400),
    Cheat("many roots", "anonymous", "{" + " ".join(f"a{at}: viewer {{ ref }}" for at in range(13)) + "}", "LIMIT_EXCEEDED", 400),
    Cheat("many roots in a fragment", "anonymous", "{ ...F } fragment F on Query {" + " ".join(f"a{at}: viewer {{ ref }}" for at in range(13)) + "}", "LIMIT_EXCEEDED", 400),
    Cheat("a fragment that doubles at every step", "anonymous", "{ ...F0 }" + " ".join(f"fragment F{at} on Query {{ ...F{at + 1} a{at}: viewer {{ ref }} ... {{ ...F{at + 1} }} }}" for at in range(20)) + " fragment F20 on Query { viewer { ref } }", "LIMIT_EXCEEDED", 400),
    Cheat("a large page", "anonymous", "{ sectors(first: 101) { nodes { code } } }", "LIMIT_EXCEEDED", 400),
    Cheat("a large page by a variable", "anonymous", "query($n: Int!) { sectors(first: $n) { nodes { code } } }", "LIMIT_EXCEEDED", 400, lambda _: {"n": 2_000_000_000}),
    Cheat("many node ids", "anonymous", "query($i: [ID!]!) { nodes(ids: $i) { id } }", "LIMIT_EXCEEDED", 400, lambda _: {"i": [encode(Entity.SECTOR, "market")] * 101}),
    Cheat("pages of pages of pages", "regulator", f"query {FOCUS} {{ focusedCheckTargets(first: 100) {{ nodes {{ subject {{ restraintCases(first: 100) {{ nodes {{ subject {{ restraintCases(first: 100) {{ nodes {{ number }} }} }} }} }} }} }} }} }}", "LIMIT_EXCEEDED", 400),
    # Documents.
    Cheat("two operations and no name", "regulator", f"query A {FOCUS} {{ focusedCheckTargets {{ totalCount }} }} query B {{ sectors {{ totalCount }} }}", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("an operation that is not there", "regulator", "query A { sectors { totalCount } }", "GRAPHQL_VALIDATION_FAILED", 400, more={"operationName": "B"}),
    Cheat("a subscription", "regulator", "subscription { x }", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("a cycle of fragments", "anonymous", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("a field that is not there", "anonymous", "{ password }", "GRAPHQL_VALIDATION_FAILED", 400),
    Cheat("no document", "anonymous", "", "BAD_USER_INPUT", 400),
)  # fmt: skip


def secrets(server: RunningServer) -> set[str]:
    """What nobody may get by cheating."""
    parties, cases = server.world.parties.values(), server.world.cases.values()
    found = {str(item) for party in parties for item in (party.number, party.phone) if party.number[0] not in "95"}
    return found | {case.notes for case in cases} | {case.evidence for case in cases}


@pytest.mark.parametrize("cheat", SMUGGLED, ids=lambda cheat: cheat.attempt)
def test_what_is_withheld_is_withheld_under_every_name(shared_server: RunningServer, cheat: Cheat) -> None:
    reply = shared_server.ask(cheat.who, cheat.query, cheat.variables(shared_server), headers=cheat.headers)
    assert (reply.status, reply.codes) == (200, {"WITHHELD"})
    assert cheat.at is not None
    assert reply.withheld[cheat.at] == cheat.reason
    assert set(values_at(reply.data, cheat.at.split("."))) <= {None}
    assert not {secret for secret in secrets(shared_server) if secret in reply.response.text}


@pytest.mark.parametrize("cheat", REFUSED, ids=lambda cheat: cheat.attempt)
def test_what_is_refused_is_refused_whole_and_by_name(shared_server: RunningServer, cheat: Cheat) -> None:
    variables = cheat.variables(shared_server)
    reply = shared_server.ask(cheat.who, cheat.query, variables, headers=cheat.headers, **cheat.more)
    assert (reply.status, reply.codes) == (cheat.status, {cheat.code})
    assert "data" not in reply.json
    assert not {secret for secret in secrets(shared_server) if secret in reply.response.text}
    for error in reply.errors:
        assert error["message"]


def test_the_tables_are_long_enough() -> None:
    assert len(SMUGGLED) + len(REFUSED) >= 80


def values_at(data: Any, path: list[str]) -> list[Any]:
    """Give every value at this place of the document."""
    if not path or data is None:
        return [data]
    if isinstance(data, list):
        return [value for item in data for value in values_at(item, path)]
    return values_at(data.get(path[0]), path[1:])


# --- the endpoint ---------------------------------------------------------------------------------------------------

OWN = {"query": "query @purpose(is: SELF_ACCESS) { mySubject { name phone } }"}
CLAIMS = {"iss": "urn:chengxin:demo-issuer", "aud": "chengxin", "sub": "u-1", "roles": ["subject"]}
STRANGER = ECKey.generate_key("P-256")


def claims(server: RunningServer, **more: object) -> dict[str, Any]:
    now = int(NOW.timestamp())
    subject = str(server.world.party("person-1").subject_id)
    return {**CLAIMS, "iat": now, "nbf": now, "exp": now + 600, "subject": subject, **more}


def unsigned(header: Mapping[str, object], body: Mapping[str, object], sign: Callable[[bytes], bytes]) -> str:
    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    start = part(json.dumps(header).encode()) + b"." + part(json.dumps(body).encode())
    return (start + b"." + part(sign(start))).decode()


def tampered(server: RunningServer) -> str:
    """Take a regulator's token, and write another role into it."""
    head, _, signature = server.issuer.mint("regulator").split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(server)).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


def kid(server: RunningServer) -> str:
    return str(json.loads(server.issuer.jwks)["keys"][0]["kid"])


def expired(server: RunningServer) -> str:
    token = server.issuer.mint("person-1")
    server.clock.at += timedelta(hours=9)
    return token


TOKENS: tuple[tuple[str, Callable[[RunningServer], str], int, str], ...] = (
    ("garbage", lambda _: "not-a-token", 401, "TOKEN_REFUSED"),
    ("signed by a stranger", lambda s: jwt.encode({"alg": "ES256"}, claims(s), STRANGER), 401, "TOKEN_REFUSED"),
    ("signed by a stranger under our key's name", lambda s: jwt.encode({"alg": "ES256", "kid": kid(s)}, claims(s), STRANGER), 401, "TOKEN_REFUSED"),
    ("changed after signing", tampered, 401, "TOKEN_REFUSED"),
    ("alg none", lambda s: unsigned({"alg": "none", "kid": kid(s)}, claims(s), lambda _: b""), 401, "TOKEN_REFUSED"),
    ("alg HS256 with the public key for a secret", lambda s: unsigned({"alg": "HS256", "kid": kid(s)}, claims(s), lambda text: hmac.digest(s.issuer.jwks, text, hashlib.sha256)), 401, "TOKEN_REFUSED"),
    ("expired", expired, 401, "TOKEN_EXPIRED"),
)  # fmt: skip


@pytest.mark.parametrize(("attempt", "token", "status", "code"), TOKENS, ids=[one[0] for one in TOKENS])
def test_a_token_is_ours_or_nobodys(
    shared_server: RunningServer, attempt: str, token: Callable[[RunningServer], str], status: int, code: str
) -> None:
    del attempt
    at = shared_server.clock.at
    try:
        reply = shared_server.send({"Authorization": f"Bearer {token(shared_server)}"}, json=OWN)
    finally:
        shared_server.clock.at = at
    assert (reply.status, reply.codes) == (status, {code})
    assert "data" not in reply.json


def test_one_role_a_request(shared_server: RunningServer) -> None:
    server = shared_server
    both = Persona("two roles", "", {"sub": "u-2", "roles": ["clerk", "handler"], "department": SCJG})
    server.issuer.personas = {**server.issuer.personas, both.name: both}
    token = server.bearer("two roles")["Authorization"]
    for roles, status, code in (
        ([], 400, "ACTING_ROLE_REQUIRED"),
        (["clerk", "handler"], 400, "TWO_ROLES"),
        (["clerk, handler"], 400, "TWO_ROLES"),
        (["regulator"], 403, "ROLE_NOT_HELD"),
        (["Clerk"], 403, "ROLE_NOT_HELD"),
        (["anonymous"], 403, "ROLE_NOT_HELD"),
    ):
        sent = [("Authorization", token), *(("Acting-Role", role) for role in roles)]
        reply = server.send(sent, json={"query": "{ viewer { role } }"})
        assert (reply.status, reply.codes) == (status, {code}), roles
    one = server.send([("Authorization", token), ("Acting-Role", "handler")], json={"query": "{ viewer { role } }"})
    assert one.data == {"viewer": {"role": "handler"}}


def test_a_role_without_its_department_sees_nothing(shared_server: RunningServer) -> None:
    shared_server.know("homeless clerk", Actor("clerk-9", Role.CLERK))
    reply = shared_server.ask("homeless clerk", "{ viewer { role } }")
    assert (reply.status, reply.codes) == (403, {"ROLE_INCOMPLETE"})


@pytest.mark.parametrize(
    ("attempt", "request_", "status", "code"),
    [
        ("a token in the address", {"method": "GET", "params": {"query": "{ viewer { ref } }", "access_token": "x"}}, 400, "TOKEN_IN_ADDRESS"),
        ("a mutation by GET", {"method": "GET", "params": {"query": 'mutation @purpose(is: SELF_ACCESS) { withdrawAuthorisation(input: {authorisation: "YTM3MDMwNQ"}) { __typename } }'}}, 405, "METHOD_NOT_ALLOWED"),
        ("a batch", {"json": [{"query": "{ viewer { ref } }"}, {"query": "{ viewer { ref } }"}]}, 400, "BATCH_REFUSED"),
        ("a form", {"data": {"query": "{ viewer { ref } }"}}, 415, "CONTENT_TYPE_REFUSED"),
        ("a document of another type", {"json": {"query": ["{ viewer { ref } }"]}}, 400, "BAD_REQUEST"),
        ("variables of another type", {"json": {"query": "{ viewer { ref } }", "variables": ["x"]}}, 400, "BAD_REQUEST"),
        ("a body without end", {"content": b'{"query":"' + b" " * 300_000 + b'"}', "headers": {"Content-Type": "application/json"}}, 413, "BODY_TOO_LARGE"),
        ("no JSON", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "BAD_JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else None,
)  # fmt: skip
def test_malformed_requests_are_refused_by_the_endpoint(
    shared_server: RunningServer, attempt: str, request_: dict[str, Any], status: int, code: str
) -> None:
    del attempt
    given = dict(request_)
    reply = shared_server.send(given.pop("headers", {}), given.pop("method", "POST"), **given)
    assert (reply.status, reply.codes) == (status, {code})


def test_two_purposes_in_the_header_are_refused(shared_server: RunningServer) -> None:
    pairs = [*shared_server.bearer("regulator").items(), ("Access-Purpose", "AUDIT"), ("Access-Purpose", "AUDIT")]
    reply = shared_server.send(pairs, json={"query": "{ viewer { ref } }"})
    assert (reply.status, reply.codes) == (400, {"TWO_PURPOSES"})


# --- not there, or not for you ---------------------------------------------------------------------------------------


def bare(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.unrecorded


@pytest.mark.parametrize(
    ("who", "query", "hidden", "absent"),
    [
        ("regulator of wenshao", f"query($i: ID!) {FOCUS} {{ node(id: $i) {{ id ... on Subject {{ name phone }} }} }}", "person-2", UUID(int=9)),
        ("regulator of wenshao", f"query($i: ID!) {FOCUS} {{ subject(id: $i) {{ name restraintCases {{ totalCount }} }} }}", "person-2", UUID(int=9)),
        ("regulator", f"query($i: ID!) {FOCUS} {{ nodes(ids: [$i, $i]) {{ id }} }}", "club-1", UUID(int=9)),
        ("clerk", "query($i: ID!) @purpose(is: CREDIT_CHECK) { subject(id: $i) { name isRestrained } }", "person-1", UUID(int=9)),
        ("handler", "query($i: ID!) @purpose(is: DETERMINATION) { subject(id: $i) { name } }", "club-2", UUID(int=9)),
        ("person-1", "query($i: ID!) @purpose(is: SELF_ACCESS) { mySubject(id: $i) { name } }", "person-2", UUID(int=9)),
        ("agent", "query($i: ID!) @purpose(is: SELF_ACCESS) { mySubject(id: $i) { name } }", "person-2", UUID(int=9)),
        ("platform", "query($i: ID!) @purpose(is: PLATFORM_EXCHANGE) { subject(id: $i) { name identifier } }", "club-1", UUID(int=9)),
        ("anonymous", "query($i: ID!) @purpose(is: PUBLICITY) { subject(id: $i) { name } }", "club-1", UUID(int=9)),
        ("person-1", "mutation($i: ID!) @purpose(is: SELF_ACCESS) { withdrawAuthorisation(input: {authorisation: $i}) { __typename ... on Refusal { code message } } }", "authorisation live", UUID(int=9)),
    ],
    ids=lambda value: value if isinstance(value, str) and "{" not in value else None,
)  # fmt: skip
def test_not_for_you_looks_like_not_there_byte_for_byte(
    shared_server: RunningServer, who: str, query: str, hidden: str, absent: UUID
) -> None:
    world = shared_server.world
    there = world.held[hidden].gid if hidden in world.held else world.party(hidden).gid
    nowhere = encode(Entity.AUTHORISATION, absent, absent) if hidden in world.held else encode(Entity.SUBJECT, absent)
    assert bare(shared_server.ask(who, query, {"i": there})) == bare(shared_server.ask(who, query, {"i": nowhere}))


@pytest.mark.parametrize("who", ["anonymous", "clerk", "handler", "head", "office", "auditor", "admin"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subject(id: $i) { name isRestrained restraintCases { totalCount } }", "BAD_ID"),
        ("node(id: $i) { ... on Subject { name isRestrained } }", "BAD_ID"),
        ("nodes(ids: [$i]) { ... on Subject { isRestrained } }", "BAD_ID"),
        ("restraintCases(subject: $i) { totalCount nodes { number } }", "FILTER_REFUSED"),
    ],
)
def test_the_public_list_does_not_answer_whether_somebody_is_on_it(
    shared_server: RunningServer, who: str, query: str, code: str
) -> None:
    """[4.1] [5.1.6] A window knows the ids of its applicants; nobody is told about one of them without authorisation."""
    world = shared_server.world
    asked = [world.party(name).gid for name in ("person-1", "person-2", "club-1")] + [
        encode(Entity.SUBJECT, UUID(int=9))
    ]
    document = f"query($i: ID!) @purpose(is: PUBLICITY) {{ {query} }}"
    answers = [shared_server.ask(who, document, {"i": one}) for one in asked]
    assert {frozenset(one.codes) for one in answers} == {frozenset({code})}
    assert len({bare(one) for one in answers}) == 1
    listed = world.case("in-force").gid
    case = "query($i: ID!) @purpose(is: PUBLICITY) { node(id: $i) { ... on RestraintCase { number } } }"
    assert shared_server.ask(who, case, {"i": listed}).codes == {"BAD_ID"}


def test_an_unconsented_number_looks_like_one_nobody_has(shared_server: RunningServer) -> None:
    query = """query($n: String!) @purpose(is: CREDIT_CHECK) {
      subjectByIdentifier(kind: ID_NUMBER, number: $n) { id name isRestrained phone restraintCases { totalCount } }
    }"""
    known, nobodys = shared_server.world.party("person-2").number, id_number(born="19000228")
    answers = [bare(shared_server.ask("clerk", query, {"n": number})) for number in (known, nobodys)]
    assert answers[0] == answers[1]


def test_a_case_elsewhere_looks_like_none(shared_server: RunningServer) -> None:
    query = f"query($i: ID!) {FOCUS} {{ node(id: $i) {{ id ... on RestraintCase {{ number }} }} }}"
    world = shared_server.world
    hidden = ("in the other sub-district", "of the health sector", "confidential", "ended", "unpublished", "removed")
    nowhere = bare(
        shared_server.ask("regulator of wenshao", query, {"i": encode(Entity.RESTRAINT_CASE, UUID(int=8), UUID(int=9))})
    )
    for name in hidden:
        assert bare(shared_server.ask("regulator of wenshao", query, {"i": world.case(name).gid})) == nowhere, name


def test_a_department_reads_by_its_own_code_alone(shared_server: RunningServer) -> None:
    """The claim counts, and not what the document says."""
    query = "query($d: ID) { viewer { department } matters(department: $d) { totalCount } }"
    reply = shared_server.ask("other clerk", query, {"d": encode(Entity.DEPARTMENT, SCJG)})
    assert reply.data["viewer"] == {"department": "LZ-WJJ"}
    cases = "query @purpose(is: APPLICATION_HANDLING) { applications { nodes { id } } }"
    own = {node["id"] for node in shared_server.ask("other clerk", cases).data["applications"]["nodes"]}
    assert own == {shared_server.world.application("at the other department").gid}
