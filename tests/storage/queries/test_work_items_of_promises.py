"""What waits about promises, corrections and objections, day by day, as a clerk would write it down [4.2] [6.1]."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from credit.calendar.calendar import shipped
from queryplan.entities import Entity
from queryplan.plan import Column, Order, SelectPlan
from queryplan.scopes import Scope
from schema.execution.planning.due_day_binds import due_binds
from storage import tables
from storage.queries.query_runner import SqlQueryRunner
from storage.repositories.deadlines.due_days import recount
from tests.storage.rows import (
    application,
    authorisation,
    delegation,
    deletion_duty,
    key,
    put,
    read,
    restraint,
    subject,
    subject_key,
)

CALENDAR = shipped()
ORDER = (Order("sorts_on"), Order("since_on"), Order("about_id"), Order("step"))
NAMES = ("step", "due_on", "is_late")
Expected = tuple[str, str | None, bool]


def on(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(f"2026-{text}")


def deferral(**days: Any) -> Mapping[str, Any]:
    """Promised on Mon 2 March for Tue 10 March."""
    facts: dict[str, Any] = {
        "subject_id": key("one"), "application_id": key("application"), "department_code": "D1", "documents": [],
        "reminders": [], "commitment_ref": "c-1", "committed_on": on("03-02"), "due_on": on("03-10"),
    }  # fmt: skip
    return facts | {name: on(day) for name, day in days.items() if name != "case_id"} | _case_id(days)


def _case_id(days: Mapping[str, Any]) -> dict[str, Any]:
    return {"case_id": key(days["case_id"])} if "case_id" in days else {}


def commitment(**facts: Any) -> Mapping[str, Any]:
    """Committed on Thu 12 February, to be completed within 5 working days and verified within 20."""
    made: dict[str, Any] = {
        "subject_id": key("one"), "application_id": key("application"), "department_code": "D1", "document": "M1",
        "commitment_ref": "c-1", "committed_on": on("02-12"), "limit_days": 5, "verify_days": 20,
    }  # fmt: skip
    days = {name: on(value) for name, value in facts.items() if name.endswith("_on")}
    return made | {name: value for name, value in facts.items() if not name.endswith("_on")} | days | _case_id(facts)


def duty(**days: Any) -> Mapping[str, Any]:
    """What D1 received on an authorisation whose last day was Sun 1 March: 15 working days."""
    facts = {name: on(day) for name, day in ({"counts_from_on": "03-02"} | days).items()}
    return deletion_duty("authorisation", "one", due_on=None)[1] | {"since_on": facts["counts_from_on"]} | facts


def correction(**facts: Any) -> Mapping[str, Any]:
    """Found on Fri 13 February: the two working days are the worked Saturday and Tuesday 24."""
    return {
        "subject_id": key("one"), "correction_id": key("correction"), "case_id": key("case"), "department_code": "D1",
        "remedy": "CORRECT", "cause": "WRONG", "items": ["facts"], "discovered_on": on("02-13"),
        "discovered_at": datetime(2026, 2, 13, 2, tzinfo=UTC), "discovered_by": "handler-1",
    } | {name: on(day) for name, day in facts.items()}  # fmt: skip


def objection(**facts: Any) -> Mapping[str, Any]:
    """Raised on Mon 2 March."""
    return {
        "subject_id": key("one"), "objection_id": key("objection"), "record": "RESTRAINT_CASE",
        "record_id": key("case"), "department_code": "D1", "raised_on": on("03-02"),
        "raised_at": datetime(2026, 3, 2, 2, tzinfo=UTC), "raised_by": "s", "raised_as": "subject",
    } | {name: on(value) if name.endswith("_on") else value for name, value in facts.items()}  # fmt: skip


def paper(**facts: Any) -> Mapping[str, Any]:
    """Recorded from paper, until 30 April."""
    _, row = authorisation("paper", "one", paper_evidence="paper-1", expires_on=on("04-30"))
    return row | {name: datetime(2026, 3, int(day), 2, tzinfo=UTC) for name, day in facts.items()}


def guardian(**facts: Any) -> Mapping[str, Any]:
    """Recorded by D1."""
    _, row = delegation("guardian", "one", kind="GUARDIAN", department_code="D1")
    return row | {name: datetime(2026, 3, int(day), 2, tzinfo=UTC) for name, day in facts.items()}


OWED, GIVEN, MENDED, RAISED = tables.deferrals, tables.commitments, tables.corrections, tables.objections
PAPERS, GUARDIANS, OWED_DELETION = tables.authorisations, tables.delegations, tables.deletion_duties
TABLE: list[tuple[str, Any, Mapping[str, Any], str, list[Expected]]] = [
    ("[4.2.2] promised", OWED, deferral(), "03-09", [("HAND_IN", "03-10", False)]),
    ("[4.2.2] on the day", OWED, deferral(), "03-10", [("HAND_IN", "03-10", False)]),
    ("[5.1.2c] to be demanded", OWED, deferral(), "03-11", [("REMIND", None, False)]),
    ("[5.1.2c] 3 working days", OWED, deferral(served_on="03-12"), "03-17", [("SUPPLY", "03-17", False)]),
    ("[5.1.2c] in default", OWED, deferral(served_on="03-12"), "03-18", [("COLLECT_DEFAULT", None, False)]),
    ("[5.1.2c] a case already", OWED, deferral(served_on="03-12", case_id="case"), "03-18", []),
    ("[4.2.2] handed in", OWED, deferral(supplied_on="03-09"), "03-09", []),
    ("[4.2.2] withdrawn", OWED, deferral(ended_on="03-09"), "03-11", []),
    ("[4.2.3] within the limit", GIVEN, commitment(), "02-24", [("COMPLETE", "02-26", False)]),
    ("[4.2.3] past the limit", GIVEN, commitment(), "02-28", [("COMPLETE", "02-26", True)]),
    ("[4.2.3] on the spot", GIVEN, commitment(limit_days=0), "02-12", [("COMPLETE", "02-12", False)]),
    ("[4.2.3] to be verified", GIVEN, commitment(completed_on="02-27"), "03-02",
     [("CHECK_COMMITMENT", "03-26", False)]),
    ("[4.2.3] found met", GIVEN, commitment(completed_on="02-27", verified_on="03-02", outcome="MET"), "03-03", []),
    ("[5.1.2d] found not met", GIVEN, commitment(completed_on="02-27", verified_on="03-02", outcome="NOT_MET"), "03-03",
     [("COLLECT_UNMET", None, False)]),
    ("[5.1.4(6)] to be mended", MENDED, correction(), "02-14", [("MEND", "02-24", False)]),
    ("[5.1.4(6)] too late", MENDED, correction(), "02-25", [("MEND", "02-24", True)]),
    ("[5.1.4(6)] mended, not told", MENDED, correction(done_on="02-24"), "02-25", [("MEND", "02-24", True)]),
    ("[5.1.4(6)] everybody told", MENDED, correction(done_on="02-24", completed_on="02-24"), "02-25", []),
    ("nobody answers it yet", RAISED, objection(), "03-03",
     [("ANSWER_OBJECTION", "03-23", False), ("ASSIGN_OBJECTION", "03-23", False)]),
    ("somebody does", RAISED, objection(assigned_ref="reviewer-1"), "03-24", [("ANSWER_OBJECTION", "03-23", True)]),
    ("[5.1.6] a paper in force", PAPERS, paper(), "03-03", []),
    ("[5.1.6] contested", PAPERS, paper(contested_at="2"), "03-03", [("DECIDE_CONTEST", None, False)]),
    ("[5.1.6] contested, also when over", PAPERS, paper(contested_at="2"), "05-01", [("DECIDE_CONTEST", None, False)]),
    ("[5.1.6] decided", PAPERS, paper(contested_at="2", contest_decided_at="3"), "03-03", []),
    ("[5.1.6] after a contest", PAPERS, paper(held_at="2"), "03-03", [("CONFIRM_PAPER", None, False)]),
    ("[5.1.6] confirmed", PAPERS, paper(held_at="2", confirmed_at="3"), "03-03", []),
    ("[5.1.6] withdrawn before", PAPERS, paper(held_at="2", withdrawn_at="3"), "03-03", []),
    ("[5.1.6] over before", PAPERS, paper(held_at="2"), "05-01", []),
    ("[5.1.6] a guardianship", GUARDIANS, guardian(), "03-03", []),
    ("[5.1.6] in dispute", GUARDIANS, guardian(contested_at="2"), "03-03", [("DECIDE_GUARDIANSHIP", None, False)]),
    ("[5.1.6] decided on", GUARDIANS, guardian(contested_at="2", contest_decided_at="3"), "03-03", []),
    ("[5.1.6] ended in dispute", GUARDIANS, guardian(contested_at="2", withdrawn_at="3"), "03-03", []),
    ("[5.1.6] may still be used", OWED_DELETION, duty(counts_from_on="03-03"), "03-02", []),
    ("[5.1.6] [PIPL 47] ended", OWED_DELETION, duty(), "03-02", [("ACKNOWLEDGE_DELETION", "03-23", False)]),
    ("[5.1.6] not in time", OWED_DELETION, duty(), "03-24", [("ACKNOWLEDGE_DELETION", "03-23", True)]),
    ("[5.1.6] acknowledged", OWED_DELETION, duty(acknowledged_on="03-24"), "03-24", []),
    ("answered", RAISED, objection(assigned_ref="reviewer-1", answered_on="03-20"), "03-24", []),
]  # fmt: skip


async def listed(database: Any, today: date, scope: Scope = Scope.ALL, **binds: Any) -> list[Expected]:
    statement = SelectPlan(Entity.WORK_ITEM, tuple(Column("", name) for name in NAMES), scopes=(scope,), order=ORDER)
    rows = await read(SqlQueryRunner(database), statement, today=today, **due_binds(CALENDAR, today), **binds)
    return [(step, due and due.isoformat()[5:], late) for step, due, late in rows.rows[0]]  # type: ignore[attr-defined,misc]  # rows are untyped


async def lay(database: Any, table: Any, row: Mapping[str, Any], **case: Any) -> None:
    ended = restraint("case", "one", rectified_on=date(2026, 1, 20), ends_on=date(2026, 1, 30), **case)
    await put(database, subject("one"), subject_key("one"), application("application", "one"), ended)
    async with database.writing() as session:
        await session.execute(insert(table), row)
        await recount(session, CALENDAR)


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("table", "row", "today", "expected"), [one[1:] for one in TABLE], ids=[one[0] for one in TABLE]
)
async def test_what_waits(database: Any, table: Any, row: Any, today: str, expected: list[Expected]) -> None:
    await lay(database, table, row)
    day = on(today)
    assert day is not None
    assert await listed(database, day) == expected


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("table", "row", "scope", "whose"),
    [
        (OWED, deferral(), Scope.SUBMITTED, {"actor_department": "D1"}),
        (OWED, deferral(served_on="03-10"), Scope.OWN, {"actor_subject": key("one")}),
        (MENDED, correction(), Scope.ASSIGNED, {"actor_ref": "handler-1"}),
        (RAISED, objection(assigned_ref="reviewer-1"), Scope.REVIEWING, {"actor_ref": "reviewer-1"}),
        (RAISED, objection(), Scope.DEPARTMENT, {"actor_department": "D1"}),
        (RAISED, objection(), Scope.DEPARTMENT_OPEN, {"actor_department": "D1"}),
        (MENDED, correction(), Scope.DEPARTMENT_OPEN, {"actor_department": "D1"}),
        (PAPERS, paper(contested_at="2"), Scope.DEPARTMENT, {"actor_department": "D1"}),
        (GUARDIANS, guardian(contested_at="2"), Scope.DEPARTMENT, {"actor_department": "D1"}),
        (GUARDIANS, guardian(contested_at="2"), Scope.RECORDED_CONTESTED, {"actor_department": "D1"}),
        (OWED_DELETION, duty(), Scope.SUBMITTED, {"actor_department": "D1"}),
        (OWED_DELETION, duty(), Scope.DEPARTMENT, {"actor_department": "D1"}),
    ],
)
async def test_it_waits_for_one_and_for_no_other(database: Any, table: Any, row: Any, scope: Any, whose: Any) -> None:
    await lay(database, table, row)
    assert await listed(database, date(2026, 3, 11), scope, **whose)
    nobody = {"actor_department": "D2", "actor_subject": key("two"), "actor_ref": "handler-9"}
    assert await listed(database, date(2026, 3, 11), scope, **nobody) == []


@pytest.mark.parametrize(
    ("table", "row"), [(OWED, deferral()), (PAPERS, paper(contested_at="2")), (OWED_DELETION, duty())]
)
async def test_the_tasks_of_a_window_are_no_tasks_of_a_determination(database: Any, table: Any, row: Any) -> None:
    """[5.1.4] [5.1.6]"""
    await lay(database, table, row)
    assert await listed(database, date(2026, 3, 11), Scope.DEPARTMENT, actor_department="D1")
    assert await listed(database, date(2026, 3, 11), Scope.DEPARTMENT_OPEN, actor_department="D1") == []


@pytest.mark.parametrize(("table", "row"), [(MENDED, correction()), (RAISED, objection())])
async def test_about_a_confidential_case_nothing_waits(database: Any, table: Any, row: Any) -> None:
    await lay(database, table, row, confidential=True)
    assert await listed(database, date(2026, 3, 11)) == []
