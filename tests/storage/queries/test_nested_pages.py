"""Lists in lists, with limits, figures, cursors and columns of some rows alone: as a plain reference gives them.

The plans are drawn at random; the records are few and random, with ties, missing values, confidential ones and a
subject without a key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from credit.subjects.subject import Sealed
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Join, Order, QueryPlan, Result, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.query_runner import SqlQueryRunner
from tests.hypothesis_profiles import examples
from tests.storage import rows
from tests.storage.rows import ACTOR, key, put

Record = Mapping[str, Any]
CHANCE = Random(20261129)  # noqa: S311 - the same records in every run
WHO = "subject 1"
SUBJECTS = [f"subject {index}" for index in range(6)]
MATTERS = {"M1": "D1", "M2": "D1", "M3": "D2"}
"""The matters of the reference tables, and the department of each."""
TABLES = {
    Entity.SUBJECT: "subjects",
    Entity.RESTRAINT_CASE: "restraint_cases",
    Entity.APPLICATION: "applications",
    Entity.CASE_STEP: "case_steps",
}
IDS = {
    Entity.SUBJECT: "subject_id",
    Entity.RESTRAINT_CASE: "case_id",
    Entity.APPLICATION: "application_id",
    Entity.CASE_STEP: "step_id",
    Entity.MATTER: "code",
}
SORTS = {Entity.RESTRAINT_CASE: "published_on", Entity.CASE_STEP: "on", Entity.APPLICATION: "filed_at"}
"""What an order may begin with; `published_on` may be missing."""


def random_records() -> list[rows.Row]:
    made = [rows.subject(name) for name in SUBJECTS] + [rows.subject_key(name) for name in SUBJECTS[1:]]
    for name in SUBJECTS:
        for case in (f"case {index} of {name}" for index in range(CHANCE.randrange(8))):
            day = CHANCE.choice([None, *(date(2026, 1, 5) + timedelta(days=days) for days in range(3))])
            secret, department = CHANCE.random() < 0.2, CHANCE.choice(["D1", "D2"])
            made.append(
                rows.restraint(
                    case, of=name, published_on=day, determined_on=day, department_code=department, confidential=secret
                )
            )
            made += [
                rows.case_step(f"step {index} of {case}", of=name, case=case, on=date(2026, 1, 1 + index % 2))
                for index in range(CHANCE.randrange(5))
            ]
        made += [
            rows.application(f"filed {index} of {name}", of=name, matter_code=CHANCE.choice([*MATTERS]))
            for index in range(CHANCE.randrange(5))
        ]
    return made


RECORDS = random_records()
SECRET = {values["case_id"] for table, values in RECORDS if table.name == "restraint_cases" and values["confidential"]}


def visible(entity: Entity) -> list[Record]:
    """Give the records of an entity; neither a confidential case is among them nor what belongs to one."""
    if entity is Entity.MATTER:
        return [{"code": code, "department_code": department} for code, department in MATTERS.items()]
    return [values for table, values in RECORDS if table.name == TABLES[entity] and values.get("case_id") not in SECRET]


# --- the reference ----------------------------------------------------------------------------------------------------


def value_of(entity: Entity, record: Record, column: Column) -> object:
    if column.within and record["department_code"] != ACTOR["actor_department"]:
        return None
    if column.name == "scope:department":
        return record["department_code"] == ACTOR["actor_department"]
    if column.of == "department":
        return MATTERS[record["matter_code"]]
    if column.show == "sealed":
        if record["subject_id"] == key(SUBJECTS[0]):
            return None  # its key is shredded
        text: bytes = record[f"{column.name}_sealed"]
        return (TABLES[entity], column.name, record["subject_id"], record[IDS[entity]], text)
    return record[column.name]


def listed(
    statement: SelectPlan, records: Sequence[Record], binds: Mapping[str, object]
) -> tuple[list[Record], dict[Figure, int]]:
    """Give the page of one list, and its figures."""
    names = [order.name for order in statement.order]
    found = [record for record in records if all(record[one.name] == binds[one.bind] for one in statement.filters)]
    if statement.limit is not None:
        found = [record for record in found if all(record[name] is not None for name in names)]
    for order in reversed(statement.order):
        found.sort(key=lambda record: record[order.name], reverse=order.direction == "desc")
    behind = [record for record in found if statement.after and place(record, statement, statement.after, binds) <= 0]
    beyond = [record for record in found if statement.until and place(record, statement, statement.until, binds) >= 0]
    figures = {
        Figure.TOTAL: len(found),
        Figure.COUNTED: len(found),
        Figure.BEHIND: int(bool(behind)),
        Figure.BEYOND: int(bool(beyond)),
    }
    page = [record for record in found if record not in behind and record not in beyond]
    return page[: statement.limit], {figure: figures[figure] for figure in statement.figures}


def place(record: Record, statement: SelectPlan, cursor: str, binds: Mapping[str, object]) -> int:
    """Give -1 for a row before the place of a cursor in the order, 0 for the row there, else 1."""
    for at, order in enumerate(statement.order):
        value, there = record[order.name], binds[f"{cursor}_{at}"]
        if value != there:
            return 1 if (value > there) is (order.direction == "asc") else -1
    return 0


def expected(plan: QueryPlan, binds: Mapping[str, object]) -> list[tuple[object, object]]:
    """Give for each statement its rows and its figures; of a child by the key of its parent."""
    found: list[tuple[Any, object]] = []
    for statement in plan.statements:
        records = visible(statement.entity)

        def shown(page: Sequence[Record], of: SelectPlan = statement) -> list[tuple[object, ...]]:
            return [tuple(value_of(of.entity, record, column) for column in of.columns) for record in page]

        if statement.parent is None:
            page, figures = listed(statement, records, binds)
            found.append((shown(page), {figure: {None: value} for figure, value in figures.items()}))
            continue
        index, position, _ = statement.parent
        above = plan.statements[index]
        position -= 1 if above.parent else 0
        name = "department_code" if statement.entity is Entity.MATTER else above.columns[position].name
        parents = [row for rows in _lists(found[index][0]) for row in rows]
        lists = {
            parent: listed(statement, [record for record in records if record[name] == parent], binds)
            for parent in dict.fromkeys(row[position] for row in parents)
        }
        of_lists = {
            figure: {parent: figures[figure] for parent, (_, figures) in lists.items()} for figure in statement.figures
        }
        found.append(({parent: shown(page) for parent, (page, _) in lists.items() if page}, of_lists))
    return found


def _lists(rows_of: Any) -> list[list[tuple[object, ...]]]:
    return [*rows_of.values()] if isinstance(rows_of, dict) else [rows_of]


def given_by(plan: QueryPlan, result: Result) -> list[tuple[object, object]]:
    """Give what was read in the form of the reference."""

    def plain(value: object) -> object:
        if not isinstance(value, Sealed):
            return value
        return (value.place.table, value.place.column, value.place.subject_id, value.place.row_id, value.text)

    found: list[tuple[object, object]] = []
    for statement, read, figures in zip(plan.statements, result.rows, result.figures, strict=True):
        told = {each: {of: int(value or 0) for of, value in values.items()} for each, values in figures.items()}
        shown = [tuple(map(plain, row)) for row in read]
        if statement.parent is None:
            found.append((shown, told))
            continue
        by_parent: dict[object, list[tuple[object, ...]]] = {}
        for row in shown:
            by_parent.setdefault(row[0], []).append(row[1:])
        found.append((by_parent, told))
    return found


# --- the plans --------------------------------------------------------------------------------------------------------


@some.composite
def statement_of(
    draw: some.DrawFn, entity: Entity, *columns: Column, parent: tuple[int, int, str] | None = None, **more: Any
) -> SelectPlan:
    """Draw a list of *entity*: its order, limit, total, and, of cases, those of one department alone."""
    ways, limit = some.sampled_from(["asc", "desc"]), draw(some.sampled_from([None, 1, 2, 5]))
    order = [Order(IDS[entity], draw(ways))]
    if entity in SORTS and limit is not None and draw(some.booleans()):
        order.insert(0, Order(SORTS[entity], draw(ways)))
    filters = more.pop("filters", ())
    if entity is Entity.RESTRAINT_CASE and draw(some.booleans()):
        filters = (*filters, Filter("", "department_code", "=", "department"))
    return SelectPlan(
        entity,
        (*columns, *(Column("", one.name) for one in order)),
        scopes=() if entity is Entity.MATTER else (Scope.ALL,),
        filters=filters,
        order=tuple(order),
        parent=parent,
        limit=limit,
        figures=tuple(draw(some.lists(some.sampled_from([Figure.TOTAL, Figure.COUNTED]), unique=True))),
        **more,
    )


CASE = (
    Column("", "case_id"),
    Column("", "subject_id"),
    Column("", "number", within=(Scope.DEPARTMENT,)),
    Column("", "handler_ref", within=(Scope.DEPARTMENT,)),
    Column("", "scope:department"),
    Column("", "facts", "sealed", within=(Scope.DEPARTMENT,)),
)
FILED = (Column("", "application_id"), Column("department", "code"))
TO_DEPARTMENT = (Join("matter", "", "matter"), Join("department", "matter", "department"))


@some.composite
def trees(draw: some.DrawFn) -> tuple[QueryPlan, dict[str, object]]:
    """Draw subjects with their cases and applications, the steps of those and the matters of their departments."""
    binds: dict[str, object] = {"department": "D1", "who": key(WHO)}
    one = draw(some.booleans())
    filters = (Filter("", "subject_id", "=", "who"),) if one else ()
    subject = (Column("", "subject_id"), Column("", "name", "sealed"))
    made = [draw(statement_of(Entity.SUBJECT, *subject, filters=filters))]
    for _ in range(draw(some.integers(1, 3))):
        at = len(made)
        if draw(some.booleans()):
            made.append(draw(statement_of(Entity.RESTRAINT_CASE, *CASE, parent=(0, 0, "restraint_cases"))))
            if draw(some.booleans()):
                made.append(draw(statement_of(Entity.CASE_STEP, Column("", "at"), parent=(at, 1, "steps"))))
        else:
            filed = statement_of(Entity.APPLICATION, *FILED, parent=(0, 0, "applications"), joins=TO_DEPARTMENT)
            made.append(draw(filed))
            if draw(some.booleans()):
                made.append(draw(statement_of(Entity.MATTER, parent=(at, 2, "matters"))))
    for at in draw(some.sets(some.integers(0, len(made) - 1), max_size=1)):
        made[at] = _between(draw, made[at], binds)
    return QueryPlan(tuple(made)), binds


@some.composite
def targets(draw: some.DrawFn) -> tuple[QueryPlan, dict[str, object]]:
    """Draw cases and the cases of their subjects: several rows have the children of one parent."""
    binds: dict[str, object] = {"department": "D1"}
    root = draw(statement_of(Entity.RESTRAINT_CASE, *CASE, Column("subject", "subject_id"), joins=(SUBJECT,)))
    if draw(some.booleans()):
        root = _between(draw, root, binds)
    children = draw(statement_of(Entity.RESTRAINT_CASE, *CASE, parent=(0, len(CASE), "restraint_cases")))
    return QueryPlan((root, children)), binds


SUBJECT = Join("subject", "", "subject")


def _between(draw: some.DrawFn, statement: SelectPlan, binds: dict[str, object]) -> SelectPlan:
    """Give the statement after the place of a row, before that of another, or both; *binds* get the cursors.

    The rows need not be in its lists: a place in the order is one for all of them.
    """
    names = [order.name for order in statement.order]
    placed = [one for one in visible(statement.entity) if None not in [one[name] for name in names]]
    if statement.limit is None or not placed:
        return statement
    cursors = draw(some.sampled_from([("after",), ("until",), ("after", "until")]))
    for cursor in cursors:
        row = draw(some.sampled_from(placed))
        binds |= {f"{cursor}_{at}": row[name] for at, name in enumerate(names)}
    around = {"after": Figure.BEHIND, "until": Figure.BEYOND}
    figures = (*statement.figures, *(around[cursor] for cursor in cursors))
    return replace(statement, **{cursor: cursor for cursor in cursors}, figures=figures)


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    await put(shared_database, *RECORDS)
    return SqlQueryRunner(shared_database)


@settings(max_examples=examples(150), deadline=None)
@given(drawn=trees() | targets())
async def test_lists_in_lists_are_those_of_the_reference(query_runner, drawn):
    plan, binds = drawn
    result = await query_runner.read(query_runner.prepare(plan), {**ACTOR, **binds})
    assert given_by(plan, result) == expected(plan, binds)
