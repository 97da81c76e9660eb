"""In force or not: SQL and the pure rule agree on every history [5.1.5]."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete

from credit.cases.status import RestraintDates, UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.plan import Column, SelectPlan
from queryplan.scopes import Scope
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import restraint_cases
from tests.hypothesis_profiles import examples
from tests.storage import rows
from tests.storage.rows import TODAY, key, put, read

DAYS = some.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))
PERHAPS = some.one_of(some.none(), DAYS)


@some.composite
def histories(draw) -> dict[str, date | None]:
    """Any dates in any order: the database also holds what was corrected or recorded late."""
    facts = {
        name: draw(PERHAPS) for name in ("published_on", "rectified_on", "removed_on", "dropped_on", "referred_on")
    }
    claims = {name: draw(PERHAPS) for name in ("timely_claim_on", "timely_claim_answered_on")}
    return facts | claims | {"ends_on": draw(DAYS if facts["published_on"] else PERHAPS)}


@pytest.fixture(scope="module")
async def furnished(shared_database):
    await put(shared_database, rows.subject("one"))
    return shared_database


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(histories(), min_size=1, max_size=40), DAYS, some.sampled_from(UnrectifiedPolicy))
async def test_sql_and_the_pure_rule_agree(furnished, drawn, today, unrectified):
    async with furnished.writing() as session:
        await session.execute(delete(restraint_cases))
        for index, facts in enumerate(drawn):
            _, values = rows.restraint(f"case {index}", of="one", **facts)
            await session.execute(restraint_cases.insert(), values)
    statement = SelectPlan(Entity.RESTRAINT_CASE, (Column("", "case_id"), Column("", "in_force")), scopes=(Scope.ALL,))
    result = await read(SqlQueryRunner(furnished, unrectified), statement, today=today)
    assert dict(result.rows[0]) == {
        key(f"case {index}"): RestraintDates(**facts).is_in_force(today, unrectified)
        for index, facts in enumerate(drawn)
    }
    listed = SelectPlan(Entity.SUBJECT, (Column("", "is_restrained"),), scopes=(Scope.ALL,))
    answer = await read(SqlQueryRunner(furnished, unrectified), listed, today=today)
    assert answer.rows == [[(any(value for _, value in result.rows[0]),)]]
