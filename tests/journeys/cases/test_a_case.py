"""A restraint case from verification to publication, by the actors that the document names, over HTTP [5.1.4].

Collected Mon 2 February 2026, before Spring Festival: off are the 15th to the 23rd, worked are the Saturdays 14 and 28.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from policy.actors import Actor, Role
from storage import tables
from tests.builders import HEALTH, SCJG, WJJ, Case
from tests.builders.restraints import put_case
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.steps import Steps

PAPER = ["卷宗-2026-07"]
SHORT = "SHORT_OF_PENALTY"


def february(day: int, hour: int = 10) -> datetime:
    """Give an hour of the day in Shanghai, in UTC."""
    return datetime(2026, 2, day, hour - 8, tzinfo=UTC)


async def put(server: RunningServer, named: str = "案-春节", party: str = "person-1", **facts: Any) -> Case:
    """Put a collected case of *party* on record; its handler is `handler`."""
    given = {
        "published_on": None, "collected_at": february(2), "changed_at": february(2), "determined_on": None,
        "ends_on": None, **facts,
    }  # fmt: skip
    return await put_case(server.database, server.world, server.world.party(party), named, **given)


class OfCase(Steps):
    """The steps of a case whose particulars the test knows."""

    def __init__(self, server: RunningServer, case: Case) -> None:
        super().__init__(server, case.gid)
        self.case = case

    def served(self) -> None:
        """Bring the case to its receipt on Fri 13 February."""
        self.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT)
        self.done("handler", "noticeCase", february(11))
        self.done("handler", "serveCase", february(13), evidence=["回执-2026-07"], means="ON_THE_SPOT")


@on_both
async def test_from_verification_to_publication_through_spring_festival(server: RunningServer) -> None:
    """Silence is a waiver, and of the three working days one is a Saturday and two come after the holiday [A]."""
    step = OfCase(server, await put(server))
    first = step("handler", "noticeCase", february(9))
    assert (first["__typename"], first["code"], first["until"]) == ("NotYet", "NOT_VERIFIED", None)
    assert first["message"] == "采集单位尚未完成信息核实。"
    assert step("handler", "verifyCase", february(10), evidence=[], severity=SHORT)["code"] == "EVIDENCE_MISSING"
    penalty = step("handler", "verifyCase", february(10), evidence=PAPER, severity="PENALTY_REACHED")
    assert (penalty["__typename"], penalty["wayOut"]) == ("PenaltyReached", "referCase")

    assert step.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT) == "VERIFIED"
    assert step.done("handler", "noticeCase", february(11)) == "NOTICED"
    early = step("handler", "serveCase", february(13), evidence=PAPER, means="BY_POST", on="2026-02-10")
    assert (early["__typename"], early["nearest"]) == ("DayOutOfOrder", "2026-02-11")
    assert step.done("handler", "serveCase", february(13), evidence=["回执-1"], means="BY_POST") == "SERVED"

    determination = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第7号"}
    for at in (february(14), february(24), february(25, 23)):
        open_ = step("handler", "determineCase", at, **determination)
        assert (open_["__typename"], open_["code"]) == ("NotYet", "STATEMENT_PERIOD_OPEN")
        assert (open_["until"], open_["provisional"], open_["clause"]) == ("2026-02-25", False, "5.1.4(3)")
    late = step("person-1", "stateDefence", february(26), evidence=["陈述-1"])
    assert (late["__typename"], late["code"], late["since"]) == ("TooLate", "WAIVED_BY_SILENCE", "2026-02-25")
    assert step("handler", "publishCase", february(26))["code"] == "NOT_DETERMINED"
    longer = step("handler", "determineCase", february(26), **determination, months=12)
    assert (longer["__typename"], longer["code"]) == ("Lacking", "PERIOD_NEEDS_CITATION")
    assert step.done("handler", "determineCase", february(26), **determination) == "DETERMINED"
    assert step("handler", "dropCase", february(26))["code"] == "ALREADY_TAKEN"
    assert step.done("handler", "publishCase", february(26)) == "PUBLISHED"

    case = server.ask(
        "handler",
        "query($i: ID!) @purpose(is: DETERMINATION) { node(id: $i) { ... on RestraintCase { endsOn facts } } }",
        {"i": step.case.gid},
    ).data["node"]
    assert case == {"endsOn": "2026-08-26", "facts": step.case.facts}
    async with server.database.snapshot() as session:
        table = tables.case_steps.c
        own = select(table.step, table.actor_ref).where(table.case_id == step.case.case_id).order_by(table.at)
        assert await session.fetch(own) == [
            (name, "handler-1") for name in ("VERIFIED", "NOTICED", "SERVED", "DETERMINED", "PUBLISHED")
        ]
        sent = await session.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
        about = {(topic, message["to"]) for topic, message in sent if message.get("case_id") == str(step.case.case_id)}
        assert about == {
            ("restraint-case.noticed", "subject"),
            ("restraint-case.determined", "platform"),
            ("restraint-case.determined", "subject"),
            ("restraint-case.published", "platform"),
            ("restraint-case.published", "supervisors"),
            ("restraint-case.published", "subject"),
        }
    rectified = step("handler", "confirmRectification", february(27), evidence=["整改-1"])
    assert rectified["__typename"] == "CaseChanged"


@pytest.mark.parametrize("who", ["person-1", "agent"])
async def test_a_statement_drops_the_case(server: RunningServer, who: str) -> None:
    """The subject or its delegate states, the head chooses who reviews, and that one drops it [5.1.4(3)]."""
    step = OfCase(server, await put(server))
    before = step(who, "stateDefence", february(9), evidence=["陈述-1"])
    assert before["__typename"] == "NotFound"  # an investigation is nobody's to know of
    step.served()
    assert step("head", "assignReviewer", february(24), reviewer="reviewer-1")["code"] == "NOT_STATED"
    assert step.done(who, "stateDefence", february(24), evidence=["陈述-1"]) == "STATED"
    waiting = step("handler", "determineCase", february(26), severity=SHORT, legalDocument="文书-1")
    assert (waiting["code"], waiting["until"]) == ("REVIEW_OPEN", "2026-03-16")
    assert step("reviewer", "reviewCase", february(26), outcome="UPHELD")["__typename"] == "NotFound"
    assert step("head", "assignReviewer", february(26), reviewer="handler-1")["code"] == "REVIEWER_HANDLED_THE_CASE"
    assert step.done("head", "assignReviewer", february(26), reviewer="reviewer-1") == "STATED"

    server.know("handler as reviewer", Actor("handler-1", Role.REVIEWER, SCJG))
    refused = step("handler as reviewer", "reviewCase", february(27), outcome="UPHELD")
    assert (refused["__typename"], refused["code"]) == ("NotTheirs", "REVIEWER_HANDLED_THE_CASE")
    contradiction = step("reviewer", "reviewCase", february(27), outcome="UPHELD", basis="另一依据")
    assert contradiction["problems"] == [{"field": "basis", "code": "NOT_AMENDED"}]
    assert step.done("reviewer", "reviewCase", february(28), outcome="DROPPED") == "DROPPED"
    ended = step("handler", "determineCase", february(28), severity=SHORT, legalDocument="文书-1")
    assert (ended["__typename"], ended["code"], ended["since"]) == ("TooLate", "ALREADY_ENDED", "2026-02-28")


async def test_who_has_nothing_to_do_with_it_finds_nothing(server: RunningServer) -> None:
    """A case of another handler is answered like a missing one; an actor who sees the case learns who handles it."""
    step = OfCase(server, await put(server))
    verify = {"evidence": PAPER, "severity": SHORT}
    server.know("elsewhere handler", Actor("handler-5", Role.HANDLER, WJJ, HEALTH))
    there = step("elsewhere handler", "verifyCase", february(10), **verify)
    nowhere = Case(step.case.subject_id, server.world.new_id(), "", "", "", "")
    assert there == OfCase(server, nowhere)("handler", "verifyCase", february(10), **verify)
    assert there["__typename"] == "NotFound"
    colleague = step("other handler", "verifyCase", february(10), **verify)
    assert (colleague["__typename"], colleague["code"]) == ("NotTheirs", "NOT_THE_COLLECTOR")
    step.served()
    assert step("person-2", "stateDefence", february(24))["__typename"] == "NotFound"
    assert step("handler", "stateDefence", february(24))["__typename"] == "NotFound"
    for who, mutation, given, status in (
        ("anonymous", "stateDefence", {}, 401),
        ("clerk", "verifyCase", verify, 403),
        ("platform", "publishCase", {}, 403),
    ):
        reply = step.reply(who, mutation, february(24), **given)
        assert (reply.status, reply.data) == (status, None), who


async def test_the_same_step_under_one_key_is_taken_once_and_over_the_version_seen(server: RunningServer) -> None:
    step = OfCase(server, await put(server))
    verify = {"evidence": PAPER, "severity": SHORT}
    stale = step("handler", "verifyCase", february(10), **verify, expectedVersion=7)
    assert (stale["__typename"], stale["code"]) == ("Collision", "VERSION_CONFLICT")
    keyed = {**verify, "expectedVersion": 1, "idempotencyKey": "verify-1"}
    once = step("handler", "verifyCase", february(10), **keyed)
    assert step("handler", "verifyCase", february(10), **keyed) == once
    assert once["case"]["status"] == "VERIFIED"
    reused = step("handler", "verifyCase", february(10), **{**keyed, "evidence": ["卷宗-8"]})
    assert (reused["__typename"], reused["code"]) == ("Collision", "KEY_REUSED")
    again = step("handler", "verifyCase", february(11), **verify)
    assert (again["code"], again["since"]) == ("ALREADY_TAKEN", "2026-02-10")


async def test_what_is_said_about_a_step_is_checked_and_not_quoted(server: RunningServer) -> None:
    """References stand in clear, so that no number may be in them [5.1.6]."""
    step = OfCase(server, await put(server))
    number = server.world.party("person-1").number
    reply = step.reply("handler", "verifyCase", february(10), evidence=[number], severity=SHORT)
    found = reply.data["verifyCase"]
    assert (found["__typename"], found["problems"]) == (
        "NotWellFormed", [{"field": "evidence", "code": "HOLDS_NUMBER"}]
    )  # fmt: skip
    assert number not in reply.response.text
    for months in (0, -1, 100_000):
        odd = step.reply("handler", "determineCase", february(10), severity=SHORT, legalDocument="文书", months=months)
        assert odd.codes == {"BAD_USER_INPUT"}


async def test_a_penalty_leaves_the_procedure(server: RunningServer) -> None:
    """The case is referred, with evidence, and takes no step any more [5.1.2]."""
    step = OfCase(server, await put(server))
    assert step("handler", "referCase", february(10), evidence=[])["code"] == "EVIDENCE_MISSING"
    assert step.done("handler", "referCase", february(10), evidence=["移送-1"]) == "REFERRED"
    after = step("handler", "verifyCase", february(11), evidence=PAPER, severity=SHORT)
    assert (after["code"], after["since"]) == ("ALREADY_ENDED", "2026-02-10")


async def test_documents_still_missing_are_shown_with_their_clock(server: RunningServer) -> None:
    """Without a reminder, or before its three working days are over, there is no such circumstance [5.1.2c]."""
    application = server.world.application("of person-1").row_id
    step = OfCase(server, await put(server, circumstance="DOCUMENTS_NOT_SUPPLIED", application_id=application))
    verify = {"evidence": PAPER, "severity": SHORT}
    assert step("handler", "verifyCase", february(13), **verify)["code"] == "NOT_REMINDED"
    missing = {"promisedFor": "2026-02-10", "remindedOn": "2026-02-11"}
    # A day that is typed counts from its record: the first record of a reminder gives three working days [5.1.4].
    for recorded, until in ((february(14), "2026-02-26"), (february(24), "2026-02-27")):
        early = step("handler", "verifyCase", recorded, **verify, documents=missing)
        assert (early["code"], early["until"]) == ("REMINDER_PERIOD_OPEN", until)
