"""Executes a prepared operation: runs SQL, opens what the policy allows, writes access entries, builds the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from consent.log_entries import Entrance
from consent.vocabulary import Purpose
from credit.calendar.calendar import Calendar
from credit.cases.status import UnrectifiedPolicy
from policy.actors import Actor
from policy.crypto.keyring import Keyring
from policy.decisions import WithheldReason
from queryplan.plan import PreparedQuery, QueryRunner, ReadSnapshot, Result, SnapshotOutdated
from schema.core.day import EvaluationDay
from schema.core.enums import AccessOutcome
from schema.core.errors import NotRecorded, Outdated
from schema.core.ports import AccessRecorder, NumberLookups, Runtime, TriedNumber
from schema.execution.access_entries import ShownFieldResolver, entries
from schema.execution.actor_binds import actor_binds
from schema.execution.cursors import END, Walk
from schema.execution.disclosure import RecordedDisclosure
from schema.execution.durable_records import AppendedEntries, DurableRecord, PublicRead
from schema.execution.output.nodes import Row, RowContext
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


@dataclass(slots=True)
class PreparedOperation:
    """A planned operation with its prepared SQL and all else that does not change between requests."""

    plan: OperationPlan
    query: PreparedQuery | None
    policy_version: str
    errors: list[dict[str, object]]
    notes: dict[str, object]
    resolvers: list[ShownFieldResolver | None]
    sealed_at: list[list[int]]
    opens: frozenset[tuple[str, str]]
    read_backs: dict[tuple[str, ...], "PreparedOperation"] = field(default_factory=dict)
    """The parts that a mutation reads after it has written, each prepared when it is read for the first time."""

    def read_back(self, path: tuple[str, ...], query_runner: QueryRunner) -> "PreparedOperation | None":
        """Return the part at *path*; None if it is withheld."""
        plan = self.plan.read_backs.get(path)
        if plan is not None and path not in self.read_backs:
            self.read_backs[path] = prepare(plan, query_runner, self.policy_version)
        return self.read_backs.get(path)


def prepare(plan: OperationPlan, query_runner: QueryRunner, policy_version: str) -> PreparedOperation:
    """Prepare the statements of a planned operation, and its errors, once."""
    resolvers = [ShownFieldResolver(builder) if builder.shown else None for builder in plan.builders]
    statements = plan.query_plan.statements
    return PreparedOperation(
        plan=plan,
        query=query_runner.prepare(plan.query_plan) if statements else None,
        policy_version=policy_version,
        errors=[one.error() for one in plan.decisions if one.outcome is AccessOutcome.WITHHELD],
        notes=_notes(plan.decisions),
        resolvers=resolvers,
        sealed_at=[builder.sealed_at() for builder in plan.builders],
        opens=frozenset(plan.opens),
    )


def _notes(decisions: Sequence[FieldDecision]) -> dict[str, object]:
    """Return the notes of the response: which places of the document are masked, for some rows or for all."""
    masked: dict[tuple[str, ...], None] = {}
    for one in decisions:
        if one.outcome in {AccessOutcome.MASKED, AccessOutcome.MIXED}:
            masked[one.path] = None
    return {"masked": [list(path) for path in masked]} if masked else {}


@dataclass(slots=True)
class ReadExecutor:
    """Runs prepared operations. It decides no access: that was decided when the operation was planned."""

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

    async def run(
        self,
        prepared: PreparedOperation,
        actor: Actor,
        purpose: Purpose | None,
        document_hash: str,
        variables: object,
        extra: Mapping[str, object] | None = None,
        snapshot: ReadSnapshot | None = None,
    ) -> tuple[dict[str, object], list[dict[str, object]]]:
        """Return the value of each planned root, and the errors that depend on the rows.

        Every access entry is durable when this returns. Raises NotRecorded where one could not be made durable. Where
        another request took the last use of an authorisation meanwhile, the rows are read again, without it [5.1.6].
        Numbers are counted before anything is looked for: raises LookupQuota. The rows are those of *snapshot*, where
        one is given, and its entries are recorded now like any other: raises Outdated.
        """
        if prepared.plan.lookups:
            for _, number in prepared.plan.lookups:
                number(variables)  # a number that is none is refused before it counts
            await self.lookups.admit(actor, Entrance.SEARCH, len(prepared.plan.lookups))
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._run_once(prepared, actor, purpose, document_hash, variables, extra, snapshot)
            except NotRecorded as failed:
                if failed.facts.get("reason") != USED_UP:
                    raise
        return await self._run_once(prepared, actor, purpose, document_hash, variables, extra, snapshot)

    async def _run_once(
        self,
        prepared: PreparedOperation,
        actor: Actor,
        purpose: Purpose | None,
        document_hash: str,
        variables: object,
        extra: Mapping[str, object] | None,
        snapshot: ReadSnapshot | None,
    ) -> tuple[dict[str, object], list[dict[str, object]]]:
        now = self.runtime.now()
        today = self.runtime.today(now)
        binds = actor_binds(actor, today, self.registration_days)
        binds |= due_binds(self.calendar, today)
        if extra:
            binds.update(extra)
        search_terms = SearchTerms(self.keyring.terms, days_digest(self.calendar, today))
        for binder in prepared.plan.binders:
            binds.update(binder(variables, search_terms))
        # No statement to run: `nodes` without ids.
        try:
            result = (
                Result() if prepared.query is None else await self.query_runner.read(prepared.query, binds, snapshot)
            )
        except SnapshotOutdated as outdated:
            raise Outdated from outdated
        page_rows, more = _trim(prepared.plan, result.rows, variables)
        record = self._record(prepared, page_rows, actor, purpose, document_hash, variables)
        disclosure = RecordedDisclosure(self.keyring, actor, purpose, prepared.policy_version, prepared.opens)
        page_rows = await disclosure.show(page_rows, prepared.sealed_at, record)
        started = [builder.after is not None for builder in prepared.plan.builders]
        children = _children(prepared.plan, page_rows)
        totals: list[Mapping[object, int | None]] = [
            {None: total} if by_parent is None else {**by_parent}
            for total, by_parent in zip(result.totals, result.child_totals, strict=True)
        ]
        # In a snapshot no row moves, so none comes again.
        since = now - timedelta(seconds=self.write_seconds) - COMMIT_AND_CLOCKS if snapshot is None else END
        rows = RowContext(
            EvaluationDay(today, self.unrectified, self.calendar),
            variables,
            page_rows,
            children,
            more,
            totals,
            started,
            [self._walk(builder, binds, since, search_terms.days) for builder in prepared.plan.builders],
        )
        values = {root.key: root.value.read(rows) for root in prepared.plan.roots}
        return values, _row_errors(prepared.plan, page_rows, values)

    def _walk(self, builder: StatementBuilder, binds: Mapping[str, object], since: datetime, days: str) -> Walk | None:
        """Return the walk that the page of a statement belongs to; one that begins with this page begins *since*."""
        if builder.moving is None:
            return None
        if builder.after is not None:
            since = cast("datetime", binds[f"{builder.after}_since"])
        return Walk(since, days if builder.moving.by_day else "")

    def _record(
        self,
        prepared: PreparedOperation,
        page_rows: list[list[Row]],
        actor: Actor,
        purpose: Purpose | None,
        document_hash: str,
        variables: object,
    ) -> DurableRecord:
        if purpose is None or (purpose is Purpose.PUBLICITY and not prepared.plan.lookups):
            return PublicRead(purpose)
        shown = [
            (builder, resolver, page_rows[builder.index])
            for builder, resolver in zip(prepared.plan.builders, prepared.resolvers, strict=True)
            if resolver is not None and page_rows[builder.index]
        ]
        made, uses = entries(shown, actor, purpose, document_hash, self.runtime) if shown else ([], [])
        if not prepared.plan.lookups:
            return AppendedEntries(self.recorder, made, uses)
        tried = [TriedNumber(number(variables), bool(page_rows[at])) for at, number in prepared.plan.lookups]
        return AppendedEntries(self.recorder, made, uses, self.lookups.entries(actor, purpose, Entrance.SEARCH, tried))


def _trim(
    plan: OperationPlan, found: Sequence[Sequence[Any]], variables: object
) -> tuple[list[list[Row]], list[dict[object, bool]]]:
    """Drop the extra rows that only show that there are more, and the rows that were not requested.

    Returns the rows to show, and the parents that have further ones. Dropped rows are neither opened nor recorded,
    because they are not shown. The rows of a root have the key None.
    """
    page_rows: list[list[Row]] = []
    more: list[dict[object, bool]] = []
    for builder, rows in zip(plan.builders, found, strict=True):
        first = len(rows) if builder.first is None else builder.first
        if builder.keys_asked is not None:
            asked = builder.keys_asked(variables)
            page_rows.append([row for row in rows if tuple(row[at] for at in builder.key_at) in asked])
            more.append({})
            continue
        if builder.parent is None:
            page_rows.append(list(rows[:first]))
            more.append({None: len(rows) > first})
            continue
        parent, parent_at, _ = builder.parent
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


def _children(plan: OperationPlan, page_rows: Sequence[Sequence[Row]]) -> list[dict[object, list[Row]]]:
    """Put the rows of every child statement beside their parents."""
    children: list[dict[object, list[Row]]] = []
    for builder, rows in zip(plan.builders, page_rows, strict=True):
        grouped: dict[object, list[Row]] = {}
        if builder.parent is not None:
            for row in rows:
                grouped.setdefault(row[0], []).append(row)
        children.append(grouped)
    return children


def _row_errors(
    plan: OperationPlan, page_rows: Sequence[Sequence[Row]], values: Mapping[str, object]
) -> list[dict[str, object]]:
    """Return the errors of missing or narrowed authorisations, one for each place of the document."""
    errors: dict[tuple[str, ...], FieldDecision] = {}
    for statement, at, groups, decision in plan.consent_needs:
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
