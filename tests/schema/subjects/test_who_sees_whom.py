"""Supervisors, the city platform, the office and the public: who sees whom, and in which form [5.2] [6] [5.1.5]."""

import re

import pytest

from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.builders import HEALTH, MARKET, WENSHAO, XUEGONG, World
from tests.schema.service import ServiceUnderTest

TARGETS = """
query Targets($sector: ID, $area: ID, $circumstance: Circumstance, $since: Date) @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 50, sector: $sector, area: $area, circumstance: $circumstance, since: $since) {
    totalCount
    nodes { number facts evidence internalNotes subject { __typename name identifier phone address } }
  }
}
"""
ALL_OF_MARKET = {
    "in-force", "company in force", "trader in force", "in the other sub-district", "club in force", "last day",
    "overdue",
}  # fmt: skip


def numbers(world: World, names: set[str]) -> set[str]:
    return {world.case(name).number for name in names}


@pytest.mark.parametrize(
    ("who", "cases"),
    [
        ("regulator", ALL_OF_MARKET),
        ("regulator of wenshao", {"in-force", "company in force", "trader in force"}),
        ("regulator of health", {"of the health sector"}),
        ("regulator elsewhere", set()),
    ],
)
async def test_targets_are_those_of_ones_own_sector_and_area(
    shared_service: ServiceUnderTest, who: str, cases: set[str]
) -> None:
    reply = await shared_service.ask(TARGETS, who)
    found = reply.data["focusedCheckTargets"]
    assert {node["number"] for node in found["nodes"]} == numbers(shared_service.world, cases)
    assert found["totalCount"] == len(cases)


@pytest.mark.parametrize(
    ("narrowed", "variables", "cases"),
    [
        ("by its own sector", {"sector": ("sector", MARKET)}, ALL_OF_MARKET),
        ("by another's sector", {"sector": ("sector", HEALTH)}, set()),
        ("by sub-district", {"area": ("area", WENSHAO)}, {"in-force", "company in force", "trader in force"}),
        (
            "by the other",
            {"area": ("area", XUEGONG)},
            ALL_OF_MARKET - {"in-force", "company in force", "trader in force"},
        ),
        ("by circumstance", {"circumstance": "OTHER"}, set()),
        ("by the day of publication", {"since": "2026-11-03"}, {"company in force"}),
    ],
)
async def test_targets_are_narrowed_never_widened(
    shared_service: ServiceUnderTest, narrowed: str, variables: dict[str, object], cases: set[str]
) -> None:
    given = {
        name: encode(Entity(value[0]), value[1]) if isinstance(value, tuple) else value
        for name, value in variables.items()
    }
    reply = await shared_service.ask(TARGETS, "regulator", given)
    assert {node["number"] for node in reply.data["focusedCheckTargets"]["nodes"]} == numbers(
        shared_service.world, cases
    )


async def test_a_regulator_sees_facts_and_masks_and_nothing_more(shared_service: ServiceUnderTest) -> None:
    world = shared_service.world
    reply = await shared_service.ask(TARGETS, "regulator")
    by_number = {node["number"]: node for node in reply.data["focusedCheckTargets"]["nodes"]}
    person, company, trader = (
        by_number[world.case(name).number] for name in ("in-force", "company in force", "trader in force")
    )
    assert person["facts"] == world.case("in-force").facts
    assert (person["evidence"], person["internalNotes"]) == (None, None)
    party = world.party("person-1")
    assert person["subject"] == {
        "__typename": "NaturalPerson", "name": party.name, "phone": None, "address": "闻韶街道",
        "identifier": party.number[0] + "*" * 16 + party.number[-1],
    }  # fmt: skip
    assert company["subject"]["identifier"] == world.party("company-1").number
    assert company["subject"]["address"] == world.party("company-1").address
    assert trader["subject"]["address"] == "闻韶街道"
    assert trader["subject"]["identifier"] == "9" + "*" * 16 + world.party("trader-1").number[-1]
    where = "focusedCheckTargets.nodes"
    assert reply.withheld == {
        f"{where}.evidence": "necessity", f"{where}.internalNotes": "necessity", f"{where}.subject.phone": "necessity"
    }  # fmt: skip


async def test_the_platform_sees_who_is_restrained_and_nobody_else(shared_service: ServiceUnderTest) -> None:
    reply = await shared_service.ask(
        "query @purpose(is: PLATFORM_EXCHANGE) { restraintCases(first: 50) { nodes { number facts evidence "
        "internalNotes subject { name identifier phone address } } } }",
        "platform",
    )
    found = {node["number"]: node for node in reply.data["restraintCases"]["nodes"]}
    assert set(found) == numbers(shared_service.world, ALL_OF_MARKET | {"of the health sector"})
    node, party = found[shared_service.world.case("in-force").number], shared_service.world.party("person-1")
    assert node["subject"] == {
        "name": party.name, "identifier": party.number, "phone": None, "address": party.address
    }  # fmt: skip
    assert (node["evidence"], node["internalNotes"]) == ("［已隐去］", None)
    missing = shared_service.world.party("club-1").gid
    one = await shared_service.ask(
        "query($i: ID!) @purpose(is: PLATFORM_EXCHANGE) { subject(id: $i) { name } }", "platform", {"i": missing}
    )
    assert one.data == {"subject": None}


@pytest.mark.parametrize(("who", "purpose"), [("office", "SUPERVISION"), ("auditor", "AUDIT"), ("head", "SUPERVISION")])
async def test_who_supervises_sees_masked_names_and_no_numbers(
    shared_service: ServiceUnderTest, who: str, purpose: str
) -> None:
    reply = await shared_service.ask(
        f"query @purpose(is: {purpose}) {{ restraintCases(first: 50) {{ nodes {{ number circumstance facts subject "
        "{ kind name identifier phone address isRestrained } } } }",
        who,
    )
    nodes = reply.data["restraintCases"]["nodes"]
    assert nodes
    for node in nodes:
        subject = node["subject"]
        assert node["facts"] is None
        assert [subject[item] for item in ("identifier", "phone", "address")] == [None] * 3
        if subject["kind"] in {"NATURAL_PERSON", "SOLE_TRADER"}:
            assert "＊" in subject["name"]
    expected = set(shared_service.world.cases) - {"confidential"}
    if who == "head":
        expected -= {"of the health sector", "club in force"}
    assert {node["number"] for node in nodes} == numbers(shared_service.world, expected)


async def test_an_auditor_sees_every_log_and_a_subject_only_its_own(shared_service: ServiceUnderTest) -> None:
    await shared_service.ask(TARGETS, "regulator")
    log = "{ myAccessLog(first: 100) { totalCount nodes { actor subject { id name } } } }"
    audited = await shared_service.ask(log, "auditor", purpose="AUDIT")
    seen = {node["subject"]["id"] for node in audited.data["myAccessLog"]["nodes"]}
    assert {shared_service.world.party(name).gid for name in ("person-1", "company-1", "trader-2")} <= seen
    assert shared_service.world.party("person-1").name not in str(audited.data)
    own = await shared_service.ask(log, "person-1", purpose="SELF_ACCESS")
    assert {node["subject"]["id"] for node in own.data["myAccessLog"]["nodes"]} == {
        shared_service.world.party("person-1").gid
    }


PUBLIC = """
query List @purpose(is: PUBLICITY) {
  publicRestraintList(first: 50) {
    totalCount
    nodes { id circumstance publishedOn endsOn department { name }
            subject { __typename id kind name identifier phone address isRestrained area { name } } }
  }
}
"""


async def test_the_public_list_has_family_names_and_no_digit_of_any_number(shared_service: ServiceUnderTest) -> None:
    reply = await shared_service.ask(PUBLIC)
    nodes = reply.data["publicRestraintList"]["nodes"]
    assert len(nodes) == len(ALL_OF_MARKET) + 1
    names = {node["subject"]["kind"]: node["subject"]["name"] for node in nodes}
    assert names["NATURAL_PERSON"] == "演＊"
    assert names["LEGAL_PERSON"] in {"演示商贸有限公司", "演示物业有限公司"}
    assert names["SOLE_TRADER"] == "临淄＊＊（个体工商户）" or "＊" in names["SOLE_TRADER"]
    shown = reply.body.decode()
    for party in shared_service.world.parties.values():
        for number in (party.number, party.phone, party.address):
            assert str(number) not in shown
        for at in range(len(party.number) - 5):
            assert party.number[at : at + 6] not in re.sub(r'"id":"[^"]*"', "", shown)
    for node in nodes:
        assert [node["subject"][item] for item in ("identifier", "phone", "address")] == [None] * 3


async def test_reading_the_public_list_leaves_no_entry_in_anybodys_log(shared_service: ServiceUnderTest) -> None:
    _, entries = await shared_service.recorded(PUBLIC, "anonymous")
    assert entries == []


async def test_what_has_ended_is_not_on_any_list_of_those_in_force(shared_service: ServiceUnderTest) -> None:
    ended = numbers(shared_service.world, {"ended", "removed", "unpublished", "confidential"})
    public = "query @purpose(is: PUBLICITY) { publicRestraintList(first: 50) { nodes { number } } }"
    for query, who in ((public, "anonymous"), (TARGETS, "regulator")):
        reply = await shared_service.ask(query, who)
        assert not ended & {node["number"] for node in next(iter(reply.data.values()))["nodes"]}


async def test_what_is_confidential_is_shown_by_no_interface(shared_service: ServiceUnderTest) -> None:
    world, roots = shared_service.world, "restraintCases(first: 50) { nodes { id number } }"
    for who, purpose in (
        ("handler", "DETERMINATION"), ("head", "DETERMINATION"), ("office", "SUPERVISION"), ("auditor", "AUDIT"),
        ("platform", "PLATFORM_EXCHANGE"), ("club-1", "SELF_ACCESS"),
    ):  # fmt: skip
        reply = await shared_service.ask(f"{{ {roots} }}", who, purpose=purpose)
        assert world.case("confidential").number not in reply.body.decode(), who
        node = await shared_service.ask(
            "query($i: ID!) { node(id: $i) { id } }", who, {"i": world.case("confidential").gid}, purpose=purpose
        )
        assert node.data == {"node": None}, who
    own = await shared_service.ask(
        "{ mySubject { isRestrained applications { totalCount } } }", "club-1", purpose="SELF_ACCESS"
    )
    assert own.data == {"mySubject": {"isRestrained": False, "applications": {"totalCount": 0}}}
