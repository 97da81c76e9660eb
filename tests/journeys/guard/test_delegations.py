"""Delegations from their recording to their end, minors, and persons without full capacity, over HTTP [5.1.6] [3.2]."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from consent.leaves.delegation_events import DelegationEvent
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import provenance_of
from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from storage import tables
from tests.builders import NOW, TODAY, WENSHAO
from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_both
from tests.journeys.cases.test_collection import collect, february
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import GRANT, REGISTER, REQUEST
from tests.journeys.support.steps import Steps
from tests.storage.access_record import pending

UNTIL, SOON = ((TODAY + timedelta(days=days)).isoformat() for days in (300, 7))
DELEGATION = """__typename
  ... on DelegationChanged { delegation {
    id kind delegate scope powers evidence recordedBy recordedInRole department { code } startsOn expiresOn isLive
    version withdrawnAt endedBy endedInRole endEvidence subject { name }
  } }
  ... on Refusal { code message messageEn }"""
RECORD = f"mutation R($i: RecordDelegationInput!) {{ recordDelegation(input: $i) {{ {DELEGATION} }} }}"
END = f"mutation E($i: EndDelegationInput!) {{ endDelegation(input: $i) {{ {DELEGATION} }} }}"
MINE = """
query Mine @purpose(is: SELF_ACCESS) {
  mySubject {
    name phone isRestrained
    restraintCases { nodes { number facts } }
    applications { totalCount } authorisations { totalCount }
    delegations { nodes { id kind delegate evidence recordedBy isLive endedBy endedInRole endEvidence version } }
  }
  myNotifications { nodes { topic text delegation { id } } }
}
"""
AUTHORISATIONS = "query A @purpose(is: SELF_ACCESS) { myAuthorisations { nodes { status } } }"
OBJECT = """
mutation Object($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) { raiseObjection(input: $i) { __typename } }
"""
EVERYTHING = ["IDENTITY", "CONTACT", "RESTRAINT", "FACTS", "APPLICATIONS"]
PAPER, SHORT = ["卷宗-2026-07"], "SHORT_OF_PENALTY"


def act(server: RunningServer, who: str, document: str, **given: object) -> dict[str, Any]:
    """Record or end a delegation: a clerk for the applications of its window, all others for themselves."""
    purpose = "APPLICATION_HANDLING" if "clerk" in who else "SELF_ACCESS"
    reply = server.ask(who, document, {"i": given}, headers={"Access-Purpose": purpose})
    assert reply.data is not None, reply.response.text
    (done,) = reply.data.values()
    assert isinstance(done, dict), reply.response.text
    return done


def terms(subject: str, **more: object) -> dict[str, object]:
    return {
        "subject": subject, "kind": "AGENT", "delegate": "deputy-1", "scope": EVERYTHING, "powers": ["CONSENT"],
        "evidence": ["委托书-7"], "expiresOn": UNTIL, **more,
    }  # fmt: skip


def document(years: int) -> dict[str, str]:
    """Give what the identity card of a person of that age says."""
    number = id_number(born=f"{TODAY.year - years}0105")
    return {"kind": "NATURAL_PERSON", "name": "演示小辛", "number": number, "area": encode(Entity.AREA, WENSHAO)}


def born(server: RunningServer, years: int, who: str) -> str:
    """Let the clerk register a person of that age, and let the issuer know its account."""
    subject: str = server.ask("clerk", REGISTER, {"input": document(years)}).data["registerSubject"]["subjectId"]
    (subject_id,) = decode(subject).keys
    server.know(who, Actor(f"account-{who}", Role.SUBJECT, subject=subject_id))  # type: ignore[arg-type]  # a UUID, by its entity
    return subject


@on_both
async def test_a_guardian_consents_for_a_child_of_ten(server: RunningServer) -> None:
    """[PIPL 31]: recorded at the window on paper, seen by the child, and over when the office ends it."""
    child = born(server, 10, "child")
    server.know("mother", Actor("guardian-1", Role.AGENT))
    guardian = terms(child, kind="GUARDIAN", delegate="guardian-1", evidence=["出生医学证明-3", "户口簿-9"])

    given = {"subject": child, "purpose": "CREDIT_CHECK", "expiresOn": SOON, "uses": 1}
    asked = server.ask("clerk", REQUEST, {"input": given}).data["requestAuthorisation"]["authorisation"]["id"]
    alone = server.ask("child", GRANT, {"input": {"authorisation": asked}}).data["grantAuthorisation"]
    assert alone == {"__typename": "NotAdmitted", "code": "GUARDIAN_REQUIRED"}

    assert act(server, "other clerk", RECORD, **guardian)["__typename"] == "NotFound", "not a subject of its window"
    assert act(server, "child", RECORD, **guardian)["code"] == "RECORDED_AT_THE_WINDOW"
    assert act(server, "child", RECORD, **terms(child))["code"] == "GUARDIAN_ACTS"
    assert act(server, "clerk", RECORD, **{**guardian, "evidence": []})["code"] == "AUTHORITY_NOT_SHOWN"
    recorded = act(server, "clerk", RECORD, **guardian)["delegation"]
    assert (recorded["recordedBy"], recorded["recordedInRole"], recorded["department"]) == (
        "clerk-1", "CLERK", {"code": "LZ-SCJG"},
    )  # fmt: skip
    assert recorded["evidence"] == "出生医学证明-3；户口簿-9"

    own = server.ask("child", MINE).data
    assert [one["delegate"] for one in own["mySubject"]["delegations"]["nodes"]] == ["guardian-1"]
    told = own["myNotifications"]["nodes"]
    assert ("DELEGATION_RECORDED", {"id": recorded["id"]}) in [(one["topic"], one["delegation"]) for one in told]

    again = server.ask("child", GRANT, {"input": {"authorisation": asked}}).data["grantAuthorisation"]
    assert again["code"] == "GUARDIAN_REQUIRED"
    granted = server.ask("mother", GRANT, {"input": {"authorisation": asked}}).data["grantAuthorisation"]
    assert granted["authorisation"]["status"] == "LIVE"
    assert server.ask("mother", MINE).data["mySubject"]["name"] == "演示小辛"

    assert act(server, "clerk", END, delegation=recorded["id"])["code"] == "AUTHORITY_NOT_SHOWN"
    ended = act(server, "clerk", END, delegation=recorded["id"], evidence=["判决书-4"], expectedVersion=1)["delegation"]
    assert (ended["isLive"], ended["endedBy"], ended["endEvidence"]) == (False, "clerk-1", "判决书-4")
    assert server.ask("mother", MINE).data["mySubject"] is None
    told = server.ask("child", MINE).data["myNotifications"]["nodes"]
    assert "DELEGATION_ENDED" in {one["topic"] for one in told}


@on_both
async def test_a_guardian_consents_for_an_adult_ward(server: RunningServer) -> None:
    """[Civil Code 22, 145]: what the ward gave before the record, since the court's day, has ended."""
    ward = born(server, 40, "ward")
    server.know("brother", Actor("guardian-2", Role.AGENT))
    given = {"subject": ward, "purpose": "CREDIT_CHECK", "expiresOn": SOON, "uses": 1}

    def asked() -> str:
        done: str = server.ask("clerk", REQUEST, {"input": given}).data["requestAuthorisation"]["authorisation"]["id"]
        return done

    def granted(who: str, authorisation: str) -> dict[str, Any]:
        done: dict[str, Any] = server.ask(who, GRANT, {"input": {"authorisation": authorisation}}).data[
            "grantAuthorisation"
        ]
        return done

    assert granted("ward", asked())["authorisation"]["status"] == "LIVE"
    guardian = terms(ward, kind="GUARDIAN", delegate="guardian-2", evidence=["特别程序判决-5"])
    act(server, "clerk", RECORD, **guardian, startsOn="2026-01-01")
    own = server.ask("ward", AUTHORISATIONS).data["myAuthorisations"]["nodes"]
    assert [one["status"] for one in own] == ["WITHDRAWN"]
    again = asked()
    assert granted("ward", again) == {"__typename": "NotAdmitted", "code": "GUARDIAN_REQUIRED"}
    assert granted("brother", again)["authorisation"]["status"] == "LIVE"


@on_both
async def test_an_officer_of_a_company_reads_what_its_delegation_names(server: RunningServer) -> None:
    """The company records it itself; groups bound what is read, powers what is done; a chain has one link."""
    world = server.world
    company = world.party("company-1")
    server.know("officer", Actor("deputy-1", Role.AGENT))
    narrow = terms(company.gid, kind="OFFICER", scope=["RESTRAINT"], powers=[], evidence=["任职文件-2"])
    recorded = act(server, "company-1", RECORD, **narrow)["delegation"]
    assert (recorded["scope"], recorded["powers"]) == (["IDENTITY", "RESTRAINT"], [])
    assert (recorded["recordedInRole"], recorded["department"], recorded["startsOn"]) == (
        "SUBJECT", None, TODAY.isoformat(),
    )  # fmt: skip

    read = server.ask("officer", MINE).data
    found = read["mySubject"]
    assert (found["name"], found["isRestrained"]) == (company.name, True)
    shown = {node["number"] for node in found["restraintCases"]["nodes"]}
    assert world.case("company in force").number in shown
    assert {node["facts"] for node in found["restraintCases"]["nodes"]} == {None}
    assert (found["phone"], found["applications"], found["authorisations"]) == (None, None, None)
    assert [one["delegate"] for one in found["delegations"]["nodes"]] == ["deputy-1"], "not who else acts for it"
    assert {one["topic"] for one in read["myNotifications"]["nodes"]} == {"DELEGATION_RECORDED"}
    asked = {"authorisation": world.authorisation("requested").gid}
    assert server.ask("officer", GRANT, {"input": asked}).data["grantAuthorisation"]["__typename"] == "NotFound"
    assert act(server, "officer", RECORD, **terms(company.gid, delegate="deputy-2"))["code"] == (
        "DELEGATE_CANNOT_DELEGATE"
    )

    wide = act(server, "company-1", RECORD, **terms(company.gid, kind="OFFICER", evidence=["任职文件-3"]))["delegation"]
    found = server.ask("officer", MINE).data["mySubject"]
    assert found["phone"] == company.phone
    assert found["applications"]["totalCount"] > 0
    facts = {node["facts"] for node in found["restraintCases"]["nodes"]}
    assert world.case("company in force").facts in facts

    assert act(server, "stranger", END, delegation=wide["id"])["__typename"] == "NotFound"
    assert act(server, "officer", END, delegation=wide["id"]) == {"__typename": "DelegationChanged", "delegation": None}
    assert server.ask("officer", MINE).data["mySubject"]["phone"] is None, "the narrow one is left"
    act(server, "company-1", END, delegation=recorded["id"])
    assert server.ask("officer", MINE).data["mySubject"] is None
    assert act(server, "company-1", END, delegation=recorded["id"])["code"] == "DELEGATION_ENDED"

    listed = server.ask("company-1", MINE).data["mySubject"]["delegations"]["nodes"]
    ends = {one["evidence"]: (one["isLive"], one["endedInRole"]) for one in listed if one["delegate"] == "deputy-1"}
    assert ends == {"任职文件-2": (False, "SUBJECT"), "任职文件-3": (False, "AGENT")}
    rows = await server.database.fetch(select(tables.delegation_events))
    names = tables.delegation_events.c.keys()
    stored = [dict(zip(names, row, strict=True)) for row in rows]
    events = [
        DelegationEvent(**{name: row[name] for name in row if name not in PROVENANCE}, request=provenance_of(row))
        for row in stored
    ]
    waiting = {source: entry for log, source, entry in await pending(server.database) if log == "consent"}
    assert all(waiting[one.event_id] == one.commitment() for one in events)


async def test_a_close_relative_of_the_dead_reads_and_objects_and_gives_no_consent(server: RunningServer) -> None:
    """[PIPL 49], on the proofs of death and kinship."""
    person = server.world.party("person-1")
    server.know("daughter", Actor("relative-1", Role.AGENT))
    relative = terms(
        person.gid, kind="CLOSE_RELATIVE", delegate="relative-1", powers=["OBJECTION"], evidence=["死亡证明-1"]
    )
    assert act(server, "clerk", RECORD, **relative)["code"] == "KINSHIP_NOT_SHOWN"
    relative["evidence"] = ["死亡证明-1", "亲属关系证明-2"]
    assert act(server, "clerk", RECORD, **{**relative, "powers": ["CONSENT"]})["code"] == "POWER_NOT_OF_KIND"
    assert act(server, "clerk", RECORD, **relative)["__typename"] == "DelegationChanged"

    assert server.ask("daughter", MINE).data["mySubject"]["name"] == person.name
    objection = (
        "mutation($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) { raiseObjection(input: $i) { __typename } }"
    )
    raised = server.ask("daughter", objection, {"i": {"record": person.gid, "text": "住址有误。"}})
    assert raised.data["raiseObjection"]["__typename"] == "ObjectionChanged", raised.response.text
    given = {"subject": person.gid, "purpose": "CREDIT_CHECK", "expiresOn": SOON, "uses": 1}
    asked = server.ask("clerk", REQUEST, {"input": given}).data["requestAuthorisation"]["authorisation"]["id"]
    assert server.ask("daughter", GRANT, {"input": {"authorisation": asked}}).data["grantAuthorisation"] == {
        "__typename": "NotFound", "code": "NOT_FOUND",
    }  # fmt: skip


def case_against(server: RunningServer, years: int) -> Steps:
    """Collect a case in February 2026 against a person that was of that age then."""
    born(server, years, f"person of {years}")
    found = collect(server, subject=None, person=document(years), number=f"临市监〔2026〕{years}号")
    return Steps(server, found["case"]["id"])


@on_both
async def test_a_minor_is_not_restrained_unless_it_lives_on_its_own_work(server: RunningServer) -> None:
    """[Shandong 2] [Civil Code 18]: by the birth date of the number, at the day of the breach."""
    finding = {"evidence": PAPER, "severity": SHORT}
    fifteen = case_against(server, 15)
    for more in ({}, {"selfSupport": ["劳动合同-1"]}):
        refused = fifteen("handler", "verifyCase", february(10), **finding, **more)
        assert (refused["__typename"], refused["code"]) == ("WithoutFullCapacity", "WITHOUT_FULL_CAPACITY")
    assert fifteen.done("handler", "dropCase", february(10)) == "DROPPED"

    seventeen = case_against(server, 17)
    assert seventeen("handler", "verifyCase", february(10), **finding)["code"] == "WITHOUT_FULL_CAPACITY"
    seventeen.done("handler", "verifyCase", february(10), **finding, selfSupport=["劳动合同-1"])
    seventeen.done("handler", "noticeCase", february(11))
    seventeen.done("handler", "serveCase", february(13), evidence=["回执-2026-07"], means="ON_THE_SPOT")
    determination = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第17号"}
    assert seventeen.done("handler", "determineCase", february(26), **determination) == "DETERMINED"


async def test_an_adult_with_a_guardian_on_the_day_of_the_breach_is_not_restrained(server: RunningServer) -> None:
    """The court's day counts, although the guardianship was recorded after it: here, after the verification."""
    subject = born(server, 40, "ward")
    found = collect(server, subject=None, person=document(40), number="临市监〔2026〕40号")
    step = Steps(server, found["case"]["id"])
    step.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT)
    step.done("handler", "noticeCase", february(11))
    step.done("handler", "serveCase", february(13), evidence=["回执-2026-07"], means="ON_THE_SPOT")
    guardian = {"kind": "GUARDIAN", "delegate": "guardian-2", "evidence": ["特别程序判决-5"]}
    act(server, "clerk", RECORD, **terms(subject, **guardian, startsOn="2026-01-01", expiresOn="2026-12-31"))
    determination = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第40号"}
    refused = step("handler", "determineCase", february(26), **determination)
    assert refused["code"] == "WITHOUT_FULL_CAPACITY"
    assert refused["messageEn"].endswith("is not restrained.")
    server.clock.at = NOW
