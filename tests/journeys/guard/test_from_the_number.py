"""Who somebody is begins with the number and ends with the reason, over HTTP [4.2] [5.1.3] [5.1.5] [5.1.6]."""

from datetime import timedelta
from typing import Any

import pytest

from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import encode, subject_id_of
from tests.builders import HEALTH, SCJG, WENSHAO, WJJ, particulars
from tests.databases import on_both
from tests.journeys.running_server import RunningServer

AREA = encode(Entity.AREA, WENSHAO)
REFUSALS = "... on NotFound { code message } ... on NameConflict { code message wayOut } ... on NotWellFormed { code }"
FILE = f"""
mutation File($i: FileApplicationInput!) @purpose(is: APPLICATION_HANDLING) {{ fileApplication(input: $i) {{
  __typename ... on ApplicationChanged {{ application {{ id subject {{ id name identifier phone }} }} }} {REFUSALS}
}} }}
"""
COLLECT = f"""
mutation Collect($i: CollectCaseInput!) @purpose(is: DETERMINATION) {{ collectCase(input: $i) {{
  __typename ... on CaseChanged {{ case {{ id subject {{ name identifier phone address }} }} }} {REFUSALS}
}} }}
"""
REGISTER = f"""
mutation Register($i: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) {{ registerSubject(input: $i) {{
  __typename ... on SubjectRegistered {{ subjectId }} ... on NameToConfirm {{ correction }} {REFUSALS}
}} }}
"""
PROBLEMS = """
mutation Problems($i: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) { registerSubject(input: $i) {
  __typename ... on NotWellFormed { problems { field code } }
} }
"""
REFUSED_CASE = """
mutation Refused($i: CollectCaseInput!) @purpose(is: DETERMINATION) { collectCase(input: $i) {
  __typename ... on NotWellFormed { problems { field code } } ... on Lacking { code }
} }
"""
REQUEST = """
mutation Request($i: RequestAuthorisationInput!) @purpose(is: CREDIT_CHECK) { requestAuthorisation(input: $i) {
  __typename ... on NotFound { code message }
} }
"""
DELEGATE = """
mutation Delegate($i: RecordDelegationInput!) @purpose(is: APPLICATION_HANDLING) { recordDelegation(input: $i) {
  __typename ... on Refusal { code message }
} }
"""
ONE = "query One($i: ID!) @purpose(is: APPLICATION_HANDLING) { subject(id: $i) { name identifier phone } }"
THEIRS = """
query Theirs($i: ID!) @purpose(is: APPLICATION_HANDLING) {
  subject(id: $i) { applications(first: 20) { nodes { id isOpen } } }
}
"""
OWN = """
query Own @purpose(is: SELF_ACCESS) { mySubject { name
  registrations(first: 20) { totalCount nodes { channel actor role department { code } } }
  corrections(first: 5) { nodes { items } }
} }
"""
LOG = """
query Log @purpose(is: SELF_ACCESS) {
  myAccessLog(first: 20) { nodes { actor purpose basis fieldsShown { field form } } }
}
"""
TASKS = "query @purpose(is: DETERMINATION) { worklist(first: 50) { nodes { step subject { id name } } } }"
PUBLIC = "query @purpose(is: PUBLICITY) { publicRestraintList(first: 50) { nodes { subject { id } } } }"


def matter(code: str = "SCJG-01") -> str:
    return encode(Entity.MATTER, code)


def filed(server: RunningServer, who: str = "clerk", **given: object) -> dict[str, Any]:
    done: dict[str, Any] = server.ask(who, FILE, {"i": {"matter": matter(), **given}}).data["fileApplication"]
    return done


def collected(server: RunningServer, who: str, **given: object) -> Any:
    case = {
        "number": "卫-2026-7", "circumstance": "FALSE_MATERIAL", "channel": "FACT_FINDING",
        "basis": "临政管办发〔2022〕3号", "facts": "提交的材料与实际不符。", "evidence": ["笔录-1"],
    }  # fmt: skip
    return server.ask(who, COLLECT, {"i": {**case, **given}})


def registered(server: RunningServer, who: str = "clerk", **given: object) -> dict[str, Any]:
    done: dict[str, Any] = server.ask(who, REGISTER, {"i": given}).data["registerSubject"]
    return done


def decide(server: RunningServer, application: str, outcome: str) -> None:
    """Let the window end an application."""
    withdrawn = {"enterApplicationWithdrawal": {"on": server.clock.at.date().isoformat(), "evidence": ["撤回-1"]}}
    steps = {"acceptApplication": {}, "decideApplication": {"outcome": outcome}}
    for step, more in (withdrawn if outcome == "WITHDRAWN" else steps).items():
        kind = "ApplicationInput" if step == "acceptApplication" else f"{step[0].upper()}{step[1:]}Input"
        given = {"application": application, **more}
        document = f"mutation($i: {kind}!) @purpose(is: APPLICATION_HANDLING) {{ {step}(input: $i) {{ __typename }} }}"
        assert server.ask("clerk", document, {"i": given}).data[step]["__typename"] == "ApplicationChanged"


@on_both
async def test_an_id_alone_is_a_key_to_nobody(server: RunningServer) -> None:
    """One outside the caller's scope is refused as one that does not exist, to the byte [5.1.6]."""
    server.know("stranger handler", Actor("handler-9", Role.HANDLER, WJJ, HEALTH))
    world, unknown = server.world, encode(Entity.SUBJECT, server.world.new_id())
    impersonated = {"person": world.party("club-1").document, "circumstance": "IMPERSONATION"}
    tries = {
        "person-1": lambda who: collected(server, "stranger handler", subject=who),
        "company-1": lambda who: server.ask("other clerk", FILE, {"i": {"matter": matter("WJJ-01"), "subject": who}}),
        "trader-1": lambda who: server.ask("other clerk", REQUEST, {"i": {"subject": who, "purpose": "CREDIT_CHECK"}}),
        "club-2": lambda who: collected(server, "handler", **impersonated, impersonation={"victim": who}),
        "club-1": lambda who: server.ask("clerk", FILE, {"i": {"matter": matter(), "subject": who}}),  # it has ended
    }
    for whose, attempt in tries.items():
        known, nobody = attempt(world.party(whose).gid), attempt(unknown)
        assert known.unrecorded == nobody.unrecorded
        (found,) = known.data.values()
        assert (found["__typename"], found["code"]) == ("NotFound", "NOT_FOUND"), whose
    public = server.ask("anonymous", PUBLIC).data["publicRestraintList"]["nodes"][0]["subject"]["id"]
    assert collected(server, "stranger handler", subject=public).codes == {"BAD_USER_INPUT"}
    both = collected(server, "handler", subject=unknown, person=world.party("person-1").document)
    assert both.codes == {"BAD_USER_INPUT"}


@on_both
async def test_with_the_number_a_case_begins_and_its_subject_sees_it_after_the_notice(server: RunningServer) -> None:
    """[5.1.3] [5.1.4(2)]"""
    server.know("stranger handler", Actor("handler-9", Role.HANDLER, WJJ, HEALTH))
    party = server.world.party("trader-2")
    done = collected(server, "stranger handler", person=party.document).data["collectCase"]
    assert done["case"]["subject"] == {
        "name": party.name, "identifier": party.number, "phone": party.phone, "address": party.address
    }  # fmt: skip
    assert server.ask("trader-2", OWN).data["mySubject"]["registrations"]["nodes"] == []


@pytest.mark.parametrize("outcome", ["APPROVED", "WITHDRAWN"])
async def test_personal_fields_end_with_the_application_and_come_again_with_the_next(
    server: RunningServer, outcome: str
) -> None:
    """[4.2] [5.1.6]"""
    party = server.world.party("trader-1")
    done = filed(server, person=party.document)
    subject = done["application"]["subject"]
    assert (subject["name"], subject["phone"][-2:]) == (party.name, str(party.phone)[-2:])
    assert filed(server, subject=party.gid)["__typename"] == "ApplicationChanged"  # one is open: the id is enough
    second = filed(server, subject=party.gid)["application"]["id"]
    decide(server, second, outcome)
    assert server.ask("clerk", ONE, {"i": party.gid}).data["subject"]["phone"] is not None
    for node in server.ask("clerk", THEIRS, {"i": party.gid}).data["subject"]["applications"]["nodes"]:
        if node["isOpen"]:
            decide(server, node["id"], outcome)
    withheld = server.ask("clerk", ONE, {"i": party.gid}).data["subject"]
    assert withheld == {"name": None, "identifier": None, "phone": None}
    assert filed(server, subject=party.gid)["code"] == "NOT_FOUND"
    assert filed(server, person=party.document)["application"]["subject"]["phone"] is not None
    assert server.ask("clerk", ONE, {"i": party.gid}).data["subject"]["name"] == party.name


@on_both
async def test_the_subject_sees_who_put_it_on_record(server: RunningServer) -> None:
    """New or known, it is the same to the window; the subject sees each time [5.1.6]."""
    given = particulars("person", 1, WENSHAO, 6)
    sent = {"kind": "NATURAL_PERSON", "name": given["name"], "number": given["number"], "area": AREA}
    first, again = registered(server, **sent), registered(server, "other clerk", **sent)
    assert first == again
    assert first["__typename"] == "SubjectRegistered"
    filed(server, subject=first["subjectId"])
    server.know("newcomer", Actor("account-new", Role.SUBJECT, subject=subject_id_of(first["subjectId"])))
    seen = server.ask("newcomer", OWN).data["mySubject"]["registrations"]
    listed = {(one["channel"], one["actor"], one["role"], one["department"]["code"]) for one in seen["nodes"]}
    assert listed == {("WINDOW", "clerk-1", "clerk", SCJG), ("WINDOW", "clerk-2", "clerk", WJJ)}
    log = server.ask("newcomer", LOG).data["myAccessLog"]["nodes"]
    compared = [one for one in log if one["fieldsShown"] == [{"field": "NaturalPerson.name", "form": "CLEAR"}]]
    assert [(one["actor"], one["purpose"], one["basis"]) for one in compared] == [
        ("clerk-2", "APPLICATION_HANDLING", "OWN_APPLICATION")
    ]
    # Its own application makes it known to the one window, and to the other that it has put it on record.
    for who in ("clerk", "other clerk"):
        assert server.ask(who, ONE, {"i": first["subjectId"]}).data["subject"]["name"] == given["name"], who


@on_both
async def test_a_window_does_not_keep_whom_it_put_on_record(server: RunningServer) -> None:
    """With nothing filed it starts from the number again: after 30 days, a setting [4.2] [5.1.6]."""
    given = particulars("person", 1, WENSHAO, 5)
    sent = {"kind": "NATURAL_PERSON", "name": given["name"], "number": given["number"], "area": AREA}
    which = {"i": registered(server, **sent)["subjectId"]}
    registered_at = server.clock.at
    for days, seen in ((30, True), (31, False)):
        server.clock.at = registered_at + timedelta(days=days)
        shown = server.ask("clerk", ONE, which).data["subject"]
        assert (shown is not None and shown["name"] == given["name"]) is seen, days
    assert filed(server, subject=which["i"])["code"] == "NOT_FOUND"
    delegate = {
        "subject": which["i"], "delegate": "agent-1", "kind": "AGENT", "evidence": ["委托书-1"], "scope": ["CONTACT"],
        "powers": ["CONSENT"], "expiresOn": "2027-03-01",
    }  # fmt: skip
    assert server.ask("clerk", DELEGATE, {"i": delegate}).data["recordDelegation"]["__typename"] == "NotFound"
    registered(server, **sent)  # with the card in hand
    assert server.ask("clerk", ONE, which).data["subject"]["name"] == given["name"]
    done = server.ask("clerk", DELEGATE, {"i": delegate}).data["recordDelegation"]
    assert done["__typename"] == "DelegationChanged", done


@pytest.mark.parametrize("word", ["Null", "None", "无名"])
async def test_somebody_called_null_is_put_on_record_by_who_has_seen_the_document(
    server: RunningServer, word: str
) -> None:
    """[5.1.3] An error of a spreadsheet is nobody's name, whoever confirms it."""
    given = particulars("person", 1, WENSHAO, 7)
    sent = {"kind": "NATURAL_PERSON", "name": word, "number": given["number"], "area": AREA}
    for name, code in ((word, "REQUIRED"), ("#N/A", "GARBLED"), ("张?", "GARBLED"), ("·", "REQUIRED")):
        refused = server.ask("clerk", PROBLEMS, {"i": sent | {"name": name}}).data["registerSubject"]
        assert refused["problems"] == [{"field": "name", "code": code}]
    assert registered(server, **sent | {"name": "#N/A"}, nameConfirmed=True)["__typename"] == "NotWellFormed"
    whose = registered(server, **sent, nameConfirmed=True)["subjectId"]
    assert server.ask("clerk", ONE, {"i": whose}).data["subject"]["name"] == word
    assert filed(server, person=sent)["__typename"] == "NotWellFormed"
    assert filed(server, person=sent | {"nameConfirmed": True})["__typename"] == "ApplicationChanged"


async def test_a_name_in_an_older_form_is_the_same_person(server: RunningServer) -> None:
    """[5.1.3] Private-use codes of GBK, radicals, and every dot between two Han characters."""
    given = particulars("person", 1, WENSHAO, 8)
    sent = {"kind": "NATURAL_PERSON", "name": "马䶮·吐尔逊", "number": given["number"], "area": AREA}
    whose = registered(server, **sent)
    for name in ("马\ue863·吐尔逊", "\u2ee2䶮·吐尔逊", "马䶮.吐尔逊", "马䶮⋅吐尔逊", "马䶮 ･ 吐尔逊"):
        assert registered(server, **sent | {"name": name}) == whose
    assert registered(server, **sent | {"name": "马龑·吐尔逊"})["code"] == "NAME_CONFLICT"


@pytest.mark.parametrize(("facts", "code"), [("#N/A", "GARBLED"), ("寮犱笁", "GARBLED"), ("NULL", "REQUIRED")])
async def test_facts_that_nobody_typed_begin_no_case(server: RunningServer, facts: str, code: str) -> None:
    """[5.1.3]"""
    given = {
        "number": "卫-2026-8", "circumstance": "FALSE_MATERIAL", "channel": "FACT_FINDING", "basis": "示例条例第一条",
        "evidence": ["笔录-1"], "person": server.world.party("person-2").document, "facts": facts,
    }  # fmt: skip
    done = server.ask("handler", REFUSED_CASE, {"i": given}).data["collectCase"]
    assert [one["code"] for one in done.get("problems", [done])] == [code], done


@on_both
async def test_a_name_that_differs_is_for_the_head_to_decide(server: RunningServer) -> None:
    """The record stays as it is until the head has decided; nobody learns the name on record from it [5.1.3]."""
    party = server.world.party("person-2")
    wrong = party.document | {"name": "演示另名"}
    refused = registered(server, **wrong)
    assert (refused["__typename"], refused["code"]) == ("NameConflict", "NAME_CONFLICT")
    assert party.name not in str(refused)
    assert filed(server, person=wrong)["code"] == "NAME_CONFLICT"
    assert collected(server, "handler", person=wrong).data["collectCase"]["code"] == "NAME_CONFLICT"
    assert server.ask("person-2", OWN).data["mySubject"]["registrations"]["totalCount"] == 0
    log = server.ask("person-2", LOG).data["myAccessLog"]["nodes"]
    assert {(one["actor"], one["purpose"]) for one in log if one["purpose"] != "SELF_ACCESS"} == {
        ("clerk-1", "APPLICATION_HANDLING"), ("handler-1", "DETERMINATION")
    }  # fmt: skip
    assert registered(server, **wrong, nameConfirmed=True)["code"] == "STEP_NOT_WELL_FORMED"
    asked = registered(server, **wrong, nameConfirmed=True, evidence=["复印件-1"])
    assert asked["__typename"] == "NameToConfirm"
    assert registered(server, **wrong, nameConfirmed=True, evidence=["复印件-1"]) == asked  # asked once
    assert server.ask("clerk", ONE, {"i": party.gid}).data["subject"] is None
    work = server.ask("head", TASKS).data["worklist"]["nodes"]
    assert {"step": "MEND", "subject": {"id": party.gid, "name": party.name}} in work
    correct = """
    mutation($i: CorrectSubjectInput!) @purpose(is: DETERMINATION) { correctSubject(input: $i) {
      __typename ... on NotTheirs { code }
    } }
    """
    given = {"i": {"correction": asked["correction"], "name": "演示另名", "evidence": ["复印件-1"]}}
    assert server.ask("handler", correct, given).data["correctSubject"]["code"] == "NAME_FOR_THE_HEAD"
    assert server.ask("head", correct, given).data["correctSubject"]["__typename"] == "CorrectionMade"
    own = server.ask("person-2", OWN).data["mySubject"]
    assert (own["name"], own["corrections"]["nodes"]) == ("演示另名", [{"items": ["NAME"]}])
    assert registered(server, **wrong)["__typename"] == "SubjectRegistered"
