"""A filter on what a scope demands already changes no row, and costs no second look at it [5.1.5]."""

from datetime import timedelta

import pytest

from queryplan.entities import Entity
from queryplan.plan import Column, Filter, QueryPlan, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.query_runner import SqlQueryRunner
from tests.storage import rows
from tests.storage.rows import ACTOR, TODAY, key, put

YESTERDAY = TODAY - timedelta(days=1)
CASES = {
    "listed": {},
    "in force, not listed": {"unlisted": True},
    "removed": {"removed_on": YESTERDAY},
    "not published": {"published_on": None},
}
IN_FORCE, LISTED = {"listed", "in force, not listed"}, {"listed"}


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    cases = (rows.restraint(name, of="one", **facts) for name, facts in CASES.items())
    await put(shared_database, rows.subject("one"), *cases)
    return SqlQueryRunner(shared_database)


@pytest.mark.parametrize(
    ("scopes", "column", "passes", "is_implied"),
    [
        ([Scope.RESTRAINED], "in_force", IN_FORCE, True),
        ([Scope.SECTOR_AREA], "in_force", IN_FORCE, True),
        ([Scope.PUBLISHED], "in_force", LISTED, True),
        ([Scope.PUBLISHED], "is_listed", LISTED, True),
        ([Scope.PUBLISHED, Scope.SECTOR_AREA], "in_force", IN_FORCE, True),
        # Each scope has to demand it.
        ([Scope.SECTOR_AREA], "is_listed", LISTED, False),
        ([Scope.DEPARTMENT], "in_force", IN_FORCE, False),
        ([Scope.SECTOR_AREA, Scope.DEPARTMENT], "in_force", IN_FORCE, False),
        ([Scope.ALL], "in_force", IN_FORCE, False),
    ],
)
async def test_a_filter_that_a_scope_implies(query_runner, scopes, column, passes, is_implied) -> None:
    def plan(*filters: Filter) -> QueryPlan:
        columns = (Column("", "case_id"), Column("", column))
        return QueryPlan((SelectPlan(Entity.RESTRAINT_CASE, columns, scopes=tuple(scopes), filters=filters),))

    filtered = query_runner.prepare(plan(Filter("", column, "=", "wanted")))
    unfiltered = query_runner.prepare(plan())
    every = (await query_runner.read(unfiltered, ACTOR)).rows[0]
    for wanted in (True, False):
        found = (await query_runner.read(filtered, {**ACTOR, "wanted": wanted})).rows[0]
        assert sorted(found) == sorted(row for row in every if row[1] is wanted)
        assert not wanted or {row[0] for row in found} == {key(name) for name in passes}
    looks = [prepared.steps[0].rows.text.count("referred_on IS NULL") for prepared in (filtered, unfiltered)]
    assert looks[0] == looks[1] + (0 if is_implied else 1)
