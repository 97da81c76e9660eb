"""What regulators, handlers, reviewers, the office, the platform and the public see, over HTTP [5.1] [5.2] [6]."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from storage import tables
from tests.databases import on_both
from tests.journeys.running_server import RunningServer

TARGETS = """
query Targets @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 20) { nodes { id number facts subject { id name identifier phone } } }
}
"""
ONE = """
query One($id: ID!) @purpose(is: FOCUSED_CHECK) {
  node(id: $id) { id ... on RestraintCase { number facts } ... on Subject { name isRestrained } }
}
"""
CASES = """
query Cases($number: String) @purpose(is: DETERMINATION) {
  restraintCases(first: 20, number: $number) {
    nodes { number handler facts evidence internalNotes subject { name identifier phone address } }
  }
}
"""
REVIEWS = CASES.replace("DETERMINATION", "REVIEW")


@on_both
async def test_a_regulator_reads_inside_its_sector_and_area_and_not_outside(server: RunningServer) -> None:
    world = server.world
    inside = server.ask("regulator of wenshao", TARGETS).data["focusedCheckTargets"]["nodes"]
    assert {node["number"] for node in inside} == {
        world.case(name).number for name in ("in-force", "company in force", "trader in force")
    }
    assert world.case("in-force").facts in {node["facts"] for node in inside}
    for outside in ("in the other sub-district", "of the health sector", "ended", "unpublished"):
        assert server.ask("regulator of wenshao", ONE, {"id": world.case(outside).gid}).data == {"node": None}, outside
    for stranger in ("person-2", "club-1"):
        assert server.ask("regulator of wenshao", ONE, {"id": world.party(stranger).gid}).data == {"node": None}
    health = server.ask("regulator of health", TARGETS).data["focusedCheckTargets"]["nodes"]
    assert [node["number"] for node in health] == [world.case("of the health sector").number]

    log = """query @purpose(is: SELF_ACCESS) {
      myAccessLog { nodes { actor role purpose basis fieldsShown { field form } } }
    }"""
    (seen,) = server.ask("trader-1", log).data["myAccessLog"]["nodes"]
    assert (seen["actor"], seen["purpose"], seen["basis"]) == ("regulator-2", "FOCUSED_CHECK", "STATUTE")
    assert {"field": "SoleTrader.identifier", "form": "MASKED"} in seen["fieldsShown"]
    own = server.ask("person-2", log).data["myAccessLog"]["nodes"]
    assert {entry["actor"] for entry in own} == {"regulator-3"}


@on_both
async def test_a_handler_reads_its_own_cases_whole_and_the_departments_masked_in_one_list(
    server: RunningServer,
) -> None:
    world = server.world
    reply = server.ask("handler", CASES)
    nodes: dict[str, dict[str, Any]] = {node["number"]: node for node in reply.data["restraintCases"]["nodes"]}
    own, other = nodes[world.case("in-force").number], nodes[world.case("unpublished").number]
    party = world.party("person-1")
    assert (own["handler"], other["handler"]) == ("handler-1", "handler-2")
    assert own["facts"] == world.case("in-force").facts
    assert own["evidence"] == world.case("in-force").evidence
    assert own["internalNotes"] == world.case("in-force").notes
    assert own["subject"] == {
        "name": party.name, "identifier": party.number, "phone": party.phone, "address": party.address
    }  # fmt: skip
    assert (other["facts"], other["evidence"], other["internalNotes"]) == ("［已隐去］", None, None)
    assert other["subject"] == {
        "name": party.name, "identifier": party.number[0] + "*" * 16 + party.number[-1], "phone": None, "address": None
    }  # fmt: skip
    assert ["restraintCases", "nodes", "facts"] in reply.json["extensions"]["masked"]
    assert world.case("of the health sector").number not in nodes
    assert world.case("confidential").number not in nodes


@pytest.mark.parametrize(
    ("who", "cases"),
    [("reviewer", {"in-force", "unpublished"}), ("handling reviewer", set())],
    ids=["assigned for review", "never of a case they handled"],
)
async def test_a_reviewer_reads_what_is_under_review(server: RunningServer, who: str, cases: set[str]) -> None:
    table, under_review = tables.restraint_cases, server.world.case("unpublished")
    async with server.database.writing() as session:
        await session.execute(
            update(table).where(table.c.case_id == under_review.case_id).values(stated_on=date(2026, 11, 19))
        )
    reply = server.ask(who, REVIEWS)
    nodes = reply.data["restraintCases"]["nodes"]
    assert {node["number"] for node in nodes} == {server.world.case(name).number for name in cases}
    for node in nodes:
        assert (node["subject"]["phone"], node["subject"]["address"]) == (None, None)
        if node["number"] == under_review.number:
            assert "*" in node["subject"]["identifier"]
            assert node["evidence"]
        else:  # no review of it is open [5.1.4(4)]
            assert (node["subject"]["identifier"], node["evidence"]) == (None, None)


async def test_the_office_and_the_auditor_see_masked_names(server: RunningServer) -> None:
    query = "{ restraintCases(first: 20) { nodes { subject { kind name identifier } } } }"
    for who, purpose in (("office", "SUPERVISION"), ("auditor", "AUDIT")):
        reply = server.ask(who, query, headers={"Access-Purpose": purpose})
        persons = [
            node["subject"]
            for node in reply.data["restraintCases"]["nodes"]
            if node["subject"]["kind"] == "NATURAL_PERSON"
        ]
        assert {person["name"] for person in persons} == {"演＊"}
        assert {person["identifier"] for person in persons} == {None}


async def test_the_platform_reads_those_who_are_restrained(server: RunningServer) -> None:
    query = (
        "query($i: [ID!]!) @purpose(is: PLATFORM_EXCHANGE) { nodes(ids: $i) { ... on Subject { name identifier } } }"
    )
    person, free = server.world.party("person-1"), server.world.party("club-1")
    reply = server.ask("platform", query, {"i": [person.gid, free.gid]})
    assert reply.data == {"nodes": [{"name": person.name, "identifier": person.number}, None]}


async def test_everybody_reads_the_public_list_without_a_token(server: RunningServer) -> None:
    query = """query @purpose(is: PUBLICITY) {
      publicRestraintList(first: 20) { nodes { circumstance endsOn subject { name identifier phone address } } }
    }"""
    reply = server.ask("anonymous", query)
    assert reply.status == 200
    assert len(reply.data["publicRestraintList"]["nodes"]) == 8
    for party in server.world.parties.values():
        assert party.number not in reply.response.text
        assert party.number[6:14] not in reply.response.text
        assert str(party.phone) not in reply.response.text
    asked = server.send({}, "GET", params={"query": query})
    assert asked.data == reply.data


async def test_without_a_token_nothing_else_is_open(server: RunningServer) -> None:
    for query in (TARGETS, CASES, "query @purpose(is: SELF_ACCESS) { mySubject { name } }"):
        refused = server.ask("anonymous", query)
        assert (refused.status, refused.codes) == (401, {"ROOT_REFUSED"})
        assert "data" not in refused.json
