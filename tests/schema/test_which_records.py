"""Who sees which notifications, tasks, objections and authorisations for what, read off the rules by hand [5.1.6].

`test_which_rows.py` has the cases and the subjects. One record of each kind is added to the sample data; a line names
those that are listed, and every other one is not.
"""

from datetime import timedelta
from typing import Any

import pytest

from queryplan.entities import Entity
from storage import tables
from tests.builders import NOW, SCJG, TODAY, WJJ
from tests.schema.noninterference.changes import Change
from tests.schema.service import ServiceUnderTest
from tests.storage import rows

NOBODY: set[str] = set()
NOTICED: dict[str, Any] = {
    "verified_at": NOW - timedelta(days=5),
    "noticed_on": TODAY - timedelta(days=4),
    "served_on": TODAY - timedelta(days=4),
}
STATED = NOTICED | {"stated_on": TODAY - timedelta(days=3)}


async def add_records(change: Change) -> dict[str, str]:
    """Add a few cases at different steps, and what belongs to them and to applications; gives names by their ids."""
    await change.case("collected", "company-2", handler_ref="handler-1", verified_at=None)
    await change.case("of a colleague", "company-2")
    await change.case("of another department", "club-2", department_code=WJJ, handler_ref="handler-5")
    await change.case("under review", "company-2", reviewer_ref="reviewer-1", **STATED)
    await change.case("to be stated", "company-2", **NOTICED | {"served_on": TODAY})
    applied = change.world.application("of person-1")
    owed = {"subject_id": applied.subject_id, "application_id": applied.row_id, "department_code": SCJG}
    table, row = rows.filled(tables.deferrals, "owed", **owed, due_on=TODAY - timedelta(days=1), supplied_on=None)
    await change.insert((table, dict(row)))
    return {case.number: name for name, case in change.world.cases.items()}


WORKLISTS: list[tuple[str, str, set[tuple[str, str | None]]]] = [
    # Who, for what, and the tasks with their cases; the steps of the subject are on no officer's list.
    ("clerk", "APPLICATION_HANDLING", {("REMIND", None)}),
    ("other clerk", "APPLICATION_HANDLING", set()),
    ("handler", "DETERMINATION", {("VERIFY", "collected")}),
    ("other handler", "DETERMINATION", {("VERIFY", "of a colleague")}),
    ("reviewer", "REVIEW", {("REVIEW", "under review")}),
    # The whole department [5.1.4]; the tasks of the window and contested papers for supervision alone [6.1].
    ("head", "DETERMINATION",
     {("VERIFY", "collected"), ("VERIFY", "of a colleague"), ("REVIEW", "under review")}),
    ("head", "SUPERVISION",
     {("VERIFY", "collected"), ("VERIFY", "of a colleague"), ("REVIEW", "under review"), ("REMIND", None),
      ("DECIDE_CONTEST", None)}),
    ("company-2", "SELF_ACCESS", {("STATE", "to be stated"), ("RECTIFY", "last day")}),
]  # fmt: skip


async def test_a_worklist_has_these_tasks_and_no_others(service: ServiceUnderTest) -> None:
    """[5.1.4] [5.1.6] [6.1]"""
    names = await add_records(Change(service.services.database, service.world))
    for who, purpose, expected in WORKLISTS:
        reply = await service.ask("{ worklist(first: 50) { nodes { step case { number } } } }", who, purpose=purpose)
        tasks = [(node["step"], node["case"] and node["case"]["number"]) for node in reply.data["worklist"]["nodes"]]
        assert {(step, names.get(number)) for step, number in tasks} == expected, (who, purpose)


OBJECTIONS: list[tuple[str, str, set[str], str]] = [
    # Who, for what, which objections, and whether their words may be shown: to who answers, and to the subject.
    ("handler", "DETERMINATION", {"in-force"}, "without words"),
    ("other handler", "DETERMINATION", {"company in force"}, "without words"),
    ("head", "DETERMINATION", {"in-force", "company in force", "a read", "on paper"}, "without words"),
    ("head", "SUPERVISION", {"in-force", "company in force", "a read", "on paper"}, "without words"),
    # What it entered on paper, to no case: another would tell the window of one.
    ("clerk", "APPLICATION_HANDLING", {"on paper"}, "without words"),
    ("handler", "APPLICATION_HANDLING", NOBODY, "without words"),
    ("reviewer", "REVIEW", {"in-force"}, "words"),
    ("handling reviewer", "REVIEW", NOBODY, "words"),
    ("person-1", "SELF_ACCESS", {"in-force", "on paper"}, "words"),
    ("company-1", "SELF_ACCESS", {"company in force", "a read"}, "words"),
    ("office", "SUPERVISION", {"in-force", "company in force", "a read", "on paper", "of the health sector"}, "words"),
]


async def test_objections_are_for_who_answers_and_who_is_concerned(service: ServiceUnderTest) -> None:
    """To a handler those to its cases; to the head also those to what colleagues have read [5.1.4(6)] [6.1]."""
    world, change, ids = service.world, Change(service.services.database, service.world), {}
    contested: dict[str, tuple[str, str, dict[str, Any]]] = {
        "in-force": ("person-1", SCJG, {"assigned_ref": "reviewer-1"}),
        "company in force": ("company-1", SCJG, {}),
        "of the health sector": ("person-2", WJJ, {}),
        "a read": ("company-1", SCJG, {"record": "ACCESS_ENTRY", "case_id": None}),
        "on paper": ("person-1", SCJG, {"record": "APPLICATION", "case_id": None, "raised_by": "clerk-1"}),
    }
    for name, (whose, department, about) in contested.items():
        row_id = world.new_id()
        own = change.hold(f"objection: {name}", Entity.OBJECTION, whose, row_id)
        record = world.cases[name].case_id if name in world.cases else world.new_id()
        known = {"record_id": record, "case_id": record, "department_code": department} | about
        table, row = rows.objection("one", "one", "case", objection_id=row_id)
        await change.insert((table, dict(row) | own | known))
        ids[world.held[f"objection: {name}"].gid] = name
    for who, purpose, expected, words in OBJECTIONS:
        reply = await service.ask("{ objections(first: 50) { nodes { id text } } }", who, purpose=purpose)
        assert {ids[node["id"]] for node in reply.data["objections"]["nodes"]} == expected, (who, purpose)
        hidden = "objections.nodes.text" in reply.withheld
        assert hidden is (words == "without words" and expected != NOBODY), (who, purpose)


NOTIFICATIONS: list[tuple[str, str, set[str]]] = [
    # The window: applications, authorisations, delegations, and nothing of a case.
    ("clerk", "APPLICATION_HANDLING", {"an application", "an authorisation", "a delegation"}),
    ("clerk", "CREDIT_CHECK", {"an application", "an authorisation", "a delegation"}),
    ("other clerk", "APPLICATION_HANDLING", NOBODY),
    # A handler: its own cases; the head: all cases and objections of the department.
    ("handler", "DETERMINATION", {"in-force"}),
    ("other handler", "DETERMINATION", {"company in force"}),
    ("head", "DETERMINATION", {"in-force", "company in force", "an objection"}),
    ("association", "CONSULTATION", NOBODY),
]


async def test_notifications_are_for_whose_matter_it_is(service: ServiceUnderTest) -> None:
    """[4.2] [5.1.4] [5.1.6]"""
    world, change, ids = service.world, Change(service.services.database, service.world), {}
    await change.database.write((tables.notifications.delete(), None))
    about: dict[str, tuple[str, dict[str, Any]]] = {
        "an application": ("person-1", {"application_id": world.application("of person-1").row_id}),
        "an authorisation": ("company-1", {"authorisation_id": world.authorisation("live").row_id}),
        "a delegation": ("person-1", {"delegation_id": world.held["delegation live"].row_id}),
        "in-force": ("person-1", {"case_id": world.case("in-force").case_id}),
        "company in force": ("company-1", {"case_id": world.case("company in force").case_id}),
        "confidential": ("club-1", {"case_id": world.case("confidential").case_id}),
        "an objection": ("company-1", {"objection_id": world.new_id()}),
    }
    for name, (whose, named) in about.items():
        row_id = world.new_id()
        own = change.hold(f"told: {name}", Entity.NOTIFICATION, whose, row_id)
        table, row = rows.filled(
            tables.notifications, "one", notification_id=row_id, audience="DEPARTMENT", topic="CASE_NOTICED", at=NOW,
            department_code=SCJG,
        )  # fmt: skip
        await change.insert((table, dict(row) | own | named))
        ids[world.held[f"told: {name}"].gid] = name
    for who, purpose, expected in NOTIFICATIONS:
        reply = await service.ask("{ departmentNotifications(first: 50) { nodes { id } } }", who, purpose=purpose)
        assert {ids[node["id"]] for node in reply.data["departmentNotifications"]["nodes"]} == expected, (who, purpose)
    reply = await service.ask("{ myNotifications(first: 50) { totalCount } }", "person-1", purpose="SELF_ACCESS")
    assert reply.data == {"myNotifications": {"totalCount": 0}}  # these are the department's


ALL_OF_SCJG = {
    "requested", "live", "restraint only", "refused", "withdrawn", "contested", "expired", "lapsed", "used up"
}  # fmt: skip
AUTHORISATIONS: list[tuple[str, str, set[str]]] = [
    # Who asked; for consultations those for consultations alone [5.2.3]; who decides on contests; who audits [5.1.6].
    ("clerk", "CREDIT_CHECK", ALL_OF_SCJG),
    ("other clerk", "CREDIT_CHECK", NOBODY),
    ("head", "CONSULTATION", NOBODY),
    ("association", "CONSULTATION", NOBODY),
    ("office", "SUPERVISION", {"contested"}),
    ("auditor", "AUDIT", ALL_OF_SCJG),
    ("person-2", "SELF_ACCESS", {"requested"}),
    ("company-2", "SELF_ACCESS", {"refused", "used up"}),
    ("agent", "SELF_ACCESS", NOBODY),
]


@pytest.mark.parametrize(("who", "purpose", "expected"), AUTHORISATIONS)
async def test_authorisations_are_for_who_asked_and_who_gave_them(
    shared_service: ServiceUnderTest, who: str, purpose: str, expected: set[str]
) -> None:
    reply = await shared_service.ask("{ myAuthorisations(first: 50) { nodes { id } } }", who, purpose=purpose)
    ids = {shared_service.world.authorisation(name).gid: name for name in ALL_OF_SCJG}
    assert {ids[node["id"]] for node in reply.data["myAuthorisations"]["nodes"]} == expected
