"""Pages: whole, without repetition, in order; children in one statement, each parent with its own limit and total."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import update

from consent.vocabulary import Purpose
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Order, QueryPlan, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database, Session
from storage.errors import InvalidPlan, NotATotalOrder, UnknownColumn, UnknownRelation, WrongBind
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import subjects
from tests.hypothesis_profiles import examples
from tests.storage import rows
from tests.storage.rows import key, put, read

FIRST = date(2025, 1, 1)
PARENTS = ("one", "two", "three", "childless")
CASES = {"one": 23, "two": 5, "three": 1, "childless": 0}


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    """Few dates and departments for many cases, so that an order hangs on its last column."""
    made = [rows.subject(name) for name in PARENTS]
    for name, count in CASES.items():
        for index in range(count):
            published = FIRST + timedelta(days=index % 4)
            made.append(
                rows.restraint(
                    f"{name} {index}",
                    of=name,
                    department_code="D1" if index % 3 else "D2",
                    determined_on=published,
                    published_on=published if index % 5 else None,
                    collected_at=datetime(2025, 1, 1 + index % 2, tzinfo=UTC),
                )
            )
    made += [
        rows.application(f"application {index}", of="one", matter_code="M1" if index else "M3") for index in range(3)
    ]
    made += [rows.authorisation("of one", of="one"), rows.authorisation("of two", of="two", withdrawn_at=rows.EARLIER)]
    await put(shared_database, *made)
    return SqlQueryRunner(shared_database)


async def pages(query_runner: SqlQueryRunner, statement: SelectPlan, **binds: object) -> list[list[tuple[object, ...]]]:
    """Turn the pages as a client would: each begins after the last row of the one before."""
    first = query_runner.prepare(QueryPlan((statement,)))
    further = query_runner.prepare(QueryPlan((rows_after(statement),)))
    turned = [(await query_runner.read(first, {**rows.ACTOR, **binds})).rows[0]]
    while turned[-1]:
        last = {f"after_{index}": value for index, value in enumerate(turned[-1][-1])}
        turned.append((await query_runner.read(further, {**rows.ACTOR, **binds, **last})).rows[0])
    return turned


def rows_after(statement: SelectPlan) -> SelectPlan:
    return SelectPlan(**{name: getattr(statement, name) for name in statement.__slots__} | {"after": "after"})


def listed(*order: Order, limit: int | None, entity: Entity = Entity.RESTRAINT_CASE, **more: object) -> SelectPlan:
    """A page of the columns that it is ordered by."""
    columns = tuple(Column("", each.name) for each in order)
    return SelectPlan(entity, columns, scopes=(Scope.ALL,), order=order, limit=limit, **more)


NAMES = ("department_code", "collected_at", "published_on", "circumstance")
ORDERS = some.lists(some.sampled_from(NAMES), unique=True, max_size=3).flatmap(
    lambda names: some.tuples(*(some.sampled_from(["asc", "desc"]) for _ in range(len(names) + 1))).map(
        lambda directions: tuple(map(Order, [*names, "case_id"], directions))
    )
)


def is_ordered(order: tuple[Order, ...], before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    for each, one, other in zip(order, before, after, strict=True):
        if one != other:
            return one < other if each.direction == "asc" else one > other
    return False


@settings(max_examples=examples(40), deadline=None)
@given(order=ORDERS, limit=some.integers(1, 12))
async def test_pages_together_are_the_whole_list_in_order_and_nothing_twice(query_runner, order, limit):
    turned = await pages(query_runner, listed(*order, limit=limit))
    everything = [row for page in turned for row in page]
    assert all(len(page) == limit for page in turned[:-2])
    assert all(is_ordered(order, before, after) for before, after in pairwise(everything))
    dated_only = any(each.name == "published_on" for each in order)
    total = sum(1 for name in PARENTS for index in range(CASES[name]) if index % 5 or not dated_only)
    assert len(everything) == total
    counted = await read(query_runner, listed(*order, limit=limit, figures=(Figure.TOTAL,)))
    assert counted.figures == [{Figure.TOTAL: {None: total}}]


async def test_a_total_ignores_cursor_and_limit_but_not_scope_and_filter(query_runner):
    order = (Order("collected_at", "desc"), Order("case_id", "desc"))
    statement = rows_after(
        listed(*order, limit=2, figures=(Figure.TOTAL,), filters=(Filter("", "department_code", "=", "department"),))
    )
    cursor = {"after_0": datetime(2025, 1, 1, tzinfo=UTC), "after_1": UUID(int=0)}
    result = await read(query_runner, statement, department="D2", **cursor)
    assert result.rows == [[]]
    assert result.figures == [
        {Figure.TOTAL: {None: sum(1 for name in PARENTS for index in range(CASES[name]) if index % 3 == 0)}}
    ]


async def test_a_page_of_a_nullable_order_holds_the_rows_that_have_a_place(query_runner):
    """A list by date of publication leaves out what was not published, and its total says so too."""
    order = (Order("published_on"), Order("case_id"))
    result = await read(query_runner, listed(*order, limit=100, figures=(Figure.TOTAL,)))
    assert None not in {row[0] for row in result.rows[0]}
    assert result.figures == [{Figure.TOTAL: {None: len(result.rows[0])}}]


@pytest.mark.parametrize("cursor", [{"after_0": None, "after_1": UUID(int=0)}, {"after_0": FIRST, "after_1": None}])
async def test_a_cursor_with_a_hole_shows_at_most_what_surely_comes_after(query_runner, cursor):
    statement = rows_after(listed(Order("published_on"), Order("case_id"), limit=100))
    shown = (await read(query_runner, statement, **cursor)).rows[0]
    assert all(cursor["after_0"] is not None and row[0] > cursor["after_0"] for row in shown)


@pytest.mark.parametrize(
    "cursor",
    [
        {},
        {"after_0": FIRST},
        {"after_0": "2025-01-01", "after_1": UUID(int=0)},
        {"after_0": FIRST, "after_1": "0"},
        {"after_0": datetime(2025, 1, 1, tzinfo=UTC), "after_1": UUID(int=0)},
    ],
)
async def test_a_cursor_of_another_list_is_refused(query_runner, cursor):
    with pytest.raises(WrongBind):
        await read(query_runner, rows_after(listed(Order("published_on"), Order("case_id"), limit=5)), **cursor)


# --- children ------------------------------------------------------------------------------------------------------

ALL_SUBJECTS = SelectPlan(Entity.SUBJECT, (Column("", "kind"), Column("", "subject_id")), scopes=(Scope.ALL,))
NEWEST = (Order("collected_at", "desc"), Order("case_id", "desc"))


def cases_of(index: int = 0, position: int = 1, relation: str = "restraint_cases", **more: object) -> SelectPlan:
    columns = (Column("", "collected_at"), Column("", "case_id"))
    return SelectPlan(Entity.RESTRAINT_CASE, columns, parent=(index, position, relation), **{"order": NEWEST} | more)


@pytest.mark.parametrize("limit", [1, 4, 5, 100, None])
async def test_each_parent_has_its_own_limit(query_runner, limit):
    result = await read(query_runner, ALL_SUBJECTS, cases_of(limit=limit))
    for name in PARENTS:
        children = [row[1:] for row in result.rows[1] if row[0] == key(name)]
        assert len(children) == min(CASES[name], limit or 100)
        assert all(is_ordered(NEWEST, before, after) for before, after in pairwise(children))
    together = [parent for parent, _ in groupby(row[0] for row in result.rows[1])]
    assert len(together) == len(set(together)) == 3
    assert result.figures == [{}, {}]


async def test_totals_of_children_are_by_parent_and_none_is_forgotten(query_runner):
    result = await read(query_runner, ALL_SUBJECTS, cases_of(limit=2, figures=(Figure.TOTAL,)))
    assert result.figures[1][Figure.TOTAL] == {key(name): count for name, count in CASES.items()}
    assert len(result.rows[1]) == 5


async def test_children_obey_their_scopes_filters_and_consent(query_runner):
    """A child is guarded like a root: its parent's being shown is not enough [5.1.6]."""
    filters = (Filter("", "department_code", "=", "department"),)
    own = cases_of(scopes=(Scope.OWN,), filters=filters, figures=(Figure.TOTAL,))
    result = await read(query_runner, ALL_SUBJECTS, own, department="D2", actor_subject=key("two"))
    assert {row[0] for row in result.rows[1]} == {key("two")}
    assert result.figures[1][Figure.TOTAL] == {key("one"): 0, key("two"): 2, key("three"): 0, key("childless"): 0}
    result = await read(query_runner, ALL_SUBJECTS, cases_of(consent=Purpose.CREDIT_CHECK, limit=3))
    assert [row[0] for row in result.rows[1]] == [key("one")] * 3


async def test_a_childs_cursor_is_a_place_in_the_list_of_each_parent(query_runner):
    one = SelectPlan(
        Entity.SUBJECT, ALL_SUBJECTS.columns, scopes=(Scope.ALL,), filters=(Filter("", "subject_id", "=", "who"),)
    )
    whole = (await read(query_runner, one, cases_of(limit=100), who=key("one"))).rows[1]
    cursor = {f"after_{index}": value for index, value in enumerate(whole[9][1:])}
    rest = await read(
        query_runner, one, cases_of(limit=100, after="after", figures=(Figure.TOTAL,)), who=key("one"), **cursor
    )
    assert rest.rows[1] == whole[10:]
    assert rest.figures[1][Figure.TOTAL] == {key("one"): 23}
    every = (await read(query_runner, ALL_SUBJECTS, cases_of(limit=100))).rows[1]
    rest = await read(query_runner, ALL_SUBJECTS, cases_of(limit=100, after="after"), **cursor)
    place = tuple(cursor.values())
    assert rest.rows[1] == [row for row in every if row[1:] < place], "a place in the order is one for every parent"


async def test_without_parents_no_statement_is_run(query_runner):
    nobody = SelectPlan(Entity.SUBJECT, ALL_SUBJECTS.columns, scopes=(Scope.OWN,))
    before = query_runner.statements_run
    result = await read(query_runner, nobody, cases_of(limit=3, figures=(Figure.TOTAL,)), actor_subject=key("nobody"))
    assert (result.rows, result.figures) == ([[], []], [{}, {Figure.TOTAL: {}}])
    assert query_runner.statements_run - before == 1


NOT_CHILDREN = [
    ("a relation that is not there", cases_of(relation="evidence"), UnknownRelation),
    ("a to-one relation", cases_of(relation="area"), UnknownRelation),
    ("a relation to something else", cases_of(relation="applications"), UnknownRelation),
    ("a position that is not the key", cases_of(position=0), UnknownRelation),
    ("a position outside the row", cases_of(position=2), UnknownRelation),
    ("a position before the row", cases_of(position=-1), UnknownRelation),
    ("an order that leaves ties", cases_of(order=(Order("collected_at"),), limit=3), NotATotalOrder),
    ("an order by a sealed item", cases_of(order=(Order("facts"), Order("case_id"))), UnknownColumn),
]


@pytest.mark.parametrize(("why", "statement", "refusal"), NOT_CHILDREN)
def test_what_is_no_child_is_refused(query_runner, why, statement, refusal):
    with pytest.raises(refusal):
        query_runner.prepare(QueryPlan((ALL_SUBJECTS, statement)))


@pytest.mark.parametrize("parent", [1, 2, -1])
def test_children_come_after_their_parents(query_runner, parent):
    with pytest.raises(InvalidPlan):
        query_runner.prepare(QueryPlan((ALL_SUBJECTS, cases_of(index=parent))))


class Busy(Database):
    """A database in which somebody writes after every statement of a reading."""

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        async with super().snapshot() as session:
            fetch_text = session.fetch_text

            async def fetch_and_be_overtaken(text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
                found = await fetch_text(text, values)
                async with self.writing() as writer:
                    await writer.execute(update(subjects).values(kind="SOLE_TRADER"))
                return found

            session.fetch_text = fetch_and_be_overtaken
            yield session


async def test_all_statements_of_a_plan_see_one_snapshot(database_url: str):
    """What is written while a plan runs is in all of its answers or in none."""
    database = Busy.open(database_url)
    await put(database, *(rows.subject(name) for name in PARENTS))
    query_runner = SqlQueryRunner(database)
    result = await read(query_runner, ALL_SUBJECTS, ALL_SUBJECTS)
    assert [{kind for kind, _ in answer} for answer in result.rows] == [{"NATURAL_PERSON"}] * 2
    result = await read(query_runner, ALL_SUBJECTS)
    assert {kind for kind, _ in result.rows[0]} == {"SOLE_TRADER"}
    await database.close()
