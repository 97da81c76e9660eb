"""Compiles query plans to SQL once, and runs them many times.

A plan of one statement runs without a transaction, which is the cheapest way. Several statements run in one snapshot,
parents before children; all children of one relation are one statement, however many parents there are.

Many plans can be read from one snapshot that the caller holds open. Then what permits a read is looked at live, beside
the snapshot, for each plan (`storage.queries.live_facts`); a plan that rests on consent does not use the snapshot.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from credit.cases.status import UnrectifiedPolicy
from credit.subjects.subject import Sealed
from queryplan.plan import PreparedQuery, QueryPlan, ReadSnapshot, Result, SelectPlan
from storage.database.database import Database
from storage.database.session import Session
from storage.errors import InvalidPlan, WrongBind
from storage.queries.compiled_select import CompiledSelect, compile_select
from storage.queries.from_clause import QueryContext
from storage.queries.live_facts import LiveFacts
from storage.queries.page_query import PARENTS
from storage.queries.select_builder import select_of


@dataclass(frozen=True, slots=True)
class _Step:
    """One statement, ready to run. *parent*: the parent statement, and the position of the keys in its rows."""

    rows: CompiledSelect
    total: CompiledSelect | None
    parent: tuple[int, int] | None
    cursor: bool
    subjects_at: tuple[int, ...]
    """The positions of subjects' ids in its rows."""


@dataclass(frozen=True, slots=True)
class PreparedPlan:
    """A plan, ready to run on one dialect."""

    steps: tuple[_Step, ...]
    on_consent: bool = False
    """Whether a row is shown on an authorisation: then it is read as the data is now [5.1.6]."""

    @property
    def is_single(self) -> bool:
        """Whether the plan has one statement, which is a snapshot by itself."""
        return len(self.steps) == 1 and self.steps[0].total is None


@dataclass(frozen=True, slots=True)
class OpenSnapshot:
    """A snapshot that several plans are read from. It belongs to the task that opened it."""

    session: Session


class SqlQueryRunner:
    """Runs query plans. *unrectified*: what happens to a restraint that ends without rectification [5.1.5]."""

    def __init__(self, database: Database, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> None:
        self._database = database
        self._live = LiveFacts(database)
        self._ground = QueryContext(database.dialect, unrectified)
        self.statements_run = 0
        """How many statements have run, for the test that checks their number."""

    def prepare(self, plan: QueryPlan) -> PreparedPlan:
        """Compile *plan*. Raises InvalidPlan for what storage does not have or must not show."""
        for index, statement in enumerate(plan.statements):
            if statement.parent is not None and not 0 <= statement.parent[0] < index:
                raise InvalidPlan("a parent's statement comes before its children's")
        steps = tuple(self._step(plan, statement) for statement in plan.statements)
        return PreparedPlan(steps, any(statement.consent is not None for statement in plan.statements))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[OpenSnapshot]:
        """Open one snapshot for any number of plans; it begins with the first of them."""
        async with self._database.snapshot() as session:
            yield OpenSnapshot(session)

    def _step(self, plan: QueryPlan, statement: SelectPlan) -> _Step:
        selected = select_of(plan, statement, self._ground)
        dialect = self._ground.dialect
        total = selected.total
        return _Step(
            rows=compile_select(selected.rows, dialect, selected.outputs),
            total=None if total is None else compile_select(total, dialect, range(len(total.selected_columns))),
            parent=statement.parent and statement.parent[:2],
            cursor=statement.after is not None,
            subjects_at=_subjects_at(statement),
        )

    async def read(
        self, prepared: PreparedQuery, binds: Mapping[str, object], snapshot: ReadSnapshot | None = None
    ) -> Result:
        """Run every statement of the plan in one snapshot. Raises WrongBind and SnapshotOutdated."""
        if not isinstance(prepared, PreparedPlan):
            raise InvalidPlan("the plan was not prepared by this archive")
        if isinstance(snapshot, OpenSnapshot) and not prepared.on_consent:
            result = await self._read_all(prepared, binds, snapshot.session)
            await self._live.require(snapshot.session, _subjects(prepared, result), binds)
            return result
        if prepared.is_single:
            rows = prepared.steps[0].rows
            self.statements_run += 1
            found = await self._database.fetch_text(rows.text, rows.values(binds))
            return Result(rows=[rows.rows(found)], totals=[None], child_totals=[None])
        async with self._database.snapshot() as session:
            return await self._read_all(prepared, binds, session)

    async def _read_all(self, prepared: PreparedPlan, binds: Mapping[str, object], session: Session) -> Result:
        async def run(compiled: CompiledSelect, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
            self.statements_run += 1
            return compiled.rows(await session.fetch_text(compiled.text, compiled.values(values)))

        result = Result()
        for step in prepared.steps:
            await _run(step, result, binds, run)
        return result


def _subjects_at(statement: SelectPlan) -> tuple[int, ...]:
    """Return where the rows of *statement* have the id of a subject; rows of a child begin with its parent's key."""
    first = 0 if statement.parent is None else 1
    return tuple(first + at for at, column in enumerate(statement.columns) if column.name == "subject_id")


def _subjects(prepared: PreparedPlan, result: Result) -> set[UUID]:
    """Return the subjects that the rows are about."""
    found: set[UUID] = set()
    for step, rows in zip(prepared.steps, result.rows, strict=True):
        for row in rows:
            found.update(value.place.subject_id for value in row if isinstance(value, Sealed))
            found.update(value for at in step.subjects_at if isinstance(value := row[at], UUID))
    return found


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
