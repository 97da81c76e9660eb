"""Compiles query plans to SQL once, and runs them many times.

A plan of one statement runs without a transaction, which is the cheapest way. Several statements run in one snapshot,
parents before children; all children of one relation are one statement, however many parents there are.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from credit.cases.status import UnrectifiedPolicy
from queryplan.plan import PreparedQuery, QueryPlan, Result, SelectPlan
from storage.database.database import Database
from storage.errors import InvalidPlan, WrongBind
from storage.queries.compiled_select import CompiledSelect, compile_select
from storage.queries.from_clause import QueryContext
from storage.queries.page_query import PARENTS
from storage.queries.select_builder import select_of


@dataclass(frozen=True, slots=True)
class _Step:
    """One statement, ready to run. *parent*: the parent statement, and the position of the keys in its rows."""

    rows: CompiledSelect
    total: CompiledSelect | None
    parent: tuple[int, int] | None
    cursor: bool


@dataclass(frozen=True, slots=True)
class PreparedPlan:
    """A plan, ready to run on one dialect."""

    steps: tuple[_Step, ...]

    @property
    def is_single(self) -> bool:
        """Whether the plan has one statement, which is a snapshot by itself."""
        return len(self.steps) == 1 and self.steps[0].total is None


class SqlQueryRunner:
    """Runs query plans. *unrectified*: what happens to a restraint that ends without rectification [5.1.5]."""

    def __init__(self, database: Database, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> None:
        self._database = database
        self._ground = QueryContext(database.dialect, unrectified)
        self.statements_run = 0
        """How many statements have run, for the test that checks their number."""

    def prepare(self, plan: QueryPlan) -> PreparedPlan:
        """Compile *plan*. Raises InvalidPlan for what storage does not have or must not show."""
        for index, statement in enumerate(plan.statements):
            if statement.parent is not None and not 0 <= statement.parent[0] < index:
                raise InvalidPlan("a parent's statement comes before its children's")
        return PreparedPlan(tuple(self._step(plan, statement) for statement in plan.statements))

    def _step(self, plan: QueryPlan, statement: SelectPlan) -> _Step:
        selected = select_of(plan, statement, self._ground)
        dialect = self._ground.dialect
        total = selected.total
        return _Step(
            rows=compile_select(selected.rows, dialect, selected.outputs),
            total=None if total is None else compile_select(total, dialect, range(len(total.selected_columns))),
            parent=statement.parent and statement.parent[:2],
            cursor=statement.after is not None,
        )

    async def read(self, prepared: PreparedQuery, binds: Mapping[str, object]) -> Result:
        """Run every statement of the plan in one snapshot. Raises WrongBind."""
        if not isinstance(prepared, PreparedPlan):
            raise InvalidPlan("the plan was not prepared by this archive")
        if prepared.is_single:
            rows = prepared.steps[0].rows
            self.statements_run += 1
            found = await self._database.fetch_text(rows.text, rows.values(binds))
            return Result(rows=[rows.rows(found)], totals=[None], child_totals=[None])
        result = Result()
        async with self._database.snapshot() as session:

            async def run(compiled: CompiledSelect, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
                self.statements_run += 1
                return compiled.rows(await session.fetch_text(compiled.text, compiled.values(values)))

            for step in prepared.steps:
                await _run(step, result, binds, run)
        return result


async def _run(
    step: _Step,
    result: Result,
    binds: Mapping[str, object],
    run: Callable[[CompiledSelect, Mapping[str, object]], Awaitable[list[tuple[Any, ...]]]],
) -> None:
    """Run one statement and its total, and add its rows and total to *result*."""
    if step.parent is None:
        result.rows.append(await run(step.rows, binds))
        result.totals.append(None if step.total is None else (await run(step.total, binds))[0][0])
        result.child_totals.append(None)
        return
    index, position = step.parent
    parents = list(dict.fromkeys(row[position] for row in result.rows[index] if row[position] is not None))
    if step.cursor and len(parents) > 1:
        raise WrongBind("after")  # a cursor is a position in one parent's list
    binds = {**binds, PARENTS: parents}
    result.rows.append(await run(step.rows, binds) if parents else [])
    result.totals.append(None)
    counts = await run(step.total, binds) if step.total is not None and parents else []
    result.child_totals.append(None if step.total is None else {**dict.fromkeys(parents, 0), **dict(counts)})
