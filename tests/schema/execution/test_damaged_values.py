"""One damaged sealed value withholds its field, is not on record as shown, and spares the page [5.1.6]."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, select, update

from queryplan.entities import Entity
from schema.core.global_ids import encode
from schema.core.ports import WithheldMode
from storage.tables import number_lookups, restraint_cases, subject_keys, subjects
from tests.schema.service import ServiceUnderTest

TARGETS = """query @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 20) { nodes { circumstance subject { id name also: name identifier } } }
}"""
FACTS = "query @purpose(is: SELF_ACCESS) { mySubject { restraintCases { nodes { number facts } } } }"
SEES_ALL = "regulator"

Damage = Callable[[ServiceUnderTest], Any]


def flipped(text: bytes) -> bytes:
    return text[:-1] + bytes([text[-1] ^ 1])


async def overwrite(
    service: ServiceUnderTest, table: Table, column: str, of: UUID, value: bytes | None = None, **also: object
) -> None:
    """Flip a bit of a stored value; or store another value in its place."""
    own = [table.c.subject_id == of, *(table.c[name] == what for name, what in also.items())]
    if value is None:
        ((value,),) = await service.services.database.fetch(select(table.c[column]).where(*own))
        value = flipped(bytes(value))
    async with service.services.database.writing() as session:
        assert await session.execute(update(table).where(*own).values({column: value})) == 1


def person(service: ServiceUnderTest, name: str = "person-1") -> UUID:
    return service.world.party(name).subject_id


async def text_flipped(service: ServiceUnderTest) -> None:
    await overwrite(service, subjects, "name_sealed", person(service))


async def key_flipped(service: ServiceUnderTest) -> None:
    await overwrite(service, subject_keys, "wrapped", person(service))


async def from_another_row(service: ServiceUnderTest) -> None:
    other = subjects.c.subject_id == person(service, "company-1")
    ((text,),) = await service.services.database.fetch(select(subjects.c.name_sealed).where(other))
    await overwrite(service, subjects, "name_sealed", person(service), bytes(text))


@pytest.mark.parametrize("damage", [text_flipped, key_flipped, from_another_row], ids=lambda one: one.__name__)
async def test_a_damaged_value_is_withheld_and_the_page_is_shown(service: ServiceUnderTest, damage: Damage) -> None:
    before = (await service.ask(TARGETS, SEES_ALL)).data["focusedCheckTargets"]["nodes"]
    await damage(service)
    reply, entries = await service.recorded(TARGETS, SEES_ALL)
    gid = service.world.party("person-1").gid
    expected = [
        {**node, "subject": {**node["subject"], "name": None, "also": None}} if node["subject"]["id"] == gid else node
        for node in before
    ]
    assert reply.status == 200
    assert reply.data["focusedCheckTargets"]["nodes"] == expected
    assert expected != before
    place = "focusedCheckTargets.nodes.subject."
    assert reply.withheld == {f"{place}name": "damaged", f"{place}also": "damaged"}
    rows = [at for at, node in enumerate(expected) if node != before[at]]
    assert [error["path"] for error in reply.errors] == [
        ["focusedCheckTargets", "nodes", at, "subject", key] for key in ("name", "also") for at in rows
    ]
    assert all(error["extensions"]["types"] == ["NaturalPerson"] for error in reply.errors)
    assert "损坏" in reply.errors[0]["message"]
    # A fault of the store is an error in either mode: a client cannot take it for a decision of the policy.
    other = await service.ask(TARGETS, SEES_ALL, withheld=WithheldMode.EXTENSIONS)
    assert (other.data, other.errors) == (reply.data, reply.errors)
    shown = {entry["subject_id"]: {field for field, _, _ in entry["fields"]} for entry in entries}
    assert "NaturalPerson.name" not in shown[person(service)]
    assert "NaturalPerson.identifier" in shown[person(service)]
    assert all("name" in " ".join(fields) for whose, fields in shown.items() if whose != person(service))
    assert service.services.damage.counts[("subjects", "name")] >= 1
    assert not service.failures


async def test_a_field_is_on_record_where_another_row_of_the_subject_shows_it(service: ServiceUnderTest) -> None:
    party = service.world.party("person-1")
    whole = await service.ask(FACTS, "person-1")
    nodes = whole.data["mySubject"]["restraintCases"]["nodes"]
    numbers = [node["number"] for node in nodes if node["facts"]]
    assert len(numbers) > 1, "the person has several cases"
    for count, number in enumerate(numbers, start=1):
        await overwrite(service, restraint_cases, "facts_sealed", party.subject_id, number=number)
        reply, entries = await service.recorded(FACTS, "person-1")
        facts = [node["facts"] for node in reply.data["mySubject"]["restraintCases"]["nodes"]]
        assert facts.count(None) == count + len(nodes) - len(numbers)
        assert reply.withheld["mySubject.restraintCases.nodes.facts"] == "damaged"
        fields = {field for entry in entries for field, _, _ in entry["fields"]}
        assert ("RestraintCase.facts" in fields) == (count < len(numbers))


async def test_what_needs_a_damaged_value_is_refused_by_name_and_changes_nothing(service: ServiceUnderTest) -> None:
    """The name on record is compared with the name at the window: neither the record nor a log says that it was."""
    party = service.world.party("person-1")
    await text_flipped(service)
    document = """mutation($i: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) {
      registerSubject(input: $i) { __typename }
    }"""
    given = {
        "kind": "NATURAL_PERSON",
        "name": party.name,
        "number": party.number,
        "area": encode(Entity.AREA, party.area),
    }
    reply, entries = await service.recorded(document, "clerk", {"i": given})
    assert reply.codes == ["RECORD_DAMAGED"]
    assert "损坏" in reply.errors[0]["message"]
    assert entries == []
    assert not service.failures
    # The answer tells that the number is on record, so it is a lookup that was answered [5.1.6].
    outcome = select(number_lookups.c.entrance, number_lookups.c.outcome)
    assert await service.services.database.fetch(outcome) == [("REGISTRATION", "HIT")]
