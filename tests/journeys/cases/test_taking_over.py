"""A former record counts once the head has confirmed it and told its subject; by file, and over HTTP [5.1.4]."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from gateway.import_export.importing.run import ImportMode, import_file
from gateway.services import build_services
from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from tests.builders import NOW, SCJG
from tests.databases import on_both
from tests.gateway.import_export.synthetic_cases import case, outcomes, put, reasons, sheet
from tests.journeys.effects.test_notifications import mine
from tests.journeys.guard.test_delegations import RECORD, act, terms
from tests.journeys.platform.test_pushed_cases import push, pushed
from tests.journeys.running_server import RunningServer
from tests.journeys.support.steps import Steps

NUMBER = "旧-2026-1"
HANDLER = Actor("handler-1", Role.HANDLER, SCJG)
LISTS = (
    # who | for | where a former record is seen once it is confirmed, and not before
    ("anonymous", "PUBLICITY", "publicRestraintList(first: 50) { nodes { number isTakenOver } }"),
    ("platform", "PLATFORM_EXCHANGE", "restraintCases(first: 50) { nodes { number isTakenOver } }"),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets(first: 50) { nodes { number isTakenOver } }"),
    ("person-1", "SELF_ACCESS", "mySubject { restraintCases(first: 50) { nodes { number isTakenOver } } }"),
)
TASKS = """query @purpose(is: DETERMINATION) { worklist(first: 50) { nodes {
  step side case { number formerDeterminedOn formerPublishedOn formerEndsOn determinedOn } } } }"""


async def taken_in(server: RunningServer, folder: Path, **changed: str | None) -> Any:
    """Import one case of person-1, and give the report."""
    party = server.world.party("person-1")
    who = {"姓名": party.name, "身份证号": party.number, "住址": party.address, "所属镇街": party.area}
    path = put(folder, sheet(case(1, **who, 认定单位=SCJG, 案件编号=NUMBER, 办件编号=None, **changed)))
    services = build_services(server.settings, server.clock)
    try:
        return await import_file(services, path, HANDLER, mode=ImportMode.PER_ROW)
    finally:
        await services.close()


def seen(server: RunningServer) -> dict[str, Any]:
    """Give for each list whether it shows the case, and marked."""
    found = {}
    for who, purpose, query in LISTS:
        reply = server.ask(who, f"query @purpose(is: {purpose}) {{ {query} }}")
        assert not reply.errors, reply.json
        (page,) = reply.data.values()
        nodes = page.get("nodes") or page.get("restraintCases", {}).get("nodes", [])
        found[who] = next((one["isTakenOver"] for one in nodes if one["number"] == NUMBER), None)
    return found


def tasks(server: RunningServer, who: str) -> list[dict[str, Any]]:
    nodes = server.ask(who, TASKS).data["worklist"]["nodes"]
    return [one for one in nodes if (one["case"] or {}).get("number") == NUMBER]


@on_both
async def test_a_former_record_is_confirmed_by_the_head_and_told_to_its_subject(
    server: RunningServer, tmp_path: Path
) -> None:
    report = await taken_in(server, tmp_path)
    assert outcomes(report) == {"TAKEN_IN": 1}, reasons(report)
    table = tables.restraint_cases.c
    rows = await server.database.fetch(select(table.subject_id, table.case_id).where(table.number == NUMBER))
    step = Steps(server, encode(Entity.RESTRAINT_CASE, *rows[0]))

    assert set(seen(server).values()) == {None}
    assert NUMBER not in [(one["case"] or {}).get("number") for one in mine(server)]
    (task,) = tasks(server, "head")
    assert (task["step"], task["side"]) == ("CONFIRM_TAKEN_OVER", "HEAD")
    assert task["case"] == {
        "number": NUMBER, "formerDeterminedOn": "2026-02-02", "formerPublishedOn": "2026-02-03",
        "formerEndsOn": "2026-08-03", "determinedOn": None,
    }  # fmt: skip
    verified = step("handler", "verifyCase", NOW, evidence=["卷宗-1"], severity="SHORT_OF_PENALTY")
    assert verified["code"] == "NOT_CONFIRMED"
    assert step("handler", "confirmTakenOver", NOW, evidence=["旧名单-1"])["code"] == "NOT_FOUND"
    assert step("head", "confirmTakenOver", NOW, evidence=[])["code"] == "EVIDENCE_MISSING"

    assert step.done("head", "confirmTakenOver", NOW, evidence=["旧名单-1"]) == "OVERDUE_FOR_RECTIFICATION"
    assert set(seen(server).values()) == {True}
    assert tasks(server, "head") == [] or tasks(server, "head")[0]["side"] != "HEAD"
    (told,) = [one for one in mine(server) if (one["case"] or {}).get("number") == NUMBER]
    assert told["topic"] == "TAKEN_OVER_CONFIRMED"
    left = tables.outbox.c
    sent = await server.database.fetch(select(left.route, left.topic).where(left.lane == rows[0][1]))
    assert sorted(sent) == [
        (route, "restraint-case.taken-over-confirmed") for route in ("platform", "subject", "supervisors")
    ]
    assert step("head", "confirmTakenOver", NOW, evidence=["旧名单-1"])["code"] == "ALREADY_TAKEN"


@on_both
async def test_a_former_record_that_was_rectified_has_ended(server: RunningServer, tmp_path: Path) -> None:
    """[5.1.5] Its subject has long been free: confirmed, it restrains nobody, and the platform has nothing of it."""
    await taken_in(server, tmp_path)
    table = tables.restraint_cases.c
    rows = await server.database.fetch(select(table.subject_id, table.case_id).where(table.number == NUMBER))
    step = Steps(server, encode(Entity.RESTRAINT_CASE, *rows[0]))
    papers = {"evidence": ["旧名单-1"], "rectifiedOn": "2026-02-01"}
    assert step("head", "confirmTakenOver", NOW, **papers)["nearest"] == "2026-02-02"
    assert step.done("head", "confirmTakenOver", NOW, **papers | {"rectifiedOn": "2026-05-11"}) == "ENDED"
    found = seen(server)
    assert {who for who, is_taken_over in found.items() if is_taken_over} == {"person-1"}
    assert step("handler", "confirmRectification", NOW, evidence=["整改-1"])["code"] == "ALREADY_ENDED"


async def test_who_has_no_full_capacity_is_not_restrained_by_a_former_record(
    server: RunningServer, tmp_path: Path
) -> None:
    """[3.2] The file was taken in before the guardianship was recorded; a court names its first day."""
    await taken_in(server, tmp_path)
    table = tables.restraint_cases.c
    rows = await server.database.fetch(select(table.subject_id, table.case_id).where(table.number == NUMBER))
    step = Steps(server, encode(Entity.RESTRAINT_CASE, *rows[0]))
    ward = terms(server.world.party("person-1").gid, kind="GUARDIAN", delegate="guardian-1", startsOn="2026-01-15")
    assert act(server, "clerk", RECORD, **ward)["__typename"] == "DelegationChanged"
    assert step("head", "confirmTakenOver", NOW, evidence=["旧名单-1"])["code"] == "WITHOUT_FULL_CAPACITY"
    assert step.done("handler", "dropCase", NOW) == "DROPPED"


@on_both
async def test_no_entrance_lets_a_determination_in(server: RunningServer, tmp_path: Path) -> None:
    """[5.1.4] By file after the cut-over date, by push at any time."""
    report = await taken_in(server, tmp_path, 认定日期="2026-11-02", 公布日期="2026-11-03")
    assert [code for _, _, code in reasons(report)] == ["AFTER_CUT_OVER"]
    for item in ("determined_on", "published_on", "taken_over_on"):
        reply = push(server, pushed(number=f"推-{item}", **{item: "2020-02-02"}), key=item)
        assert (reply.status_code, reply.json()["outcome"]) == (202, "QUARANTINED"), item
    rows = await server.database.fetch(select(tables.restraint_cases.c.number))
    assert {NUMBER, "推-determined_on", "推-published_on"}.isdisjoint(number for (number,) in rows)
