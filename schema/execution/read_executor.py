"""Executes a prepared operation: runs SQL, opens what the policy allows, writes access entries, builds the result."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Self, cast

import orjson

from consent.leaves.number_lookups import Entrance
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.vocabulary import Purpose
from credit.calendar.calendar import Calendar
from credit.cases.status import UnrectifiedPolicy
from policy.actors import Actor
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from policy.decisions import WithheldReason
from queryplan.plan import PreparedQuery, QueryRunner, RawResult, ReadSnapshot, Result, SnapshotOutdated
from queryplan.row_layouts import Layout, PlainValue, plain_value
from schema.core.day import EvaluationDay
from schema.core.enums import AccessOutcome
from schema.core.errors import NotRecorded, Outdated
from schema.core.ports import AccessRecorder, NumberLookups, RequestOrigin, Runtime, TriedNumber
from schema.execution.access_entries import ShownFieldResolver, disclosures
from schema.execution.actor_binds import actor_binds
from schema.execution.cursors import END, Walk
from schema.execution.damaged_values import withhold_damaged
from schema.execution.disclosure import RecordedDisclosure
from schema.execution.durable_records import AppendedDisclosures, DurableRecord, PublicRead
from schema.execution.output.generated import GeneratedAnswer, generate
from schema.execution.output.output_nodes import Row, RowContext
from schema.execution.planning.argument_binding import SearchTerms
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.due_day_binds import days_digest, due_binds
from schema.execution.planning.operation_plan import OperationPlan, PlannedRoot
from schema.execution.planning.statement_builder import StatementBuilder

ATTEMPTS: Final = 3
"""How often the rows of a document are read, where each time another request took the last use of an authorisation."""
USED_UP: Final = "AUTHORISATION_USED_UP"
"""The code of the recorder's refusal of an authorisation that is no longer live, or has no use left."""


COMMIT_AND_CLOCKS: Final = timedelta(seconds=50)
"""How long a commit takes at most, and by how much the clocks of two replicas differ."""


@dataclass(frozen=True, slots=True)
class StatementPlaces:
    """Where the executor finds what it needs itself in the rows of one statement.

    *parent*: its statement, and the index of the children's key in its rows; each child begins with that key. *asked*
    gives the requested keys, where the statement finds more rows; *keys* are those of a row.
    """

    first: int | None
    parent: tuple[int, int] | None
    keys: tuple[PlainValue, ...]
    asked: Callable[[object], set[Sequence[object]]] | None
    resolver: ShownFieldResolver | None


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """The same for all statements of an operation. *consent_needs* as in `OperationPlan`."""

    statements: tuple[StatementPlaces, ...]
    consent_needs: tuple[tuple[int, int, int, FieldDecision], ...]

    @classmethod
    def of(cls, plan: OperationPlan, layouts: Sequence[Layout] | None) -> Self:
        """Return the places in rows of these *layouts*; without them, in rows with the values of the plan's columns."""
        of_statement: Sequence[Layout | None] = [None] * len(plan.builders) if layouts is None else layouts
        statements = []
        for builder, layout in zip(plan.builders, of_statement, strict=True):
            parent = None
            if builder.parent is not None:
                index, position, _ = builder.parent
                parent = index, plain_value(of_statement[index], position).index
            keys = tuple(plain_value(layout, at) for at in builder.key_at)
            resolver = ShownFieldResolver(builder, layout) if builder.shown else None
            statements.append(StatementPlaces(builder.first, parent, keys, builder.keys_asked, resolver))
        needs = (
            (statement, plain_value(of_statement[statement], at).index, groups, decision)
            for statement, at, groups, decision in plan.consent_needs
        )
        return cls(tuple(statements), tuple(needs))


RECORD: Final = "record"
"""The extension of an answer that has its entries in the log, and what the log promises for them."""


@dataclass(frozen=True, slots=True)
class PreparedCode:
    """The function that answers an operation from the driver's rows, and the places in them."""

    generated: GeneratedAnswer
    places: RowPlaces


@dataclass(slots=True)
class PreparedOperation:
    """A planned operation with its prepared SQL and all else that does not change between requests.

    *places* are those in rows with the values of the plan's columns, converted.
    """

    plan: OperationPlan
    query: PreparedQuery
    policy_version: str
    errors: list[dict[str, object]]
    notes: dict[str, object]
    sealed_at: list[list[int]]
    opens: frozenset[tuple[str, str]]
    places: RowPlaces
    read_backs: dict[tuple[str, ...], "PreparedOperation"] = field(default_factory=dict)
    """The parts that a mutation reads after it has written, each prepared when it is read for the first time."""
    started: Sequence[bool] = field(init=False)
    """Whether each statement continues a list, from a cursor."""
    code: PreparedCode | None = None
    """What answers it; None until it is made."""
    _is_known: bool = False
    _around: tuple[bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.started = tuple(builder.after is not None for builder in self.plan.builders)
        before = {"errors": self.errors, "data": None} if self.errors else {"data": None}
        after = {"data": None, "extensions": self.notes} if self.notes else {"data": None}
        self._around = orjson.dumps(before)[: -len("null}")], orjson.dumps(after)[len('{"data":null') :]

    def read_back(self, path: tuple[str, ...], query_runner: QueryRunner) -> "PreparedOperation | None":
        """Return the part at *path*; None if it is withheld."""
        plan = self.plan.read_backs.get(path)
        if plan is not None and path not in self.read_backs:
            self.read_backs[path] = prepare(plan, query_runner, self.policy_version)
        return self.read_backs.get(path)

    def note_use(self) -> bool:
        """Make the function that answers this operation when it is used for the second time; return whether it did.

        The first request would not get back what the function costs.
        """
        if self.code is not None or not self.plan.roots:
            return False
        if not self._is_known:
            self._is_known = True
            return False
        layouts = self.query.layouts
        generated = generate([(root.key, root.value) for root in self.plan.roots], layouts)
        self.code = PreparedCode(generated, RowPlaces.of(self.plan, layouts))
        return True

    def body(self, data: object, row_errors: list[dict[str, object]], promised: PromisedEntries | None = None) -> bytes:
        """Return the response with *data* as JSON. `errors` and `extensions` are there where they say something."""
        before, after = self._around
        if promised is not None:
            after = b',"extensions":' + orjson.dumps(with_record(self.notes, [promised])) + b"}"
        if row_errors:
            before = orjson.dumps({"errors": self.errors + row_errors, "data": None})[: -len("null}")]
        return before + orjson.dumps(data) + after


def prepare(plan: OperationPlan, query_runner: QueryRunner, policy_version: str) -> PreparedOperation:
    """Prepare the statements of a planned operation, and its errors, once."""
    return PreparedOperation(
        plan=plan,
        query=query_runner.prepare(plan.query_plan),
        policy_version=policy_version,
        errors=[one.error() for one in plan.decisions if one.outcome is AccessOutcome.WITHHELD],
        notes=_notes(plan.decisions),
        sealed_at=[builder.sealed_at() for builder in plan.builders],
        opens=frozenset(plan.opens),
        places=RowPlaces.of(plan, None),
    )


def with_record(notes: Mapping[str, object], promised: Sequence[PromisedEntries]) -> Mapping[str, object]:
    """Return the extensions of an answer with what the log promises for its records, one for each commit."""
    return {**notes, RECORD: [each.as_json() for each in promised]} if promised else notes


def _notes(decisions: Sequence[FieldDecision]) -> dict[str, object]:
    """Return the notes of the response: which places of the document are masked, for some rows or for all."""
    masked: dict[tuple[str, ...], None] = {}
    for one in decisions:
        if one.outcome in {AccessOutcome.MASKED, AccessOutcome.MIXED}:
            masked[one.path] = None
    return {"masked": [list(path) for path in masked]} if masked else {}


@dataclass(slots=True)
class Read:
    """One request for the planned roots of a prepared operation. Its rows are those of *snapshot*, if given."""

    prepared: PreparedOperation
    actor: Actor
    purpose: Purpose | None
    origin: RequestOrigin
    variables: object
    extra: Mapping[str, object] = field(default_factory=dict)
    """Binds of its own."""
    snapshot: ReadSnapshot | None = None
    promised: PromisedEntries | None = field(default=None, init=False)
    """What the log promises for its record, once it is answered."""


@dataclass(frozen=True, slots=True)
class DayBinds:
    """The binds and the rules that are the same for every request of a day."""

    binds: Mapping[str, object]
    digest: str
    day: EvaluationDay


Data = dict[str, object]
Errors = list[dict[str, object]]


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

    async def answer(self, read: Read) -> tuple[Data, Errors]:
        """Return the data of the answer, by response key of the roots, and the errors that depend on the rows."""
        if read.prepared.code is None:
            return await self.values(read)
        if read.prepared.plan.lookups:
            await self._admit_lookups(read)
        try:
            return await _again(self._answer_once, read)
        except SealBroken:
            # One value of the answer is damaged. Nothing was recorded, and no data was returned: `values` withholds it.
            return await _again(self._values_once, read)

    async def values(self, read: Read) -> tuple[Data, Errors]:
        """Return the same as `answer`, made without generated code: with the type of each object, for the executor."""
        if read.prepared.plan.lookups:
            await self._admit_lookups(read)
        return await _again(self._values_once, read)

    async def _admit_lookups(self, read: Read) -> None:
        lookups = read.prepared.plan.lookups
        for _, number in lookups:
            number(read.variables)  # a number that is none is refused before it counts
        await self.lookups.admit(read.actor, Entrance.SEARCH, len(lookups))

    async def _answer_once(self, read: Read) -> tuple[Data, Errors]:
        prepared, begun = read.prepared, self._begin(read)
        code = cast("PreparedCode", prepared.code)
        found = await self.query_runner.read_raw(prepared.query, begun.binds, read.snapshot)
        page_rows, more = _trim(code.places.statements, found.rows, read.variables)
        record = self._record(read, code.places, page_rows)
        rows = self._context(read, begun, code.places, page_rows, more, found)
        data = await self._disclosure(read).answer(code.generated, rows, record)
        read.promised = record.promised
        return data, _row_errors(prepared.plan, code.places.consent_needs, page_rows, data)

    async def _values_once(self, read: Read) -> tuple[Data, Errors]:
        prepared, begun = read.prepared, self._begin(read)
        found = await self.query_runner.read(prepared.query, begun.binds, read.snapshot)
        page_rows, more = _trim(prepared.places.statements, found.rows, read.variables)

        record: DurableRecord = PublicRead(None)

        def record_of(pages: Sequence[list[Row]]) -> DurableRecord:
            nonlocal record
            record = self._record(read, prepared.places, pages)
            return record

        page_rows = await self._disclosure(read).show(page_rows, prepared.sealed_at, record_of)
        read.promised = record.promised
        damaged = withhold_damaged(prepared.plan.builders, page_rows)
        rows = self._context(read, begun, prepared.places, page_rows, more, found)
        values = {root.key: root.value.read(rows) for root in prepared.plan.roots}
        return values, _row_errors(prepared.plan, prepared.places.consent_needs, page_rows, values) + damaged

    def _disclosure(self, read: Read) -> RecordedDisclosure:
        prepared = read.prepared
        return RecordedDisclosure(self.keyring, read.actor, read.purpose, prepared.policy_version, prepared.opens)

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
        moving = begun.now - timedelta(seconds=self.write_seconds) - COMMIT_AND_CLOCKS if read.snapshot is None else END
        return RowContext(
            begun.today.day,
            read.variables,
            page_rows,
            _children(places.statements, page_rows),
            more,
            [
                {None: total} if by_parent is None else by_parent
                for total, by_parent in zip(found.totals, found.child_totals, strict=True)
            ],
            read.prepared.started,
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


async def _again(once: Callable[[Read], Awaitable[tuple[Data, Errors]]], read: Read) -> tuple[Data, Errors]:
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
    because they are not shown. The rows of a root have the key None.
    """
    page_rows: list[list[Row]] = []
    more: list[dict[object, bool]] = []
    for statement, rows in zip(statements, found, strict=True):
        first = len(rows) if statement.first is None else statement.first
        if statement.asked is not None:
            asked = statement.asked(variables)
            page_rows.append([row for row in rows if tuple(key.of(row) for key in statement.keys) in asked])
            more.append({})
            continue
        if statement.parent is None:
            page_rows.append(list(rows[:first]))
            more.append({None: len(rows) > first})
            continue
        parent, parent_at = statement.parent
        counts = {row[parent_at]: 0 for row in page_rows[parent]}
        mine: list[Row] = []
        for row in rows:
            if row[0] in counts:
                counts[row[0]] += 1
                if counts[row[0]] <= first:
                    mine.append(row)
        page_rows.append(mine)
        more.append({key: count > first for key, count in counts.items()})
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


def _row_errors(
    plan: OperationPlan,
    consent_needs: Sequence[tuple[int, int, int, FieldDecision]],
    page_rows: Sequence[Sequence[Row]],
    values: Mapping[str, object],
) -> Errors:
    """Return the errors of missing or narrowed authorisations, one for each place of the document."""
    errors: dict[tuple[str, ...], FieldDecision] = {}
    for statement, at, groups, decision in consent_needs:
        if decision.path not in errors and any((row[at] or 0) & groups != groups for row in page_rows[statement]):
            errors[decision.path] = _without_consent(decision.path, decision)
    for root in plan.roots:
        if root.missing_is_consent and values[root.key] is None:
            errors[(root.key,)] = _without_consent((root.key,), _root_decision(plan, root))
    return [decision.error() for decision in errors.values()]


def _root_decision(plan: OperationPlan, root: PlannedRoot) -> FieldDecision:
    return next(decision for decision in plan.decisions if decision.path == (root.key,))


def _without_consent(path: tuple[str, ...], decision: FieldDecision) -> FieldDecision:
    return FieldDecision(
        path,
        decision.field,
        decision.data_class,
        AccessOutcome.WITHHELD,
        reason=WithheldReason.CONSENT,
        unlock="authorisation",
        types=decision.types,
    )
