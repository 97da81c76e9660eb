"""Personal fields end with their reason: what counts as open, read off [4.2] [5.1] [5.1.4(6)] [5.1.6] by hand.

Each line is one subject with one record of the department D1, handled by handler-1, and says which scopes hold the
subject and the record today. The base scope holds all of them. `test_content_scopes` has what is under review.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from credit.cases.status import UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.plan import Column, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import commitments, deferrals, notifications
from tests.storage import rows
from tests.storage.rows import EARLIER, Row, found, key, put

YESTERDAY = rows.TODAY - timedelta(days=1)
TOMORROW = rows.TODAY + timedelta(days=1)
NOBODY: frozenset[Scope] = frozenset()
DEPARTMENT = frozenset({Scope.DEPARTMENT_OPEN})
WINDOW = frozenset({Scope.FILED_OPEN})
ALL = frozenset({Scope.DEPARTMENT_OPEN, Scope.ASSIGNED_OPEN})
UNPUBLISHED: dict[str, Any] = {"determined_on": None, "published_on": None, "ends_on": None}
ENDED: dict[str, Any] = {"ends_on": YESTERDAY, "rectified_on": date(2026, 2, 1)}
DECIDED: dict[str, Any] = {"decided_at": EARLIER, "outcome": "APPROVED"}


def case(name: str, **values: Any) -> list[Row]:
    return [rows.restraint(f"case: {name}", of=name, reviewer_ref="reviewer-1", **values)]


def application(name: str, **values: Any) -> list[Row]:
    return [rows.application(f"application: {name}", of=name, **values)]


def deferral(name: str, **values: Any) -> Row:
    filed = {"application_id": key(f"application: {name}")}
    return rows.filled(deferrals, name, of=name, **filed, **values)


def commitment(name: str, **values: Any) -> Row:
    filed = {"application_id": key(f"application: {name}"), "outcome": None}
    return rows.filled(commitments, name, of=name, **(filed | values))


def told(name: str, **about: Any) -> Row:
    """Give a notification to the department D2."""
    plain = {"audience": "DEPARTMENT", "department_code": "D2", "topic": "CASE_NOTICED"}
    return rows.filled(notifications, name, of="two", notification_id=key(name), **plain, **about)


MET: dict[str, Any] = {"completed_on": YESTERDAY, "verified_on": YESTERDAY, "outcome": "MET"}
UNMET: dict[str, Any] = MET | {"outcome": "NOT_MET"}

TABLE: list[tuple[str, list[Row], frozenset[Scope]]] = [
    ("filed", application("filed"), WINDOW),
    ("accepted", application("accepted", accepted_at=EARLIER), WINDOW),
    ("approved", application("approved", **DECIDED), NOBODY),
    ("withdrawn", application("withdrawn", decided_at=EARLIER, outcome="WITHDRAWN"), NOBODY),
    ("owes documents", [*application("owes documents", **DECIDED), deferral("owes documents")], WINDOW),
    (
        "owes documents, collected",
        [
            *application("owes documents, collected", **DECIDED),
            deferral("owes documents, collected", case_id=key("its case")),
        ],
        NOBODY,
    ),
    ("supplied", [*application("supplied", **DECIDED), deferral("supplied", supplied_on=YESTERDAY)], NOBODY),
    ("excused", [*application("excused", **DECIDED), deferral("excused", ended_on=YESTERDAY)], NOBODY),
    ("to verify", [*application("to verify", **DECIDED), commitment("to verify", completed_on=YESTERDAY)], WINDOW),
    ("met", [*application("met", **DECIDED), commitment("met", **MET)], NOBODY),
    (
        "not met, no case yet",
        [*application("not met, no case yet", **DECIDED), commitment("not met, no case yet", **UNMET)],
        WINDOW,
    ),
    ("filed elsewhere", application("filed elsewhere", department_code="D2"), NOBODY),
    ("collected", case("collected", **UNPUBLISHED), ALL),
    ("determined", case("determined", published_on=None, ends_on=None), ALL),
    ("in force", case("in force"), ALL),
    ("last day", case("last day", ends_on=rows.TODAY, rectified_on=YESTERDAY), ALL),
    ("repaired", case("repaired", **ENDED), NOBODY),
    (
        "repaired before its announcement",
        case("repaired before its announcement", published_on=None, ends_on=YESTERDAY, rectified_on=rows.TODAY),
        NOBODY,
    ),
    ("overdue", case("overdue", ends_on=YESTERDAY), ALL),
    ("dropped", case("dropped", **UNPUBLISHED, dropped_on=rows.TODAY), NOBODY),
    ("referred", case("referred", **UNPUBLISHED, referred_on=YESTERDAY), NOBODY),
    ("removed", case("removed", removed_on=rows.TODAY), NOBODY),
    (
        "removed, recipients to be told",
        [
            *case("removed, recipients to be told", removed_on=rows.TODAY),
            rows.correction("c1", of="removed, recipients to be told", case="case: removed, recipients to be told"),
        ],
        ALL,
    ),
    (
        "repaired, contested",
        [
            *case("repaired, contested", **ENDED),
            rows.objection("o1", of="repaired, contested", case="case: repaired, contested"),
        ],
        ALL,
    ),
    (
        "identity to be corrected",
        [
            *application("identity to be corrected", **DECIDED),
            rows.correction("c2", of="identity to be corrected", case="", case_id=None),
        ],
        DEPARTMENT,
    ),
    ("of another handler", case("of another handler", handler_ref="handler-2"), ALL - {Scope.ASSIGNED_OPEN}),
    ("of another department", case("of another department", department_code="D2"), NOBODY),
    ("secret", case("secret", confidential=True), NOBODY),
    ("secret filing", application("secret filing", confidential=True), NOBODY),
]
WHO = {Scope.DEPARTMENT_OPEN: "head-1", Scope.FILED_OPEN: "clerk-1", Scope.ASSIGNED_OPEN: "handler-1"}


OF_D2: dict[str, Any] = {"department_code": "D2", "handler_ref": "handler-7"}
TWO = [
    # At D2: a subject with a case that is closed and one that is open, and with two such applications.
    rows.subject("two"),
    rows.restraint("closed case", of="two", reviewer_ref="reviewer-7", removed_on=rows.TODAY, **OF_D2),
    rows.restraint("open case", of="two", reviewer_ref="reviewer-7", **OF_D2),
    rows.application("closed application", of="two", department_code="D2", **DECIDED),
    rows.application("open application", of="two", department_code="D2"),
    *(rows.case_step(f"step of {case}", "two", case) for case in ("closed case", "open case")),
    *(rows.case_statement(f"words of {case}", "two", case) for case in ("closed case", "open case")),
    rows.objection("answered", of="two", case="closed case", answered_on=YESTERDAY, department_code="D2"),
    rows.objection("about the open case", of="two", case="open case", answered_on=YESTERDAY, department_code="D2"),
    rows.filled(
        deferrals, "of the closed one", of="two", application_id=key("closed application"), department_code="D2",
        supplied_on=YESTERDAY,
    ),
    rows.filled(
        deferrals, "of the open one", of="two", application_id=key("open application"), department_code="D2",
        supplied_on=YESTERDAY,
    ),
    told("of the closed case", case_id=key("closed case")),
    told("of the open case", case_id=key("open case")),
    told("of the answered objection", objection_id=key("answered")),
    told("of the closed application", application_id=key("closed application")),
    told("of the open application", application_id=key("open application")),
    told("of an authorisation", authorisation_id=key("an authorisation")),
]  # fmt: skip


@pytest.fixture(scope="module")
async def database(shared_database: Database) -> Database:
    await put(shared_database, *(row for name, records, _ in TABLE for row in (rows.subject(name), *records)), *TWO)
    return shared_database


def inside(scope: Scope, but: frozenset[str] = frozenset()) -> set[Any]:
    return {key(name) for name, _, scopes in TABLE if scope in scopes and name not in but}


async def of(query_runner: SqlQueryRunner, entity: Entity, scope: Scope) -> set[Any]:
    statement = SelectPlan(entity, (Column("", "subject_id"),), scopes=(scope,))
    return set(await found(query_runner, statement, actor_ref=WHO[scope]))


@pytest.mark.parametrize("scope", WHO)
async def test_a_subject_is_shown_while_something_of_it_is_open(database: Database, scope: Scope) -> None:
    """[5.1.6]"""
    assert await of(SqlQueryRunner(database), Entity.SUBJECT, scope) == inside(scope)
    # Under the other reading of [5.1.5], what is not rectified ends all the same.
    lapsing = SqlQueryRunner(database, UnrectifiedPolicy.LAPSE)
    assert await of(lapsing, Entity.SUBJECT, scope) == inside(scope, but=frozenset({"overdue"}))


async def test_a_record_is_in_the_scope_with_its_subject(database: Database) -> None:
    """Where a subject has one record, its own page and the page of the records agree."""
    query_runner = SqlQueryRunner(database)
    filed = {key(name) for name, (record, *_), _ in TABLE if record[0].name == "applications"}
    for scope in (Scope.DEPARTMENT_OPEN, Scope.ASSIGNED_OPEN):
        assert await of(query_runner, Entity.RESTRAINT_CASE, scope) == inside(scope) - filed
    assert await of(query_runner, Entity.APPLICATION, Scope.FILED_OPEN) == inside(Scope.FILED_OPEN) & filed


EACH: list[tuple[Scope, Entity, set[str]]] = [
    # Who, which records, and those of them that still say who their subject is.
    *((scope, Entity.RESTRAINT_CASE, {"open case"}) for scope in (Scope.DEPARTMENT_OPEN, Scope.ASSIGNED_OPEN)),
    *((scope, Entity.CASE_STEP, {"step of open case"}) for scope in (Scope.DEPARTMENT_OPEN, Scope.ASSIGNED_OPEN)),
    (Scope.DEPARTMENT_OPEN, Entity.OBJECTION, {"about the open case"}),
    (Scope.FILED_OPEN, Entity.APPLICATION, {"open application"}),
    (Scope.FILED_OPEN, Entity.DEFERRAL, {"open application"}),
    (Scope.FILED_OPEN, Entity.NOTIFICATION, {"of the open application"}),
    # What names no record asks for anything that is open at the window.
    (Scope.SUBMITTED_OPEN, Entity.NOTIFICATION, {"of the open application", "of an authorisation"}),
    (Scope.ASSIGNED_OPEN, Entity.NOTIFICATION, {"of the open case"}),
    (Scope.DEPARTMENT_OPEN, Entity.NOTIFICATION, {"of the open case"}),
]
OFFICERS = {Scope.ASSIGNED_OPEN: "handler-7"}


@pytest.mark.parametrize(("scope", "entity", "records"), EACH, ids=[f"{one[0]}-{one[1]}" for one in EACH])
async def test_a_record_that_is_closed_names_nobody_whatever_else_is_open(
    database: Database, scope: Scope, entity: Entity, records: set[str]
) -> None:
    """Openness is a property of the record: its reason ends with it [4.2] [5.1.5] [5.1.6]."""
    statement = SelectPlan(entity, (Column("", SHAPES[entity].row_id),), scopes=(scope,))
    binds = {"actor_ref": OFFICERS.get(scope, "clerk-7"), "actor_department": "D2"}
    others = {key("case: of another department"), key("application: filed elsewhere")}
    inside = set(await found(SqlQueryRunner(database), statement, **binds)) - others
    assert inside == {key(name) for name in records}
