"""Personal data is recorded before it is shown: who read it, why, by what right, and which fields [5.1.6]."""

# ruff: noqa: E501 - one row of a table is one line

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import text

from consent.disclosures.formats import Disclosure
from consent.leaves.number_lookups import NumberLookup
from consent.vocabulary import WITHOUT_PURPOSE, Channel, DataClass, KnownBy
from credit.subjects.subject import Sealed
from policy.crypto.field_encryption import Ciphers
from policy.crypto.keyring import RowOpener
from queryplan.entities import OWNED, Entity
from schema.core.entities import KIND_OF
from schema.core.global_ids import encode
from schema.execution.read_executor import ReadExecutor
from tests.builders import NOW, live_authorisation
from tests.builders.consent_records import put_authorisation
from tests.databases import shared_on_sqlite
from tests.schema.corpus import QUESTIONS, Asked, filled
from tests.schema.service import Reply, ServiceUnderTest
from tests.storage.access_record import pending, stored_disclosures

TARGETS = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: %d) { %s } }"

HOWEVER_LITTLE: tuple[tuple[str, str, str, str], ...] = (
    # Name of the case, actor, document, and the subjects about whom it shows something.
    ("a name", "regulator", "query($i: ID!) @purpose(is: FOCUSED_CHECK) { subject(id: $i) { name } }", "person-1"),
    ("that somebody is there", "regulator", "query($i: ID!) @purpose(is: FOCUSED_CHECK) { subject(id: $i) { __typename } }", "person-1"),
    ("the same by node", "regulator", "query($i: ID!) @purpose(is: FOCUSED_CHECK) { node(id: $i) { __typename } }", "person-1"),
    ("only where somebody lives", "regulator", "query($i: ID!) @purpose(is: FOCUSED_CHECK) { subject(id: $i) { area { name } } }", "person-1"),
    ("only who determined it", "handler", "query($i: ID!) @purpose(is: DETERMINATION) { subject(id: $i) { restraintCases { nodes { department { name } } } } }", "person-1"),
    ("only how many", "handler", "query($i: ID!) @purpose(is: DETERMINATION) { subject(id: $i) { restraintCases(first: 0) { totalCount } } }", "person-1"),
    ("how many of one subject", "handler", "query($i: ID!) @purpose(is: DETERMINATION) { restraintCases(first: 1, subject: $i) { totalCount } }", "person-1"),
    ("whether there are more of one subject", "handler", "query($i: ID!) @purpose(is: DETERMINATION) { restraintCases(first: 1, subject: $i) { pageInfo { hasNextPage } } }", "person-1"),
    ("only cursors, which hold a date", "handler", "query($i: ID!) @purpose(is: DETERMINATION) { restraintCases(subject: $i) { edges { cursor } } }", "person-1"),
    ("only of which type the cases are", "handler", "query($i: ID!) @purpose(is: DETERMINATION) { restraintCases(subject: $i) { nodes { __typename } } }", "person-1"),
    ("by a number", "handler", "query($n: String!) @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { __typename } }", "person-1"),
    ("oneself", "person-1", "query @purpose(is: SELF_ACCESS) { mySubject { __typename } }", "person-1"),
)  # fmt: skip


@pytest.mark.parametrize(("asked", "who", "query", "whom"), HOWEVER_LITTLE, ids=[one[0] for one in HOWEVER_LITTLE])
async def test_however_little_is_shown_it_is_recorded(
    shared_service: ServiceUnderTest, asked: str, who: str, query: str, whom: str
) -> None:
    del asked
    party = shared_service.world.party(whom)
    variables = {name: value for name, value in (("i", party.gid), ("n", party.number)) if f"${name}:" in query}
    reply, entries = await shared_service.recorded(query, who, variables)
    assert reply.executed
    assert {entry["subject_id"] for entry in entries} == {party.subject_id}
    assert all(entry["fields"] for entry in entries)


COUNTS = "total { count } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
BEYOND: tuple[tuple[str, str, str, str, str], ...] = (
    # Name of the case, actor, purpose, list, and from which end of the whole list the cursor is.
    ("the end of all cases", "handler", "DETERMINATION", "restraintCases", "last"),
    ("the end of all applications", "clerk", "APPLICATION_HANDLING", "applications", "last"),
    ("their beginning", "clerk", "APPLICATION_HANDLING", "applications", "first"),
)  # fmt: skip


@pytest.mark.parametrize(("asked", "who", "purpose", "root", "end"), BEYOND, ids=[one[0] for one in BEYOND])
async def test_behind_a_cursor_without_a_row_nothing_is_told(
    shared_service: ServiceUnderTest, asked: str, who: str, purpose: str, root: str, end: str
) -> None:
    """A cursor of another page of the same list is as good as a forged one: no entry would record what a count tells."""
    del asked
    which, named = ("endCursor", "after") if end == "last" else ("startCursor", "before")
    whole = f"query @purpose(is: {purpose}) {{ {root}({end}: 1) {{ pageInfo {{ {which} }} }} }}"
    cursor = (await shared_service.ask(whole, who)).data[root]["pageInfo"][which]
    told = f"query($i: ID!, $c: String) @purpose(is: {purpose}) {{ {root}(subject: $i, {named}: $c) {{ nodes {{ __typename }} {COUNTS} }} }}"
    variables = {"i": shared_service.world.party("person-1").gid, "c": cursor}
    for _ in range(2):  # by its nodes, and by generated code
        reply, entries = await shared_service.recorded(told, who, variables)
        page = reply.data[root]
        assert entries == []
        assert page.pop("nodes") == []
        assert page.pop("pageInfo") == {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        }
        assert page == {"total": None, "totalCount": None}
    reply, entries = await shared_service.recorded(told, who, variables | {"c": None})
    assert reply.data[root]["totalCount"] > 0
    assert entries


@pytest.mark.sampled
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.name)
@shared_on_sqlite
async def test_the_entry_lists_what_the_guard_explained_and_nothing_else(
    shared_service: ServiceUnderTest, asked: Asked
) -> None:
    reply, entries = await shared_service.recorded(asked.query, asked.who, filled(asked, shared_service.world))
    explained = await shared_service.ask(
        "query($d: String!) { explainAccess(document: $d) { fields { field types dataClass outcome } } }",
        asked.who,
        {"d": asked.query},
    )
    admitted: dict[str, set[str]] = {}
    for one in explained.data["explainAccess"]["fields"]:
        if one["outcome"] != "WITHHELD" and DataClass(one["dataClass"]) not in WITHOUT_PURPOSE:
            forms = {"CLEAR", "MASKED"} if one["outcome"] == "MIXED" else {one["outcome"]}
            for typename in one["types"]:
                admitted.setdefault(f"{typename}.{one['field'].partition('.')[2].partition(':')[0]}", set()).update(
                    forms
                )
    for entry in entries:
        for field, data_class, form in entry["fields"]:
            if not field.startswith(("Query.node", "Query.nodes")):
                assert form in admitted[field], field
                assert shared_service.services.policy.classes[field] == data_class
    if "PUBLICITY" in asked.query or not shows_somebody(reply):
        assert entries == []
    else:
        assert entries
        assert {(entry["actor_ref"], entry["role"]) for entry in entries} == {
            (shared_service.world.actor(asked.who).ref, shared_service.world.actor(asked.who).role.value)
        }


SOMEBODY = frozenset({"mySubject", "subject", "subjectByIdentifier"})
"""An object under one of these says that somebody is there, whatever is asked of it."""


def shows_somebody(reply: Reply) -> bool:
    """Whether the answer holds a subject, a case, or anything else that belongs to somebody."""
    types = {*KIND_OF, *(entity.spec.graphql_type for entity in OWNED)} - {"Subject"}

    def found(value: object, key: str = "") -> bool:
        if isinstance(value, dict):
            return (
                key in SOMEBODY
                or value.get("__typename") in types
                or any(found(inner, name) for name, inner in value.items())
            )
        if isinstance(value, list):
            return any(found(inner, key) for inner in value)
        return key in {"number", "identifier", "facts", "publishedOn", "a", "x"} and value is not None

    return found(reply.data)


async def test_every_field_that_a_value_stands_for_is_in_the_entry(shared_service: ServiceUnderTest) -> None:
    query = TARGETS % (
        1,
        "nodes { number facts subject { name identifier address phone restraintCases { nodes { endsOn } } } }",
    )
    _, (entry,) = await shared_service.recorded(query, "regulator of wenshao")
    assert set(entry["fields"]) == {
        ("Query.focusedCheckTargets", "RESTRAINT_PARTICULARS", "CLEAR"),
        ("RestraintCase.number", "RESTRAINT_PARTICULARS", "CLEAR"),
        ("RestraintCase.facts", "FACTS", "CLEAR"),
        ("RestraintCase.subject", "SUBJECT", "CLEAR"),
        ("LegalPerson.name", "ORGANISATION_NAME", "CLEAR"),
        ("LegalPerson.identifier", "ORGANISATION_CODE", "CLEAR"),
        ("LegalPerson.address", "ORGANISATION_ADDRESS", "CLEAR"),
        ("LegalPerson.restraintCases", "RESTRAINT_PARTICULARS", "CLEAR"),
        ("RestraintCase.endsOn", "RESTRAINT_PARTICULARS", "CLEAR"),
    }


async def test_of_two_ways_to_one_subject_neither_hides_the_other(shared_service: ServiceUnderTest) -> None:
    """The second way leads nowhere where there is no application: what the first shows is recorded all the same."""
    query = """query @purpose(is: SELF_ACCESS) {
      myAuthorisations { nodes { subject { name } application { status subject { address } } } }
    }"""
    reply, (entry,) = await shared_service.recorded(query, "trader-1")
    name = shared_service.world.party("trader-1").name
    assert reply.data["myAuthorisations"]["nodes"] == [{"subject": {"name": name}, "application": None}]
    assert {field for field, _, _ in entry["fields"]} == {
        "Query.myAuthorisations", "Authorisation.subject", "SoleTrader.name", "Authorisation.application"
    }  # fmt: skip


async def test_in_a_mixed_list_each_entry_has_the_forms_of_its_own_rows(shared_service: ServiceUnderTest) -> None:
    query = "query @purpose(is: DETERMINATION) { restraintCases { nodes { number facts subject { name identifier phone } } } }"
    _, entries = await shared_service.recorded(query, "handler")
    of = {entry["subject_id"]: {field: form for field, _, form in entry["fields"]} for entry in entries}
    own, other = (
        of[shared_service.world.party("person-2").subject_id],
        of[shared_service.world.party("trader-1").subject_id],
    )
    assert (own["RestraintCase.facts"], own["NaturalPerson.identifier"]) == ("CLEAR", "CLEAR")
    assert own["NaturalPerson.phone"] == "CLEAR"
    assert (other["RestraintCase.facts"], other["SoleTrader.identifier"]) == ("MASKED", "MASKED")
    assert "SoleTrader.phone" not in other


@pytest.mark.parametrize("answered_by", ["nodes", "generated code"])
async def test_the_extra_row_that_detects_a_next_page_is_neither_opened_nor_recorded(
    shared_service: ServiceUnderTest, answered_by: str
) -> None:
    query = TARGETS % (2, "pageInfo { hasNextPage } nodes { subject { id name } }")
    if answered_by == "generated code":
        await shared_service.ask(query, "regulator")
    opened: list[UUID] = []
    keyring = shared_service.services.keyring
    read_executor = shared_service.services.graphql_service.read_executor
    shared_service.services.graphql_service.read_executor = watched(read_executor, opened)
    try:
        reply, entries = await shared_service.recorded(query, "regulator")
    finally:
        shared_service.services.graphql_service.read_executor = read_executor
    assert read_executor.keyring is keyring
    page = reply.data["focusedCheckTargets"]
    assert page["pageInfo"]["hasNextPage"] is True
    shown = {
        party.subject_id
        for party in shared_service.world.parties.values()
        if party.gid in {n["subject"]["id"] for n in page["nodes"]}
    }
    assert {entry["subject_id"] for entry in entries} == set(opened) == shown
    assert len(shown) == 2


def watched(read_executor: ReadExecutor, opened: list[UUID]) -> ReadExecutor:
    """Give the same executor with a keyring that notes whose boxes it opens."""

    class Noting:
        def __getattr__(self, name: str) -> object:
            return getattr(read_executor.keyring, name)

        def open_all(self, boxes: Sequence[Sealed]) -> list[str]:
            opened.extend(sealed.place.subject_id for sealed in boxes)
            return read_executor.keyring.open_all(boxes)

        def open_rows(self, columns: Sequence[tuple[str, str]]) -> RowOpener:
            def noting(wrapped: bytes, subject_id: bytes) -> Ciphers:
                opened.append(UUID(bytes=subject_id))
                return found.ciphers(wrapped, subject_id)

            found = read_executor.keyring.open_rows(columns)
            return RowOpener(noting, columns, {})

    return replace(read_executor, keyring=Noting())  # type: ignore[arg-type]  # a keyring in all but its type


async def test_an_id_put_together_from_two_others_finds_nothing_and_records_nothing(
    shared_service: ServiceUnderTest,
) -> None:
    one, two = shared_service.world.case("in-force"), shared_service.world.case("company in force")
    crossed = [
        encode(Entity.RESTRAINT_CASE, one.subject_id, two.case_id),
        encode(Entity.RESTRAINT_CASE, two.subject_id, one.case_id),
    ]
    query = "query($i: [ID!]!) @purpose(is: FOCUSED_CHECK) { nodes(ids: $i) { id ... on RestraintCase { facts } } }"
    reply, entries = await shared_service.recorded(query, "regulator", {"i": crossed})
    assert reply.data == {"nodes": [None, None]}
    assert entries == []


async def test_a_read_on_consent_names_its_authorisation_and_uses_it_once(service: ServiceUnderTest) -> None:
    world = service.world
    party = world.party("person-1")
    held = await live_authorisation(service.services.database, world, party)
    query = """query($n: String!) @purpose(is: CREDIT_CHECK) {
      a: subjectByIdentifier(kind: ID_NUMBER, number: $n) { name restraintCases { nodes { number } } }
      b: subjectByIdentifier(kind: ID_NUMBER, number: $n) { isRestrained }
    }"""
    _, entries = await service.recorded(query, "clerk", {"n": party.number})
    assert {(entry["basis"], entry["authorisation_id"]) for entry in entries} == {("CONSENT", held.row_id)}
    uses = "query @purpose(is: SELF_ACCESS) { myAuthorisations { nodes { usesMade } } }"
    assert (await service.ask(uses, "person-1")).data == {"myAuthorisations": {"nodes": [{"usesMade": 1}]}}


async def test_an_authorisation_that_leaves_out_a_group_shows_nothing_of_it_not_even_that_it_is_there(
    service: ServiceUnderTest,
) -> None:
    """No template allows it today; the guard does not depend on that."""
    party = service.world.party("person-1")
    held = await put_authorisation(service.services.database, service.world, party, groups=1)
    query = """query($n: String!) @purpose(is: CREDIT_CHECK) {
      subjectByIdentifier(kind: ID_NUMBER, number: $n) {
        name isRestrained restraintCases { totalCount nodes { __typename department { name } } }
      }
    }"""
    reply, (entry,) = await service.recorded(query, "clerk", {"n": party.number})
    assert reply.data["subjectByIdentifier"] == {"name": party.name, "isRestrained": None, "restraintCases": None}
    assert reply.withheld["subjectByIdentifier.restraintCases"] == "consent"
    assert entry["authorisation_id"] == held.row_id
    assert {field for field, _, _ in entry["fields"]} == {"Query.subjectByIdentifier", "NaturalPerson.name"}


async def test_a_page_is_one_record_with_its_entry_of_the_ledger(shared_service: ServiceUnderTest) -> None:
    _, entries = await shared_service.recorded(TARGETS % (3, "nodes { number }"), "regulator")
    database = shared_service.services.database
    waiting = {source: entry for _, source, entry in await pending(database)}
    made = {each.disclosure_id: each for each in await stored_disclosures(database)}
    (record,) = {made[entry["entry_id"]].disclosure_id for entry in entries}  # one for the whole page
    assert waiting[record] == made[record].entry()
    assert (made[record].at, len(made[record].subjects)) == (NOW, len({entry["subject_id"] for entry in entries}))
    assert (made[record].context.channel, made[record].context.known_by) == (Channel.GRAPHQL, KnownBy.TOKEN)


async def test_equal_documents_have_equal_hashes_and_a_hash_does_not_reveal_a_number(
    shared_service: ServiceUnderTest,
) -> None:
    one, two = (shared_service.world.party(name).number for name in ("person-1", "person-2"))
    written = 'query @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: "%s") { name } }'
    _, (first,) = await shared_service.recorded(written % one, "handler")
    _, (second,) = await shared_service.recorded(written % two, "handler")
    assert first["subject_id"] != second["subject_id"]
    assert first["document_hash"] == second["document_hash"]
    assert first["document_hash"] != sha256((written % one).encode()).hexdigest()


class Failing:
    """A recorder whose disk is full."""

    async def record(
        self,
        disclosures: Sequence[Disclosure],
        uses: Sequence[tuple[UUID, UUID]] = (),
        lookups: Sequence[NumberLookup] = (),
    ) -> None:
        del disclosures, uses, lookups
        raise OSError("no space left")


class Waiting:
    """A recorder whose disk takes its time."""

    def __init__(self) -> None:
        self.asked, self.written = asyncio.Event(), asyncio.Event()

    async def record(
        self,
        disclosures: Sequence[Disclosure],
        uses: Sequence[tuple[UUID, UUID]] = (),
        lookups: Sequence[NumberLookup] = (),
    ) -> None:
        del disclosures, uses, lookups
        self.asked.set()
        await self.written.wait()


@pytest.mark.sampled
@pytest.mark.parametrize("asked", [one for one in QUESTIONS if one.who != "anonymous"], ids=lambda asked: asked.name)
@shared_on_sqlite
async def test_what_cannot_be_recorded_is_not_shown(shared_service: ServiceUnderTest, asked: Asked) -> None:
    read_executor = shared_service.services.graphql_service.read_executor
    normal = await shared_service.ask(asked.query, asked.who, filled(asked, shared_service.world))
    shared_service.services.graphql_service.read_executor = replace(read_executor, recorder=Failing())
    try:
        reply = await shared_service.ask(asked.query, asked.who, filled(asked, shared_service.world))
    finally:
        shared_service.services.graphql_service.read_executor = read_executor
    # A number that is looked up is recorded, hit or miss: that nobody has it is an answer too.
    if shows_somebody(normal) or "subjectByIdentifier" in asked.query:
        assert (reply.status, reply.codes) == (503, ["NOT_RECORDED"])
        assert "data" not in reply.json
        assert b"no space" not in reply.body
    else:
        assert reply.data == normal.data


async def test_nothing_leaves_before_the_entry_is_durable(shared_service: ServiceUnderTest) -> None:
    read_executor, slow = shared_service.services.graphql_service.read_executor, Waiting()
    shared_service.services.graphql_service.read_executor = replace(read_executor, recorder=slow)
    try:
        answer = asyncio.create_task(shared_service.ask(TARGETS % (1, "nodes { facts }"), "regulator"))
        await asyncio.wait_for(slow.asked.wait(), 30)
        await asyncio.sleep(0.05)
        assert not answer.done()
        slow.written.set()
        assert (await answer).data["focusedCheckTargets"]["nodes"]
    finally:
        shared_service.services.graphql_service.read_executor = read_executor


async def test_a_database_that_takes_no_entry_releases_nothing(service: ServiceUnderTest) -> None:
    async with service.services.database.writing() as session:
        await session.execute(text("ALTER TABLE pending_entries RENAME TO pending_elsewhere"))
    try:
        reply = await service.ask(TARGETS % (5, "nodes { facts subject { name } }"), "regulator")
        assert (reply.status, reply.codes) == (503, ["NOT_RECORDED"])
        assert service.world.party("person-1").name not in reply.body.decode()
    finally:
        async with service.services.database.writing() as session:
            await session.execute(text("ALTER TABLE pending_elsewhere RENAME TO pending_entries"))


async def test_a_mutations_payload_that_cannot_be_recorded_is_not_shown_either(service: ServiceUnderTest) -> None:
    service.services.graphql_service.read_executor = replace(
        service.services.graphql_service.read_executor, recorder=Failing()
    )
    query = """mutation($i: ID!) @purpose(is: SELF_ACCESS) {
      withdrawAuthorisation(input: {authorisation: $i}) {
        __typename ... on AuthorisationChanged { authorisation { status subject { name } } }
      }
    }"""
    reply = await service.ask(query, "company-1", {"i": service.world.authorisation("live").gid})
    assert reply.codes == ["NOT_RECORDED"]
    assert reply.data["withdrawAuthorisation"] == {"__typename": "AuthorisationChanged", "authorisation": None}


async def test_a_page_asked_of_one_kind_is_neither_read_nor_recorded_for_another(
    shared_service: ServiceUnderTest,
) -> None:
    """What a fragment asks of persons is not asked of companies, though both have an id in the answer."""
    query = (
        "query @purpose(is: DETERMINATION) { restraintCases(first: 50) { nodes { subject { __typename id "
        "... on NaturalPerson { restraintCases(first: 5) { nodes { facts } } } } } } }"
    )
    reply, entries = await shared_service.recorded(query, "handler")
    subjects = [node["subject"] for node in reply.data["restraintCases"]["nodes"]]
    others = {subject["id"] for subject in subjects if subject["__typename"] != "NaturalPerson"}
    assert others
    assert all(("restraintCases" in subject) is (subject["id"] not in others) for subject in subjects)
    for entry in entries:
        is_other = encode(Entity.SUBJECT, entry["subject_id"]) in others
        assert ("RestraintCase.facts" in {field for field, *_ in entry["fields"]}) is not is_other
