"""In force or not: SQL and the pure rule agree on every history [5.1.5]."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete

from credit.cases.status import RestraintDates, UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.plan import Column, Filter, QueryPlan, SelectPlan
from queryplan.scopes import Scope
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import restraint_cases
from tests.hypothesis_profiles import examples
from tests.storage import rows
from tests.storage.rows import ACTOR, TODAY, key, put, read

DAYS = some.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))
PERHAPS = some.one_of(some.none(), DAYS)


@some.composite
def histories(draw) -> dict[str, date | None]:
    """Any dates in any order: the database also holds what was corrected or recorded late."""
    names = ("published_on", "rectified_on", "removed_on", "dropped_on", "referred_on", "paused_on", "resumed_on")
    facts = {name: draw(PERHAPS) for name in (*names, "timely_claim_on", "timely_claim_answered_on")}
    return facts | {"ends_on": draw(DAYS if facts["published_on"] else PERHAPS)}


@pytest.fixture(scope="module")
async def furnished(shared_database):
    await put(shared_database, rows.subject("one"))
    return shared_database


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(histories(), min_size=1, max_size=40), DAYS, some.sampled_from(UnrectifiedPolicy))
async def test_sql_and_the_pure_rule_agree(furnished, drawn, today, unrectified):
    by_name = {f"case {index}": facts for index, facts in enumerate(drawn)}
    async with furnished.writing() as session:
        await session.execute(delete(restraint_cases))
        for name, facts in by_name.items():
            _, values = rows.restraint(name, of="one", **facts)
            await session.execute(restraint_cases.insert(), values)
    statement = SelectPlan(Entity.RESTRAINT_CASE, (Column("", "case_id"), Column("", "in_force")), scopes=(Scope.ALL,))
    result = await read(SqlQueryRunner(furnished, unrectified), statement, today=today)
    assert dict(result.rows[0]) == {
        key(name): RestraintDates(**facts).is_in_force(today, unrectified) for name, facts in by_name.items()
    }
    in_force = {key(name) for name, facts in by_name.items() if RestraintDates(**facts).is_in_force(today, unrectified)}
    assert await _public(furnished, unrectified, today) == in_force
    listed = SelectPlan(Entity.SUBJECT, (Column("", "is_restrained"),), scopes=(Scope.ALL,))
    answer = await read(SqlQueryRunner(furnished, unrectified), listed, today=today)
    assert answer.rows == [[(any(value for _, value in result.rows[0]),)]]


async def _public(database, unrectified: UnrectifiedPolicy, today: date) -> set[UUID]:
    statement = SelectPlan(Entity.RESTRAINT_CASE, (Column("", "case_id"),), scopes=(Scope.PUBLISHED,))
    return {row[0] for row in (await read(SqlQueryRunner(database, unrectified), statement, today=today)).rows[0]}


@pytest.mark.parametrize(
    ("case", "facts", "days"),
    [
        ("listed while it is in force", {}, [0, 90, 91, 182]),
        ("announced to its subject, not listed [5.1.5]", {"unlisted": True}, []),
        ("listed until a day", {"listed_until": TODAY + timedelta(days=90)}, [0, 90]),
        ("resting [5.1.4(3)]", {"paused_on": TODAY + timedelta(days=90)}, [0]),
    ],
)
async def test_a_case_is_on_the_public_list_on_these_days(furnished, case, facts, days):
    async with furnished.writing() as session:
        await session.execute(delete(restraint_cases))
        values = {"published_on": TODAY, "ends_on": TODAY + timedelta(days=182), "rectified_on": TODAY} | facts
        await session.execute(restraint_cases.insert(), rows.restraint("case", of="one", **values)[1])
    every = (0, 90, 91, 182, 183)
    shown = [day for day in every if await _public(furnished, UnrectifiedPolicy.STAYS, TODAY + timedelta(days=day))]
    assert shown == days


CASES = {
    "listed": {},
    "in force, not listed": {"unlisted": True},
    "removed": {"removed_on": TODAY - timedelta(days=1)},
    "not published": {"published_on": None},
}
IN_FORCE, LISTED = {"listed", "in force, not listed"}, {"listed"}


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
async def test_a_filter_that_a_scope_implies_is_not_checked_twice(furnished, scopes, column, passes, is_implied):
    async with furnished.writing() as session:
        await session.execute(delete(restraint_cases))
        for name, facts in CASES.items():
            await session.execute(restraint_cases.insert(), rows.restraint(name, of="one", **facts)[1])
    query_runner = SqlQueryRunner(furnished)

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
