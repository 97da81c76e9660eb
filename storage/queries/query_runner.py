"""Compiles query plans to SQL once, and runs them many times.

On PostgreSQL a list is one statement with all its children; it runs without a transaction, which is the cheapest way.
Several statements run in one snapshot: the lists of a document, and on SQLite the children of each relation, parents
before children. All children of one relation are one statement, however many parents there are.

Many plans can be read from one snapshot that the caller holds open. Then what permits a read is looked at live, beside
the snapshot, for each plan (`storage.queries.live_facts`); a plan that rests on consent does not use the snapshot.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from credit.cases.status import UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.plan import (
    Figure,
    Figures,
    Filter,
    PreparedQuery,
    QueryPlan,
    RawResult,
    ReadSnapshot,
    Result,
    SelectPlan,
)
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.database.session import Session
from storage.errors import InvalidPlan
from storage.queries.live_facts import LiveFacts
from storage.queries.statements.compiled_select import CompiledSelect, compiled, converted
from storage.queries.statements.fragments import PARENTS, FragmentStore
from storage.queries.statements.select_builder import Nested, select_of

TOWNSHIP: Final = "actor_township"
_IN_TOWNSHIP: Final = Filter("", "township_code", "=", TOWNSHIP)
RawRows = Sequence[Sequence[Any]]
Run = Callable[[CompiledSelect, Mapping[str, object]], Awaitable[RawRows]]


@dataclass(frozen=True, slots=True)
class _Step:
    """One statement, ready to run: that of the plan's statement at *index*, with what is nested in it.

    *parent*: the parent statement, and the index of the keys in its rows. *counted* as in `Selected`.
    """

    index: int
    rows: CompiledSelect
    figures: Mapping[Figure, CompiledSelect]
    counted: tuple[int, Mapping[Figure, int]] | None
    parent: tuple[int, int] | None
    nested: tuple[Nested, ...]


@dataclass(frozen=True, slots=True)
class PreparedPlan:
    """A plan, ready to run on one dialect."""

    steps: tuple[_Step, ...]
    layouts: tuple[Layout, ...]
    """For each statement of the plan, where the values of its columns are in a row of the driver."""
    figures: tuple[tuple[Figure, ...], ...]
    """For each statement of the plan, what it says of its list."""
    subjects: tuple[tuple[PlainValue, ...], ...]
    """For each statement of the plan, the subjects' ids in its rows."""
    on_consent: bool = False
    """Whether a row is shown on an authorisation: then it is read as the data is now [5.1.6]."""
    of_township: "PreparedPlan | None" = None
    """The same plan for a supervisor of one township or a part of it: its cases are found by the township [5.2.2]."""

    is_single: bool = field(init=False)
    """Whether the plan has one statement, which is a snapshot by itself."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_single", len(self.steps) == 1 and not self.steps[0].figures)

    def for_reader(self, binds: Mapping[str, object]) -> "PreparedPlan":
        """Return the plan for the reader that *binds* are about."""
        return self if self.of_township is None or binds.get(TOWNSHIP) is None else self.of_township

    def empty(self) -> RawResult:
        """Return a result without any row."""
        count = len(self.layouts)
        return RawResult([()] * count, [{figure: {} for figure in figures} for figures in self.figures])


@dataclass(frozen=True, slots=True)
class OpenSnapshot:
    """A snapshot that several plans are read from. It belongs to the task that opened it."""

    session: Session


class SqlQueryRunner:
    """Runs query plans. *unrectified*: what happens to a restraint that ends without rectification [5.1.5]."""

    def __init__(self, database: Database, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> None:
        self._database = database
        self._store = FragmentStore(database.dialect, unrectified, database.templates)
        self._live = LiveFacts(database, self._store)
        self.statements_run = 0
        """How many statements have run, for the test that checks their number."""

    def prepare(self, plan: QueryPlan) -> PreparedPlan:
        """Compile *plan*. Raises InvalidPlan for what storage does not have or must not show."""
        narrowed = _of_township(plan)
        return self._prepare(plan, None if narrowed == plan else self._prepare(narrowed, None))

    def _prepare(self, plan: QueryPlan, of_township: PreparedPlan | None) -> PreparedPlan:
        for index, statement in enumerate(plan.statements):
            if statement.parent is not None and not 0 <= statement.parent[0] < index:
                raise InvalidPlan("a parent's statement comes before its children's")
        layouts: dict[int, Layout] = {}
        steps: list[_Step] = []
        is_sqlite = self._store.is_sqlite
        for index, statement in enumerate(plan.statements):
            selected = select_of(plan, index, self._store)
            if selected is None:
                continue
            parent = statement.parent and (statement.parent[0], _key_at(layouts, statement.parent))
            steps.append(
                _Step(
                    index,
                    compiled(selected.rows, is_sqlite=is_sqlite),
                    {each: compiled(found, is_sqlite=is_sqlite) for each, found in selected.figures.items()},
                    selected.counted,
                    parent,
                    selected.nested,
                )
            )
            layouts |= selected.layouts
        return PreparedPlan(
            tuple(steps),
            tuple(layouts[index] for index in range(len(plan.statements))),
            tuple(statement.figures for statement in plan.statements),
            tuple(_subject_ids(statement, layouts[index]) for index, statement in enumerate(plan.statements)),
            any(statement.consent is not None for statement in plan.statements),
            of_township,
        )

    async def prepare_fragments(self, pause: float) -> None:
        """Compile ahead what a first document would wait for longest: in a thread, with *pause* seconds in between."""
        steps = self._store.compiling_derived_tables()
        is_left = True
        while is_left:
            is_left = await asyncio.to_thread(next, steps, False) is None
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[OpenSnapshot]:
        """Open one snapshot for any number of plans; it begins with the first of them."""
        async with self._database.snapshot() as session:
            yield OpenSnapshot(session)

    async def read(
        self, prepared: PreparedQuery, binds: Mapping[str, object], snapshot: ReadSnapshot | None = None
    ) -> Result:
        """Run every statement of the plan in one snapshot. Raises WrongBind and SnapshotOutdated."""
        plan = _own(prepared)
        raw = await self.read_raw(plan, binds, snapshot)
        result = Result()
        for layout, rows, figures in zip(plan.layouts, raw.rows, raw.figures, strict=True):
            result.rows.append(converted(layout, rows))
            result.figures.append(_by_parent(layout, figures))
        return result

    async def read_raw(
        self, prepared: PreparedQuery, binds: Mapping[str, object], snapshot: ReadSnapshot | None = None
    ) -> RawResult:
        """Run the plan like `read`, and return the driver's rows, without converting any value."""
        plan = _own(prepared).for_reader(binds)
        if isinstance(snapshot, OpenSnapshot) and not plan.on_consent:
            result = await self._read_all(plan, binds, snapshot.session)
            await self._live.require(snapshot.session, _subjects(plan, result), binds)
            return result
        if plan.is_single:
            (step,) = plan.steps
            self.statements_run += 1
            rows = await self._database.fetch_text(step.rows.text, step.rows.values(binds))
            result = plan.empty()
            _put(step, rows, result)
            return result
        if not plan.steps:  # of a document that reads nothing: `nodes` without ids
            return plan.empty()
        async with self._database.snapshot() as session:
            return await self._read_all(plan, binds, session)

    async def _read_all(self, plan: PreparedPlan, binds: Mapping[str, object], session: Session) -> RawResult:
        async def run(statement: CompiledSelect, values: Mapping[str, object]) -> RawRows:
            self.statements_run += 1
            return await session.fetch_text(statement.text, statement.values(values))

        result = plan.empty()
        for step in plan.steps:
            await _run(step, result, binds, run)
        return result


def _own(prepared: PreparedQuery) -> PreparedPlan:
    if not isinstance(prepared, PreparedPlan):
        raise InvalidPlan("the plan was not prepared by this archive")
    return prepared


def _of_township(plan: QueryPlan) -> QueryPlan:
    """Return *plan* for a supervisor of one township: a list of cases in the sector and area has this condition more.

    The condition of the scope remains. It follows from the area of the subject, by which no index of cases is sorted:
    where few of many cases are in the area, the list would look at all others first.
    """

    def narrowed(statement: SelectPlan) -> SelectPlan:
        is_list = statement.entity is Entity.RESTRAINT_CASE and statement.parent is None
        if not is_list or set(statement.scopes) != {Scope.SECTOR_AREA}:
            return statement
        return replace(statement, filters=(_IN_TOWNSHIP, *statement.filters))

    return QueryPlan(tuple(map(narrowed, plan.statements)))


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
    for values, rows in zip(plan.subjects, result.rows, strict=True):
        for value in values:
            found.update(subject for row in rows if isinstance(subject := value.of(row), UUID))
    return found


def _key_at(layouts: Mapping[int, Layout], parent: tuple[int, int, str]) -> int:
    """Return the index of the key of a child's parent in the driver's rows of the parent."""
    place = layouts[parent[0]][parent[1]]
    if not isinstance(place, PlainValue):
        raise InvalidPlan("a key is a plain column")
    return place.index


def _by_parent(layout: Layout, figures: Figures) -> Figures:
    """Convert the parents' keys of *figures* as those at the beginning of the rows; a root's is None."""
    key = layout[0] if layout else None
    convert = key.convert if isinstance(key, PlainValue) else None
    if convert is None:
        return figures
    return {figure: {convert(parent): value for parent, value in values.items()} for figure, values in figures.items()}


async def _run(step: _Step, result: RawResult, binds: Mapping[str, object], run: Run) -> None:
    """Run one statement and its figures, and put them into *result*."""
    at = step.index
    if step.parent is None:
        _put(step, await run(step.rows, binds), result)
        alone: Figures = {figure: {None: (await run(sql, binds))[0][0]} for figure, sql in step.figures.items()}
        result.figures[at] = {**result.figures[at], **alone}
        return
    index, position = step.parent
    parents = list(dict.fromkeys(row[position] for row in result.rows[index] if row[position] is not None))
    if not parents:
        return
    binds = {**binds, PARENTS: parents}
    result.rows[at] = await run(step.rows, binds)
    for figure, statement in step.figures.items():
        values = {row[0]: row[1] for row in await run(statement, binds)}
        result.figures[at] = {**result.figures[at], figure: {**dict.fromkeys(parents, 0), **values}}


def _put(step: _Step, rows: RawRows, result: RawResult) -> None:
    """Put the rows of a statement without a parent into *result*, with what is counted and nested in them."""
    if step.counted is not None:
        present, figures = step.counted
        result.figures[step.index] = {figure: {None: rows[0][at]} for figure, at in figures.items()}
        rows = rows if rows[0][present] is not None else ()
    result.rows[step.index] = rows
    for nested in step.nested:
        _unpack(nested, rows, result)


def _unpack(nested: Nested, parents: RawRows, result: RawResult) -> None:
    """Put the children that are nested in *parents*, and their figures, into *result*."""
    key, at = nested.key, nested.rows
    rows: list[Sequence[Any]] = []
    figures: dict[Figure, dict[object, int | None]] = {figure: {} for figure in nested.figures}
    seen: set[object] = set()
    for parent in parents:
        # Rows that lie in arrays of different rows may have one parent's key, each with its children.
        if parent[key] is not None and parent[at] is not None and parent[key] not in seen:
            seen.add(parent[key])
            rows += parent[at]
            for figure, place in nested.figures.items():
                figures[figure][parent[key]] = parent[place]
    result.rows[nested.statement] = rows
    result.figures[nested.statement] = figures
    for below in nested.nested:
        _unpack(below, rows, result)
