"""Executes a prepared operation: runs SQL, opens what the policy allows, writes access entries, builds the result."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, cast

from consent.leaves.number_lookups import Entrance
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.vocabulary import Purpose
from credit.calendar.calendar import Calendar
from credit.cases.status import UnrectifiedPolicy
from policy.actors import Actor
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from queryplan.plan import QueryRunner, RawResult, ReadSnapshot, Result, SnapshotOutdated
from schema.core.day import EvaluationDay
from schema.core.errors import NotRecorded, Outdated
from schema.core.measured.trace import Step, Trace, traced
from schema.core.ports import AccessRecorder, NumberLookups, RequestOrigin, Runtime, TriedNumber, WithheldMode
from schema.execution.access_entries import disclosures
from schema.execution.actor_binds import actor_binds
from schema.execution.cursors import END, Walk
from schema.execution.damaged_values import damaged_fields
from schema.execution.disclosure import RecordedDisclosure
from schema.execution.durable_records import AppendedDisclosures, DurableRecord, PublicRead
from schema.execution.output.output_nodes import Row, RowContext
from schema.execution.output.withheld_values import WithheldPlaces
from schema.execution.planning.argument_binding import SearchTerms
from schema.execution.planning.due_day_binds import days_digest, due_binds
from schema.execution.planning.statement_builder import StatementBuilder
from schema.execution.preparation.prepared_operation import PreparedCode, PreparedOperation, RowPlaces, StatementPlaces

ATTEMPTS: Final = 3
"""How often the rows of a document are read, where each time another request took the last use of an authorisation."""
USED_UP: Final = "AUTHORISATION_USED_UP"
"""The code of the recorder's refusal of an authorisation that is no longer live, or has no use left."""
COMMIT_AND_CLOCKS: Final = timedelta(seconds=50)
"""How long a commit takes at most, and by how much the clocks of two replicas differ."""


@dataclass(slots=True)
class Read:
    """One request for the planned roots of a prepared operation. Its rows are those of *snapshot*, if given."""

    prepared: PreparedOperation
    actor: Actor
    purpose: Purpose | None
    origin: RequestOrigin
    variables: object
    mode: WithheldMode = WithheldMode.ERRORS
    extra: Mapping[str, object] = field(default_factory=dict)
    """Binds of its own."""
    snapshot: ReadSnapshot | None = None
    trace: Trace | None = None
    promised: PromisedEntries | None = field(default=None, init=False)
    """What the log promises for its record, once it is answered."""


@dataclass(frozen=True, slots=True)
class DayBinds:
    """The binds and the rules that are the same for every request of a day."""

    binds: Mapping[str, object]
    digest: str
    day: EvaluationDay


Data = dict[str, object]
Choose = Callable[[Sequence[Sequence[Row]]], Sequence[Sequence[Row]]]
"""Leaves some rows of each statement out of a page, before it is cut to its size."""


def _all_rows(rows: Sequence[Sequence[Row]]) -> Sequence[Sequence[Row]]:
    return rows


@dataclass(slots=True)
class ReadExecutor:
    """Runs prepared operations. It decides no access: that was decided when the operation was planned.

    Every access record is durable when `answer` or `values` returns. Both raise NotRecorded where one could not be made
    durable. Where another request took the last use of an authorisation meanwhile, the rows are read again, without it
    [5.1.6]. Numbers are counted before anything is looked for: LookupQuota. Entries of a snapshot are recorded now like
    any other: Outdated.
    """

    query_runner: QueryRunner
    keyring: Keyring
    recorder: AccessRecorder
    runtime: Runtime
    unrectified: UnrectifiedPolicy
    calendar: Calendar
    lookups: NumberLookups
    registration_days: int = 30
    """For how many days a window sees whom it has put on record, while nothing is filed there [4.2] [5.1.6]."""
    write_seconds: float = 10.0
    """How long a write may take: a change becomes visible later than its instant."""
    _today: DayBinds | None = field(default=None, init=False)

    @property
    def visible_within(self) -> timedelta:
        """Return how much later than its instant a row becomes visible at most."""
        return timedelta(seconds=self.write_seconds) + COMMIT_AND_CLOCKS

    async def answer(self, read: Read) -> tuple[Data, WithheldPlaces]:
        """Return the data of the answer, by response key of the roots, and the places where rows withhold something.

        Markers may stand in the data (`schema.execution.output.withheld_values`).
        """
        if read.prepared.code is None:
            return await self.values(read)
        if read.prepared.plan.lookups:
            await self._admit_lookups(read)
        try:
            return await _again(self._answer_once, read)
        except SealBroken:
            # One value of the answer is damaged. Nothing was recorded, and no data was returned: `values` withholds it.
            return await _again(self._values_once, read)

    async def values(self, read: Read) -> tuple[Data, WithheldPlaces]:
        """Return the same as `answer`, made without generated code, for the executor.

        Each object has its type, and no marker stands in the data.
        """
        if read.prepared.plan.lookups:
            await self._admit_lookups(read)
        return await _again(self._values_once, read)

    async def _admit_lookups(self, read: Read) -> None:
        lookups = read.prepared.plan.lookups
        for _, number in lookups:
            number(read.variables)  # a number that is none is refused before it counts
        await self.lookups.admit(read.actor, Entrance.SEARCH, len(lookups))

    async def _answer_once(self, read: Read) -> tuple[Data, WithheldPlaces]:
        prepared, begun = read.prepared, self._begin(read)
        code = cast("PreparedCode", prepared.code)
        with traced(read.trace, Step.SQL):
            found = await self.query_runner.read_raw(prepared.query, begun.binds, read.snapshot)
        page_rows, more = _trim(code.places.statements, found.rows, read.variables)
        record = self._record(read, code.places, page_rows)
        rows = self._context(read, begun, code.places, page_rows, more, found)
        data = await self._disclosure(read).answer(code.generated, rows, record)
        read.promised = record.promised
        return data, prepared.withheld.find(data, read.mode)

    async def _values_once(self, read: Read) -> tuple[Data, WithheldPlaces]:
        return await self.show(read, await self.look(read))

    async def look(self, read: Read, choose: Choose = _all_rows) -> "Look":
        """Return the rows of *read*, those that *choose* leaves: none of them is opened, shown or recorded yet."""
        prepared, begun = read.prepared, self._begin(read)
        with traced(read.trace, Step.SQL):
            found = await self.query_runner.read(prepared.query, begun.binds, read.snapshot)
        page_rows, more = _trim(prepared.places.statements, choose(found.rows), read.variables)
        return Look(begun, found, page_rows, more)

    async def show(self, read: Read, look: "Look") -> tuple[Data, WithheldPlaces]:
        """Return what `values` returns, of the rows that were looked at. Raises NotRecorded."""
        prepared, begun, page_rows = read.prepared, look.begun, look.page_rows
        record: DurableRecord = PublicRead(None)

        def record_of(pages: Sequence[list[Row]]) -> DurableRecord:
            nonlocal record
            record = self._record(read, prepared.places, pages)
            return record

        page_rows = await self._disclosure(read).show(page_rows, prepared.sealed_at, record_of)
        read.promised = record.promised
        rows = self._context(read, begun, prepared.places, page_rows, look.more, look.found)
        values = {root.key: root.value.read(rows) for root in prepared.plan.roots}
        damaged = damaged_fields(prepared.plan.builders, page_rows)
        return values, prepared.withheld.take(values, damaged)

    def _disclosure(self, read: Read) -> RecordedDisclosure:
        prepared = read.prepared
        return RecordedDisclosure(
            self.keyring, read.actor, read.purpose, prepared.policy_version, prepared.opens, read.trace
        )

    def _begin(self, read: Read) -> "Begun":
        """Bind the values of a request."""
        now = self.runtime.now()
        today = self._day_binds(self.runtime.today(now))
        binds = actor_binds(read.actor, today.day.today, self.registration_days)
        binds |= today.binds
        binds.update(read.extra)
        search_terms = SearchTerms(self.keyring.terms, today.digest)
        for binder in read.prepared.plan.binders:
            binds.update(binder(read.variables, search_terms))
        return Begun(now, today, binds)

    def _day_binds(self, today: date) -> DayBinds:
        known, calendar = self._today, self.calendar
        if known is None or known.day.today != today or known.day.calendar is not calendar:
            day = EvaluationDay(today, self.unrectified, calendar)
            known = self._today = DayBinds(due_binds(calendar, today), days_digest(calendar, today), day)
        return known

    def _context(
        self,
        read: Read,
        begun: "Begun",
        places: RowPlaces,
        page_rows: Sequence[Sequence[Row]],
        more: Sequence[Mapping[object, bool]],
        found: Result | RawResult,
    ) -> RowContext:
        builders = read.prepared.plan.builders
        # In a snapshot no row moves, so none comes again.
        moving = begun.now - self.visible_within if read.snapshot is None else END
        return RowContext(
            begun.today.day,
            read.variables,
            page_rows,
            _children(places.statements, page_rows),
            more,
            found.figures,
            [_walk(builder, begun, moving) for builder in builders],
        )

    def _record(self, read: Read, places: RowPlaces, page_rows: Sequence[Sequence[Row]]) -> DurableRecord:
        plan, actor, purpose = read.prepared.plan, read.actor, read.purpose
        if purpose is None or (purpose is Purpose.PUBLICITY and not plan.lookups):
            return PublicRead(purpose)
        shown = [
            (statement.resolver, rows)
            for statement, rows in zip(places.statements, page_rows, strict=True)
            if statement.resolver is not None and rows
        ]
        made, uses = disclosures(shown, actor, purpose, read.origin, self.runtime) if shown else ([], [])
        if not plan.lookups:
            return AppendedDisclosures(self.recorder, made, uses)
        tried = [TriedNumber(number(read.variables), bool(page_rows[at])) for at, number in plan.lookups]
        looked_up = self.lookups.entries(actor, purpose, Entrance.SEARCH, tried)
        return AppendedDisclosures(self.recorder, made, uses, looked_up)


@dataclass(slots=True)
class Begun:
    """The instant, the day and the binds of one attempt."""

    now: datetime
    today: DayBinds
    binds: Mapping[str, object]


@dataclass(slots=True)
class Look:
    """What a read found, before anything of it is opened or recorded: the rows of each statement's page."""

    begun: Begun
    found: Result
    page_rows: list[list[Row]]
    more: list[dict[object, bool]]


async def _again(
    once: Callable[[Read], Awaitable[tuple[Data, WithheldPlaces]]], read: Read
) -> tuple[Data, WithheldPlaces]:
    attempts = ATTEMPTS
    while True:
        attempts -= 1
        try:
            return await once(read)
        except SnapshotOutdated as outdated:
            raise Outdated from outdated
        except NotRecorded as failed:
            if failed.facts.get("reason") != USED_UP or not attempts:
                raise


def _walk(builder: StatementBuilder, begun: Begun, since: datetime) -> Walk | None:
    """Return the walk that the page of a statement belongs to; one that begins with this page begins *since*."""
    if builder.moving is None:
        return None
    if builder.after is not None:
        since = cast("datetime", begun.binds[f"{builder.after}_since"])
    return Walk(since, begun.today.digest if builder.moving.by_day else "")


def _trim(
    statements: Sequence[StatementPlaces], found: Sequence[Sequence[Row]], variables: object
) -> tuple[list[list[Row]], list[dict[object, bool]]]:
    """Drop the extra rows that only show that there are more, and the rows that were not requested.

    Returns the rows to show, and the parents that have further ones. Dropped rows are neither opened nor recorded,
    because they are not shown. The rows of a root have the key None. Rows that were read from the end of their list are
    turned round into its order, after the last ones were dropped.
    """
    page_rows: list[list[Row]] = []
    more: list[dict[object, bool]] = []
    for statement, rows in zip(statements, found, strict=True):
        size = len(rows) if statement.size is None else statement.size
        if statement.asked is not None:
            asked = statement.asked(variables)
            page_rows.append([row for row in rows if tuple(key.of(row) for key in statement.keys) in asked])
            more.append({})
            continue
        if statement.parent is None:
            mine = list(rows[:size])
            page_rows.append(mine[::-1] if statement.backward else mine)
            more.append({None: len(rows) > size})
            continue
        parent, parent_at = statement.parent
        counts = {row[parent_at]: 0 for row in page_rows[parent]}
        mine = []
        for row in rows:
            if row[0] in counts:
                counts[row[0]] += 1
                if counts[row[0]] <= size:
                    mine.append(row)
        page_rows.append(mine[::-1] if statement.backward else mine)
        more.append({key: count > size for key, count in counts.items()})
    return page_rows, more


def _children(
    statements: Sequence[StatementPlaces], page_rows: Sequence[Sequence[Row]]
) -> list[dict[object, list[Row]]]:
    """Put the rows of every child statement beside their parents."""
    children: list[dict[object, list[Row]]] = []
    for statement, rows in zip(statements, page_rows, strict=True):
        grouped: dict[object, list[Row]] = {}
        if statement.parent is not None:
            for row in rows:
                grouped.setdefault(row[0], []).append(row)
        children.append(grouped)
    return children
