"""A restraint from its collection to its repair by the date alone: seven months, through both long holidays.

Off are 1 to 8 October 2025 and 15 to 23 February 2026; worked are Sunday 28 September, Saturday 11 October 2025, and
the Saturdays 14 and 28 February 2026. Nothing runs between the requests: no job ends a restraint [5.1.5].
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from tests.builders import WENSHAO, particulars
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import REGISTER
from tests.journeys.support.steps import Steps

SHORT = "SHORT_OF_PENALTY"
COLLECT = """mutation Collect($input: CollectCaseInput!) @purpose(is: DETERMINATION) {
  collectCase(input: $input) { __typename ... on CaseChanged { case { id status } } ... on Refusal { code } }
}"""
CASE = """query Case($id: ID!) {
  node(id: $id) { ... on RestraintCase {
    status inForce endsOn
    noticeDue { on isMissed daysLeft } statementDue { on isMissed daysLeft } reviewDue { on state }
  } }
}"""
TARGETS = """query Targets @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 100) { nodes { id number endsOn } }
}"""
LIST = "query List @purpose(is: PUBLICITY) { publicRestraintList(first: 100) { nodes { number } } }"
MYSELF = "query Me @purpose(is: SELF_ACCESS) { mySubject { isRestrained } }"


def shanghai(day: str, hour: int = 10, minute: int = 0, second: int = 0) -> datetime:
    """Give an hour of *day* in Shanghai, in UTC."""
    local = datetime.combine(date.fromisoformat(day), datetime.min.time())
    return (local + timedelta(hours=hour - 8, minutes=minute, seconds=second)).replace(tzinfo=UTC)


class Applicant:
    """Somebody whom the clerk has just put on record, and the cases against them."""

    def __init__(self, server: RunningServer, on: str) -> None:
        self.server = server
        server.clock.at = shanghai(on)
        given = particulars("person", 1, WENSHAO, 7)
        sent = {**given, "kind": "NATURAL_PERSON", "area": encode(Entity.AREA, WENSHAO)}
        del sent["area_code"]
        self.document = {name: sent[name] for name in ("kind", "name", "number", "area")}
        self.gid = server.ask("clerk", REGISTER, {"input": sent}).data["registerSubject"]["subjectId"]
        (subject_id,) = decode(self.gid).keys
        server.know("applicant", Actor("account-applicant", Role.SUBJECT, subject=subject_id))  # type: ignore[arg-type]  # a UUID, by its entity

    def collected(self, number: str, on: str, **more: Any) -> Steps:
        """Let the handler collect a case."""
        self.server.clock.at = shanghai(on)
        given = {
            "person": self.document, "number": number, "circumstance": "FALSE_MATERIAL", "channel": "FACT_FINDING",
            "basis": "临政管办发〔2022〕3号五（一）2", "facts": "提供的材料经核实与事实不符。",
            "evidence": ["卷宗-1"], **more,
        }  # fmt: skip
        found = self.server.ask("handler", COLLECT, {"input": given}).data["collectCase"]
        assert (found["__typename"], found["case"]["status"]) == ("CaseChanged", "COLLECTED"), found
        return Steps(self.server, found["case"]["id"])

    def case(self, step: Steps, at: datetime, who: str = "handler", purpose: str = "DETERMINATION") -> dict[str, Any]:
        """Look at a case."""
        self.server.clock.at = at
        reply = self.server.ask(who, CASE, {"id": step.gid}, headers={"Access-Purpose": purpose})
        found: dict[str, Any] = reply.data["node"]
        return found

    def seen_by(self, at: datetime, number: str) -> tuple[bool, bool, bool]:
        """Return who sees them as restrained: the supervisor of the sector, the public, and the subject itself."""
        self.server.clock.at = at
        targets = self.server.ask("regulator", TARGETS).data["focusedCheckTargets"]["nodes"]
        listed = self.server.ask("anonymous", LIST).data["publicRestraintList"]["nodes"]
        me = self.server.ask("applicant", MYSELF).data["mySubject"]
        return (
            number in {each["number"] for each in targets},
            number in {e["number"] for e in listed},
            me["isRestrained"],
        )


def heard_in_silence(step: Steps, verified: str, served: str, determined: str) -> None:
    """Bring a case to its publication, on which the subject has said nothing."""
    step.done("handler", "verifyCase", shanghai(verified), evidence=["核实-1"], severity=SHORT)
    step.done("handler", "noticeCase", shanghai(verified, 15))
    step.done("handler", "serveCase", shanghai(served), evidence=["回执-1"], means="BY_POST")
    step.done("handler", "determineCase", shanghai(determined), severity=SHORT, legalDocument="临审告字〔2026〕第1号")
    step.done("handler", "publishCase", shanghai(determined, 16))


@on_both
async def test_from_collection_to_repair_by_the_date_alone(server: RunningServer) -> None:
    applicant = Applicant(server, "2025-09-22")
    step = applicant.collected("案-七个月", "2025-09-22")

    # [5.1.4(2)] Verified on a Wednesday: the third working day is the Sunday that was moved.
    step.done("handler", "verifyCase", shanghai("2025-09-24"), evidence=["核实-1"], severity=SHORT)
    notice = applicant.case(step, shanghai("2025-09-26"))["noticeDue"]
    assert notice == {"on": "2025-09-28", "isMissed": False, "daysLeft": 1}
    assert step.done("handler", "noticeCase", shanghai("2025-09-28")) == "NOTICED"
    assert (
        step.done("handler", "serveCase", shanghai("2025-09-29"), evidence=["回执-1"], means="ON_THE_SPOT") == "SERVED"
    )

    # [5.1.4(3)] Three working days: 30 September, and two after the holiday.
    closes = applicant.case(step, shanghai("2025-10-05"))["statementDue"]
    assert closes == {"on": "2025-10-10", "isMissed": None, "daysLeft": 2}, "one's own is never missed"
    assert step.done("applicant", "stateDefence", shanghai("2025-10-09"), evidence=["陈述-1"]) == "STATED"

    # [5.1.4(4)] Fifteen working days, among them the Saturday 11 October.
    waiting = step("handler", "determineCase", shanghai("2025-10-13"), severity=SHORT, legalDocument="文书-1")
    assert (waiting["code"], waiting["until"]) == ("REVIEW_OPEN", "2025-10-29")
    step.done("head", "assignReviewer", shanghai("2025-10-13"), reviewer="reviewer-1")
    assert (
        step.done("reviewer", "reviewCase", shanghai("2025-10-29"), outcome="UPHELD", evidence=["复核-1"]) == "REVIEWED"
    )
    assert applicant.case(step, shanghai("2025-10-30"))["reviewDue"] == {"on": "2025-10-29", "state": "MET"}
    step.done("handler", "determineCase", shanghai("2025-10-30"), severity=SHORT, legalDocument="临审告字〔2025〕第9号")
    assert applicant.seen_by(shanghai("2025-10-30", 20), "案-七个月") == (False, False, False), "not yet published"
    assert step.done("handler", "publishCase", shanghai("2025-10-31")) == "PUBLISHED"

    # [5.1.5] Six months from 31 October: April has no 31st.
    assert applicant.case(step, shanghai("2025-11-03"))["endsOn"] == "2026-04-30"
    assert applicant.seen_by(shanghai("2025-10-31", 11), "案-七个月") == (True, True, True)
    assert step.done("handler", "confirmRectification", shanghai("2026-02-28"), evidence=["整改-1"]) == "PUBLISHED"
    assert applicant.seen_by(shanghai("2026-02-28", 11), "案-七个月") == (True, True, True), "its period goes on"

    assert applicant.seen_by(shanghai("2026-04-30", 23, 59, 59), "案-七个月") == (True, True, True)
    assert applicant.seen_by(shanghai("2026-05-01", 0, 0, 1), "案-七个月") == (False, False, False)
    mine = applicant.case(step, shanghai("2026-05-01", 0, 0, 1), "applicant", "SELF_ACCESS")
    assert (mine["status"], mine["inForce"]) == ("ENDED", False)


@pytest.mark.parametrize(
    ("why", "second_published", "first_ends"),
    [("within the period", "2026-03-10", "2026-09-10"), ("on its last day", "2026-04-30", "2026-10-30")],
)
async def test_a_new_breach_within_the_period_starts_it_anew(
    server: RunningServer, why, second_published, first_ends
) -> None:
    """[5.1.5] Both periods run from the publication of the new one; nobody is free before the last of them is over."""
    applicant = Applicant(server, "2025-10-13")
    first = applicant.collected("案-初犯", "2025-10-13", occurredOn="2025-10-09")
    heard_in_silence(first, "2025-10-15", "2025-10-20", "2025-10-31")
    assert applicant.case(first, shanghai("2025-11-03"))["endsOn"] == "2026-04-30"
    first.done("handler", "confirmRectification", shanghai("2025-12-01"), evidence=["整改-1"])

    second = applicant.collected("案-再犯", "2026-01-12", occurredOn="2026-01-08")
    heard_in_silence(second, "2026-01-14", "2026-01-19", second_published)

    assert applicant.case(first, shanghai(second_published, 17))["endsOn"] == first_ends, why
    assert applicant.case(second, shanghai(second_published, 17))["endsOn"] == first_ends
    assert applicant.seen_by(shanghai("2026-05-01", 0, 0, 1), "案-初犯") == (True, True, True)

    # The second is not rectified: at the end of its period it stays, and says so; the first is over.
    after = shanghai(first_ends, 24, 0, 1)
    assert applicant.seen_by(after, "案-初犯") == (False, False, True)
    assert applicant.case(second, after)["status"] == "OVERDUE_FOR_RECTIFICATION"
    second.done("handler", "confirmRectification", after + timedelta(days=30), evidence=["整改-2"])
    assert applicant.seen_by(after + timedelta(days=30, minutes=1), "案-再犯") == (False, False, False)


async def test_a_breach_of_the_period_brings_it_back_when_it_is_published_after_its_end(server: RunningServer) -> None:
    """[5.1.5] Its own day counts: the older restraint returns with the publication, and both end together."""
    applicant = Applicant(server, "2025-10-13")
    first = applicant.collected("案-已满", "2025-10-13", occurredOn="2025-10-09")
    heard_in_silence(first, "2025-10-15", "2025-10-20", "2025-10-31")
    first.done("handler", "confirmRectification", shanghai("2025-12-01"), evidence=["整改-1"])

    second = applicant.collected("案-新犯", "2026-04-20", occurredOn="2026-04-17")
    heard_in_silence(second, "2026-04-21", "2026-04-22", "2026-05-11")

    assert applicant.case(first, shanghai("2026-05-12"))["endsOn"] == "2026-11-11"
    assert applicant.case(second, shanghai("2026-05-12"))["endsOn"] == "2026-11-11"
    assert applicant.seen_by(shanghai("2026-05-12"), "案-已满") == (True, True, True)
    assert applicant.seen_by(shanghai("2026-05-12"), "案-新犯") == (True, True, True)
