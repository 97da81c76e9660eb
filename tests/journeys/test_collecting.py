"""A case from its collection on, by whom the document names, through the front door [5.1.3] [5.1.4] [5.1.6].

The days are those of `test_a_case`: February 2026, with Spring Festival from the 15th to the 23rd.
"""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from consent.reading import Entity
from policy.actors import Actor, Role
from schema.globalid import decode, encode
from storage import tables
from tests.builders import HEALTH, WJJ, Case
from tests.journeys.street import Street
from tests.journeys.test_a_case import PAPER, PURPOSE, SHORT, Steps, february

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


def asked(street: Street, **more: object) -> dict[str, Any]:
    """Give what a handler says when collecting a case against person-1."""
    return {
        "subject": street.world.party("person-1").gid, "number": "临市监〔2026〕9号", "circumstance": "FALSE_MATERIAL",
        "channel": "FACT_FINDING", "basis": "临政管办发〔2022〕3号 五（一）2", "facts": FACTS,
        "evidence": ["现场笔录-3", "照片-4"], "internalNotes": "向房东核实。", "occurredOn": "2026-01-28", **more,
    }  # fmt: skip


def collect(street: Street, who: str = "handler", **given: object) -> dict[str, Any]:
    """Collect on Mon 2 February 2026."""
    street.clock.at = february(2)
    reply = street.ask(who, COLLECT, {"i": asked(street, **given)}, headers={"Access-Purpose": "DETERMINATION"})
    assert reply.data is not None, reply.response.text
    found: dict[str, Any] = reply.data["collectCase"]
    return found


def collected(street: Street, **given: object) -> Steps:
    """Collect a case, and give the hand that takes its steps."""
    found = collect(street, **given)
    assert found["__typename"] == "CaseChanged", found
    return Steps(street, case_of(found["case"]["id"], found["case"]["number"]))


def case_of(gid: str, number: str = "") -> Case:
    """Give the case of a global id as `Steps` takes it."""
    subject_id, case_id = decode(gid).keys
    assert isinstance(subject_id, UUID)
    assert isinstance(case_id, UUID)
    return Case(subject_id, case_id, number, FACTS, "", "")


async def test_a_case_begins_with_its_basic_information_and_nothing_more(street: Street) -> None:
    """Texts are sealed, the rest is the subject's and the department's own record [5.1.3]."""
    found = collect(street, idempotencyKey="collect-1")
    party = street.world.party("person-1")
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
    again = collect(street, idempotencyKey="collect-1")
    assert again["case"]["id"] == gid
    taken = collect(street)
    assert (taken["__typename"], taken["code"], taken["clause"]) == ("NumberTaken", "NUMBER_TAKEN", "5.1.3")
    assert taken["message"] == "该主体已有相同案号的案件，请核对或更换案号。"
    step = Steps(street, case_of(gid))
    assert step("person-1", "stateDefence", february(3))["__typename"] == "NotFound"  # nobody is told yet
    assert step.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT) == "VERIFIED"
    async with street.database.reading() as session:
        table = tables.case_steps.c
        own = select(table.step, table.actor_ref, table.evidence).where(table.case_id == step.case.case_id)
        assert await session.fetch(own.order_by(table.at)) == [
            ("COLLECTED", "handler-1", "现场笔录-3\n照片-4"),
            ("VERIFIED", "handler-1", "卷宗-2026-07"),
        ]
        row = select(tables.restraint_cases.c.occurred_on, tables.restraint_cases.c.facts_mask)
        ((occurred_on, mask),) = await session.fetch(row.where(tables.restraint_cases.c.case_id == step.case.case_id))
        assert (occurred_on.isoformat(), FACTS in mask) == ("2026-01-28", False)


@pytest.mark.parametrize(
    ("given", "typename", "code"),
    [
        ({"facts": " "}, "Lacking", "BASIC_INFORMATION_MISSING"),
        ({"number": ""}, "Lacking", "BASIC_INFORMATION_MISSING"),
        ({"basis": ""}, "Lacking", "BASIC_INFORMATION_MISSING"),
        ({"occurredOn": "2026-02-03"}, "DayOutOfOrder", "DAY_OUT_OF_ORDER"),
        ({"number": "案" * 41}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"facts": "事" * 10_001}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"evidence": ["370305190203020011"]}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
        ({"circumstance": "DOCUMENTS_NOT_SUPPLIED"}, "Lacking", "BASIC_INFORMATION_MISSING"),
        ({"circumstance": "COMMITMENT_NOT_MET"}, "Lacking", "BASIC_INFORMATION_MISSING"),
        ({"commitment": {"committedOn": "2026-01-05"}}, "NotWellFormed", "INCONSISTENT_FACTS"),
        ({"circumstance": "IMPERSONATION", "impersonation": {}}, "CaseChanged", None),
    ],
)
async def test_what_is_lacking_is_refused_by_name(
    street: Street, given: dict[str, Any], typename: str, code: str | None
) -> None:
    """All basic information, well formed, and what the circumstance itself asks for [5.1.2] [5.1.3]."""
    found = collect(street, **given)
    assert (found["__typename"], found.get("code")) == (typename, code)
    assert "3703051902" not in str(found)


async def test_whose_identity_was_used_is_not_the_one_in_breach(street: Street) -> None:
    """[5.1.2a]"""
    victim = {"victim": street.world.party("person-1").gid}
    found = collect(street, circumstance="IMPERSONATION", impersonation=victim)
    assert (found["__typename"], found["code"]) == ("NoGround", "VICTIM_OF_IMPERSONATION")


async def test_documents_are_missing_only_after_a_reminder_and_its_three_days(street: Street) -> None:
    """The application is the subject's own [3.1] [5.1.2c]."""
    missing = {"circumstance": "DOCUMENTS_NOT_SUPPLIED", "documents": {"promisedFor": "2026-01-20"}}
    of_another = street.world.application("of company-1").gid
    assert collect(street, **missing, application=of_another)["__typename"] == "NotFound"
    own = {**missing, "application": street.world.application("of person-1").gid}
    assert collect(street, **own)["code"] == "NOT_REMINDED"
    early = {"documents": {"promisedFor": "2026-01-20", "remindedOn": "2026-01-30"}}
    refused = collect(street, **{**own, **early})
    assert (refused["code"], refused["until"]) == ("REMINDER_PERIOD_OPEN", "2026-02-04")
    late = {"documents": {"promisedFor": "2026-01-20", "remindedOn": "2026-01-21"}}
    assert collect(street, **{**own, **late})["case"]["application"] is None  # APPLICATION is withheld here


async def test_a_principal_answers_only_for_facts_of_its_own(street: Street) -> None:
    """An agent and its principal have a case each, if at all [3.2]."""
    agents = collect(street, number="代-1", subject=street.world.party("company-1").gid)["case"]["id"]
    refused = collect(street, number="代-2", agentsCase=agents)
    assert (refused["__typename"], refused["code"]) == ("Lacking", "OWN_FACTS_MISSING")
    own = collect(street, number="代-2", agentsCase=agents, evidence=["照片-4", "委托合同-1"])
    assert own["__typename"] == "CaseChanged"
    elsewhere = street.world.case("club in force").gid  # of another department
    assert collect(street, number="代-3", agentsCase=elsewhere)["__typename"] == "NotFound"


async def test_nobody_else_collects_and_nothing_is_told_of_who_is_not_on_record(street: Street) -> None:
    """The head, a clerk, a subject: refused as such. A handler collects for the own department [5.1.1]."""
    nobody = encode(Entity.SUBJECT, street.world.new_id())
    assert collect(street, subject=nobody)["__typename"] == "NotFound"
    for who in ("clerk", "head", "person-1", "reviewer", "platform"):
        purpose = {"Access-Purpose": PURPOSE.get(who, "DETERMINATION")}
        reply = street.ask(who, COLLECT, {"i": asked(street)}, headers=purpose)
        assert (reply.status, reply.data) == (403, None), who
    street.know("elsewhere handler", Actor("handler-5", Role.HANDLER, WJJ, HEALTH))
    found = collect(street, "elsewhere handler", number="卫-1")
    assert found["case"]["sector"] == {"code": "health"}
