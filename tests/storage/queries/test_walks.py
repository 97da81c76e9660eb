"""A walk over pages whose rows move meanwhile: no row that was there all the time is lost, whatever the order.

The rows are cases that wait to be verified. Their day of collection moves, which orders them in each of the three ways
in which a page is selected: a list of a table, a list of one parent, and a derived table, where each case is one task.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import update

from credit.calendar.calendar import shipped
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Moving, Order, QueryPlan, SelectPlan, mirrored
from queryplan.scopes import Scope
from schema.execution.cursors import lowest
from schema.execution.planning.due_day_binds import due_binds
from storage import tables
from storage.database.database import Database
from storage.queries.query_runner import SqlQueryRunner
from tests.hypothesis_profiles import examples
from tests.storage import rows
from tests.storage.rows import key, put

MANY = 9
SINCE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""From when on a change counts as one of the walk."""
CASES = [key(f"case {index}") for index in range(MANY)]
UNTOUCHED = dict.fromkeys(("determined_on", "published_on", "ends_on"))
TODAY = date(2026, 3, 2)
BINDS = {**rows.ACTOR, "today": TODAY, **due_binds(shipped(), TODAY), "who": key("one")}

OF_CASES = Moving("changed_at", ("case_id",))
CHANGED = (Order("changed_at", "desc"), Order("case_id"))
COLLECTED = (Order("collected_at"), Order("number"), Order("case_id"))
TASKS = (Order("sorts_on"), Order("since_on"), Order("about_id"), Order("step"))


def listed(entity: Entity, order: tuple[Order, ...], moving: Moving, **more: Any) -> SelectPlan:
    names = dict.fromkeys([*(each.name for each in order), *moving.keys, "walk:again"])
    columns = tuple(Column("", name) for name in names)
    return SelectPlan(entity, columns, scopes=(Scope.ALL,), order=order, moving=moving, **more)


PARENT = SelectPlan(
    Entity.SUBJECT, (Column("", "subject_id"),), scopes=(Scope.ALL,), filters=(Filter("", "subject_id", "=", "who"),)
)
WALKS: Mapping[str, tuple[SelectPlan, ...]] = {
    "last changed first": (listed(Entity.RESTRAINT_CASE, CHANGED, OF_CASES),),
    "first collected first": (listed(Entity.RESTRAINT_CASE, COLLECTED, OF_CASES),),
    "of one subject": (
        PARENT, listed(Entity.RESTRAINT_CASE, CHANGED, OF_CASES, parent=(0, 0, "restraint_cases")),
    ),
    "tasks by their last day": (listed(Entity.WORK_ITEM, TASKS, Moving("changed_at", ("about_id", "step"))),),
}  # fmt: skip


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    cases = [rows.restraint(f"case {index}", of="one", **UNTOUCHED) for index in range(MANY)]
    await put(shared_database, rows.subject("one"), *cases)
    return SqlQueryRunner(shared_database)


def with_values(statement: SelectPlan, **values: Any) -> SelectPlan:
    return SelectPlan(**{name: getattr(statement, name) for name in statement.__slots__} | values)


def from_end(plan: Sequence[SelectPlan]) -> Sequence[SelectPlan]:
    """Give the plan of a walk backwards."""
    *before, last = plan
    return (*before, with_values(last, order=mirrored(last.order)))


async def walk(
    query_runner: SqlQueryRunner,
    plan: Sequence[SelectPlan],
    size: int,
    between: Callable[[], Awaitable[None]],
    *,
    still: bool = False,
) -> list[object]:
    """Turn the pages as the gateway does, with somebody at work *between* them; gives the id in each row.

    *still*: nobody moves a row.
    """
    *before, last = plan
    moving = last.moving
    assert moving is not None
    limited = with_values(last, limit=size + 1)
    first = query_runner.prepare(QueryPlan((*before, limited)))
    rest = query_runner.prepare(QueryPlan((*before, with_values(limited, after="after", figures=(Figure.BEHIND,)))))
    start = {f"after_key_{at}": lowest(name) for at, name in enumerate(moving.keys)}
    place: dict[str, object] = {}
    seen: list[object] = []
    for _ in range(4 * MANY):
        read = await query_runner.read(rest if place else first, {**BINDS, **place})
        if place and still:
            assert any(read.figures[-1][Figure.BEHIND].values()), "the row of the cursor is behind it"
        found = read.rows[-1]
        named = [dict(zip((c.name for c in last.columns), row[-len(last.columns) :], strict=True)) for row in found]
        seen += [row[moving.keys[0]] for row in named[:size]]
        if len(named) <= size:
            return seen
        end = named[size - 1]
        by_order: dict[str, object] = {f"after_{at}": end[each.name] for at, each in enumerate(last.order)}
        if end["walk:again"]:
            by_order = dict.fromkeys(by_order)
            start = {f"after_key_{at}": end[name] for at, name in enumerate(moving.keys)}
        place = {"after_since": SINCE, **by_order, **start}
        await between()
    raise AssertionError("the walk has no end")


async def place_cases(database: Database, hours: Mapping[int, int], changed: Callable[[int], datetime]) -> None:
    """Move cases: each by its number to an hour of collection."""
    async with database.writing() as session:
        for index, hour in hours.items():
            moved = {"collected_at": datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=hour)}
            own = tables.restraint_cases.c.case_id == CASES[index]
            await session.execute(update(tables.restraint_cases).where(own).values(**moved, changed_at=changed(index)))


HOURS = some.integers(0, 200)
MOVES = some.dictionaries(some.integers(0, MANY - 1), HOURS, max_size=4)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", WALKS)
@settings(max_examples=examples(25), deadline=None)
@given(
    start=some.lists(HOURS, min_size=MANY, max_size=MANY),
    size=some.integers(1, 4),
    moves=some.lists(MOVES, max_size=12),
)
async def test_no_row_is_lost_and_only_what_changed_comes_again(query_runner, name, backward, start, size, moves):
    database = query_runner._database
    # At the latest a moment before the walk began, and the more recently the higher the number.
    await place_cases(
        database, dict(enumerate(start)), lambda index: SINCE - timedelta(seconds=1 + start[index], microseconds=index)
    )
    left, touched = list(moves), set[object]()

    async def somebody_works() -> None:
        if left:
            moved = left.pop()
            touched.update(CASES[index] for index in moved)
            # The first at the very instant: a change from before the first page that was not visible yet.
            await place_cases(database, moved, lambda _: SINCE + timedelta(minutes=len(moves) - len(left) - 1))

    seen = await walk(query_runner, from_end(WALKS[name]) if backward else WALKS[name], size, somebody_works)
    assert set(seen) == set(CASES)
    assert {one for one in seen if seen.count(one) > 1} <= touched


async def test_without_changes_a_walk_is_the_list(query_runner):
    for name, plan in WALKS.items():
        await place_cases(
            query_runner._database, dict(enumerate(range(MANY))), lambda at: SINCE - timedelta(hours=at + 1)
        )

        async def nobody() -> None:
            return

        whole = await walk(query_runner, plan, MANY, nobody)
        assert await walk(query_runner, plan, 2, nobody, still=True) == whole, name
        assert len(whole) == MANY
        assert await walk(query_runner, from_end(plan), 2, nobody, still=True) == whole[::-1], name


async def test_each_part_of_a_walk_is_found_by_an_index(query_runner):
    """The pages of a sector: the instant of the change bounds both parts."""
    if query_runner._database.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads so few rows without an index")
    of_sector = (Filter("", "sector_code", "=", "sector"),)
    statement = listed(Entity.RESTRAINT_CASE, CHANGED, OF_CASES, filters=of_sector, limit=3, after="after")
    compiled = query_runner.prepare(QueryPlan((statement,))).steps[0].rows
    names = {f"after_{at}": None for at in range(2)} | {"after_since": SINCE, "after_key_0": key("one"), "sector": "S1"}
    explained = await query_runner._database.fetch_text(f"EXPLAIN QUERY PLAN {compiled.text}", compiled.values(names))
    used = [str(row[-1]) for row in explained if "ix_restraint_cases_changed" in str(row[-1])]
    assert [line.partition("(")[2] for line in used] == [
        "sector_code=? AND changed_at<?)", "sector_code=? AND changed_at>?)",
    ]  # fmt: skip
