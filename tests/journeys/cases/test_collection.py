"""A case from its collection on, by the actors that the document names, over HTTP [5.1.3] [5.1.4] [5.1.6].

The days are those of `test_a_case`: February 2026, with Spring Festival from the 15th to the 23rd.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from storage import tables
from tests.builders import DISTRICT, HEALTH, SCJG, WENSHAO, WJJ
from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_both
from tests.journeys.cases.test_a_case import PAPER, SHORT, february
from tests.journeys.running_server import RunningServer
from tests.journeys.support.steps import PURPOSE, Steps

COLLECT = """
mutation($i: CollectCaseInput!) { collectCase(input: $i) {
  __typename
  ... on CaseChanged { case {
    id number status circumstance channel basis facts evidence internalNotes handler collectedOn sector { code }
    area { code } application { id } version subject { name identifier address }
  } }
  ... on Refusal { code message }
  ... on NumberTaken { clause } ... on NotYet { until } ... on NotWellFormed { problems { field code } }
} }
"""
FACTS = "提交的营业场所证明与实际不符。"


def asked(server: RunningServer, **more: object) -> dict[str, Any]:
    """Give what a handler says when collecting a case against person-1."""
    return {
        "subject": server.world.party("person-1").gid, "number": "临市监〔2026〕9号", "circumstance": "FALSE_MATERIAL",
        "channel": "FACT_FINDING", "basis": "临政管办发〔2022〕3号 五（一）2", "facts": FACTS,
        "evidence": ["现场笔录-3", "照片-4"], "internalNotes": "向房东核实。", "occurredOn": "2026-01-28", **more,
    }  # fmt: skip


def collect(server: RunningServer, who: str = "handler", **given: object) -> dict[str, Any]:
    """Collect on Mon 2 February 2026."""
    server.clock.at = february(2)
    reply = server.ask(who, COLLECT, {"i": asked(server, **given)}, headers={"Access-Purpose": "DETERMINATION"})
    assert reply.data is not None, reply.response.text
    found: dict[str, Any] = reply.data["collectCase"]
    return found


def collected(server: RunningServer, **given: object) -> Steps:
    """Collect a case, and give the hand that takes its steps."""
    found = collect(server, **given)
    assert found["__typename"] == "CaseChanged", found
    return Steps(server, found["case"]["id"])


def case_id(step: Steps) -> UUID:
    """Give the case's row id, to read the database directly."""
    found = decode(step.gid).keys[1]
    assert isinstance(found, UUID)
    return found


def served(step: Steps) -> None:
    """Bring the case to its receipt on Fri 13 February."""
    step.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT)
    step.done("handler", "noticeCase", february(11))
    step.done("handler", "serveCase", february(13), evidence=["回执-2026-07"], means="ON_THE_SPOT")


@on_both
async def test_a_case_begins_with_its_basic_information_and_nothing_more(server: RunningServer) -> None:
    """Texts are sealed, the rest is the subject's and the department's own record [5.1.3]."""
    found = collect(server, idempotencyKey="collect-1")
    party = server.world.party("person-1")
    case = found["case"]
    assert case.pop("evidence") == '["现场笔录-3", "照片-4"]'
    assert case.pop("subject") == {"name": party.name, "identifier": party.number, "address": party.address}
    assert case.pop("application") is None
    gid = case.pop("id")
    assert case == {
        "number": "临市监〔2026〕9号", "status": "COLLECTED", "circumstance": "FALSE_MATERIAL",
        "channel": "FACT_FINDING", "basis": "临政管办发〔2022〕3号 五（一）2", "facts": FACTS,
        "internalNotes": "向房东核实。", "handler": "handler-1", "collectedOn": "2026-02-02",
        "sector": {"code": "market"}, "area": {"code": party.area}, "version": 1,
    }  # fmt: skip
    again = collect(server, idempotencyKey="collect-1")
    assert again["case"]["id"] == gid
    taken = collect(server)
    assert (taken["__typename"], taken["code"], taken["clause"]) == ("NumberTaken", "NUMBER_TAKEN", "5.1.3")
    assert taken["message"] == "本部门已有相同案号的案件，请核对或更换案号。"
    step = Steps(server, gid)
    assert step("person-1", "stateDefence", february(3))["__typename"] == "NotFound"  # nobody is notified yet
    assert step.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT) == "VERIFIED"
    async with server.database.snapshot() as session:
        table = tables.case_steps.c
        own = select(table.step, table.actor_ref, table.evidence).where(table.case_id == case_id(step))
        assert await session.fetch(own.order_by(table.at)) == [
            ("COLLECTED", "handler-1", "现场笔录-3\n照片-4"),
            ("VERIFIED", "handler-1", "卷宗-2026-07"),
        ]
        row = select(tables.restraint_cases.c.occurred_on, tables.restraint_cases.c.facts_mask)
        ((occurred_on, mask),) = await session.fetch(row.where(tables.restraint_cases.c.case_id == case_id(step)))
        assert (occurred_on.isoformat(), FACTS in mask) == ("2026-01-28", False)


@pytest.mark.parametrize(
    ("given", "typename", "code"),
    [
        ({"facts": " "}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"number": ""}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"basis": ""}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"occurredOn": "2026-02-03"}, "DayOutOfOrder", "DAY_OUT_OF_ORDER"),
        ({"number": "案" * 41}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"facts": "事" * 10_001}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"evidence": ["370305190203020012"]}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"circumstance": "DOCUMENTS_NOT_SUPPLIED"}, "Lacking", "BASIC_INFORMATION_MISSING"),
        ({"circumstance": "COMMITMENT_NOT_MET"}, "Lacking", "BASIC_INFORMATION_MISSING"),
        ({"commitment": {"committedOn": "2026-01-05"}}, "NotWellFormed", "INCONSISTENT_FACTS"),
        ({"circumstance": "IMPERSONATION", "impersonation": {}}, "CaseChanged", None),
    ],
)
async def test_what_is_lacking_is_refused_by_name(
    server: RunningServer, given: dict[str, Any], typename: str, code: str | None
) -> None:
    """All basic information, well formed, and what the circumstance itself asks for [5.1.2] [5.1.3]."""
    found = collect(server, **given)
    assert (found["__typename"], found.get("code")) == (typename, code)
    assert "3703051902" not in str(found)


async def test_whose_identity_was_used_is_not_the_one_in_breach(server: RunningServer) -> None:
    """[5.1.2a]"""
    victim = {"victim": server.world.party("person-1").gid}
    found = collect(server, circumstance="IMPERSONATION", impersonation=victim)
    assert (found["__typename"], found["code"]) == ("NoGround", "VICTIM_OF_IMPERSONATION")


async def test_documents_are_missing_only_after_a_reminder_and_its_three_days(server: RunningServer) -> None:
    """The application is the subject's own [3.1] [5.1.2c]."""
    missing = {"circumstance": "DOCUMENTS_NOT_SUPPLIED", "documents": {"promisedFor": "2026-01-20"}}
    of_another = server.world.application("of company-1").gid
    assert collect(server, **missing, application=of_another)["__typename"] == "NotFound"
    own = {**missing, "application": server.world.application("of person-1").gid}
    assert collect(server, **own)["code"] == "NOT_REMINDED"
    early = {"documents": {"promisedFor": "2026-01-20", "remindedOn": "2026-01-30"}}
    refused = collect(server, **{**own, **early})
    assert (refused["code"], refused["until"]) == ("REMINDER_PERIOD_OPEN", "2026-02-04")
    late = {"documents": {"promisedFor": "2026-01-20", "remindedOn": "2026-01-21"}}
    assert collect(server, **{**own, **late})["case"]["application"] is None  # APPLICATION is withheld here


async def test_a_principal_answers_only_for_facts_of_its_own(server: RunningServer) -> None:
    """An agent and its principal have a case each, if at all [3.2]."""
    world = server.world
    of_agent = {"subject": world.party("company-1").gid, "application": world.application("of company-1").gid}
    agents = collect(server, number="代-1", **of_agent)["case"]["id"]
    refused = collect(server, number="代-2", agentsCase=agents)
    assert (refused["__typename"], refused["code"]) == ("Lacking", "OWN_FACTS_MISSING")
    own = collect(server, number="代-2", agentsCase=agents, evidence=["照片-4", "委托合同-1"])
    assert own["__typename"] == "CaseChanged"
    elsewhere = server.world.case("club in force").gid  # of another department
    assert collect(server, number="代-3", agentsCase=elsewhere)["__typename"] == "NotFound"


async def test_nobody_else_collects_and_an_unknown_subject_reveals_nothing(server: RunningServer) -> None:
    """The head, a clerk, a subject: refused as such. A handler collects for the own department [5.1.1]."""
    nobody = encode(Entity.SUBJECT, server.world.new_id())
    assert collect(server, subject=nobody)["__typename"] == "NotFound"
    for who in ("clerk", "head", "person-1", "reviewer", "platform"):
        purpose = {"Access-Purpose": PURPOSE.get(who, "DETERMINATION")}
        reply = server.ask(who, COLLECT, {"i": asked(server)}, headers=purpose)
        assert (reply.status, reply.data) == (403, None), who
    server.know("elsewhere handler", Actor("handler-5", Role.HANDLER, WJJ, HEALTH))
    applicant = {"subject": server.world.party("person-2").gid, "number": "卫-1"}
    # An applicant without a case there is in no scope of determination by its id: its application names it [5.1.3].
    assert collect(server, "elsewhere handler", **applicant)["__typename"] == "NotFound"
    applicant["application"] = server.world.application("at the other department").gid
    found = collect(server, "elsewhere handler", **applicant)
    assert found["case"]["sector"] == {"code": "health"}


# --- from the letter to the mark -----------------------------------------------------------------------------------

ASK = """
query($i: ID!) { node(id: $i) { ... on RestraintCase {
  number status handler serviceMeans reviewOutcome claimedOn occurredOn hasAgentsCase evidenceReferences isOverdue
  rectificationDue { on state clause }
  statements { totalCount nodes { statedOn enteredInRole text } }
  steps { totalCount nodes { step on role department { code } evidence ownEvidence decided { name label value } } }
} } }
"""
WORDS = "证明系房东出具，本人并不知情。"
LETTER = "来信所述：已于一月底更正。"


def shown(server: RunningServer, who: str, step: Steps) -> tuple[Any, dict[str, str]]:
    """Ask for the whole case: what is shown of it, and what is withheld."""
    purpose = PURPOSE.get(who.rsplit(maxsplit=1)[-1], "SELF_ACCESS")
    reply = server.ask(who, ASK, {"i": step.gid}, headers={"Access-Purpose": purpose})
    assert reply.data is not None, reply.response.text
    return reply.data["node"], reply.withheld


def stated(server: RunningServer) -> Steps:
    """Bring a collected case to a statement of the subject and a letter, and to its reviewer."""
    step = collected(server)
    served(step)
    assert step.done("person-1", "stateDefence", february(24), text=WORDS) == "STATED"
    letter = {"on": "2026-02-13", "evidence": ["来信-5"], "text": LETTER}
    assert step.done("handler", "enterStatement", february(25, 9), **letter) == "STATED"
    assert step.done("head", "assignReviewer", february(25, 10), reviewer="reviewer-1") == "STATED"
    return step


async def test_what_was_stated_is_for_those_who_hear_it(server: RunningServer) -> None:
    """The assigned handler, the assigned reviewer, and the subject with its delegate; nobody else [5.1.4(3)]."""
    step = stated(server)
    statements = [
        {"statedOn": "2026-02-24", "enteredInRole": "SUBJECT", "text": WORDS},
        {"statedOn": "2026-02-13", "enteredInRole": "HANDLER", "text": LETTER},
    ]
    for who in ("handler", "reviewer", "person-1", "agent"):
        case, withheld = shown(server, who, step)
        assert case["statements"] == {"totalCount": 2, "nodes": statements}, who
        assert not any(place.startswith("node.statements") for place in withheld), who
    for who in ("other handler", "head"):
        case, withheld = shown(server, who, step)
        assert (case["number"], case["status"]) == ("临市监〔2026〕9号", "STATED")
        assert WORDS not in str(case), who
        assert LETTER not in str(case), who
    for who in ("handling reviewer", "person-2", "stranger"):
        assert shown(server, who, step)[0] is None, who
    async with server.database.snapshot() as session:
        stored = await session.fetch(select(tables.case_statements.c.text_mask, tables.case_statements.c.text_sealed))
    assert len(stored) == 2
    assert all(WORDS not in mask and WORDS.encode() not in box for mask, box in stored)


async def test_a_statement_has_a_text_and_a_letter_has_its_reference(server: RunningServer) -> None:
    """[5.1.4(3)]"""
    step = collected(server)
    served(step)
    empty = step("person-1", "stateDefence", february(24), text="  ")
    assert (empty["__typename"], empty["code"]) == ("Lacking", "STATEMENT_EMPTY")
    bare = step("handler", "enterStatement", february(24), on="2026-02-24", evidence=[], text=LETTER)
    assert (bare["__typename"], bare["code"]) == ("Lacking", "EVIDENCE_MISSING")
    colleague = step("other handler", "enterStatement", february(24), on="2026-02-24", evidence=["来信-1"])
    assert (colleague["__typename"], colleague["code"]) == ("NotTheirs", "NOT_THE_COLLECTOR")
    late = step("handler", "enterStatement", february(27), on="2026-02-26", evidence=["来信-1"])
    assert (late["__typename"], late["since"]) == ("TooLate", "2026-02-25")
    # Posted on the last day, opened after it: in time.
    assert step.done("handler", "enterStatement", february(27), on="2026-02-25", evidence=["来信-1"]) == "STATED"
    stored = shown(server, "person-1", step)[0]["statements"]["nodes"]
    assert stored == [{"statedOn": "2026-02-25", "enteredInRole": "HANDLER", "text": None}]


@on_both
async def test_the_history_of_a_case_is_its_steps(server: RunningServer) -> None:
    """Who, when, on what evidence, what was decided; its subject sees the steps, and of the papers its own [5.1.4]."""
    step = stated(server)
    assert step.done("reviewer", "reviewCase", february(26), outcome="UPHELD", evidence=["复核-1"]) == "REVIEWED"
    case, withheld = shown(server, "handler", step)
    steps = case["steps"]["nodes"]
    assert [each["step"] for each in steps] == [
        "COLLECTED", "VERIFIED", "NOTICED", "SERVED", "STATED", "STATED", "REVIEWER_ASSIGNED", "REVIEWED",
    ]  # fmt: skip
    assert (case["serviceMeans"], case["reviewOutcome"], case["occurredOn"]) == ("ON_THE_SPOT", "UPHELD", "2026-01-28")
    assert (case["evidenceReferences"], case["hasAgentsCase"]) == (["现场笔录-3", "照片-4"], False)
    assert steps[3]["decided"] == [{"name": "means", "label": "送达方式", "value": "ON_THE_SPOT"}]
    assert {each["name"]: each["value"] for each in steps[7]["decided"]} == {
        "outcome": "UPHELD", "basis": "临政管办发〔2022〕3号 五（一）2",
    }  # fmt: skip
    assert (steps[0]["evidence"], steps[5]["evidence"]) == (["现场笔录-3", "照片-4"], ["来信-5"])
    assert withheld == {}

    case, withheld = shown(server, "person-1", step)
    assert [each["step"] for each in case["steps"]["nodes"]] == [each["step"] for each in steps]
    assert [each["ownEvidence"] for each in case["steps"]["nodes"]] == [
        [], [], [], ["回执-2026-07"], [], ["来信-5"], [], [],
    ]  # fmt: skip
    assert withheld["node.steps.nodes.evidence"] == withheld["node.evidenceReferences"] == "necessity"
    assert withheld["node.hasAgentsCase"] == "necessity"
    assert "复核-1" not in str(case)


async def test_the_head_hands_a_case_over_and_the_former_handler_never_reviews_it(server: RunningServer) -> None:
    """Within the department, to somebody else, and not to its reviewer [5.1.4(1)] [5.1.4(4)]."""
    step = stated(server)
    assert step("handler", "handOverCase", february(25), handler="handler-2")["__typename"] == "NotFound"
    same = step("head", "handOverCase", february(25), handler="handler-1")
    assert (same["__typename"], same["code"]) == ("NotWellFormed", "INCONSISTENT_FACTS")
    reviewer = step("head", "handOverCase", february(25), handler="reviewer-1")
    assert (reviewer["__typename"], reviewer["code"]) == ("NotTheirs", "REVIEWER_HANDLED_THE_CASE")
    assert step.done("head", "handOverCase", february(25, 11), handler="handler-2", evidence=["派单-2"]) == "STATED"
    assert step("handler", "dropCase", february(26))["code"] == "NOT_THE_COLLECTOR"
    case, _ = shown(server, "other handler", step)
    assert (case["handler"], case["statements"]["totalCount"]) == ("handler-2", 2)
    assert {each["name"]: each["value"] for each in case["steps"]["nodes"][-1]["decided"]} == {
        "fromHandler": "handler-1", "toHandler": "handler-2",
    }  # fmt: skip
    server.know("former reviewer", Actor("handler-1", Role.REVIEWER, SCJG))
    refused = step("former reviewer", "reviewCase", february(26), outcome="UPHELD")
    assert (refused["__typename"], refused["code"]) == ("NotTheirs", "REVIEWER_HANDLED_THE_CASE")
    assert step.done("other handler", "dropCase", february(26)) == "DROPPED"


async def test_a_claim_of_rectification_has_a_clock_and_an_answer(server: RunningServer) -> None:
    """Fifteen working days, a reading of [5.1.5]; turned down, it may be made again, and confirming answers it."""
    step = stated(server)
    step.done("reviewer", "reviewCase", february(26), outcome="UPHELD")
    document = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第9号"}
    step.done("handler", "determineCase", february(27), **document)
    assert step.done("handler", "publishCase", february(27)) == "PUBLISHED"
    none = step("handler", "refuseRectification", february(28), evidence=["核查-1"])
    assert (none["__typename"], none["code"]) == ("NotYet", "NOT_CLAIMED")
    assert step("person-2", "claimRectification", february(28), evidence=["整改-1"])["__typename"] == "NotFound"
    assert step("handler", "claimRectification", february(28), evidence=["整改-1"])["__typename"] == "NotFound"
    assert step("person-1", "claimRectification", february(28), evidence=[])["code"] == "EVIDENCE_MISSING"
    step.done("person-1", "claimRectification", february(28), evidence=["整改-1"])
    again = step("person-1", "claimRectification", february(28), evidence=["整改-2"])
    assert (again["code"], again["since"]) == ("ALREADY_TAKEN", "2026-02-28")
    due = {"on": "2026-03-20", "state": "OPEN", "clause": "5.1.5"}
    assert shown(server, "person-1", step)[0]["rectificationDue"] == due
    server.clock.at = february(28).replace(month=3, day=23)
    case, _ = shown(server, "handler", step)
    assert (case["rectificationDue"]["state"], case["isOverdue"]) == ("OVERDUE", True)
    step.done("handler", "refuseRectification", server.clock.at, evidence=["核查-1"])
    case, _ = shown(server, "person-1", step)
    assert (case["rectificationDue"]["state"], case["isOverdue"]) == ("MET_LATE", False)
    server.clock.at += timedelta(hours=1)
    step.done("agent", "claimRectification", server.clock.at, evidence=["整改-2"])
    assert shown(server, "handler", step)[0]["rectificationDue"]["state"] == "OPEN"
    server.clock.at += timedelta(hours=1)
    assert step.done("handler", "confirmRectification", server.clock.at, evidence=["核查-2"]) == "PUBLISHED"
    case, _ = shown(server, "person-1", step)
    assert (case["rectificationDue"]["state"], case["claimedOn"]) == ("MET", "2026-03-23")
    assert [each["step"] for each in case["steps"]["nodes"]][-4:] == [
        "RECTIFICATION_CLAIMED", "RECTIFICATION_REFUSED", "RECTIFICATION_CLAIMED", "RECTIFIED",
    ]  # fmt: skip
    async with server.database.snapshot() as session:
        sent = await session.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
    notified = [(topic, about["to"]) for topic, about in sent if about.get("case_id") == str(case_id(step))]
    assert ("restraint-case.rectification-refused", "subject") in notified


async def test_who_is_not_on_record_yet_is_put_there_with_the_case(server: RunningServer) -> None:
    """A case begins from the full number, in one step [5.1.3]."""
    given = {
        "kind": "NATURAL_PERSON", "name": "演示庚", "area": encode(Entity.AREA, WENSHAO),
        "number": id_number(area=DISTRICT, born="19110203", sequence="991"), "address": "临淄区示例路9号",
    }  # fmt: skip
    found = collect(server, subject=None, person=given)
    assert (found["__typename"], found["case"]["subject"]["name"]) == ("CaseChanged", "演示庚")
