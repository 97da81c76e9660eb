"""Which rows each scope means, inside and outside [5.1.6] [5.2.2]. A missing meaning or a NULL bind is no row."""

from datetime import date

import pytest

from credit.cases.status import UnrectifiedPolicy
from credit.focused_checks.actions import AREA_END
from credit.subjects.areas import township_of
from queryplan.entities import Entity
from queryplan.plan import Column, Order, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from tests.storage import rows
from tests.storage.queries.scopes.scope_records import records
from tests.storage.queries.scopes.scope_table import AGENT, NARROW, TABLE
from tests.storage.rows import ACTOR, found, key, put, read


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    await put(shared_database, *records())
    return SqlQueryRunner(shared_database)


def rows_of(entity: Entity, *scopes: Scope, **more: object) -> SelectPlan:
    return SelectPlan(entity, (Column("", SHAPES[entity].row_id),), scopes=scopes, **more)


def ids(names: set[str], entity: Entity) -> set[object]:
    return {key(name) for name in names} if SHAPES[entity].owned else set(names)


@pytest.mark.sampled
@pytest.mark.parametrize(("scope", "entity", "differs", "inside"), TABLE)
async def test_a_scope_holds_these_rows_and_no_others(query_runner, scope, entity, differs, inside):
    assert set(await found(query_runner, rows_of(entity, scope), **differs)) == ids(inside, entity)


async def test_a_delegate_lists_the_files_of_its_groups_and_of_its_own_delegation(query_runner):
    """A list finds them by the subjects that delegated, and by the condition of the scopes [5.1.6]."""
    scopes, order = (Scope.DELEGATED, Scope.DELEGATED_FACTS), (Order("file_id"),)
    files = SelectPlan(Entity.EVIDENCE_FILE, (Column("", "file_id"),), scopes=scopes, order=order, limit=1_000)
    for actor, inside in ((AGENT, {"power of attorney", "for the office"}), (NARROW, {"of the office"})):
        assert set(await found(query_runner, files, **actor)) == ids(inside, Entity.EVIDENCE_FILE)
    assert await found(query_runner, files, actor_ref="agent-4") == []


@pytest.mark.parametrize(
    ("area", "inside"),
    [
        ("370305001", {"in force"}),
        ("370305002", {"moved into the area"}),
        ("370305001003", set()),
        ("370306", {"other area now"}),
    ],
)
async def test_a_supervisor_finds_its_targets_by_the_township(query_runner, area, inside):
    """A list looks for them by the township, and by the condition of the scope; both are about the subject's area."""
    actor = {"actor_area": area, "actor_area_end": area + AREA_END, "actor_township": township_of(area)}
    order = Order("published_on"), Order("case_id")
    targets = rows_of(Entity.RESTRAINT_CASE, Scope.SECTOR_AREA, order=order, limit=1_000)
    assert set(await found(query_runner, targets, **actor)) == ids(inside, Entity.RESTRAINT_CASE)


@pytest.mark.sampled
@pytest.mark.parametrize(("scope", "entity", "differs", "inside"), TABLE)
async def test_a_scope_says_of_each_row_whether_it_is_inside(query_runner, scope, entity, differs, inside):
    """The column `scope:…` answers what the scope's own condition would, true or false and never NULL."""
    columns = (Column("", SHAPES[entity].row_id), Column("", f"scope:{scope}"))
    result = await read(query_runner, SelectPlan(entity, columns, scopes=(Scope.ALL,)), **differs)
    assert {value for _, value in result.rows[0]} <= {True, False}
    assert {row_id for row_id, value in result.rows[0] if value} == ids(inside, entity)


NEEDED = {
    Scope.OWN: ["actor_subject"],
    Scope.DELEGATED: ["actor_ref", "today"],
    Scope.DEPARTMENT: ["actor_department"],
    Scope.ASSIGNED: ["actor_ref", "actor_department"],
    Scope.REVIEWING: ["actor_ref", "actor_department"],
    Scope.DEPARTMENT_OPEN: ["actor_department"],
    Scope.FILED: ["actor_department"],
    Scope.FILED_OPEN: ["actor_department"],
    Scope.ASSIGNED_OPEN: ["actor_ref", "actor_department"],
    Scope.REVIEWING_OPEN: ["actor_ref", "actor_department"],
    Scope.UNDER_REVIEW: ["actor_ref", "actor_department"],
    Scope.SECTOR_AREA: ["actor_sector", "actor_area", "actor_area_end", "today"],
    Scope.RESTRAINED: ["today"],
    Scope.PUBLISHED: ["today"],
    Scope.SUBMITTED: ["actor_department", "registered_from"],
    Scope.SUBMITTED_OPEN: ["actor_department"],
    Scope.CONSULTED: ["actor_department"],
    Scope.RECORDED_CONTESTED: ["actor_department"],
}


@pytest.mark.parametrize(
    ("scope", "bind", "given"),
    [(scope, bind, given) for scope, binds in NEEDED.items() for bind in binds for given in ("NULL", "missing")],
)
@pytest.mark.parametrize("entity", [Entity.SUBJECT, Entity.RESTRAINT_CASE])
async def test_what_is_not_known_of_the_actor_matches_no_row(query_runner, scope, bind, given, entity):
    """Nothing is shown for want of knowing who asks [5.1.6]."""
    binds = {**ACTOR, "actor_ref": "agent-1", bind: None}
    if given == "missing":
        del binds[bind]
    prepared = query_runner.prepare(rows.QueryPlan((rows_of(entity, scope),)))
    assert (await query_runner.read(prepared, binds)).rows == [[]]


async def test_rows_of_any_scope_named_are_read(query_runner):
    statement = rows_of(Entity.SUBJECT, Scope.OWN, Scope.SUBMITTED)
    assert set(await found(query_runner, statement)) == ids({"one", "five"}, Entity.SUBJECT)


@pytest.mark.parametrize("scope", Scope)
async def test_a_confidential_record_is_refused_everywhere(query_runner, scope):
    """State secrets stay out of every interface, whoever asks [5.1.6]."""
    everywhere = {"actor_subject": key("secret"), "actor_ref": "reviewer-1"}
    for entity in (Entity.RESTRAINT_CASE, Entity.APPLICATION):
        inside = await found(query_runner, rows_of(entity, scope), **everywhere)
        assert not {key("state secret"), key("secret filing")} & set(inside)
    if scope not in {Scope.ALL, Scope.OWN}:
        assert key("secret") not in await found(query_runner, rows_of(Entity.SUBJECT, scope), **everywhere)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("entity", [Entity.CASE_STEP, Entity.CASE_STATEMENT, Entity.FACTS_VERSION])
async def test_what_belongs_to_a_confidential_case_is_refused_with_it(query_runner, entity, scope):
    """[5.1.6]"""
    everywhere = {"actor_subject": key("secret"), "actor_ref": "reviewer-1"}
    inside = await found(query_runner, rows_of(entity, scope), **everywhere)
    assert not {key(f"{what} of state secret") for what in ("step", "mark", "words", "version")} & set(inside)


@pytest.mark.parametrize(
    ("scope", "whose", "cases"),
    [
        (Scope.ASSIGNED, {}, {"in force", "noticed", "being verified"}),
        (Scope.DEPARTMENT, {}, {"in force", "noticed", "being verified"}),
        (Scope.REVIEWING, {"actor_ref": "reviewer-1"}, {"in force"}),
        (Scope.OWN, {"actor_subject": key("one")}, {"in force"}),
        (Scope.OWN, {"actor_subject": key("six")}, {"noticed"}),
        (Scope.OWN, {"actor_subject": key("two")}, set()),
        (Scope.SECTOR_AREA, {}, set()),
    ],
)
async def test_the_parts_of_a_case_are_seen_by_whom_the_case_is(query_runner, scope, whose, cases):
    """Its subject sees them once it was notified of the case, and never that it was marked [5.1.4(2)] [5.1.6]."""
    words = await found(query_runner, rows_of(Entity.CASE_STATEMENT, scope), **whose)
    assert set(words) == {key(f"words of {case}") for case in cases}
    versions = await found(query_runner, rows_of(Entity.FACTS_VERSION, scope), **whose)
    assert set(versions) == {key(f"version of {case}") for case in cases}
    steps = {"step"} if scope is Scope.OWN else {"step", "mark"}
    expected = {key(f"{step} of {case}") for case in cases for step in steps}
    assert set(await found(query_runner, rows_of(Entity.CASE_STEP, scope), **whose)) == expected


async def test_a_confidential_restraint_is_not_revealed_by_its_subject(query_runner):
    columns = (Column("", "is_restrained"),)
    statement = SelectPlan(Entity.SUBJECT, columns, scopes=(Scope.OWN,))
    assert await found(query_runner, statement, actor_subject=key("secret")) == [False]
    assert await found(query_runner, statement) == [True]


async def test_restrained_or_not_is_unknown_on_an_unknown_day(query_runner):
    """Unknown is never clean [4.1]."""
    for entity, column in ((Entity.SUBJECT, "is_restrained"), (Entity.RESTRAINT_CASE, "in_force")):
        statement = SelectPlan(entity, (Column("", column),), scopes=(Scope.OWN,))
        assert set(await found(query_runner, statement, today=None)) == {None}


async def test_a_restraint_that_ended_unrectified_stays_or_lapses_as_the_deployment_chose(
    shared_database, query_runner
):
    """Two readings of [5.1.5]; the first is the default."""
    statement = rows_of(Entity.RESTRAINT_CASE, Scope.RESTRAINED)
    later = {"today": date(2026, 7, 13)}
    assert len(await found(query_runner, statement, **later)) == 4
    assert await found(SqlQueryRunner(shared_database, UnrectifiedPolicy.LAPSE), statement, **later) == []
