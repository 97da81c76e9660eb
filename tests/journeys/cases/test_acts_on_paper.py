"""Claims and objections on paper over HTTP: they count from the day of posting, and their subject is notified.

Published on 10 April, a period lasts until 10 October 2026, a Saturday that is worked; the 11th is a Sunday.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from tests.builders import SCJG, WJJ
from tests.databases import on_both
from tests.journeys.cases.test_a_case import OfCase, february, put
from tests.journeys.cases.test_late_entries import FIGURES, listed, published
from tests.journeys.cases.test_seven_months import COLLECT, Applicant, shanghai
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import at
from tests.journeys.support.steps import Steps
from tests.storage import rows

CASE = """query C($id: ID!) { node(id: $id) { ... on RestraintCase {
  status rectificationDue { on lateEntry actedOn recordedOn } lateEntries { step on recordedOn }
} } }"""
ENTER = """mutation E($i: EnterObjectionInput!) { enterObjection(input: $i) {
  __typename ... on ObjectionChanged { objection { id raisedOn recordedOn raisedInRole department { code } text
    due { on lateEntry actedOn recordedOn } } }
  ... on Refusal { code } ... on NotYet { until } ... on DayOutOfOrder { nearest }
} }"""
ASSIGN = """mutation A($i: AssignObjectionInput!) @purpose(is: DETERMINATION) { assignObjection(input: $i) {
  __typename ... on Refusal { code } } }"""
ANSWER = """mutation A($i: AnswerObjectionInput!) @purpose(is: REVIEW) { answerObjection(input: $i) {
  __typename ... on Refusal { code } } }"""
MINE = """query M @purpose(is: SELF_ACCESS) { objections { nodes { raisedOn recordedOn raisedInRole text } } }"""


async def told(server: RunningServer) -> set[str]:
    """Return the topics of the messages to a subject."""
    async with server.database.snapshot() as session:
        sent = await session.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
    return {topic for topic, about in sent if about["to"] == "subject"}


def enter(server: RunningServer, who: str, when: datetime, purpose: str, **given: Any) -> dict[str, Any]:
    server.clock.at = when
    sent = {"evidence": ["来信-1"], **given}
    reply = server.ask(who, ENTER, {"i": sent}, headers={"Access-Purpose": purpose})
    assert reply.data is not None, reply.json
    found: dict[str, Any] = reply.data["enterObjection"]
    return found


@on_both
async def test_a_claim_posted_in_time_ends_the_restraint_with_its_period(server: RunningServer) -> None:
    """[5.1.5] Posted on the last day, entered on the 20th: until then overdue, from then on at rest."""
    applicant = Applicant(server, "2026-03-30")
    step = published(applicant, "案-来信整改")
    letter = {"evidence": ["整改申请-1"], "on": "2026-10-10"}
    assert applicant.seen_by(shanghai("2026-10-19"), "案-来信整改") == (True, True, True)

    assert step("applicant", "enterRectificationClaim", shanghai("2026-10-20"), **letter)["code"] == "NOT_FOUND"
    no_paper = {**letter, "evidence": [" "]}
    assert step("handler", "enterRectificationClaim", shanghai("2026-10-20"), **no_paper)["code"] == "EVIDENCE_MISSING"
    tomorrow = step("handler", "enterRectificationClaim", shanghai("2026-10-20"), **{**letter, "on": "2026-10-21"})
    assert (tomorrow["__typename"], tomorrow["nearest"]) == ("DayOutOfOrder", "2026-10-20")
    early = step("handler", "enterRectificationClaim", shanghai("2026-10-20"), **{**letter, "on": "2026-03-30"})
    assert (early["__typename"], early["nearest"]) == ("DayOutOfOrder", "2026-03-31")

    assert step.done("handler", "enterRectificationClaim", shanghai("2026-10-20"), **letter) == "CLAIM_UNANSWERED"
    assert applicant.seen_by(shanghai("2026-10-20", 11), "案-来信整改") == (False, False, False)
    assert listed(server, "案-来信整改") == []
    assert "restraint-case.rectification-claimed" in await told(server)
    case = server.ask("applicant", CASE, {"id": step.gid}, headers={"Access-Purpose": "SELF_ACCESS"}).data["node"]
    both = {"actedOn": "2026-10-10", "recordedOn": "2026-10-20"}
    assert case["rectificationDue"] == {"on": "2026-10-30", "lateEntry": True, **both}
    assert case["lateEntries"][-1] == {"step": "RECTIFICATION_CLAIMED", "on": "2026-10-10", "recordedOn": "2026-10-20"}
    assert step.done("handler", "confirmRectification", shanghai("2026-10-26"), evidence=["核查-1"]) == "ENDED"


@on_both
async def test_an_objection_to_a_case_on_paper(server: RunningServer) -> None:
    """[5.1.4(6)] The handler enters it and nobody who handled the case answers; the clock runs from the posting."""
    step = OfCase(server, await put(server))
    letter = {"record": step.gid, "on": "2026-02-12", "text": "事实有误"}
    first = enter(server, "handler", february(12), "DETERMINATION", **letter)
    assert (first["__typename"], first["code"]) == ("NotYet", "NOT_NOTICED")
    step.served()
    assert enter(server, "other handler", february(24), "DETERMINATION", **letter)["code"] == "NOT_THE_COLLECTOR"
    for who in ("clerk", "handler"):  # at the window nobody has a case, its handler neither
        assert enter(server, who, february(24), "APPLICATION_HANDLING", **letter)["code"] == "NOT_FOUND"
    done = enter(server, "handler", february(24), "DETERMINATION", **letter)["objection"]
    assert (done["raisedOn"], done["recordedOn"], done["raisedInRole"]) == ("2026-02-12", "2026-02-24", "HANDLER")
    both = {"actedOn": "2026-02-12", "recordedOn": "2026-02-24"}
    assert done["due"] == {"on": "2026-03-11", "lateEntry": True, **both}
    assert done["text"] is None, "the words are for whoever answers [5.1.6]"
    again = enter(server, "handler", february(24), "DETERMINATION", **letter)
    assert (again["code"], again["until"]) == ("OBJECTION_OPEN", "2026-03-11")

    assert "objection.entered" in await told(server)
    (mine,) = server.ask("person-1", MINE).data["objections"]["nodes"]
    assert mine == {"raisedOn": "2026-02-12", "recordedOn": "2026-02-24", "raisedInRole": "HANDLER", "text": "事实有误"}
    handling = {"objection": done["id"], "reviewer": "handler-1"}
    assert server.ask("head", ASSIGN, {"i": handling}).data["assignObjection"]["code"] == "REVIEWER_HANDLED_THE_CASE"


@on_both
async def test_whoever_enters_an_objection_never_answers_it(server: RunningServer) -> None:
    """[5.1.4(4)] [5.1.6] A record of the window: its clerk enters the paper, without words of the clerk's own."""
    application = server.world.application("of person-1")
    server.know("clerk who enters", Actor("clerk-7", Role.CLERK, SCJG))
    server.know("clerk as reviewer", Actor("clerk-7", Role.REVIEWER, SCJG))
    today = server.clock.at
    letter = {"record": application.gid, "on": today.date().isoformat()}
    old = enter(server, "clerk who enters", today, "APPLICATION_HANDLING", **{**letter, "on": "2020-01-01"})
    assert old["__typename"] == "DayOutOfOrder", "no paper is older than what it contests"
    for who, purpose in (("other clerk", "APPLICATION_HANDLING"), ("office", "SUPERVISION")):
        assert enter(server, who, today, purpose, **letter)["code"] == "NOT_FOUND", who
    done = enter(server, "clerk who enters", today, "APPLICATION_HANDLING", **letter)["objection"]
    assert (done["raisedInRole"], done["recordedOn"], done["department"]) == ("CLERK", None, {"code": SCJG})
    which = {"objection": done["id"]}
    entering = server.ask("head", ASSIGN, {"i": {**which, "reviewer": "clerk-7"}}).data["assignObjection"]
    assert entering["code"] == "REVIEWER_HANDLED_THE_CASE"
    answer = {**which, "answer": "REJECTED", "reasons": "无误"}
    refused = server.ask("clerk as reviewer", ANSWER, {"i": answer}).data["answerObjection"]
    assert refused["code"] == "REVIEWER_HANDLED_THE_CASE"
    assert server.ask("head", ASSIGN, {"i": {**which, "reviewer": "reviewer-1"}}).data["assignObjection"] == {
        "__typename": "ObjectionChanged"
    }
    assert server.ask("reviewer", ANSWER, {"i": answer}).data["answerObjection"]["__typename"] == "ObjectionChanged"


async def test_an_objection_to_an_authorisation_is_entered_by_a_clerk(server: RunningServer) -> None:
    """[5.1.4(6)] [5.1.6] A handler sees no authorisation, and is told of none by an id in a letter."""
    letter = {"record": server.world.authorisation("live").gid, "on": server.clock.at.date().isoformat()}
    for purpose in ("APPLICATION_HANDLING", "DETERMINATION"):
        assert enter(server, "handler", server.clock.at, purpose, **letter)["code"] == "NOT_FOUND", purpose
    done = enter(server, "clerk", server.clock.at, "APPLICATION_HANDLING", **letter)
    assert done["objection"]["raisedInRole"] == "CLERK"


async def test_a_read_is_contested_by_the_id_of_its_letter_and_shown_to_no_officer(server: RunningServer) -> None:
    """[5.1.4(6)] [5.1.6] Of the own department; every other read is answered as one that is not there."""
    party, today = server.world.party("person-2"), server.clock.at.date()
    reads: dict[str, dict[str, Any]] = {
        "own": {}, "elsewhere": {"department_code": WJJ}, "of nobody": {"department_code": None},
        "under a delay": {"opens_on": today + timedelta(days=9), "delay_id": rows.key("a delay")},
    }  # fmt: skip
    async with server.database.writing() as session:
        delay, own = (
            rows.entry_delay("a delay", of="one", opens_on=today + timedelta(days=9))[1],
            {"subject_id": party.subject_id},
        )
        await session.execute(insert(tables.entry_delays), {**delay, **own, "case_id": rows.key("investigated")})
        for name, columns in reads.items():
            row = rows.access_entry(name, of="one", department_code=SCJG)[1]
            await session.execute(insert(tables.access_entries), {**row, **own, **columns})
    ids = {name: encode(Entity.ACCESS_ENTRY, party.subject_id, rows.key(name)) for name in (*reads, "not there")}
    entered = {
        name: enter(
            server, "clerk", server.clock.at, "APPLICATION_HANDLING", record=gid, on=today.isoformat(), text="不认可"
        )
        for name, gid in ids.items()
    }
    done = entered.pop("own")["objection"]
    assert (done["raisedInRole"], done["department"], done["text"]) == ("CLERK", {"code": SCJG}, None)
    assert {name: found["code"] for name, found in entered.items()} == dict.fromkeys(entered, "NOT_FOUND")
    assert "objection.entered" in await told(server)
    seen = server.ask(
        "clerk", "query($i: ID!) { node(id: $i) { id } }", {"i": ids["own"]},
        headers={"Access-Purpose": "APPLICATION_HANDLING"},
    )  # fmt: skip
    assert (seen.data or {}).get("node") is None


@pytest.mark.parametrize(
    ("case", "who", "purpose", "party", "answers"),
    [
        ("a clerk whose window it is at", "clerk", "APPLICATION_HANDLING", "person-1", SCJG),
        ("a clerk of another window", "other clerk", "APPLICATION_HANDLING", "person-1", None),
        ("a handler with a case of it", "handler", "DETERMINATION", "person-1", SCJG),
    ],
)
async def test_the_subjects_own_record_is_answered_where_the_paper_came_in(
    server: RunningServer, case: str, who: str, purpose: str, party: str, answers: str | None
) -> None:
    """[5.1.4(6)] [5.1.6] Its way tells no department who else has a record of the subject."""
    await put(server, party=party)
    when = at("11-27")
    letter = {"record": server.world.party(party).gid, "on": "2026-11-27"}
    found = enter(server, who, max(when, server.clock.at), purpose, **letter)
    got = found["objection"]["department"]["code"] if found["__typename"] == "ObjectionChanged" else None
    assert got == answers, (case, found)


@on_both
async def test_a_reminder_typed_for_last_month_gives_its_three_working_days(server: RunningServer) -> None:
    """[5.1.2c] Collected on Fri 20 November for a reminder of the 5th: verified from Thu 26 November on."""
    application = server.world.application("of person-1")
    given = {
        "subject": server.world.party("person-1").gid, "application": application.gid, "number": "案-补录催告",
        "circumstance": "DOCUMENTS_NOT_SUPPLIED", "channel": "FACT_FINDING", "basis": "临政管办发〔2022〕3号五（一）2",
        "facts": "经催告仍未补交。", "evidence": ["催告-1"],
        "documents": {"promisedFor": "2026-11-02", "remindedOn": "2026-11-05"},
    }  # fmt: skip
    server.clock.at = at("11-20")
    collected = server.ask("handler", COLLECT, {"input": given}).data["collectCase"]
    assert collected["__typename"] == "CaseChanged", collected
    step = Steps(server, collected["case"]["id"])
    verification = {"evidence": ["核实-1"], "severity": "SHORT_OF_PENALTY"}
    for day in ("11-20", "11-25"):
        early = step("handler", "verifyCase", at(day), **verification)
        assert (early["code"], early["until"]) == ("REMINDER_PERIOD_OPEN", "2026-11-25"), day
    assert step.done("handler", "verifyCase", at("11-26"), **verification) == "VERIFIED"
    sheets = server.ask("office", FIGURES).data["figures"]["departments"]
    assert sum(each["lateEntries"] for each in sheets) == 1
