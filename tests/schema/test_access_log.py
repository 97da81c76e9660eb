"""One's own access log: a page that showed twenty subjects is one entry of each, with its own grounds [5.1.6]."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from consent.disclosures.formats import Ground
from consent.vocabulary import Basis
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from tests.builders import NOW
from tests.databases import on_both, on_sqlite
from tests.schema.service import ServiceUnderTest
from tests.storage import rows
from tests.storage.disclosure_rows import DisclosureRows, Page, id_at

LOG = """query($first: Int!, $after: String) @purpose(is: SELF_ACCESS) {
  myAccessLog(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id at actor basis citation fieldsShown { field form } documentHash
            grounds { basis citation authorisation clear masked } }
  }
}"""
ONE = "query($id: ID!) @purpose(is: SELF_ACCESS) { node(id: $id) { ... on AccessEntry { id actor } } }"
OBJECT = """mutation($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) {
  raiseObjection(input: $i) { __typename ... on ObjectionChanged { objection { record recordId } } }
}"""
OF_LAW = Ground(Basis.STATUTE, "5.2.2", (("NaturalPerson.name", "PERSON_NAME", "MASKED"), ("A.b", "FACTS", "CLEAR")))
OF_CONSENT = Ground(Basis.CONSENT, "5.1.6", (("NaturalPerson.name", "PERSON_NAME", "CLEAR"),))
USED = UUID(int=7)


def page(name: str, days: int, service: ServiceUnderTest, *whose: str, **values: Any) -> Page:
    """Make a disclosure of so many days ago: of the first by law and by consent, of the others by law."""
    subjects = [service.world.party(one).subject_id for one in whose]
    parts = dict.fromkeys(subjects, ((OF_LAW, None),)) | {subjects[0]: ((OF_LAW, None), (OF_CONSENT, USED))}
    return Page(name, parts, NOW - timedelta(days=days), values={"actor_ref": name, **values})


async def keep(service: ServiceUnderTest, name: str, days: int, whose: str) -> UUID:
    """Put in an entry of before, of so many days ago; return its id."""
    at, subject_id = NOW - timedelta(days=days), service.world.party(whose).subject_id
    table, row = rows.access_entry("one", "one", at=at, actor_ref=name, department_code=None)
    entry_id = id_at(at, name)
    own = {"subject_id": subject_id, "entry_id": entry_id, "fields": [["A.b", "FACTS", "CLEAR"]]}
    await service.services.database.write((insert(table), row | own))
    return entry_id


@on_both
async def test_a_subject_sees_its_own_entry_of_a_page_that_showed_others_too(service: ServiceUnderTest) -> None:
    targets = (
        "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 20) { nodes { facts subject { name } } } }"
    )
    _, entries = await service.recorded(targets, "regulator")
    shown = {entry["subject_id"] for entry in entries}
    mine = service.world.party("person-1").subject_id
    assert mine in shown
    assert len(shown) > 1
    reply = await service.ask(LOG, "person-1", {"first": 50})
    (entry,) = [node for node in reply.data["myAccessLog"]["nodes"] if node["actor"] == "regulator-1"]
    assert decode(entry["id"]).keys == (mine, entries[0]["entry_id"])
    (ground,) = entry["grounds"]
    assert (ground["basis"], ground["citation"]) == (entry["basis"], entry["citation"])
    assert ground["authorisation"] is None
    forms = {one: form for form in ("clear", "masked") for one in ground[form]}
    assert {one["field"]: one["form"].lower() for one in entry["fieldsShown"]} == forms
    asked = await service.ask(ONE, "person-1", {"id": entry["id"]})
    assert asked.data["node"] == {"id": entry["id"], "actor": "regulator-1"}
    # The same page is in the log of each of the others, under its own id; nobody finds another's.
    other = encode(Entity.ACCESS_ENTRY, next(iter(shown - {mine})), entries[0]["entry_id"])
    assert (await service.ask(ONE, "person-1", {"id": other})).data["node"] is None
    assert not [one for one in shown - {mine} if encode(Entity.SUBJECT, one).encode() in reply.body]


@on_sqlite
async def test_several_grounds_are_told_apart_and_their_fields_together(service: ServiceUnderTest) -> None:
    await DisclosureRows(service.services.database).put([page("reader-1", 2, service, "person-1", "company-1")])
    reply = await service.ask(LOG, "person-1", {"first": 50})
    (entry,) = [node for node in reply.data["myAccessLog"]["nodes"] if node["actor"] == "reader-1"]
    assert (entry["basis"], entry["citation"]) == ("STATUTE", "5.2.2")
    authorisation = encode(Entity.AUTHORISATION, service.world.party("person-1").subject_id, USED)
    assert entry["grounds"] == [
        {"basis": "STATUTE", "citation": "5.2.2", "authorisation": None,
         "clear": ["A.b"], "masked": ["NaturalPerson.name"]},
        {"basis": "CONSENT", "citation": "5.1.6", "authorisation": authorisation,
         "clear": ["NaturalPerson.name"], "masked": []},
    ]  # fmt: skip
    # The name was masked by law and clear by consent: so it was shown clear.
    assert entry["fieldsShown"] == [{"field": "NaturalPerson.name", "form": "CLEAR"}, {"field": "A.b", "form": "CLEAR"}]
    reply = await service.ask(LOG, "company-1", {"first": 50})
    (entry,) = [node for node in reply.data["myAccessLog"]["nodes"] if node["actor"] == "reader-1"]
    assert [one["basis"] for one in entry["grounds"]] == ["STATUTE"]


@on_both
async def test_a_walk_goes_on_from_the_new_entries_to_those_of_before(service: ServiceUnderTest) -> None:
    await DisclosureRows(service.services.database).put(
        [page(f"new-{days}", days, service, "person-1", "company-1") for days in (2, 4, 5, 6)]
    )
    # One of before is newer than some of the new ones: a process of the release before may still write.
    for days in (3, 7, 8, 9):
        await keep(service, f"kept-{days}", days, "person-1")
    seen, after = [], None
    while True:
        reply = await service.ask(LOG, "person-1", {"first": 3, "after": after})
        log = reply.data["myAccessLog"]
        seen += [node["actor"] for node in log["nodes"]]
        if not log["pageInfo"]["hasNextPage"]:
            break
        after = log["pageInfo"]["endCursor"]
    assert [actor for actor in seen if actor.startswith(("new", "kept"))] == [
        "new-2", "kept-3", "new-4", "new-5", "new-6", "kept-7", "kept-8", "kept-9",
    ]  # fmt: skip


@on_both
async def test_a_subject_objects_to_an_entry_of_either_kind(service: ServiceUnderTest) -> None:
    mine, theirs = (service.world.party(one).subject_id for one in ("person-1", "company-1"))
    tomorrow = NOW.date() + timedelta(days=2)
    delay = {"delay_id": UUID(int=9), "opens_on": tomorrow}
    shown, hidden = page("new", 2, service, "person-1"), page("hidden", 2, service, "person-1", **delay)
    erased = Page("erased", {mine: ((OF_LAW, None),), theirs: None}, NOW - timedelta(days=1))
    await DisclosureRows(service.services.database).put([shown, hidden, erased])
    table, row = rows.entry_delay("one", "one", opens_on=tomorrow)
    await service.services.database.write((insert(table), row | {"subject_id": mine, "delay_id": UUID(int=9)}))
    kept = await keep(service, "kept", 9, "person-1")
    cases = {
        "a new one": (mine, shown.disclosure_id, "ObjectionChanged"),
        "one of before": (mine, kept, "ObjectionChanged"),
        "one that a delay hides": (mine, hidden.disclosure_id, "NotFound"),
        "another subject's": (theirs, shown.disclosure_id, "NotFound"),
        "that of somebody erased": (UUID(int=0), erased.disclosure_id, "NotFound"),
        "none": (mine, UUID(int=5), "NotFound"),
    }
    for name, (subject_id, entry_id, expected) in cases.items():
        record = encode(Entity.ACCESS_ENTRY, subject_id, entry_id)
        given = {"record": record, "text": "不知为何查询", "evidence": []}
        reply = await service.ask(OBJECT, "person-1", {"i": given})
        assert not reply.errors, (name, reply.json)
        assert reply.data["raiseObjection"]["__typename"] == expected, name
        if expected == "ObjectionChanged":
            assert reply.data["raiseObjection"]["objection"] == {"record": "ACCESS_ENTRY", "recordId": record}


@on_sqlite
async def test_an_auditor_sees_the_grounds_of_reads_by_others(service: ServiceUnderTest) -> None:
    itself = Page(
        "itself", {service.world.party("person-1").subject_id: ((OF_LAW, None),)}, NOW - timedelta(days=1),
        {"purpose": "SELF_ACCESS", "role": "subject"}, {"actor_ref": "itself"},
    )  # fmt: skip
    await DisclosureRows(service.services.database).put([page("officer", 2, service, "person-1", "company-1"), itself])
    log = "query @purpose(is: AUDIT) { myAccessLog(first: 9) { nodes { actor basis grounds { basis } } } }"
    reply = await service.ask(log, "auditor")
    nodes = [node for node in reply.data["myAccessLog"]["nodes"] if node["actor"] in {"officer", "itself"}]
    assert [(node["actor"], node["basis"]) for node in nodes] == [("itself", "STATUTE"), *[("officer", "STATUTE")] * 2]
    assert nodes[0]["grounds"] is None
    assert sorted(len(node["grounds"]) for node in nodes[1:]) == [1, 2]
