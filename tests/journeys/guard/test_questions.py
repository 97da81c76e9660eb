"""A read that its subject does not recognise: asked, answered where it was read, in the log, over HTTP [5.1.6].

Asked on Friday 20 November 2026, due in 15 working days: Friday 11 December.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from credit.cases.steps import StepName
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from storage import tables
from tests.builders import NOW, live_authorisation
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import CHECK

LOG = """query($p: Purpose) @purpose(is: SELF_ACCESS) { myAccessLog(purpose: $p, first: 5) { nodes {
  id actor role purpose department { code }
  question { record text raisedOn answeredOn answer reasons due { on state } }
} } }"""
ASK = """mutation($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) { raiseObjection(input: $i) {
  __typename ... on ObjectionChanged { objection { id department { code } due { on } } } ... on Refusal { code }
  ... on NotWellFormed { problems { field code } }
} }"""
ASSIGN = """mutation($i: AssignObjectionInput!) { assignObjection(input: $i) {
  __typename ... on ObjectionChanged { objection { assignedTo text } } ... on Refusal { code }
} }"""
ANSWER = """mutation($i: AnswerObjectionInput!) { answerObjection(input: $i) {
  __typename ... on ObjectionChanged { objection { answer } } ... on Refusal { code }
  ... on NotWellFormed { problems { field code } }
} }"""
ENTRY = """query($i: ID!) { node(id: $i) { ... on AccessEntry {
  actor role purpose fieldsShown { field } subject { id }
} } }"""
QUESTIONS = "query { objections(record: ACCESS_ENTRY) { nodes { recordId text } } }"
EVERY_ENTRY = "query { myAccessLog(first: 50) { nodes { id } } }"
TASKS = """query($late: Boolean) { worklist(late: $late, first: 50) {
  nodes { step side assignee isLate due { on } department { code } }
} }"""
NEWS = "query @purpose(is: SELF_ACCESS) { myNotifications { nodes { topic text objection { answer } } } }"
TOLD = "query @purpose(is: DETERMINATION) { departmentNotifications { nodes { topic objection { answer } } } }"
REASONS = "办件 SCJG-2026-0001 申请容缺受理，经本人授权查询。"


def act(server: RunningServer, who: str, document: str, purpose: str | None = None, **given: Any) -> dict[str, Any]:
    headers = {} if purpose is None else {"Access-Purpose": purpose}
    reply = server.ask(who, document, {"i": given}, headers=headers)
    assert not set(reply.codes) - {"WITHHELD"}, reply.json
    (done,) = reply.data.values()
    found: dict[str, Any] = done
    return found


def tasks(server: RunningServer, who: str, purpose: str, *, late: bool | None = None) -> list[tuple[str, ...]]:
    reply = server.ask(who, TASKS, {"late": late}, headers={"Access-Purpose": purpose})
    nodes = reply.data["worklist"]["nodes"]
    return [(one["step"], one["due"]["on"]) for one in nodes if one["step"].endswith("OBJECTION")]


async def read(server: RunningServer) -> dict[str, Any]:
    """Let the clerk read person-2 on its authorisation; gives the entry as the subject sees it."""
    party = server.world.party("person-2")
    await live_authorisation(server.database, server.world, party)
    assert server.ask("clerk", CHECK, {"number": party.number}).data["subjectByIdentifier"]["name"] == party.name
    (entry,) = server.ask("person-2", LOG, {"p": "CREDIT_CHECK"}).data["myAccessLog"]["nodes"]
    found: dict[str, Any] = entry
    assert (found["actor"], found["question"]) == ("clerk-1", None)
    return found


@on_both
async def test_it_is_asked_without_a_word_assigned_answered_and_in_the_log(server: RunningServer):
    entry = await read(server)
    assert act(server, "person-1", ASK, record=entry["id"])["code"] == "NOT_FOUND"
    asked = act(server, "person-2", ASK, record=entry["id"])["objection"]
    assert (asked["department"]["code"], asked["due"]["on"]) == ("LZ-SCJG", "2026-12-11")
    assert act(server, "person-2", ASK, record=entry["id"])["code"] == "OBJECTION_OPEN"
    own = encode(Entity.SUBJECT, server.world.party("person-2").subject_id)
    assert act(server, "person-2", ASK, record=own)["problems"] == [{"field": "text", "code": "REQUIRED"}]

    # The head gives it to somebody else than who read.
    which = {"objection": asked["id"]}
    assert ("ASSIGN_OBJECTION", "2026-12-11") in tasks(server, "head", "DETERMINATION")
    reader = act(server, "head", ASSIGN, "DETERMINATION", **which, reviewer="clerk-1")
    assert reader["code"] == "REVIEWER_HANDLED_THE_CASE"
    seen = server.ask("reviewer", ENTRY, {"i": entry["id"]}, headers={"Access-Purpose": "REVIEW"})
    assert seen.data["node"] is None, "nothing before it is given"
    assert act(server, "head", ASSIGN, "DETERMINATION", **which, reviewer="reviewer-1")["objection"] == {
        "assignedTo": "reviewer-1", "text": None,
    }  # fmt: skip
    assert ("ANSWER_OBJECTION", "2026-12-11") in tasks(server, "reviewer", "REVIEW")

    # Who answers sees that read and no other, until the answer.
    seen = server.ask("reviewer", ENTRY, {"i": entry["id"]}, headers={"Access-Purpose": "REVIEW"})
    assert (seen.data["node"]["actor"], seen.data["node"]["purpose"]) == ("clerk-1", "CREDIT_CHECK")
    assert {"field": "NaturalPerson.name"} in seen.data["node"]["fieldsShown"]
    every = server.ask("reviewer", EVERY_ENTRY, headers={"Access-Purpose": "REVIEW"}).data["myAccessLog"]["nodes"]
    assert every == [{"id": entry["id"]}]
    assert server.ask("handling reviewer", ENTRY, {"i": entry["id"]}, headers={"Access-Purpose": "REVIEW"}).data == {
        "node": None
    }

    answered = {**which, "answer": "JUSTIFIED", "reasons": REASONS}
    for wrong, problem in (
        ({"answer": "REJECTED"}, {"field": "answer", "code": "NOT_OF_RECORD"}),
        ({"answer": "REMOVE"}, {"field": "answer", "code": "NOT_OF_RECORD"}),
        ({"reasons": None}, {"field": "reasons", "code": "REQUIRED"}),
    ):
        assert act(server, "reviewer", ANSWER, "REVIEW", **answered | wrong)["problems"] == [problem], wrong
    assert act(server, "reviewer", ANSWER, "REVIEW", **answered)["objection"] == {"answer": "JUSTIFIED"}
    seen = server.ask("reviewer", ENTRY, {"i": entry["id"]}, headers={"Access-Purpose": "REVIEW"})
    assert seen.data["node"] is None, "nothing after the answer"

    # The answer is in the subject's log, and it is notified.
    reply = server.ask("person-2", LOG, {"p": "CREDIT_CHECK"})
    assert reply.data["myAccessLog"]["nodes"][0]["question"] == {
        "record": "ACCESS_ENTRY", "text": None, "raisedOn": "2026-11-20", "answeredOn": "2026-11-20",
        "answer": "JUSTIFIED", "reasons": REASONS, "due": {"on": "2026-12-11", "state": "MET"},
    }  # fmt: skip
    news = server.ask("person-2", NEWS).data["myNotifications"]["nodes"]
    assert [one["objection"] for one in news if one["topic"] == "OBJECTION_ANSWERED"] == [{"answer": "JUSTIFIED"}]

    # Question and answer left entries in the consent log, which say of which read they are.
    step, pending = tables.hearing_steps.c, tables.pending_entries.c
    steps = await server.database.fetch(select(step.step, step.record, step.record_id, step.facts, step.step_id))
    assert {name for name, *_ in steps} == {
        StepName.OBJECTED, StepName.OBJECTION_ASSIGNED, StepName.OBJECTION_ANSWERED,
    }  # fmt: skip
    assert {(record, record_id) for _, record, record_id, *_ in steps} == {
        ("ACCESS_ENTRY", decode(entry["id"]).keys[-1])
    }
    assert [facts["answer"] for *_, facts, _ in steps if "answer" in facts] == ["JUSTIFIED"]
    waiting = await server.database.fetch(select(pending.sources).where(pending.log == "consent"))
    sources = b"".join(row[0] for row in waiting)
    assert all(row[-1].bytes in sources for row in steps)


@on_both
async def test_a_read_without_ground_comes_to_the_head_and_an_overdue_question_to_the_office(server: RunningServer):
    entry = await read(server)
    asked = act(server, "person-2", ASK, record=entry["id"], text="我没有去过该窗口。")["objection"]
    server.clock.at = NOW + timedelta(days=24)
    late = set(tasks(server, "office", "SUPERVISION", late=True))
    assert late == {("ASSIGN_OBJECTION", "2026-12-11"), ("ANSWER_OBJECTION", "2026-12-11")}
    which = {"objection": asked["id"]}
    act(server, "head", ASSIGN, "DETERMINATION", **which, reviewer="reviewer-1")
    given = server.ask("reviewer", QUESTIONS, headers={"Access-Purpose": "REVIEW"}).data["objections"]["nodes"]
    assert given == [{"recordId": entry["id"], "text": "我没有去过该窗口。"}]
    given = {**which, "answer": "UNJUSTIFIED", "reasons": "查询时没有对应办件，已责令整改。"}
    assert act(server, "reviewer", ANSWER, "REVIEW", **given)["objection"] == {"answer": "UNJUSTIFIED"}
    told = server.ask("head", TOLD).data["departmentNotifications"]["nodes"]
    assert {"topic": "ACCESS_UNJUSTIFIED", "objection": {"answer": "UNJUSTIFIED"}} in told
    # It can be asked again, and the log shows the newest.
    act(server, "person-2", ASK, record=entry["id"], text="请说明整改情况。")
    question = server.ask("person-2", LOG, {"p": "CREDIT_CHECK"}).data["myAccessLog"]["nodes"][0]["question"]
    assert (question["text"], question["answer"]) == ("请说明整改情况。", None)


@on_both
async def test_what_no_department_read_is_answered_in_the_office(server: RunningServer):
    targets = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { circumstance subject { name } } } }"
    server.ask("regulator", targets)
    (entry,) = server.ask("person-1", LOG, {"p": "FOCUSED_CHECK"}).data["myAccessLog"]["nodes"]
    asked = act(server, "person-1", ASK, record=entry["id"])["objection"]
    assert (entry["department"], asked["department"]) == (None, None)
    which = {"objection": asked["id"]}
    act(server, "office", ASSIGN, "SUPERVISION", **which, reviewer="office-1")
    seen = server.ask("office", ENTRY, {"i": entry["id"]}, headers={"Access-Purpose": "SUPERVISION"})
    assert (seen.data["node"]["actor"], seen.data["node"]["role"]) == ("regulator-1", "regulator")
    given = {**which, "answer": "JUSTIFIED", "reasons": "重点核查。"}
    assert act(server, "office", ANSWER, "SUPERVISION", **given)["objection"] == {"answer": "JUSTIFIED"}
