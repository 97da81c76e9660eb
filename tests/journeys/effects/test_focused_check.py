"""Supervisors and their targets: what a check found, what changed since the last one, and who is notified [5.2.2]."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from credit.calendar.deadlines import civil_date
from credit.cases.status import UnrectifiedPolicy
from credit.focused_checks import visits
from storage import tables
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOW, TODAY
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.storage.access_record import pending

RECORD = """
mutation Record($input: RecordFocusedCheckInput!) @purpose(is: FOCUSED_CHECK) {
  recordFocusedCheck(input: $input) {
    __typename
    ... on FocusedCheckRecorded { check { outcome checkedOn checkedBy facts sector { code } subject { name } } }
    ... on FocusedCheckRefused { code message wayOut }
    ... on NotWellFormed { code problems { field code } }
    ... on Refusal { code }
  }
}
"""
CHECKS = """
query Checks @purpose(is: FOCUSED_CHECK) {
  focusedChecks(first: 5) { totalCount nodes { outcome facts checkedOn case { id } } }
}
"""
MINE = """
query Mine @purpose(is: SELF_ACCESS) {
  focusedChecks { nodes { outcome facts checkedBy checkedOn case { number } } }
  mySubject { focusedChecks { totalCount } }
}
"""
CASES = """
query Cases @purpose(is: DETERMINATION) {
  restraintCases(first: 50) { nodes { number status channel circumstance facts handler subject { name } } }
}
"""


def record(server: RunningServer, who: str, party: str, outcome: str = "NOTHING_FOUND", **more: Any) -> dict[str, Any]:
    given = {
        "subject": server.world.party(party).gid, "checkedOn": TODAY.isoformat(), "outcome": outcome, **more
    }  # fmt: skip
    reply = server.ask(who, RECORD, {"input": given})
    assert [error for error in reply.errors if error["extensions"]["code"] != "WITHHELD"] == []
    done: dict[str, Any] = reply.data["recordFocusedCheck"]
    return done


async def notified(server: RunningServer, topic: str) -> list[dict[str, Any]]:
    row = tables.outbox.c
    return [about for (about,) in await server.database.fetch(select(row.about).where(row.topic == topic))]


async def count(server: RunningServer, table: Any) -> int:
    return int((await server.database.fetch(select(func.count()).select_from(table)))[0][0])


@on_both
async def test_what_a_visit_found_is_on_record_and_the_subject_sees_it(server: RunningServer) -> None:
    waiting = len(await pending(server.database))
    done = record(
        server, "regulator", "company-1", "RECTIFIED", facts="现场核查：已按要求整改。", evidence=["核查记录-001"],
        idempotencyKey="visit-1",
    )  # fmt: skip
    assert done["check"] == {
        "outcome": "RECTIFIED", "checkedOn": TODAY.isoformat(), "checkedBy": "regulator-1",
        "facts": "现场核查：已按要求整改。", "sector": {"code": "market"}, "subject": {"name": "演示商贸有限公司"},
    }  # fmt: skip
    again = record(
        server, "regulator", "company-1", "RECTIFIED", facts="现场核查：已按要求整改。", evidence=["核查记录-001"],
        idempotencyKey="visit-1",
    )  # fmt: skip
    assert again == done
    assert await count(server, tables.focused_checks) == 1
    assert len(await pending(server.database)) >= waiting + 1

    listed = server.ask("regulator", CHECKS).data["focusedChecks"]
    assert [node["facts"] for node in listed["nodes"]] == ["现场核查：已按要求整改。"]
    assert server.ask("regulator of health", CHECKS).data["focusedChecks"]["nodes"] == []
    mine = server.ask("company-1", MINE)
    assert mine.errors == []
    assert mine.data["mySubject"]["focusedChecks"]["totalCount"] == 1
    assert mine.data["focusedChecks"]["nodes"][0]["checkedBy"] == "regulator-1"
    (about,) = await notified(server, "focused-check.rectified")
    assert (about["to"], about["department_code"]) == ("department", "LZ-SCJG")
    sealed = await server.database.fetch(select(tables.focused_checks.c.facts_sealed))
    assert "整改".encode() not in bytes(sealed[0][0])


async def test_a_visit_that_is_recorded_late_dates_no_breach_back(server: RunningServer) -> None:
    """[5.1.4] [5.1.5] The visit keeps its own day; the breach that it found came to light with the record."""
    new = {"restraint": server.world.case("in-force").gid, "circumstance": "FALSE_MATERIAL", "basis": "依据"}
    visited = (TODAY - timedelta(days=2)).isoformat()
    given = {"facts": "再次提供虚假材料。", "evidence": ["核查记录-002"], "checkedOn": visited, "newCase": new}
    done = record(server, "regulator", "person-1", "NEW_BREACH", **given)
    assert done["check"]["checkedOn"] == visited
    table = tables.restraint_cases.c
    found = await server.database.fetch(select(table.occurred_on).where(table.channel == "SUPERVISION_PUSH"))
    assert found == [(TODAY,)]


async def test_a_new_breach_becomes_a_case_of_the_authority(server: RunningServer) -> None:
    world = server.world
    done = record(
        server, "regulator", "person-1", "NEW_BREACH", facts="再次提供虚假材料。", evidence=["核查记录-002"],
        newCase={
            "restraint": world.case("in-force").gid, "circumstance": "FALSE_MATERIAL", "basis": "临政管办发〔2022〕3号",
        },
    )  # fmt: skip
    assert done["__typename"] == "FocusedCheckRecorded", done
    (case,) = [
        node for node in server.ask("handler", CASES).data["restraintCases"]["nodes"]
        if node["channel"] == "SUPERVISION_PUSH"
    ]  # fmt: skip
    assert case["number"].startswith("重点核查-20261120-")
    assert (case["status"], case["handler"], case["facts"]) == ("COLLECTED", "handler-1", "再次提供虚假材料。")
    # An open investigation: neither the case nor the check that began it is shown before the notice [5.1.4(2)].
    assert server.ask("person-1", MINE).data["focusedChecks"]["nodes"] == []


@pytest.mark.parametrize(
    ("why", "who", "party", "given", "typename", "code"),
    [
        ("of another sector", "regulator of health", "company-1", {}, "FocusedCheckRefused", "NOT_A_TARGET"),
        ("of another area", "regulator of wenshao", "club-2", {}, "FocusedCheckRefused", "NOT_A_TARGET"),
        ("no target any more", "regulator", "club-1", {}, "FocusedCheckRefused", "NOT_A_TARGET"),
        ("no target yet", "regulator", "company-1", {"checkedOn": "2026-08-03"}, "FocusedCheckRefused", "NOT_A_TARGET"),
        ("tomorrow's visit", "regulator", "company-1", {"checkedOn": "2026-11-21"}, "FocusedCheckRefused",
         "STEP_MISDATED"),
        ("a finding without evidence", "regulator", "company-1", {"outcome": "NEW_BREACH", "facts": "某"},
         "FocusedCheckRefused", "FINDING_UNSUPPORTED"),
        ("evidence that is a number", "regulator", "company-1", {"evidence": ["370305190002289904"]}, "NotWellFormed",
         "STEP_NOT_WELL_FORMED"),
    ],
)  # fmt: skip
async def test_what_is_refused_by_name(
    server: RunningServer, why: str, who: str, party: str, given: dict[str, Any], typename: str, code: str
) -> None:
    done = record(server, who, party, **given)
    assert (done["__typename"], done["code"]) == (typename, code), why
    assert await count(server, tables.focused_checks) == 0


async def test_a_case_of_somebody_else_is_no_ground_for_a_new_one(server: RunningServer) -> None:
    world = server.world
    done = record(
        server, "regulator", "person-1", "NEW_BREACH", facts="事实", evidence=["核查记录-003"],
        newCase={"restraint": world.case("company in force").gid, "circumstance": "OTHER", "basis": "依据"},
    )  # fmt: skip
    assert (done["__typename"], done["code"]) == ("NotFound", "NOT_FOUND")
    assert await count(server, tables.focused_checks) == 0


@pytest.mark.parametrize("who", ["clerk", "handler", "head", "association", "office", "auditor", "admin", "person-1"])
async def test_nobody_else_records_checks(server: RunningServer, who: str) -> None:
    given = {"subject": server.world.party("person-1").gid, "checkedOn": TODAY.isoformat(), "outcome": "NOTHING_FOUND"}
    assert server.ask(who, RECORD, {"input": given}).codes == {"ROOT_REFUSED"}


async def test_who_was_a_target_on_the_day_can_be_written_down_later(server: RunningServer) -> None:
    """company-2's last day is today; rectified, it leaves at midnight, and the visit was before [5.1.5]."""
    table = tables.restraint_cases
    party = server.world.party("company-2")
    async with server.database.writing() as session:
        await session.execute(table.update().where(table.c.subject_id == party.subject_id).values(rectified_on=TODAY))
    server.clock.at = NOW + timedelta(days=1)
    assert record(server, "regulator", "company-2")["__typename"] == "FocusedCheckRecorded"
    late = record(server, "regulator", "company-2", checkedOn=(TODAY + timedelta(days=1)).isoformat())
    assert late["code"] == "NOT_A_TARGET"


CHANGES = """
query Changes($since: DateTime) @purpose(is: FOCUSED_CHECK) {
  focusedCheckChanges(since: $since, first: 50) { totalCount nodes { kind subjectId subject { name } } }
}
"""
NOTE = "mutation @purpose(is: FOCUSED_CHECK) {{ {}(input: {{}}) {{ __typename ... on TargetVisitNoted {{ at }} }} }}"


def changes(server: RunningServer, who: str = "regulator", since: str | None = None) -> dict[str, str]:
    """Give the kind of change by whom; who has left is known by id alone."""
    reply = server.ask(who, CHANGES, {"since": since})
    assert reply.errors == []
    names = {party.gid: name for name, party in server.world.parties.items()}
    found = reply.data["focusedCheckChanges"]["nodes"]
    assert all((node["subject"] is None) == (node["kind"] == "LEFT") for node in found)
    return {names[node["subjectId"]]: node["kind"] for node in found}


def note(server: RunningServer, what: str, who: str = "regulator") -> None:
    reply = server.ask(who, NOTE.format(what))
    assert reply.errors == []
    assert reply.data[what]["__typename"] == "TargetVisitNoted"


async def change(server: RunningServer, case: str, **values: Any) -> None:
    """Change the columns of a case, as its steps would."""
    table = tables.restraint_cases
    async with server.database.writing() as session:
        await session.execute(
            table.update()
            .where(table.c.case_id == server.world.case(case).case_id)
            .values(values | {"changed_at": server.clock.at})
        )


def targets(server: RunningServer) -> set[str]:
    """Give whom the regulator lists today."""
    reply = server.ask(
        "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { subject { id } } } }"
    )
    names = {party.gid: name for name, party in server.world.parties.items()}
    return {names[node["subject"]["id"]] for node in reply.data["focusedCheckTargets"]["nodes"]}


ALL_TARGETS = {"person-1", "company-1", "trader-1", "person-2", "club-2", "company-2", "trader-2"}


@on_both
async def test_what_changed_since_the_last_visit(server: RunningServer) -> None:
    assert changes(server) == dict.fromkeys(ALL_TARGETS, "ADDED")
    note(server, "markTargetsSeen")
    assert changes(server) == {}
    server.clock.at = NOW + timedelta(hours=1)
    await change(server, "unpublished", number="案-新编号")  # nobody is notified of an open investigation
    assert changes(server) == {}
    await change(server, "company in force", removed_on=TODAY)
    await change(server, "trader in force", legal_document="临审告字〔2026〕第9号")
    await change(server, "ended", published_on=TODAY, determined_on=TODAY, ends_on=TODAY, rectified_on=None)
    found = changes(server)
    assert found == {"club-1": "ADDED", "trader-1": "CHANGED", "company-1": "LEFT"}
    # The changes lead from the former list to the present one.
    added, left = ({who for who, kind in found.items() if kind == one} for one in ("ADDED", "LEFT"))
    assert (ALL_TARGETS | added) - left == targets(server)
    assert changes(server, since="2026-01-01T00:00:00+08:00") != {}
    assert "company-1" not in changes(server, "regulator of health")
    note(server, "markTargetsSeen")
    assert changes(server) == {}


async def test_two_looks_in_one_document_are_since_the_same_instant_or_refused(server: RunningServer) -> None:
    query = """query($a: DateTime, $b: DateTime) @purpose(is: FOCUSED_CHECK) {
      one: focusedCheckChanges(since: $a) { totalCount } other: focusedCheckChanges(since: $b) { totalCount }
    }"""
    first, second = ((NOW - timedelta(days=days)).isoformat() for days in (3, 30))
    same = server.ask("regulator", query, {"a": first, "b": first})
    assert same.data["one"] == same.data["other"]
    assert server.ask("regulator", query, {"a": first, "b": second}).codes == {"BAD_USER_INPUT"}


async def test_a_target_leaves_at_midnight_by_its_date_and_by_no_job(server: RunningServer) -> None:
    await change(server, "last day", rectified_on=TODAY)
    note(server, "markTargetsSeen")
    server.clock.at = NOW + timedelta(hours=13, minutes=59)
    assert changes(server) == {}
    server.clock.at = NOW + timedelta(hours=14)  # 00:00 in Shanghai
    assert changes(server) == {"company-2": "LEFT"}
    left = server.ask("regulator", CHANGES).response.text
    assert server.world.party("company-2").name not in left
    assert server.world.party("company-2").number not in left


@on_both
async def test_a_target_whose_claim_waits_leaves_at_midnight_and_comes_back_if_it_is_refused(
    server: RunningServer,
) -> None:
    """[5.1.5] [5.2.2] A claim made within the period lets the restraint rest until it is answered."""
    await change(server, "last day", timely_claim_on=TODAY)
    note(server, "markTargetsSeen")
    server.clock.at = NOW + timedelta(hours=14)  # 00:00 in Shanghai
    assert changes(server) == {"company-2": "LEFT"}
    assert "company-2" not in targets(server)
    note(server, "markTargetsSeen")
    assert changes(server) == {}
    server.clock.at += timedelta(days=3)
    await change(server, "last day", timely_claim_answered_on=civil_date(server.clock.at))
    assert changes(server) == {"company-2": "ADDED"}
    assert "company-2" in targets(server)
    note(server, "markTargetsSeen")
    assert changes(server) == {}


@on_both
async def test_a_subscriber_is_notified_once_with_counts_only(server: RunningServer) -> None:
    async def pass_by() -> int:
        today = civil_date(server.clock.at)
        async with SqlUnitOfWork(server.database) as work:
            done = await visits.notify_subscribers(work, server.clock.at, today, UnrectifiedPolicy.STAYS, uuid4)
            await work.commit()
        return done

    await change(server, "last day", rectified_on=TODAY)
    note(server, "subscribeTargets")
    assert await pass_by() == 0
    server.clock.at = NOW + timedelta(hours=14)
    assert await pass_by() == 1
    assert await pass_by() == 0
    (about,) = await notified(server, "focused-check.changed")
    assert about == {
        "to": "regulator", "actor_ref": "regulator-1", "sector_code": "market", "area_code": "370305",
        "on": "2026-11-21", "added": "0", "changed": "0", "left": "1",
    }  # fmt: skip
    asked = "query @purpose(is: FOCUSED_CHECK) { targetNews { on added changed left } }"
    news = [{"on": "2026-11-21", "added": 0, "changed": 0, "left": 1}]
    assert server.ask("regulator", asked).data["targetNews"] == news
    assert server.ask("regulator of wenshao", asked).data["targetNews"] == [], "another's beat"
    note(server, "markTargetsSeen")
    assert server.ask("regulator", asked).data["targetNews"] == [], "heard"
    assert server.ask("clerk", asked).codes == {"ROOT_REFUSED"}
    note(server, "unsubscribeTargets")
    await change(server, "company in force", removed_on=civil_date(server.clock.at))
    assert await pass_by() == 0


@pytest.mark.parametrize("what", ["markTargetsSeen", "subscribeTargets", "unsubscribeTargets"])
async def test_nobody_else_visits(server: RunningServer, what: str) -> None:
    for who in ("handler", "head", "association", "person-1"):
        assert server.ask(who, NOTE.format(what)).codes == {"ROOT_REFUSED"}
