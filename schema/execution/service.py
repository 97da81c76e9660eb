"""The life of a request: parse, purpose, authorise, plan, run, record, respond.

An operation whose roots are all planned never enters GraphQL's executor: its rows become JSON directly (the fast lane).
The executor runs all other operations (mutations, introspection, `viewer`, `explainAccess`) with the same planned
values. With `always_execute` it also runs the planned ones, as the reference for tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

import orjson
import strawberry
from graphql import ExecutionResult, GraphQLError, OperationType, execute
from graphql.execution.values import VariableValues

from consent.delegation import LONGEST_DAYS
from consent.leaves.provenance import Provenance
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.templates import Template
from consent.vocabulary import Channel, Purpose
from credit.calendar.calendar import Calendar
from credit.cases.publicity import PublicityRule
from credit.core.context import ActionContext, Caller
from credit.incentives.incentive import GrantingRules
from credit.notices.issued_notice import NoticeService
from credit.policy_texts.measures import Measure
from credit.policy_texts.policy_texts import PolicyTexts
from policy.actors import Actor, Role
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from policy.decisions import Decisions
from queryplan.plan import QueryRunner, StoreUnavailable
from schema.core.context import RequestContext
from schema.core.enums import AccessOutcome
from schema.core.errors import GUARDED, PurposeConflict, PurposeUnknown, SchemaError, SubscriptionTransport, TookTooLong
from schema.core.fields import classified_fields, core, field_map
from schema.core.limits import Limits
from schema.core.measured.costs import field_costs
from schema.core.measured.trace import Step, traced
from schema.core.ports import (
    BeginFor,
    FigureService,
    GraphQLRequest,
    GraphQLResponse,
    JointMeasures,
    OwnLedgers,
    Receipts,
    RequestOrigin,
    Runtime,
    WithheldMode,
)
from schema.execution.explain import explain
from schema.execution.planning.operation_plan import PlanContext
from schema.execution.preparation.budget import PreparationBudget
from schema.execution.preparation.byte_cache import ByteCache
from schema.execution.preparation.closed_errors import closed_entry
from schema.execution.preparation.document_gate import DocumentGate, DocumentSource, DocumentStep
from schema.execution.preparation.documents import DocumentCache, InvalidDocument, ParsedOperation, formatted
from schema.execution.preparation.id_values import BAD_USER_INPUT
from schema.execution.preparation.operation_preparer import OperationPreparer, PlanKey, plan_key
from schema.execution.preparation.prepared_operation import PreparedOperation
from schema.execution.preparation.withheld_report import NO_NOTES, NO_PLACES, Withholdings, combined, with_record
from schema.execution.read_executor import Read, ReadExecutor
from schema.execution.refusal_entries import record_refusal
from schema.execution.responses import (
    Failed,
    coded_error,
    error_entry,
    internal_error,
    planned_response,
    refusal,
    reported,
    shown_errors,
    with_outcome,
)
from schema.execution.time_limits import TimeLimits

T = TypeVar("T")
Answer = Callable[[GraphQLRequest], Awaitable[T]]


class PlannedRequest(NamedTuple):
    """The plan of one request, and the key under which it is known."""

    key: PlanKey
    prepared: PreparedOperation
    variables: VariableValues
    purpose: Purpose | None


def unnoted(_: Actor, __: str) -> None:
    """Note nothing: for a service that nobody asks from outside."""


@dataclass(slots=True)
class GraphQLService:
    """Executes GraphQL requests. Its dependencies are passed in; it reads no clock and no setting."""

    schema: strawberry.Schema
    policy: Decisions
    templates: Mapping[Purpose, Template]
    policy_texts: PolicyTexts
    measures: Sequence[Measure]
    query_runner: QueryRunner
    keyring: Keyring
    read_executor: ReadExecutor
    runtime: Runtime
    begin: BeginFor
    notices: NoticeService
    figures: FigureService
    own_ledgers: OwnLedgers
    receipts: Receipts
    granting: GrantingRules
    publicity: Sequence[PublicityRule]
    joint_measures: JointMeasures
    failed: Failed
    budget: PreparationBudget
    delegation_longest_days: int = LONGEST_DAYS
    notice_required: bool = False
    limits: Limits = field(default_factory=Limits)
    longest_delay_days: int = 30
    introspection: bool = True
    trusted_documents: DocumentStep = DocumentStep.OFF
    explains_to: frozenset[Role] = frozenset(Role)
    cache_bytes: int = 32 * 1024 * 1024
    always_execute: bool = False
    note_refusal: Callable[[Actor, str], None] = unnoted
    """Gets whom the guard refused, and the code."""
    note_unknown: Callable[[Actor, str], None] = unnoted
    """Gets who was answered a document that no operator has loaded, and the hash of its shape."""
    gate: DocumentGate = field(init=False)
    _preparer: OperationPreparer = field(init=False)
    _time_limits: TimeLimits = field(init=False)

    def __post_init__(self) -> None:
        graphql_schema = core(self.schema)
        self.policy.require(classified_fields(graphql_schema))
        plan_context = PlanContext(
            graphql_schema,
            field_map(graphql_schema),
            self.policy,
            self.limits,
            self.keyring.public_id_tag,
            field_costs(graphql_schema),
            self.explains_to,
        )
        cache = ByteCache(self.cache_bytes)
        self.gate = DocumentGate(self.trusted_documents, cache)
        self._preparer = OperationPreparer(
            plan_context,
            self.query_runner,
            self.runtime,
            self.budget,
            DocumentCache(graphql_schema, self.limits, cache, introspection=self.introspection),
            cache,
            hide_suggestions=not self.introspection,
        )
        self._time_limits = TimeLimits()

    async def adopt(self, policy: Decisions) -> None:
        """Decide by *policy* from the next request on; raises PolicyRefused where it does not fit the schema.

        It is prepared for the pairs in use before it takes over. No answer and no plan of the former policy is used
        again; requests that are under way end under the former policy.
        """
        policy.require(classified_fields(self._preparer.plan_context.schema))
        for role, purpose in self.policy.prepared:
            await policy.prepare(role, purpose)
        self._preparer.plan_context, self.policy = replace(self._preparer.plan_context, policy=policy), policy

    @property
    def calendar(self) -> Calendar:
        """The working days by which every clock counts."""
        return self.read_executor.calendar

    def count_by(self, calendar: Calendar) -> None:
        """Count every clock by *calendar* from the next request on."""
        self.read_executor.calendar = calendar

    async def execute(self, request: GraphQLRequest) -> GraphQLResponse:
        """Return the response to *request*. Never raises: unexpected errors are passed to `failed`."""
        return await self.answered(request, self.execute_admitted)

    async def answered(self, request: GraphQLRequest, answer: Answer[T]) -> GraphQLResponse | T:
        """Return what *answer* makes of *request*, once it is admitted, or the response that refuses it. Never raises.

        *answer* is given the request with the text of its document.
        """
        try:
            with self._time_limits.within(self.limits.seconds):
                source, rates = None, request.rates
                if rates is not None and (wait := rates.admit(request.actor, request.network)) is not None:
                    await wait
                if request.channel is Channel.GRAPHQL:
                    request, source = self.gate.admit(request)
                response = await answer(request)
                return response if source is None or response is None else self._noted(request, response, source)
        except InvalidDocument as refused:
            return self._refusal(request, 400, list(refused.errors))
        except GraphQLError as refused:  # of arguments whose values are variables
            places = self._preparer.locations(request)
            return self._refusal(request, 400, [formatted(refused, places, BAD_USER_INPUT)])
        except (SchemaError, StoreUnavailable, SealBroken) as error:
            if isinstance(error, GUARDED):
                self.note_refusal(request.actor, error.code)
            known = reported(error, request.request_id, self.failed)
            status = int(cast("int", known.facts.get("status", known.status)))
            return self._refusal(request, status, [error_entry(known)])
        except TimeoutError:
            return refusal(TookTooLong.status, [error_entry(TookTooLong(allowed=self.limits.seconds))])
        except Exception as bug:  # noqa: BLE001 - the last handler: reported, and not shown in the response
            self.failed(request.request_id, bug)
            return refusal(500, [internal_error(request.request_id)])

    def _noted(
        self, request: GraphQLRequest, response: GraphQLResponse | T, source: DocumentSource
    ) -> GraphQLResponse | T:
        """Return *response* with what the gate saw, and note a document that nobody has loaded."""
        if source is DocumentSource.UNKNOWN and (not isinstance(response, GraphQLResponse) or response.executed):
            self.gate.register(request)
            operation = self._preparer.documents.known(str(request.query), request.operation_name)
            if operation is not None:  # a small cache may have forgotten it meanwhile
                self.note_unknown(request.actor, operation.hash)
        return response._replace(document=source) if isinstance(response, GraphQLResponse) else response

    def _refusal(self, request: GraphQLRequest, status: int, errors: list[dict[str, object]]) -> GraphQLResponse:
        return refusal(status, self._shown(request, errors))

    def _shown(self, request: GraphQLRequest, errors: list[dict[str, object]]) -> list[dict[str, object]]:
        """Return *errors*: without a word of the schema where only loaded documents are answered.

        Who may have any document explained has a right to the words.
        """
        is_closed = self.trusted_documents is DocumentStep.REQUIRE and request.channel is Channel.GRAPHQL
        if is_closed and request.actor.role not in self.explains_to:
            return [closed_entry(each) for each in errors]
        return errors

    def operation(self, request: GraphQLRequest) -> ParsedOperation:
        """Return the operation of *request*; raises InvalidDocument and what else refuses a document."""
        with traced(request.trace, Step.DOCUMENT):
            return self._preparer.operation(request)

    async def planned(self, request: GraphQLRequest, operation: ParsedOperation) -> PlannedRequest:
        """Return the plan of *request*, authorised for its actor and purpose as the policy is now. Raises Refused."""
        variables = self._preparer.variables(operation, request)
        purpose = _purpose(operation, request)
        key = plan_key(operation, variables, request.actor.role, purpose)
        prepared = self._preparer.known(key)
        if prepared is None:
            with traced(request.trace, Step.PLAN):
                await self.policy.prepare(request.actor.role, purpose)
                prepared = await self._preparer.plan_and_prepare(key, operation, variables, request, purpose)
        return PlannedRequest(key, prepared, variables, purpose)

    async def charge(self, request: GraphQLRequest, operation: ParsedOperation, prepared: PreparedOperation) -> None:
        """Charge what the operation costs, and note what it withholds. Raises RateExceeded."""
        if request.rates is not None:
            wait = request.rates.charge(request.actor, request.network, operation.hash, prepared.plan.cost)
            if wait is not None:
                await wait
        if prepared.withheld.decisions:
            self.note_refusal(request.actor, AccessOutcome.WITHHELD)

    async def execute_admitted(self, request: GraphQLRequest) -> GraphQLResponse:
        """Return the response to a query or a mutation that `answered` has admitted. Raises what refuses it."""
        operation = self.operation(request)
        kind = operation.node.operation
        if kind is OperationType.SUBSCRIPTION:
            raise SubscriptionTransport
        if kind is OperationType.MUTATION and request.method == "GET":
            return refusal(405, [coded_error("METHOD_NOT_ALLOWED", "修改操作只能用 POST。", "A mutation needs POST.")])
        key, prepared, variables, purpose = await self.planned(request, operation)
        cost = prepared.plan.cost
        await self.charge(request, operation, prepared)
        if kind is OperationType.MUTATION:
            read_backs = len(prepared.read_backs)
            response = await self._execute(request, operation, prepared, purpose, {}, [], variables, [])
            if len(prepared.read_backs) > read_backs:
                self._preparer.keep(key, prepared)  # it has grown: it is measured again
            return response
        origin = RequestOrigin.of(request, operation.hash)
        mode = request.withheld
        read = Read(
            prepared, request.actor, purpose, origin, variables, mode, snapshot=request.snapshot, trace=request.trace
        )
        if prepared.plan.unplanned or self.always_execute:
            values, places = await self.read_executor.values(read) if prepared.plan.roots else ({}, NO_PLACES)
            withheld = [(prepared.withheld, places)]
            promised = [] if read.promised is None else [read.promised]
            return await self._execute(request, operation, prepared, purpose, values, withheld, variables, promised)
        self._preparer.note_use(key, prepared, request)
        data, places = await self.read_executor.answer(read) if prepared.plan.roots else ({}, NO_PLACES)
        with traced(request.trace, Step.ANSWER):
            body = prepared.withheld.body(data, places, mode, read.promised, cost_note(request, cost))
        return GraphQLResponse(body, executed=True, status=200, purpose=purpose)

    async def _execute(
        self,
        request: GraphQLRequest,
        operation: ParsedOperation,
        prepared: PreparedOperation,
        purpose: Purpose | None,
        values: Mapping[str, object],
        withheld: Withholdings,
        variables: VariableValues,
        promised: list[PromisedEntries],
    ) -> GraphQLResponse:
        """Let GraphQL's executor complete the response, with the planned values and what was promised for them.

        *withheld* is what the values withhold; what is read back is added to it.
        """
        context = self._context(request, operation, prepared, purpose, values, variables, withheld, promised)
        with traced(request.trace, Step.ANSWER):
            outcome = execute(
                self._preparer.plan_context.schema,
                operation.document,
                context_value=context,
                variable_values=dict(request.variables or {}),
                operation_name=request.operation_name,
            )
            result = outcome if isinstance(outcome, ExecutionResult) else await outcome
        places = self._preparer.locations(request)
        shown = self._shown(request, shown_errors(result.errors or (), request.request_id, places, self.failed))
        errors, notes = combined(prepared.withheld, withheld, request.withheld)
        notes = {**with_record(notes, promised), **cost_note(request, prepared.plan.cost)}
        response = planned_response(result.data, [*errors, *shown], notes, purpose)
        if operation.node.operation is not OperationType.MUTATION:
            return response
        return with_outcome(response, result.errors or (), context.refused)

    def _context(
        self,
        request: GraphQLRequest,
        operation: ParsedOperation,
        prepared: PreparedOperation,
        purpose: Purpose | None,
        values: Mapping[str, object],
        variables: VariableValues,
        withheld: Withholdings,
        promised: list[PromisedEntries],
    ) -> RequestContext:
        async def read_back(path: tuple[str, ...], keys: tuple[UUID, ...]) -> object:
            part = prepared.read_back(path, self.query_runner)
            if part is None:
                withheld.append((prepared.withheld.at(path), NO_PLACES))
                return None
            binds = {f"key_{at}": key for at, key in enumerate(keys)}
            read = Read(part, request.actor, purpose, origin, variables, request.withheld, binds, trace=request.trace)
            found, places = await self.read_executor.values(read)
            withheld.append((part.withheld, places))
            if read.promised is not None:
                promised.append(read.promised)
            return found[path[-1]]

        async def ask(document: str, given: Mapping[str, object]) -> Mapping[str, Any]:
            stated = None if purpose is None else purpose.value
            ours = request._replace(
                query=document,
                trusted=None,
                operation_name=None,
                variables=given,
                purpose=stated,
                withheld=WithheldMode.ERRORS,
                snapshot=None,
                rates=None,  # it is part of a request that was counted
                asks_cost=False,
            )
            found: Mapping[str, Any] = orjson.loads((await self.execute_admitted(ours)).body)
            return found

        def committed(entries: Sequence[bytes]) -> None:
            found = self.read_executor.recorder.promised(entries)
            if found is not None:
                promised.append(found)

        now, origin = self.runtime.now(), RequestOrigin.of(request, operation.hash)
        return RequestContext(
            actor=request.actor,
            action_context=lambda: self.action_context(_caller(request.actor), now),
            purpose=purpose,
            now=now,
            today=self.runtime.today(now),
            runtime=self.runtime,
            policy=self.policy,
            templates=self.templates,
            delegation_longest_days=self.delegation_longest_days,
            notice_required=self.notice_required,
            policy_texts=self.policy_texts,
            measures=self.measures,
            calendar=self.calendar,
            unrectified=self.read_executor.unrectified,
            keyring=self.keyring,
            begin=partial(self.begin, Provenance(origin.channel, request.actor.known_by, origin.request_id)),
            origin=origin,
            limits=self.limits,
            planned=values,
            read_back=read_back,
            explain=partial(explain, self._preparer, request),
            ask=ask,
            committed=committed,
            notices=self.notices,
            figures=self.figures,
            own_ledgers=self.own_ledgers,
            receipts=self.receipts,
            granting=self.granting,
            publicity=self.publicity,
            joint_measures=self.joint_measures,
            lookups=self.read_executor.lookups,
            network=request.network,
            record_refusal=record_refusal,
        )

    def action_context(self, caller: Caller, now: datetime) -> ActionContext:
        """Return the action context of *caller* at the instant *now*, with the rules in force."""
        return ActionContext(
            actor=caller,
            now=now,
            today=self.runtime.today(now),
            new_id=self.runtime.new_id,
            random=self.runtime.random,
            calendar=self.calendar,
            unrectified=self.read_executor.unrectified,
            granting=self.granting,
            publicity=self.publicity,
            longest_delay_days=self.longest_delay_days,
            registration_days=self.read_executor.registration_days,
        )


def _caller(actor: Actor) -> Caller:
    """Return *actor* in the type that the actions use."""
    return Caller(actor.ref, actor.role.value, actor.department, actor.subject)


def cost_note(request: GraphQLRequest, cost: int) -> Mapping[str, object]:
    """Return the extension that states what the request costs, where it asks for it; else none."""
    if not request.asks_cost:
        return NO_NOTES
    left = None if request.rates is None else request.rates.cost_left(request.actor, request.network)
    limit, remaining = (None, None) if left is None else left
    return {"cost": {"requested": cost, "limit": limit, "remaining": remaining}}


def _purpose(operation: ParsedOperation, request: GraphQLRequest) -> Purpose | None:
    """Return the purpose that the document or the header states; raises PurposeUnknown, PurposeConflict [5.1.6].

    That with which a document was loaded counts like a directive: tools drop it from queries that they generate.
    """
    stated = operation.purpose or (request.trusted.purpose if request.trusted is not None else None)
    if not request.purpose:
        return stated
    try:
        header = Purpose(request.purpose.strip())
    except ValueError:
        raise PurposeUnknown from None
    if stated is not None and stated is not header:
        raise PurposeConflict
    return header
