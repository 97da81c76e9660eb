"""Late entries and late answers over HTTP: no gain from dating back, and no harm by the authority's delay.

Served and claimed in 2026; 10 April to 12 October holds Labour Day, Dragon Boat, Mid-Autumn and National Day.
"""

from typing import Any

from sqlalchemy import select

from schema.core.global_ids import decode
from storage import tables
from tests.databases import on_both
from tests.journeys.cases.test_a_case import OfCase, february, put
from tests.journeys.cases.test_seven_months import SHORT, Applicant, heard_in_silence, shanghai
from tests.journeys.running_server import RunningServer
from tests.journeys.support.steps import Steps

LATE = """query Late($id: ID!) @purpose(is: DETERMINATION) {
  node(id: $id) { ... on RestraintCase {
    status servedOn lateEntries { step on recordedOn }
    noticeDue { on isMissed lateEntry actedOn recordedOn }
    statementDue { on lateEntry actedOn recordedOn }
    steps { nodes { step on recordedOn lateEntry } }
  } }
}"""
FIGURES = "query F @purpose(is: SUPERVISION) { figures(year: 2026) { departments { department lateEntries } } }"
PUBLIC = """query L @purpose(is: PUBLICITY) {
  publicRestraintList(first: 100) { nodes { number changedAt endsOn rectifiedOn inForce } }
}"""
TARGETS = """query T @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 100) { nodes { number staysUntilRectified } }
}"""
OWN = "query O($id: ID!) @purpose(is: SELF_ACCESS) { node(id: $id) { ... on RestraintCase { status inForce } } }"
TASKS = "query T @purpose(is: DETERMINATION) { worklist(first: 20) { nodes { step isLate } } }"
PAPER = ["卷宗-1"]


def looked_at(server: RunningServer, step: Steps) -> dict[str, Any]:
    found: dict[str, Any] = server.ask("handler", LATE, {"id": step.gid}).data["node"]
    return found


@on_both
async def test_a_service_dated_back_gives_the_subject_its_whole_period(server: RunningServer) -> None:
    """[5.1.4(2)] [5.1.4(3)] Notice and service are recorded on the 13th for the 10th and 11th: both count from then."""
    step = OfCase(server, await put(server))
    step.done("handler", "verifyCase", february(6), evidence=PAPER, severity=SHORT)
    assert step.done("handler", "noticeCase", february(12), on="2026-02-10") == "NOTICED"
    spot = {"evidence": ["回执-1"], "means": "ON_THE_SPOT"}
    assert step.done("handler", "serveCase", february(13), **spot, on="2026-02-11") == "SERVED"

    case = looked_at(server, step)
    assert case["servedOn"] == "2026-02-13"
    notice = {"actedOn": "2026-02-10", "recordedOn": "2026-02-12"}
    service = {"actedOn": "2026-02-11", "recordedOn": "2026-02-13"}
    assert case["noticeDue"] == {"on": "2026-02-11", "isMissed": True, "lateEntry": True, **notice}
    assert case["statementDue"] == {"on": "2026-02-25", "lateEntry": True, **service}
    assert case["lateEntries"] == [
        {"step": "NOTICED", "on": "2026-02-10", "recordedOn": "2026-02-12"},
        {"step": "SERVED", "on": "2026-02-11", "recordedOn": "2026-02-13"},
    ]
    assert [(each["step"], each["on"], each["recordedOn"], each["lateEntry"]) for each in case["steps"]["nodes"]] == [
        ("VERIFIED", "2026-02-06", "2026-02-06", False),
        ("NOTICED", "2026-02-10", "2026-02-12", True),
        ("SERVED", "2026-02-11", "2026-02-13", True),
    ]

    determination = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第7号"}
    for at, on in ((february(13), None), (february(13), "2026-02-12"), (february(25), "2026-02-25")):
        refused = step("handler", "determineCase", at, **determination, **({} if on is None else {"on": on}))
        assert (refused["code"], refused["until"]) == ("STATEMENT_PERIOD_OPEN", "2026-02-25")
    # A letter of the last day counts from the day of posting, whenever it comes in.
    letter = {"evidence": ["来信-1"], "on": "2026-02-25"}
    assert step.done("handler", "enterStatement", february(27), **letter) == "STATED"
    case = looked_at(server, step)
    assert case["lateEntries"][-1] == {"step": "STATED", "on": "2026-02-25", "recordedOn": "2026-02-27"}

    sheets = server.ask("office", FIGURES).data["figures"]["departments"]
    assert [each["lateEntries"] for each in sheets if each["lateEntries"]] == [3]


def published(applicant: Applicant, number: str) -> Steps:
    """Return a case whose last day is 10 October 2026, a Saturday that is worked."""
    step = applicant.collected(number, "2026-03-30")
    heard_in_silence(step, "2026-03-31", "2026-04-01", "2026-04-10")
    return step


def listed(server: RunningServer, number: str) -> list[dict[str, Any]]:
    """Return the public entries of this number."""
    nodes = server.ask("anonymous", PUBLIC).data["publicRestraintList"]["nodes"]
    return [each for each in nodes if each["number"] == number]


def outlasts(server: RunningServer, number: str) -> list[bool]:
    """Return whether the targets of this number, as a supervisor sees them, outlast their last day."""
    nodes = server.ask("regulator", TARGETS).data["focusedCheckTargets"]["nodes"]
    return [each["staysUntilRectified"] for each in nodes if each["number"] == number]


@on_both
async def test_who_claimed_in_time_is_not_restrained_by_a_late_answer(server: RunningServer) -> None:
    """[5.1.5] Claimed within the period: after it the restraint rests until the answer, on every list."""
    applicant = Applicant(server, "2026-03-30")
    kept, wrong = published(applicant, "案-已整改"), published(applicant, "案-未整改")
    server.clock.at = shanghai("2026-09-30")
    before = server.ask("anonymous", PUBLIC).data
    for step in (kept, wrong):
        step.done("applicant", "claimRectification", shanghai("2026-09-30"), evidence=["整改-1"])
    assert server.ask("anonymous", PUBLIC).data == before  # a claim is not for the public [5.1.6]

    assert applicant.seen_by(shanghai("2026-10-10", 23), "案-已整改") == (True, True, True)
    assert len(listed(server, "案-已整改")) == 1
    assert outlasts(server, "案-已整改") == [False]
    assert applicant.seen_by(shanghai("2026-10-11", 0), "案-已整改") == (False, False, False)
    own = server.ask("applicant", OWN, {"id": kept.gid}).data["node"]
    assert own == {"status": "CLAIM_UNANSWERED", "inForce": False}
    tasks = server.ask("handler", TASKS).data["worklist"]["nodes"]
    assert [each["step"] for each in tasks].count("ANSWER_CLAIM") == 2

    # The answers come ten days after the end of the period.
    assert kept.done("handler", "confirmRectification", shanghai("2026-10-20"), evidence=["核查-1"]) == "ENDED"
    refused = wrong.done("handler", "refuseRectification", shanghai("2026-10-20"), evidence=["核查-2"])
    assert refused == "OVERDUE_FOR_RECTIFICATION"
    assert listed(server, "案-已整改") == []
    assert len(listed(server, "案-未整改")) == 1
    assert outlasts(server, "案-未整改") == [True]
    async with server.database.snapshot() as session:
        written = select(tables.outbox.c.topic, tables.outbox.c.about).order_by(tables.outbox.c.created_at)
        sent = await session.fetch(written)
    of_lists = [
        (topic.removeprefix("restraint-case."), about["to"])
        for topic, about in sent
        if about.get("case_id") == str(decode(wrong.gid).keys[-1]) and about["to"] != "subject"
    ]
    assert sorted(of_lists[-4:]) == sorted([("end-changed", "platform"), ("end-changed", "supervisors")] * 2)
