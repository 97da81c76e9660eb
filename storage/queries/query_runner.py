"""Compiles query plans to SQL once, and runs them many times.

A plan of one statement runs without a transaction, which is the cheapest way. Several statements run in one snapshot,
parents before children; all children of one relation are one statement, however many parents there are.

Many plans can be read from one snapshot that the caller holds open. Then what permits a read is looked at live, beside
the snapshot, for each plan (`storage.queries.live_facts`); a plan that rests on consent does not use the snapshot.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from credit.cases.status import UnrectifiedPolicy
from queryplan.plan import PreparedQuery, QueryPlan, RawResult, ReadSnapshot, Result, SelectPlan
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from storage.database.database import Database
from storage.database.session import Session
from storage.errors import InvalidPlan, WrongBind
from storage.queries.compiled_select import CompiledSelect, compile_select
from storage.queries.from_clause import QueryContext
from storage.queries.live_facts import LiveFacts
from storage.queries.page_query import PARENTS
from storage.queries.select_builder import select_of

RawRows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Step:
    """One statement, ready to run. *parent*: the parent statement, and the index of the keys in its rows."""

    rows: CompiledSelect
    total: CompiledSelect | None
    parent: tuple[int, int] | None
    cursor: bool
    subjects: tuple[PlainValue, ...]
    """The subjects' ids in its rows."""


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

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """For each statement, where the values of its columns are in a row of the driver."""
        return tuple(step.rows.layout for step in self.steps)


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
        steps: list[_Step] = []
        for statement in plan.statements:
            steps.append(self._step(plan, statement, steps))
        return PreparedPlan(tuple(steps), any(statement.consent is not None for statement in plan.statements))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[OpenSnapshot]:
        """Open one snapshot for any number of plans; it begins with the first of them."""
        async with self._database.snapshot() as session:
            yield OpenSnapshot(session)

    def _step(self, plan: QueryPlan, statement: SelectPlan, before: Sequence[_Step]) -> _Step:
        selected = select_of(plan, statement, self._ground)
        dialect = self._ground.dialect
        rows, total = compile_select(selected.rows, dialect, selected.outputs), selected.total
        parent = None
        if statement.parent is not None:
            index, position, _ = statement.parent
            parent = index, before[index].rows.plain(position).index
        return _Step(
            rows=rows,
            total=None if total is None else compile_select(total, dialect, range(len(total.selected_columns))),
            parent=parent,
            cursor=statement.after is not None,
            subjects=_subject_ids(statement, rows.layout),
        )

    async def read(
        self, prepared: PreparedQuery, binds: Mapping[str, object], snapshot: ReadSnapshot | None = None
    ) -> Result:
        """Run every statement of the plan in one snapshot. Raises WrongBind and SnapshotOutdated."""
        plan = _own(prepared)
        raw = await self.read_raw(plan, binds, snapshot)
        result = Result(totals=raw.totals)
        for step, rows, counts in zip(plan.steps, raw.rows, raw.child_totals, strict=True):
            result.rows.append(step.rows.rows(rows))
            result.child_totals.append(counts and dict(zip(step.rows.first(counts), counts.values(), strict=True)))
        return result

    async def read_raw(
        self, prepared: PreparedQuery, binds: Mapping[str, object], snapshot: ReadSnapshot | None = None
    ) -> RawResult:
        """Run the plan like `read`, and return the driver's rows, without converting any value."""
        plan = _own(prepared)
        if isinstance(snapshot, OpenSnapshot) and not plan.on_consent:
            result = await self._read_all(plan, binds, snapshot.session)
            await self._live.require(snapshot.session, _subjects(plan, result), binds)
            return result
        if plan.is_single:
            rows = plan.steps[0].rows
            self.statements_run += 1
            return RawResult([await self._database.fetch_text(rows.text, rows.values(binds))], [None], [None])
        async with self._database.snapshot() as session:
            return await self._read_all(plan, binds, session)

    async def _read_all(self, plan: PreparedPlan, binds: Mapping[str, object], session: Session) -> RawResult:
        async def run(compiled: CompiledSelect, values: Mapping[str, object]) -> RawRows:
            self.statements_run += 1
            return await session.fetch_text(compiled.text, compiled.values(values))

        result = RawResult()
        for step in plan.steps:
            await _run(step, result, binds, run)
        return result


def _own(prepared: PreparedQuery) -> PreparedPlan:
    if not isinstance(prepared, PreparedPlan):
        raise InvalidPlan("the plan was not prepared by this archive")
    return prepared


def _subject_ids(statement: SelectPlan, layout: Layout) -> tuple[PlainValue, ...]:
    """Return where the rows of *statement* have the id of a subject; rows of a child begin with its parent's key."""
    columns = layout[len(layout) - len(statement.columns) :]
    places = [
        value if isinstance(value, PlainValue) else value.subject_id
        for column, value in zip(statement.columns, columns, strict=True)
        if column.name == "subject_id" or isinstance(value, SealedValue)
    ]
    return tuple(dict.fromkeys(places))


def _subjects(plan: PreparedPlan, result: RawResult) -> set[UUID]:
    """Return the subjects that the rows are about."""
    found: set[UUID] = set()
    for step, rows in zip(plan.steps, result.rows, strict=True):
        for value in step.subjects:
            found.update(subject for row in rows if isinstance(subject := value.of(row), UUID))
    return found


async def _run(
    step: _Step,
    result: RawResult,
    binds: Mapping[str, object],
    run: Callable[[CompiledSelect, Mapping[str, object]], Awaitable[RawRows]],
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
