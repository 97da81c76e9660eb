"""Who sees which rows for what: the table beside "the least that each needs", read off the rules by hand [5.1.6].

A line names the caller, the purpose and the cases that are listed; every other case is not.
`tests/policy/test_needs.py` has the table of fields, `tests/storage/queries/scopes/scope_table.py` that of the rows.
"""

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from consent.rules import Bounds
from policy.actors import Actor, Role
from queryplan.entities import Entity
from storage import tables
from tests.builders import NOW, SCJG, SPFW, TODAY, WJJ, Held, World, answer, ask_for, live_authorisation
from tests.schema.service import ServiceUnderTest
from tests.storage import rows

IN_FORCE = {
    "in-force", "company in force", "trader in force", "in the other sub-district", "club in force", "last day",
    "overdue", "of the health sector",
}  # fmt: skip
OPEN = IN_FORCE | {"ended", "unpublished", "removed"}
"""Every case that is not confidential."""
OF_SCJG = OPEN - {"club in force", "of the health sector"}
HANDLED_BY_1 = {"in-force", "in the other sub-district", "last day", "ended", "overdue", "removed"}

LISTS: list[tuple[str | Actor, str, set[str]]] = [
    # Of the department, and nothing of a department where one worked before [5.1.1].
    ("handler", "DETERMINATION", OF_SCJG),
    ("head", "DETERMINATION", OF_SCJG),
    (Actor("handler-1", Role.HANDLER, WJJ), "DETERMINATION", {"of the health sector"}),
    (Actor("handler-1", Role.HANDLER, SPFW), "DETERMINATION", {"club in force"}),
    # Under review by this person, in its present department, and never a case that it handled [5.1.4(4)].
    ("reviewer", "REVIEW", {"in-force", "unpublished"}),
    ("handling reviewer", "REVIEW", set()),
    (Actor("reviewer-1", Role.REVIEWER, WJJ), "REVIEW", set()),
    # In force in the sector and area [5.2.2].
    ("regulator", "FOCUSED_CHECK", IN_FORCE - {"of the health sector"}),
    ("regulator of health", "FOCUSED_CHECK", {"of the health sector"}),
    ("regulator elsewhere", "FOCUSED_CHECK", set()),
    # In force [5.1.4(5)].
    ("platform", "PLATFORM_EXCHANGE", IN_FORCE),
    # One's own, once notified [5.1.4(2)].
    ("person-1", "SELF_ACCESS", {"in-force", "unpublished"}),
    ("club-1", "SELF_ACCESS", {"ended"}),
    ("agent", "SELF_ACCESS", {"in-force", "unpublished"}),
    ("stranger", "SELF_ACCESS", set()),
    # Every case but the confidential ones [6.1]; a head those of the own department.
    ("office", "SUPERVISION", OPEN),
    ("head", "SUPERVISION", OF_SCJG),
    ("auditor", "AUDIT", OPEN),
    # What is listed today [5.1.5].
    ("anonymous", "PUBLICITY", IN_FORCE),
    ("handler", "PUBLICITY", IN_FORCE),
    ("admin", "PUBLICITY", IN_FORCE),
]


def numbers(world: World, names: set[str]) -> set[str]:
    return {world.case(name).number for name in names}


@pytest.mark.parametrize(("who", "purpose", "cases"), LISTS, ids=[f"{who}-{purpose}" for who, purpose, _ in LISTS])
async def test_each_purpose_lists_these_cases_and_no_others(
    shared_service: ServiceUnderTest, who: str | Actor, purpose: str, cases: set[str]
) -> None:
    query = f"query @purpose(is: {purpose}) {{ restraintCases(first: 50) {{ totalCount nodes {{ number }} }} }}"
    found = (await shared_service.ask(query, who)).data["restraintCases"]
    assert {node["number"] for node in found["nodes"]} == numbers(shared_service.world, cases)
    assert found["totalCount"] == len(cases)


async def test_facts_are_clear_for_the_handler_at_its_post(shared_service: ServiceUnderTest) -> None:
    """Person and present department: who has moved sees the former cases no more, in whatever role [5.1.1]."""
    world = shared_service.world
    query = "query @purpose(is: DETERMINATION) { restraintCases(first: 50) { nodes { number facts } } }"
    plain = {case.number: case.facts for case in world.cases.values()}
    clear = {}
    for department in (SCJG, WJJ, SPFW):
        reply = await shared_service.ask(query, Actor("handler-1", Role.HANDLER, department))
        nodes = reply.data["restraintCases"]["nodes"]
        clear[department] = {node["number"] for node in nodes if node["facts"] == plain[node["number"]]}
    # Until the case is over [5.1.5]: `test_which_content`.
    assert clear == {SCJG: numbers(world, HANDLED_BY_1 - {"ended", "removed"}), WJJ: set(), SPFW: set()}


PERSONAL: list[tuple[str, str, str, set[str]]] = [
    # Who somebody is, in a case that is open; not in one that has ended, whatever else is open: company-1 has both,
    # a case that was removed and a restraint in force [5.1.5] [5.1.6].
    ("handler", "DETERMINATION", "name", OF_SCJG - {"ended", "removed"}),
    ("handler", "DETERMINATION", "identifier", OF_SCJG - {"ended", "removed"}),
    # More to who has the case.
    ("handler", "DETERMINATION", "phone", HANDLED_BY_1 - {"ended", "removed"}),
    ("handler", "DETERMINATION", "address", HANDLED_BY_1 - {"ended", "removed"}),
    ("head", "DETERMINATION", "name", OF_SCJG - {"ended", "removed"}),
    # No review of its two cases is open: `test_which_content` has those that are [5.1.4(4)].
    ("reviewer", "REVIEW", "name", set()),
    ("regulator", "FOCUSED_CHECK", "name", IN_FORCE - {"of the health sector"}),
    ("platform", "PLATFORM_EXCHANGE", "identifier", IN_FORCE),
    ("club-1", "SELF_ACCESS", "name", {"ended"}),
]


@pytest.mark.parametrize(
    ("who", "purpose", "field", "cases"), PERSONAL, ids=[f"{who}-{field}" for who, _, field, _ in PERSONAL]
)
async def test_personal_fields_end_with_their_reason(
    shared_service: ServiceUnderTest, who: str, purpose: str, field: str, cases: set[str]
) -> None:
    query = (
        f"query @purpose(is: {purpose}) {{ restraintCases(first: 50) {{ nodes {{ number subject {{ {field} }} }} }} }}"
    )
    nodes = (await shared_service.ask(query, who)).data["restraintCases"]["nodes"]
    assert {node["number"] for node in nodes if node["subject"][field]} == numbers(shared_service.world, cases)


async def test_an_application_that_is_decided_names_nobody(shared_service: ServiceUnderTest) -> None:
    """Whatever else the applicant has open: person-1 has filed another [4.2] [5.1.6]."""
    query = """query @purpose(is: APPLICATION_HANDLING) {
      applications(first: 50) { nodes { id subject { name identifier phone } } }
    }"""
    for who in ("clerk", "handler"):
        nodes = (await shared_service.ask(query, who)).data["applications"]["nodes"]
        shown = {node["id"]: {item is not None for item in node["subject"].values()} for node in nodes}
        for name, seen in (("of person-1", {True}), ("decided", {False})):
            assert shown[shared_service.world.application(name).gid] == seen, (who, name)


async def test_an_applicant_is_shown_by_its_applications_alone(shared_service: ServiceUnderTest) -> None:
    """A case tells the window nothing, not even that there is a subject with one [4.2] [5.1.6]."""
    world = shared_service.world
    query = "query($i: ID!) { subject(id: $i) { name phone } }"
    for whose, seen in (("person-1", True), ("company-1", True), ("trader-2", False), ("person-2", False)):
        reply = await shared_service.ask(query, "clerk", {"i": world.party(whose).gid}, purpose="APPLICATION_HANDLING")
        assert (reply.data["subject"] is not None) is seen, whose
    # Open there for the handler, and for nobody at another department.
    reply = await shared_service.ask(query, "handler", {"i": world.party("trader-2").gid}, purpose="DETERMINATION")
    assert reply.data["subject"]["name"] == world.party("trader-2").name


FOUND = """query($k: IdentifierKind!, $n: String!, $i: ID!) {
  subjectByIdentifier(kind: $k, number: $n) { id } subject(id: $i) { id }
}"""


@pytest.mark.parametrize(
    ("who", "purpose", "is_found"),
    [
        ("clerk", "APPLICATION_HANDLING", True),
        ("handler", "APPLICATION_HANDLING", True),
        # Without a case there: a case begins with the number, or with the application [5.1.3].
        ("handler", "DETERMINATION", False),
        ("head", "DETERMINATION", False),
    ],
)
async def test_an_applicant_is_in_no_scope_of_determination(
    service: ServiceUnderTest, who: str, purpose: str, *, is_found: bool
) -> None:
    """By its number or its id, an applicant is found for the purpose of its application alone [4.2] [5.1.3] [5.1.6]."""
    party, world = service.world.party("club-2"), service.world  # its case is another department's
    filed = rows.application("filed", "one", subject_id=party.subject_id, department_code=SCJG, matter_code="SCJG-01")
    async with service.services.database.writing() as session:
        await session.execute(insert(filed[0]), dict(filed[1]))
    given = {"k": party.number_kind.value, "n": party.number, "i": party.gid}
    reply = await service.ask(FOUND, world.actor(who), given, purpose=purpose)
    found = {"id": party.gid} if is_found else None
    assert reply.data == {"subjectByIdentifier": found, "subject": found}


async def test_the_tasks_of_the_window_are_on_the_list_of_supervision_alone(service: ServiceUnderTest) -> None:
    """The head reads clear names of cases; of applications and contested papers it supervises [5.1.6] [6.1]."""
    query = "{ worklist(first: 50) { nodes { step subject { name } } } }"
    found = {}
    for purpose in ("DETERMINATION", "SUPERVISION"):
        reply = await service.ask(query, "head", purpose=purpose)
        found[purpose] = {node["step"] for node in reply.data["worklist"]["nodes"]}
    assert found["SUPERVISION"] - found["DETERMINATION"] == {"DECIDE_CONTEST"}


AT_THE_WINDOW: list[tuple[str, dict[str, Any], bool]] = [
    # Whom a notification of the window is about, of which application or authorisation, and whether it is named.
    ("company-1", {"application_id": "application of company-1"}, True),
    ("club-2", {"authorisation_id": "authorisation restraint only"}, False),
    ("trader-1", {"authorisation_id": "authorisation withdrawn"}, False),
    ("company-1", {"authorisation_id": "authorisation live"}, True),  # its application is open
]


OPEN_AND_NOT = ("company-1", "club-2")


async def test_the_window_does_not_keep_the_names_of_former_applicants(service: ServiceUnderTest) -> None:
    """Nor of who granted, withdrew or contested something there: notifications and delegations stay [4.2] [5.1.6]."""
    world = service.world
    async with service.services.database.writing() as session:
        for place, (whose, about, _) in enumerate(AT_THE_WINDOW):
            table, row = rows.filled(
                tables.notifications, f"told {place}", notification_id=world.new_id(), audience="DEPARTMENT",
                topic="AUTHORISATION_WITHDRAWN", at=NOW - timedelta(minutes=place), department_code=SCJG,
            )  # fmt: skip
            named = {name: world.held[which].row_id for name, which in about.items()}
            await session.execute(insert(table), dict(row) | {"subject_id": world.party(whose).subject_id} | named)
        delegations = [Held(Entity.DELEGATION, world.party(one).subject_id, world.new_id()) for one in OPEN_AND_NOT]
        for one in delegations:
            table, row = rows.delegation("one", "one", department_code=SCJG, delegation_id=one.row_id)
            await session.execute(insert(table), dict(row) | {"subject_id": one.subject_id})
    who = "subject { id name identifier }"
    told = await service.ask(
        f"{{ departmentNotifications(first: 4) {{ nodes {{ topic {who} }} }} }}", "clerk",
        purpose="APPLICATION_HANDLING",
    )  # fmt: skip
    shown = [node["subject"] for node in told.data["departmentNotifications"]["nodes"]]
    assert [each and each["name"] for each in shown] == [
        world.party(whose).name if named else None for whose, _, named in AT_THE_WINDOW
    ]
    acting = await service.ask(
        f"query($i: [ID!]!) {{ nodes(ids: $i) {{ ... on Delegation {{ evidence {who} }} }} }}", "clerk",
        {"i": [one.gid for one in delegations]}, purpose="APPLICATION_HANDLING",
    )  # fmt: skip
    assert [one["subject"]["name"] for one in acting.data["nodes"]] == [world.party("company-1").name, None]
    assert {one["evidence"] is None for one in acting.data["nodes"]} == {False}


async def test_a_handler_sees_the_objections_to_its_cases_and_to_nothing_else(service: ServiceUnderTest) -> None:
    """Those to a colleague's case, and to what colleagues have read, are for the head [5.1.4(6)] [6.1]."""
    world = service.world
    contested: dict[str, dict[str, Any]] = {
        "in-force": {"record": "RESTRAINT_CASE"}, "company in force": {"record": "RESTRAINT_CASE"},
        "of an entry": {"record": "ACCESS_ENTRY", "case_id": None},
    }  # fmt: skip
    ids = {}
    async with service.services.database.writing() as session:
        for name, about in contested.items():
            case = world.cases.get(name, world.case("company in force"))
            known = {"subject_id": case.subject_id, "case_id": case.case_id, "record_id": case.case_id} | about
            held = Held(Entity.OBJECTION, case.subject_id, world.new_id())
            table, row = rows.objection("one", "one", "case", objection_id=held.row_id, department_code=SCJG)
            await session.execute(insert(table), dict(row) | known)
            ids[held.gid] = name
    for who, expected in (
        ("handler", {"in-force"}), ("other handler", {"company in force"}), ("head", set(contested)),
    ):  # fmt: skip
        reply = await service.ask("{ objections(first: 9) { nodes { id } } }", who, purpose="DETERMINATION")
        assert {ids[node["id"]] for node in reply.data["objections"]["nodes"]} == expected, who


async def test_under_consultation_a_head_does_not_see_what_its_window_asks_for(
    shared_service: ServiceUnderTest,
) -> None:
    """[5.2.3] [5.1.6]"""
    reply = await shared_service.ask("{ myAuthorisations { totalCount } }", "head", purpose="CONSULTATION")
    assert reply.data == {"myAuthorisations": {"totalCount": 0}}


CHECK = """
query Check($kind: IdentifierKind!, $number: String!) @purpose(is: CREDIT_CHECK) {
  subjectByIdentifier(kind: $kind, number: $number) {
    isRestrained
    restraintCases(first: 50) { totalCount nodes { number } }
  }
}
"""


@pytest.mark.parametrize(
    ("whose", "cases"),
    [
        ("person-1", {"in-force"}),  # not the one that is still unpublished
        ("company-1", {"company in force"}),  # not the one that was removed
        ("trader-2", {"overdue"}),
        ("club-1", set()),  # neither the one that has ended, nor the confidential one
    ],
)
async def test_a_credit_check_finds_restraints_in_force_and_nothing_else(
    service: ServiceUnderTest, whose: str, cases: set[str]
) -> None:
    """No accusation, and nothing after the end or the repair [4.1] [5.1.5]."""
    party = service.world.party(whose)
    await live_authorisation(service.services.database, service.world, party)
    reply = await service.ask(CHECK, "clerk", {"kind": party.number_kind.value, "number": party.number})
    assert reply.errors == []
    found = reply.data["subjectByIdentifier"]
    assert found["isRestrained"] is bool(cases)
    assert {node["number"] for node in found["restraintCases"]["nodes"]} == numbers(service.world, cases)
    assert found["restraintCases"]["totalCount"] == len(cases)


@pytest.mark.parametrize(
    "query",
    [
        "query @purpose(is: CREDIT_CHECK) { restraintCases { nodes { number } } }",
        "query @purpose(is: CREDIT_CHECK) { restraintCases { totalCount } }",
        "query @purpose(is: CREDIT_CHECK) { restraintCases(first: 0) { pageInfo { hasNextPage } } }",
        "query($i: ID!) @purpose(is: CREDIT_CHECK) { nodes(ids: [$i]) { id } }",
    ],
)
async def test_no_list_is_read_on_consent(service: ServiceUnderTest, query: str) -> None:
    """An authorisation serves one person at the window: no list finds who gave one, or uses it up [5.1.6]."""
    party = service.world.party("person-1")
    held = await live_authorisation(service.services.database, service.world, party)
    reply, entries = await service.recorded(query, "clerk", {"i": party.gid} if "$i" in query else None)
    assert (reply.codes, reply.status, entries) == (["LIST_ON_CONSENT"], 403, [])
    own = await service.ask(
        "query @purpose(is: SELF_ACCESS) { mySubject { authorisations(first: 50) { nodes { id usesMade } } } }",
        "person-1",
    )
    uses = {one["id"]: one["usesMade"] for one in own.data["mySubject"]["authorisations"]["nodes"]}
    assert uses[held.gid] == 0


@pytest.mark.parametrize("who", ["clerk", "handler"])
async def test_an_application_does_not_tell_whether_its_applicant_is_restrained(
    shared_service: ServiceUnderTest, who: str
) -> None:
    """What a credit check found that is kept with the application is shown; whether restrained today is not [4.1]."""
    query = """query @purpose(is: APPLICATION_HANDLING) {
      applications(first: 50) { nodes {
        id creditChecks(first: 5) { nodes { finding } } subject { isRestrained restraintCases { totalCount } }
      } }
    }"""
    reply = await shared_service.ask(query, who)
    nodes = reply.data["applications"]["nodes"]
    at = "applications.nodes.subject"
    assert reply.withheld == {f"{at}.isRestrained": "necessity", f"{at}.restraintCases": "necessity"}
    assert {node["subject"]["isRestrained"] for node in nodes} == {None}
    decided = next(node for node in nodes if node["id"] == shared_service.world.application("decided").gid)
    assert decided["creditChecks"] is None  # what was found ends with the application [4.2]


FLAG = {"nothing": None, "restrained": True}
RESTRAINED = """query($i: ID!, $p: IdentifierKind!, $n: String!) {
  subject(id: $i) { isRestrained } subjectByIdentifier(kind: $p, number: $n) { isRestrained }
}"""


@pytest.mark.parametrize(
    ("who", "purpose", "whose", "shown"),
    [
        # Of one's own cases, not even where the restraint is by the department itself: its cases say so [5.1.6].
        ("handler", "APPLICATION_HANDLING", "person-1", "nothing"),
        ("handler", "DETERMINATION", "person-1", "nothing"),
        ("handler", "DETERMINATION", "club-1", "nothing"),
        ("head", "DETERMINATION", "person-1", "nothing"),
        # Who acts on restraints, wherever they come from [5.1.4(5)].
        ("platform", "PLATFORM_EXCHANGE", "person-1", "restrained"),
    ],
)
async def test_whether_somebody_is_restrained_is_not_for_departments_without_consent(
    shared_service: ServiceUnderTest, who: str, purpose: str, whose: str, shown: str
) -> None:
    """The flag counts the restraints of all departments: it needs the subject's authorisation [4.1] [5.1.6]."""
    party = shared_service.world.party(whose)
    given = {"i": party.gid, "p": party.number_kind.value, "n": party.number}
    reply = await shared_service.ask(RESTRAINED, who, given, purpose=purpose)
    assert [found and found["isRestrained"] for found in reply.data.values()] == [FLAG[shown]] * 2


LISTS_WITH_SUBJECTS = [
    ("handler", "DETERMINATION", "restraintCases", "necessity"),
    ("handler", "DETERMINATION", "objections", "necessity"),
    ("handler", "DETERMINATION", "departmentNotifications", "necessity"),
    ("head", "DETERMINATION", "worklist", "necessity"),
    ("head", "SUPERVISION", "restraintCases", "role"),
    ("head", "SUPERVISION", "worklist", "role"),
    ("head", "SUPERVISION", "myAuthorisations", "role"),
    ("reviewer", "REVIEW", "restraintCases", "necessity"),
    ("reviewer", "REVIEW", "objections", "necessity"),
    ("clerk", "APPLICATION_HANDLING", "applications", "necessity"),
    ("clerk", "APPLICATION_HANDLING", "departmentNotifications", "necessity"),
]


EXPLAINED = """
query($document: String!, $purpose: Purpose) {
  explainAccess(document: $document, purpose: $purpose) { fields { path reason } }
}
"""


@pytest.mark.parametrize(("who", "purpose", "root", "reason"), LISTS_WITH_SUBJECTS)
async def test_no_list_of_a_department_tells_who_is_restrained(
    shared_service: ServiceUnderTest, who: str, purpose: str, root: str, reason: str
) -> None:
    """Nor does a subject that is reached through another record [4.1] [5.1.6]."""
    query = f"query {{ {root}(first: 50) {{ nodes {{ subject {{ isRestrained }} }} }} }}"
    reply = await shared_service.ask(query, who, purpose=purpose)
    shown = [node for node in reply.data[root]["nodes"] if node["subject"] is not None]
    assert reply.withheld == ({f"{root}.nodes.subject.isRestrained": reason} if shown else {})
    explained = await shared_service.ask(EXPLAINED, who, {"document": query, "purpose": purpose})
    fields = {".".join(one["path"]): one for one in explained.data["explainAccess"]["fields"]}
    assert fields[f"{root}.nodes.subject.isRestrained"]["reason"] == reason


PUBLIC = """
query Public @purpose(is: PUBLICITY) {
  publicRestraintList(first: 50) {
    nodes { id canonicalId number subject { id canonicalId name } } edges { cursor node { id } }
  }
}
"""


async def test_what_is_published_carries_no_id_that_leads_to_a_record(shared_service: ServiceUnderTest) -> None:
    """The public list hands out no key: its ids are stable, and accepted by no field, for nobody [5.1.6]."""
    world = shared_service.world
    reply = await shared_service.ask(PUBLIC)
    nodes = reply.data["publicRestraintList"]["nodes"]
    assert {node["number"] for node in nodes} == numbers(world, IN_FORCE)
    assert (await shared_service.ask(PUBLIC, "handler")).data == reply.data
    issued = {node["id"] for node in nodes} | {node["subject"]["id"] for node in nodes}
    listed = [world.case(key).subject_id for key in IN_FORCE]
    assert len({node["subject"]["id"] for node in nodes}) == len(listed) > len(set(listed))  # no two share a subject
    assert {(node["canonicalId"], node["subject"]["canonicalId"]) for node in nodes} == {(None, None)}
    text = reply.body.decode()
    for one in (*world.parties.values(), *world.cases.values()):
        assert one.gid not in text
        assert one.subject_id.bytes not in b"".join(urlsafe_b64decode(each + "==") for each in issued)
    for given in issued:
        for who, purpose in (("handler", "DETERMINATION"), ("office", "SUPERVISION"), ("anonymous", "PUBLICITY")):
            node = await shared_service.ask(
                "query($i: ID!) { node(id: $i) { id } }", who, {"i": given}, purpose=purpose
            )
            assert node.codes == ["BAD_USER_INPUT"]


async def test_no_listing_of_a_person_leads_to_another_of_the_same_person(shared_service: ServiceUnderTest) -> None:
    """A company's are side by side, as its name is published [5.1.5] [5.1.6]."""
    query = """query @purpose(is: PUBLICITY) {
      publicRestraintList(first: 50) { nodes { subject { __typename restraintCases { nodes { number } } } } }
    }"""
    nodes = (await shared_service.ask(query)).data["publicRestraintList"]["nodes"]
    shown = {(node["subject"]["__typename"], node["subject"]["restraintCases"] is not None) for node in nodes}
    assert shown >= {("NaturalPerson", False), ("LegalPerson", True)}
    assert not shown & {("NaturalPerson", True), ("SoleTrader", True)}


AUTHORISATIONS = """
query Asked {
  myAuthorisations(first: 50) { totalCount nodes {
    id purpose scope means template requestedAt requestedBy grantedAt startsOn expiresOn usesAllowed usesMade usesLeft
    refusedAt narrowedAt withdrawnAt isOnPaper paperEvidence contestedAt status version application { id }
  } }
  waiting: myAuthorisations(first: 50, status: [REQUESTED, LAPSED]) { totalCount nodes { id } }
  refused: myAuthorisations(first: 50, status: REFUSED) { totalCount nodes { id } }
}
"""


@pytest.mark.parametrize(
    ("who", "purpose"), [("clerk", "CREDIT_CHECK"), ("head", "CONSULTATION"), ("auditor", "AUDIT")]
)
async def test_a_refused_request_looks_to_others_like_an_unanswered_one(
    service: ServiceUnderTest, who: str, purpose: str
) -> None:
    """Asked and not granted, whatever the reason: byte for byte the same before and after the refusal [5.1.6]."""
    database, world = service.services.database, service.world
    bounds = Bounds(expires_on=TODAY + timedelta(days=7), uses=3)
    asked = await ask_for(database, world, world.party("club-2"), bounds)
    before = await service.ask(AUTHORISATIONS, who, purpose=purpose)
    await answer(database, world, asked, "refuse")
    after = await service.ask(AUTHORISATIONS, who, purpose=purpose)
    assert after.body == before.body
    listed = {one["id"]: one for one in after.data["myAuthorisations"]["nodes"]}
    if who != "head":  # it sees what was asked for consultations, and not what its window asks for credit checks
        assert listed[asked.gid]["status"] == "REQUESTED"
        assert asked.gid in {one["id"] for one in after.data["waiting"]["nodes"]}
    assert after.data["refused"] == {"totalCount": 0, "nodes": []}
    assert "REFUSED" not in after.body.decode().replace("ROOT_REFUSED", "")
    own = await service.ask(AUTHORISATIONS, "club-2", purpose="SELF_ACCESS")
    mine = {one["id"]: one for one in own.data["myAuthorisations"]["nodes"]}[asked.gid]
    assert (mine["status"], mine["version"], mine["refusedAt"] is not None) == ("REFUSED", 2, True)
    assert asked.gid in {one["id"] for one in own.data["refused"]["nodes"]}
    assert asked.gid not in {one["id"] for one in own.data["waiting"]["nodes"]}
