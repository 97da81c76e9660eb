"""What subjects, their delegates, and associations with their consent see [5.1.6] [5.2.3]."""

from datetime import timedelta

from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.builders import NOW, SCJG, TODAY, WJJ
from tests.databases import on_both
from tests.journeys.running_server import Reply, RunningServer
from tests.journeys.support.documents import CHECK, CONSULT, GRANT, LOG, WITHDRAW

SELF = """
query Self($id: ID) @purpose(is: SELF_ACCESS) {
  mySubject(id: $id) {
    id name identifier phone address isRestrained
    restraintCases { nodes { number status facts evidence internalNotes } }
    applications { totalCount nodes { status matter { name } } }
    delegations { nodes { delegate expiresOn } }
  }
}
"""
REVEAL = "query @purpose(is: SELF_ACCESS) { mySubject { ... on NaturalPerson { identifierRevealed } } }"
ASK_ABOUT = """
mutation Consult($input: ConsultInput!) @purpose(is: CONSULTATION) {
  consult(input: $input) { ... on ConsultationAnswered { lines { line reply } } ... on Refusal { code } }
}
"""


def reply_of(answer: Reply) -> str:
    """Give the reply to the one name of a consultation."""
    (line,) = answer.data["consult"]["lines"]
    return line["reply"]


@on_both
async def test_a_subject_sees_its_data_its_cases_and_who_looked(server: RunningServer) -> None:
    world = server.world
    party = world.party("person-1")
    reply = server.ask("person-1", SELF)
    own = reply.data["mySubject"]
    assert (own["id"], own["name"], own["phone"], own["address"]) == (party.gid, party.name, party.phone, party.address)
    assert own["identifier"] == party.number[0] + "*" * 16 + party.number[-1]
    cases = {node["number"]: node for node in own["restraintCases"]["nodes"]}
    assert set(cases) == {world.case("in-force").number, world.case("unpublished").number}
    assert cases[world.case("unpublished").number]["status"] == "SERVED"
    assert {node["facts"] for node in cases.values()} == {world.case("in-force").facts, world.case("unpublished").facts}
    assert {node["internalNotes"] for node in cases.values()} == {None}
    assert own["applications"]["totalCount"] == 2
    assert [node["delegate"] for node in own["delegations"]["nodes"]] == ["agent-1"]
    (entry,) = server.ask("person-1", LOG).data["myAccessLog"]["nodes"]
    assert (entry["role"], entry["basis"]) == ("subject", "OWN_RIGHT")


async def test_somebody_elses_id_gives_nothing(server: RunningServer) -> None:
    assert server.ask("person-1", SELF, {"id": server.world.party("person-2").gid}).data == {"mySubject": None}


async def test_revealing_ones_own_number_is_recorded_as_a_reveal(server: RunningServer) -> None:
    assert (
        server.ask("person-1", REVEAL).data["mySubject"]["identifierRevealed"] == server.world.party("person-1").number
    )
    (entry,) = server.ask("person-1", LOG).data["myAccessLog"]["nodes"]
    shown = {(one["field"], one["dataClass"], one["form"]) for one in entry["fieldsShown"]}
    assert ("NaturalPerson.identifierRevealed", "IDENTITY_NUMBER_REVEALED", "CLEAR") in shown


async def test_an_agent_acts_while_its_delegation_lives_and_never_reveals_the_number(server: RunningServer) -> None:
    world = server.world
    own = server.ask("agent", SELF).data["mySubject"]
    assert own["id"] == world.party("person-1").gid
    assert own["phone"] == world.party("person-1").phone
    for name in ("person-2", "company-2", "company-1"):
        assert server.ask("agent", SELF, {"id": world.party(name).gid}).data == {"mySubject": None}, name
    refused = server.ask("agent", REVEAL)
    assert refused.data == {"mySubject": {"identifierRevealed": None}}
    assert refused.withheld == {"mySubject.identifierRevealed": "role"}
    assert server.ask("stranger", SELF).data == {"mySubject": None}

    server.clock.at += timedelta(days=42)
    assert server.ask("agent", SELF).data == {"mySubject": None}


async def test_an_agent_answers_for_its_principal_and_for_nobody_else(server: RunningServer) -> None:
    world = server.world
    answered = server.ask("agent", GRANT, {"input": {"authorisation": world.authorisation("requested").gid}})
    assert answered.data["grantAuthorisation"]["__typename"] == "NotFound"
    withdrawn = server.ask("agent", WITHDRAW, {"input": {"authorisation": world.authorisation("live").gid}})
    assert withdrawn.data["withdrawAuthorisation"]["__typename"] == "NotFound"

    given = {"subject": world.party("person-1").gid, "purpose": "CONSULTATION"}
    asked = server.ask("association", CONSULT, {"input": given}).data["requestAuthorisation"]["authorisation"]
    answered = server.ask("agent", GRANT, {"input": {"authorisation": asked["id"]}})
    assert answered.data["grantAuthorisation"]["authorisation"]["status"] == "LIVE"


async def test_an_association_learns_restrained_or_not_on_the_subjects_word_alone(server: RunningServer) -> None:
    party = server.world.party("person-1")
    given = {"kind": "AWARD", "occasion": "评优-2026-01", "names": [{"kind": "ID_NUMBER", "number": party.number}]}
    assert reply_of(server.ask("association", ASK_ABOUT, {"input": given})) == "NO_AUTHORISATION"

    until = (TODAY + timedelta(days=7)).isoformat()
    wanted = {"subject": party.gid, "purpose": "CONSULTATION", "expiresOn": until, "uses": 1}
    asked = server.ask("association", CONSULT, {"input": wanted}).data["requestAuthorisation"]["authorisation"]
    server.ask("person-1", GRANT, {"input": {"authorisation": asked["id"]}})

    assert reply_of(server.ask("association", ASK_ABOUT, {"input": given})) == "RESTRAINED"
    assert reply_of(server.ask("association", ASK_ABOUT, {"input": given})) == "NO_AUTHORISATION"  # its one use is made


async def test_a_department_consults_by_statute_and_is_seen(server: RunningServer) -> None:
    given = {
        "kind": "AWARD",
        "occasion": "评优-2026-01",
        "statute": "《演示评优办法》第三条",
        "names": [{"kind": "ID_NUMBER", "number": server.world.party("person-2").number}],
    }
    assert reply_of(server.ask("head", ASK_ABOUT, {"input": given})) == "RESTRAINED"
    (entry,) = server.ask("person-2", LOG, {"purpose": "CONSULTATION"}).data["myAccessLog"]["nodes"]
    assert (entry["actor"], entry["basis"], entry["citation"]) == ("head-1", "STATUTE", "5.2.3")


NARROWED = """
query Narrowed($byOthers: Boolean, $department: ID, $purpose: Purpose, $since: DateTime, $until: DateTime)
@purpose(is: SELF_ACCESS) {
  myAccessLog(
    byOthers: $byOthers, department: $department, purpose: $purpose, since: $since, until: $until, first: 1
  ) { totalCount pageInfo { hasNextPage } nodes { role department { code } } }
}
"""


@on_both
async def test_a_log_is_narrowed_to_others_a_department_a_purpose_and_a_period(server: RunningServer) -> None:
    world = server.world
    party = world.party("company-1")  # it has a live authorisation for SCJG
    check = CHECK.replace("= ID_NUMBER", "= SOCIAL_CREDIT_CODE")
    for _ in range(2):
        assert server.ask("clerk", check, {"number": party.number}).data["subjectByIdentifier"]
    server.ask("company-1", SELF)
    here, elsewhere = (encode(Entity.DEPARTMENT, code) for code in (SCJG, WJJ))
    before, after = ((NOW + timedelta(minutes=minutes)).isoformat() for minutes in (-1, 1))
    for narrowed, count in (
        ({}, 2),
        ({"department": here}, 2),
        ({"department": elsewhere}, 0),
        ({"purpose": "CREDIT_CHECK", "since": before, "until": after}, 2),
        ({"purpose": "DETERMINATION"}, 0),
        ({"until": before}, 0),
    ):
        reply = server.ask("company-1", NARROWED, {"byOthers": True, **narrowed})
        assert not reply.errors, reply.json
        page = reply.data["myAccessLog"]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (count, count > 1), narrowed
        assert page["nodes"] == ([{"role": "clerk", "department": {"code": SCJG}}] if count else []), narrowed
    own = server.ask("company-1", NARROWED, {"byOthers": False}).data["myAccessLog"]
    assert own["nodes"] == [{"role": "subject", "department": None}]
