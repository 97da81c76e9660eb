"""The database lists the same work items as the pure rule for each case, in the order of due days [5.1.4].

Some hundreds of random histories, most of them impossible: the two have to agree on those as well.
"""

import random
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import literal_column, select

from credit.calendar.calendar import shipped
from credit.calendar.deadlines import civil_date
from credit.cases.rules.next_steps import Side, Task, todo
from credit.cases.status import UnrectifiedPolicy, period_end
from queryplan.entities import Entity
from queryplan.plan import Column, Filter, Order, SelectPlan
from queryplan.scopes import Scope
from schema.execution.planning.due_day_binds import due_binds
from storage import tables
from storage.database.database import Database
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from storage.queries.statements.fragments import ROW, FragmentStore
from storage.repositories.case_row import from_columns
from tests.storage.rows import key, put, read, restraint, subject, subject_key

CALENDAR = shipped()
FIRST = date(2025, 12, 15)
DAYS = [date(2026, 1, 5), date(2026, 2, 13), date(2026, 2, 24), date(2026, 10, 8), date(2026, 12, 29)]
"""Through New Year, before and after Spring Festival, after National Day, and where the next year has no table."""
ORDER = (Order("sorts_on"), Order("since_on"), Order("about_id"), Order("step"))
OF_CASES = set(Task) - {
    Task.MEND, Task.ASSIGN_OBJECTION, Task.ANSWER_OBJECTION, Task.HAND_IN, Task.REMIND, Task.SUPPLY,
    Task.COLLECT_DEFAULT, Task.COMPLETE, Task.CHECK_COMMITMENT, Task.COLLECT_UNMET, Task.DECIDE_CONTEST,
    Task.CONFIRM_PAPER, Task.DECIDE_GUARDIANSHIP, Task.ACKNOWLEDGE_DELETION,
}  # fmt: skip
NAMES = ("about_id", "step", "since_on", "due_on", "is_late", "side", "sorts_on")


def histories(how_many: int) -> list[tuple[str, Mapping[str, Any]]]:
    chance = random.Random(20260302)  # noqa: S311 - the same cases in every run
    return [(f"case {at}", history(chance)) for at in range(how_many)]


def history(chance: random.Random) -> dict[str, Any]:
    """Give the days of one case: each step some days after the one before, or not at all."""
    on = FIRST + timedelta(days=chance.randrange(370))

    def step(likely: float) -> date | None:
        nonlocal on
        if chance.random() > likely:
            return None
        on += timedelta(days=chance.randrange(12))
        return on

    collected = datetime(on.year, on.month, on.day, chance.randrange(24), tzinfo=UTC)
    verified = step(0.85)
    row: dict[str, Any] = {
        "collected_at": collected,
        "verified_at": verified and datetime(verified.year, verified.month, verified.day, 20, tzinfo=UTC),
        "noticed_on": step(0.8),
        "served_on": step(0.8),
        "stated_on": step(0.5),
        "reviewed_on": step(0.5),
        "determined_on": step(0.35),
        "reviewer_ref": chance.choice((None, "reviewer-1")),
        "handler_ref": chance.choice(("handler-1", "handler-2")),
        "department_code": chance.choice(("D1", "D2")),
        "confidential": chance.random() < 0.05,
    }
    row["published_on"] = row["determined_on"] and step(0.6)
    row["paused_on"] = row["determined_on"] and step(0.2)
    row["resumed_on"] = row["paused_on"] and step(0.4)
    row["reopened_on"], row["reopened_until"] = row["paused_on"], row["resumed_on"]
    row["claimed_on"] = row["published_on"] and step(0.3)
    row["claim_answered_on"] = row["claimed_on"] and step(0.5)
    row["ends_on"] = row["published_on"] and period_end(row["published_on"])
    if row["claimed_on"] and row["claimed_on"] <= row["ends_on"]:
        row |= {"timely_claim_on": row["claimed_on"], "timely_claim_answered_on": row["claim_answered_on"]}
    for name in ("rectified_on", "removed_on", "dropped_on", "referred_on"):
        row[name] = step(0.1)
    if row["determined_on"] and row["rectified_on"] and not row["published_on"]:
        row["ends_on"] = row["rectified_on"] - timedelta(days=1)  # repaired on application, before its publication
    if chance.random() < 0.1:
        taken_over = ("taken_over_on", "former_determined_on", "former_published_on", "former_ends_on")
        row |= dict.fromkeys(taken_over, collected.date() + timedelta(days=1))
    return row


@pytest.fixture(scope="module")
async def cases(shared_database: Any) -> list[dict[str, Any]]:
    found = [restraint(name, "one", **values)[1] for name, values in histories(400)]
    blank = {column.name: None for column in tables.restraint_cases.c}
    await put(
        shared_database, subject("one"), subject_key("one"), *((tables.restraint_cases, values) for values in found)
    )
    return [blank | {"version": 1} | dict(values) for values in found]


def listed(
    *filters: Filter, scope: Scope = Scope.ALL, limit: int | None = None, after: str | None = None
) -> SelectPlan:
    return SelectPlan(
        Entity.WORK_ITEM,
        tuple(Column("", name) for name in NAMES),
        scopes=(scope,),
        filters=filters,
        order=ORDER,
        limit=limit,
        after=after,
    )


def expected(cases: list[dict[str, Any]], today: date, unrectified: UnrectifiedPolicy) -> set[tuple[object, ...]]:
    found = set()
    for row in cases:
        for one in todo(from_columns(row), CALENDAR, today, unrectified):
            forgone = one.task is Task.STATE and one.due is not None and one.due.is_missed(today)
            if one.since <= today and not forgone:
                due = one.due and one.due.on
                found.add((row["case_id"], one.task.value, one.since, due, due is not None and due < today))
    return found


def facts(case: Mapping[str, Any]) -> list[date]:
    days = [case[name] for name in case if name.endswith("_on") and name != "ends_on" and case[name] is not None]
    instants = [case[name] for name in ("collected_at", "verified_at") if case[name] is not None]
    return days + [civil_date(at) for at in instants]


def binds(today: date) -> dict[str, Any]:
    return {"today": today, **due_binds(CALENDAR, today)}


@pytest.mark.sampled
@pytest.mark.parametrize("unrectified", list(UnrectifiedPolicy))
@pytest.mark.parametrize("today", DAYS, ids=str)
async def test_the_database_lists_what_the_rule_says_of_each_case(shared_database, cases, today, unrectified):
    # No step is recorded with a day that is still to come, so what has one is another day's case.
    by_now = [case for case in cases if all(fact <= today for fact in facts(case))]
    ids = {case["case_id"] for case in by_now}
    rows = (await read(SqlQueryRunner(shared_database, unrectified), listed(), **binds(today))).rows[0]
    assert {row[:5] for row in rows if row[0] in ids} == expected(by_now, today, unrectified)


async def test_every_task_that_has_columns_is_among_them(shared_database, cases):
    """Else these histories would be no test of the tasks."""
    seen = set()
    for today in DAYS:
        seen |= {row[1] for row in (await read(SqlQueryRunner(shared_database), listed(), **binds(today))).rows[0]}
    assert seen == {task.value for task in OF_CASES}


@pytest.mark.parametrize("today", DAYS, ids=str)
async def test_what_is_late_comes_first_and_then_what_is_due_first(shared_database, cases, today):
    rows = (await read(SqlQueryRunner(shared_database), listed(), **binds(today))).rows[0]
    assert [row[6] for row in rows] == sorted(row[6] for row in rows)
    with_clock = [row for row in rows if row[3] is not None]
    assert [row[4] for row in with_clock] == sorted((row[4] for row in with_clock), reverse=True)


@pytest.mark.slow
async def test_pages_put_together_are_the_whole_list(shared_database, cases):
    query_runner, today = SqlQueryRunner(shared_database), DAYS[3]
    whole = (await read(query_runner, listed(), **binds(today))).rows[0]
    seen = list((await read(query_runner, listed(limit=19), **binds(today))).rows[0])
    while True:
        last = seen[-1]
        place = {"after_0": last[6], "after_1": last[2], "after_2": last[0], "after_3": last[1]}
        page = (await read(query_runner, listed(limit=19, after="after"), **binds(today), **place)).rows[0]
        if not page:
            break
        seen += page
    assert seen == list(whole)


@pytest.mark.parametrize(
    ("filters", "given", "holds"),
    [
        ("late", {"late": True}, lambda row, _: row[4]),
        ("not late", {"late": False}, lambda row, _: not row[4]),
        (
            "due by a day",
            {"by": date(2026, 10, 12)},
            lambda row, _: row[3] is not None and row[3] <= date(2026, 10, 12),
        ),
    ],
)
async def test_the_list_is_narrowed_down_exactly(shared_database, cases, filters, given, holds):
    query_runner, today = SqlQueryRunner(shared_database), date(2026, 10, 8)
    chosen = {"late": Filter("", "is_late", "=", "late"), "by": Filter("", "due_on", "<=", "by")}
    (name,) = given
    whole = (await read(query_runner, listed(), **binds(today))).rows[0]
    narrowed = (await read(query_runner, listed(chosen[name]), **binds(today), **given)).rows[0]
    assert list(narrowed) == [row for row in whole if holds(row, today)]
    assert narrowed


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("scope", "sides", "whose"),
    [
        (
            Scope.ASSIGNED,
            {Side.HANDLER},
            lambda case: (case["handler_ref"], case["department_code"]) == ("handler-1", "D1"),
        ),
        (
            Scope.REVIEWING,
            {Side.REVIEWER},
            lambda case: (case["reviewer_ref"], case["department_code"]) == ("handler-1", "D1"),
        ),
        (Scope.DEPARTMENT, {Side.HANDLER, Side.REVIEWER, Side.HEAD}, lambda case: case["department_code"] == "D1"),
        (Scope.OWN, {Side.SUBJECT}, lambda _: True),
        (Scope.SECTOR_AREA, set(), lambda _: False),
        (Scope.PUBLISHED, set(), lambda _: False),
    ],
)
async def test_everybody_sees_what_is_theirs_to_do(shared_database, cases, scope, sides, whose):
    query_runner, today = SqlQueryRunner(shared_database), DAYS[2]
    by_id = {case["case_id"]: case for case in cases}
    whole = (await read(query_runner, listed(), **binds(today))).rows[0]
    mine = (await read(query_runner, listed(scope=scope), **binds(today))).rows[0]
    assert list(mine) == [row for row in whole if row[5] in sides and whose(by_id[row[0]])]


async def test_of_another_subject_nothing_is_listed(shared_database, cases):
    rows = await read(
        SqlQueryRunner(shared_database), listed(scope=Scope.OWN), **binds(DAYS[2]), actor_subject=key("two")
    )
    assert list(rows.rows[0]) == []


async def test_the_derived_tables_are_compiled_ahead(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled in steps is what SQLAlchemy makes of the whole, but for the numbers of aliases."""
    store = FragmentStore(database.dialect, UnrectifiedPolicy.STAYS, database.templates)
    derived = [entity for entity in Entity if SHAPES[entity].derived is not None]
    assert Entity.WORK_ITEM in derived
    steps = len(list(store.compiling_derived_tables()))
    assert steps == len(store.parts(Entity.WORK_ITEM)) + len(derived)
    with monkeypatch.context() as patched:
        patched.delattr(FragmentStore, FragmentStore.compiled.__name__)
        found = {entity: store.rows(entity) for entity in derived}
    for entity, rows in found.items():
        whole = store.compiled(select(literal_column("1")).select_from(SHAPES[entity].rows(ROW, store.unrectified)))
        assert _unnumbered(f"SELECT 1 FROM {rows.text}") == _unnumbered(whole.text), entity
        named = [[_unnumbered(one.name) for one in each.arguments] for each in (rows, whole)]
        assert named[0] == named[1]


def _unnumbered(sql: str) -> str:
    return re.sub(r"(\w)_\d+\b", r"\1", " ".join(sql.split()))
