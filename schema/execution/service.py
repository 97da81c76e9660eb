"""The life of a request: parse, purpose, authorise, plan, run, record, respond.

An operation whose roots are all planned never enters GraphQL's executor: its rows become JSON directly (the fast lane).
The executor runs all other operations (mutations, introspection, `viewer`, `explainAccess`) with the same planned
values. With `always_execute` it also runs the planned ones, as the reference for tests.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

import orjson
import strawberry
from graphql import ExecutionResult, FieldNode, GraphQLError, OperationType, execute
from graphql.execution.values import VariableValues

from consent.delegation import LONGEST_DAYS
from consent.leaves.provenance import Provenance
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.templates import Template
from consent.vocabulary import Purpose
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
from schema.core.access_explanation import AccessExplanation
from schema.core.context import RequestContext
from schema.core.enums import AccessOutcome
from schema.core.errors import (
    GUARDED,
    BadArgument,
    DocumentBudget,
    PurposeConflict,
    PurposeUnknown,
    RecordDamaged,
    SchemaError,
    TookTooLong,
    Unavailable,
)
from schema.core.fields import classified_fields, core, field_map
from schema.core.limits import Limits
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
)
from schema.execution.explain import field_access
from schema.execution.planning.field_collector import FieldCollector
from schema.execution.planning.operation_plan import OperationPlan, PlanContext
from schema.execution.planning.operation_planner import OperationPlanner
from schema.execution.preparation.budget import PreparationBudget
from schema.execution.preparation.byte_cache import ByteCache
from schema.execution.preparation.documents import DocumentCache, InvalidDocument, ParsedOperation, formatted
from schema.execution.preparation.source_locations import SourceLocations
from schema.execution.preparation.variables import NO_VARIABLES, coerced_variables
from schema.execution.read_executor import PreparedOperation, Read, ReadExecutor, prepare, with_record
from schema.execution.refusal_entries import record_refusal
from schema.execution.time_limits import TimeLimits

Failed = Callable[[str, BaseException], None]
"""Called with an unexpected error and the id of the request; the response has only the id."""

_OUR_FAULT, _EXECUTED = 500, 200
_INTERNAL = "INTERNAL"
AT_ONCE: Final = 4
"""How many statements are prepared without leaving the event loop: each takes milliseconds."""
_PlanKey = tuple[str, str | None, Role, Purpose | None, tuple[object, ...]]


def unnoted(_: Actor, __: str) -> None:
    """Note no refusal: for a service that nobody asks from outside."""


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
    explains_to_anonymous: bool = True
    cache_bytes: int = 32 * 1024 * 1024
    always_execute: bool = False
    note_refusal: Callable[[Actor, str], None] = unnoted
    """Gets whom the guard refused, and the code."""
    _plan_context: PlanContext = field(init=False)
    _documents: DocumentCache = field(init=False)
    _cache: ByteCache = field(init=False)
    """Documents and plans, within one bound of bytes."""
    _time_limits: TimeLimits = field(init=False)
    _preparing: asyncio.Lock = field(init=False)
    """One large plan is prepared at a time, in a thread of its own."""

    def __post_init__(self) -> None:
        graphql_schema = core(self.schema)
        self.policy.require(classified_fields(graphql_schema))
        self._plan_context = PlanContext(
            graphql_schema,
            field_map(graphql_schema),
            self.policy,
            self.limits,
            self.keyring.public_id_tag,
            self.explains_to_anonymous,
        )
        self._cache = ByteCache(self.cache_bytes)
        self._documents = DocumentCache(graphql_schema, self.limits, self._cache, introspection=self.introspection)
        self._time_limits = TimeLimits()
        self._preparing = asyncio.Lock()

    async def adopt(self, policy: Decisions) -> None:
        """Decide by *policy* from the next request on; raises PolicyRefused where it does not fit the schema.

        It is prepared for the pairs in use before it takes over. No answer and no plan of the former policy is used
        again; requests that are under way end under the former policy.
        """
        policy.require(classified_fields(self._plan_context.schema))
        for role, purpose in self.policy.prepared:
            await policy.prepare(role, purpose)
        self._plan_context, self.policy = replace(self._plan_context, policy=policy), policy

    @property
    def calendar(self) -> Calendar:
        """The working days by which every clock counts."""
        return self.read_executor.calendar

    def count_by(self, calendar: Calendar) -> None:
        """Count every clock by *calendar* from the next request on."""
        self.read_executor.calendar = calendar

    async def execute(self, request: GraphQLRequest) -> GraphQLResponse:
        """Return the response to *request*. Never raises: unexpected errors are passed to `failed`."""
        try:
            with self._time_limits.within(self.limits.seconds):
                return await self._execute_request(request)
        except InvalidDocument as refused:
            return _refusal(400, list(refused.errors))
        except GraphQLError as refused:  # of arguments whose values are variables
            return _refusal(400, [formatted(refused, self._documents.locations(request.query or ""), "BAD_USER_INPUT")])
        except (SchemaError, StoreUnavailable, SealBroken) as error:
            if isinstance(error, GUARDED):
                self.note_refusal(request.actor, error.code)
            known = self._reported(error, request.request_id)
            return _refusal(int(cast("int", known.facts.get("status", known.status))), [_entry(known)])
        except TimeoutError:
            return _refusal(TookTooLong.status, [_entry(TookTooLong(allowed=self.limits.seconds))])
        except Exception as bug:  # noqa: BLE001 - the last handler: reported, and not shown in the response
            self.failed(request.request_id, bug)
            return _refusal(500, [_internal(request.request_id)])

    async def _execute_request(self, request: GraphQLRequest) -> GraphQLResponse:
        if not request.query:
            raise BadArgument(argument="query")
        operation = self._documents.known(request.query, request.operation_name)
        if operation is None:
            with self._spending(request):
                operation = self._documents.read(request.query, request.operation_name)
        kind = operation.node.operation
        if kind is OperationType.MUTATION and request.method == "GET":
            return _refusal(405, [_coded("METHOD_NOT_ALLOWED", "修改操作只能用 POST。", "A mutation needs POST.")])
        variables = self._variables(operation, request)
        purpose = _purpose(operation, request.purpose)
        key = _plan_key(operation, variables, request.actor.role, purpose)
        prepared = self._known(key)
        if prepared is None:
            await self.policy.prepare(request.actor.role, purpose)
            prepared = await self._prepare(key, operation, variables, request, purpose)
        self._note_withheld(request.actor, prepared)
        if kind is OperationType.MUTATION:
            read_backs = len(prepared.read_backs)
            response = await self._execute(request, operation, prepared, purpose, {}, prepared.errors, variables, [])
            if len(prepared.read_backs) > read_backs:
                self._keep(key, prepared)  # it has grown: it is measured again
            return response
        origin = RequestOrigin.of(request, operation.hash)
        read = Read(prepared, request.actor, purpose, origin, variables, snapshot=request.snapshot)
        if prepared.plan.unplanned or self.always_execute:
            values, row_errors = await self.read_executor.values(read) if prepared.plan.roots else ({}, [])
            errors = prepared.errors + row_errors
            promised = [] if read.promised is None else [read.promised]
            return await self._execute(request, operation, prepared, purpose, values, errors, variables, promised)
        if prepared.code is None:
            with self.budget.spent_by(_client(request)):
                if prepared.note_use():
                    self._keep(key, prepared)  # as above
        data, row_errors = await self.read_executor.answer(read) if prepared.plan.roots else ({}, [])
        return GraphQLResponse(
            prepared.body(data, row_errors, read.promised), executed=True, status=200, purpose=purpose
        )

    def _note_withheld(self, actor: Actor, prepared: PreparedOperation) -> None:
        if prepared.errors:
            self.note_refusal(actor, AccessOutcome.WITHHELD)

    @contextmanager
    def _spending(self, request: GraphQLRequest) -> Iterator[None]:
        """Spend the caller's budget for what is done within; raises DocumentBudget where it is used up."""
        client = _client(request)
        wait = self.budget.wait(client)
        if wait > 0:
            until = self.runtime.now() + timedelta(seconds=math.ceil(wait))
            raise DocumentBudget(until=until.isoformat())
        with self.budget.spent_by(client):
            yield

    def _variables(self, operation: ParsedOperation, request: GraphQLRequest) -> VariableValues:
        found = coerced_variables(
            self._plan_context.schema,
            operation.node.variable_definitions or (),
            operation.leaf_variables,
            request.variables or {},
            hide_suggestions=not self.introspection,
        )
        if isinstance(found, list):
            places = self._documents.locations(request.query or "")
            raise InvalidDocument(tuple(formatted(error, places, "BAD_USER_INPUT") for error in found))
        return found

    def _known(self, key: _PlanKey) -> PreparedOperation | None:
        """Return the authorised and planned operation, from the cache where the policy is the same."""
        found: PreparedOperation | None = self._cache.get(key)
        return found if found is not None and found.policy_version == self.policy.version else None

    async def _prepare(
        self,
        key: _PlanKey,
        operation: ParsedOperation,
        variables: VariableValues,
        request: GraphQLRequest,
        purpose: Purpose | None,
    ) -> PreparedOperation:
        """Plan the operation and prepare its statements; many statements in a thread, where they stall nobody."""
        with self._spending(request):
            plan = self._make_plan(operation, variables, request.actor.role, purpose)
            version = self.policy.version
            if len(plan.builders) <= AT_ONCE:
                return self._keep(key, prepare(plan, self.query_runner, version))

        def prepare_aside() -> tuple[PreparedOperation, float]:
            before = self.budget.processor()
            prepared = prepare(plan, self.query_runner, version)
            return prepared, self.budget.processor() - before

        async with self._preparing:
            known = self._known(key)
            if known is not None:
                return known
            prepared, taken = await asyncio.to_thread(prepare_aside)
        self.budget.spend(_client(request), taken)
        return self._keep(key, prepared)

    def _keep(self, key: _PlanKey, prepared: PreparedOperation) -> PreparedOperation:
        self._cache.put(key, prepared)
        return prepared

    def _make_plan(
        self,
        operation: ParsedOperation,
        variables: VariableValues,
        role: Role,
        purpose: Purpose | None,
        *,
        explaining: bool = False,
    ) -> OperationPlan:
        selections = FieldCollector(self._plan_context.schema, operation.fragments, variables, lenient=explaining)
        planner = OperationPlanner(self._plan_context, selections, variables, role, purpose, explaining=explaining)
        return planner.operation(operation.node)

    async def _execute(
        self,
        request: GraphQLRequest,
        operation: ParsedOperation,
        prepared: PreparedOperation,
        purpose: Purpose | None,
        values: Mapping[str, object],
        errors: list[dict[str, object]],
        variables: VariableValues,
        promised: list[PromisedEntries],
    ) -> GraphQLResponse:
        """Let GraphQL's executor complete the response, with the planned values and what was promised for them."""
        late: list[dict[str, object]] = []
        context = self._context(request, operation, prepared, purpose, values, variables, late, promised)
        outcome = execute(
            self._plan_context.schema,
            operation.document,
            context_value=context,
            variable_values=dict(request.variables or {}),
            operation_name=request.operation_name,
        )
        result = outcome if isinstance(outcome, ExecutionResult) else await outcome
        places = self._documents.locations(request.query or "")
        shown = [entry for error in result.errors or () for entry in self._shown(error, request.request_id, places)]
        response = _planned_response(
            result.data, [*errors, *late, *shown], with_record(prepared.notes, promised), purpose
        )
        if operation.node.operation is not OperationType.MUTATION:
            return response
        return _with_outcome(response, result.errors or (), context.refused)

    def _shown(self, error: GraphQLError, request_id: str, places: SourceLocations) -> list[dict[str, object]]:
        """Return an error of the executor as the response shows it: refusals by name, bugs by the id of the request."""
        original = error.original_error
        if isinstance(original, SchemaError | StoreUnavailable | SealBroken):
            return [{**_entry(self._reported(original, request_id)), "path": error.path}]
        if isinstance(original, InvalidDocument):  # the document that `explainAccess` was given
            return [{**entry, "path": error.path} for entry in original.errors]
        if original is None:
            return [formatted(error, places)]
        self.failed(request_id, original)
        return [{**_internal(request_id), "path": error.path}]

    def _reported(self, error: SchemaError | StoreUnavailable | SealBroken, request_id: str) -> SchemaError:
        """Return *error* as a refusal. What the caller cannot correct is reported: the operator must know."""
        if isinstance(error, SealBroken):
            return RecordDamaged()  # the keyring has reported it
        refused = error if isinstance(error, SchemaError) else Unavailable()
        cause = error.__cause__ if refused is error else error
        if cause is not None and refused.status >= _OUR_FAULT:
            self.failed(request_id, cause)
        return refused

    def _context(
        self,
        request: GraphQLRequest,
        operation: ParsedOperation,
        prepared: PreparedOperation,
        purpose: Purpose | None,
        values: Mapping[str, object],
        variables: VariableValues,
        late: list[dict[str, object]],
        promised: list[PromisedEntries],
    ) -> RequestContext:
        async def read_back(path: tuple[str, ...], keys: tuple[UUID, ...]) -> object:
            part = prepared.read_back(path, self.query_runner)
            if part is None:
                return None  # withheld when the document was authorised; its error is already in the response
            binds = {f"key_{at}": key for at, key in enumerate(keys)}
            read = Read(part, request.actor, purpose, origin, variables, binds)
            found, errors = await self.read_executor.values(read)
            late.extend(errors)
            if read.promised is not None:
                promised.append(read.promised)
            return found[path[-1]]

        async def ask(document: str, given: Mapping[str, object]) -> Mapping[str, Any]:
            stated = None if purpose is None else purpose.value
            ours = request._replace(query=document, operation_name=None, variables=given, purpose=stated, snapshot=None)
            found: Mapping[str, Any] = orjson.loads((await self._execute_request(ours)).body)
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
            explain=lambda document, purpose, name: self.explain(request, document, purpose, name),
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

    def explain(
        self, request: GraphQLRequest, document: str, purpose: Purpose | None, operation_name: str | None
    ) -> AccessExplanation:
        """Return what the policy would decide for each field of *document*; no data is read.

        It is planned anew each time, within the caller's budget: raises DocumentBudget.
        """
        with self._spending(request):
            operation = self._documents.known(document, operation_name) or self._documents.read(
                document, operation_name
            )
            stated = purpose or operation.purpose
            plan = self._make_plan(operation, NO_VARIABLES, request.actor.role, stated, explaining=True)
            return AccessExplanation(
                role=request.actor.role.value,
                policy_version=self.policy.version,
                fields=field_access(plan.decisions),
                statements=len(plan.query_plan.statements),
                cost=plan.cost,
            )


def _plan_key(operation: ParsedOperation, variables: VariableValues, role: Role, purpose: Purpose | None) -> _PlanKey:
    """Return what a plan depends on, besides the policy."""
    coerced = variables.coerced
    depends = tuple(read(coerced.get(name)) for name, read in operation.depends)
    name = operation.node.name.value if operation.node.name else None
    return operation.text_hash, name, role, purpose, depends


def _client(request: GraphQLRequest) -> str:
    """Return whose budget a request spends: that of the account, or of the network of a caller without a token."""
    return f"network:{request.network()}" if request.actor.role is Role.ANONYMOUS else request.actor.ref


def _caller(actor: Actor) -> Caller:
    """Return *actor* in the type that the actions use."""
    return Caller(actor.ref, actor.role.value, actor.department, actor.subject)


def _purpose(operation: ParsedOperation, header: str | None) -> Purpose | None:
    """Return the purpose that the directive or the header states; raises PurposeUnknown, PurposeConflict [5.1.6]."""
    if not header:
        return operation.purpose
    try:
        stated = Purpose(header.strip())
    except ValueError:
        raise PurposeUnknown from None
    if operation.purpose is not None and operation.purpose is not stated:
        raise PurposeConflict
    return stated


def _planned_response(
    data: object, errors: list[dict[str, object]], notes: Mapping[str, object], purpose: Purpose | None
) -> GraphQLResponse:
    body: dict[str, object] = {}
    if errors:
        body["errors"] = errors
    body["data"] = data
    if notes:
        body["extensions"] = notes
    return GraphQLResponse(orjson.dumps(body), executed=True, status=200, purpose=purpose)


def _with_outcome(
    response: GraphQLResponse, errors: Sequence[GraphQLError], refused: Sequence[tuple[str, str]]
) -> GraphQLResponse:
    """Return *response* with the first mutation that failed. Where that is the database's fault, its status says so."""
    for error in errors:
        code, status = _code_and_status(error.original_error)
        if len(error.path or ()) == 1 and error.nodes and isinstance(error.nodes[0], FieldNode):
            return response._replace(status=status, code=code, root=error.nodes[0].name.value)
    if refused:
        root, code = refused[0]
        return response._replace(code=code, root=root)
    # What happened is durable, and something of it cannot be shown.
    return response._replace(code=_code_and_status(errors[0].original_error)[0]) if errors else response


def _code_and_status(error: BaseException | None) -> tuple[str, int]:
    if isinstance(error, StoreUnavailable):
        return Unavailable.code, Unavailable.status
    if isinstance(error, SchemaError):
        return error.code, error.status if error.status >= _OUR_FAULT else _EXECUTED
    return _INTERNAL, _EXECUTED


def _refusal(status: int, errors: list[dict[str, object]]) -> GraphQLResponse:
    extensions = cast("dict[str, object]", errors[0]["extensions"])
    until = extensions.get("until")
    return GraphQLResponse(
        orjson.dumps({"errors": errors}),
        executed=False,
        status=status,
        code=str(extensions["code"]),
        retry_at=datetime.fromisoformat(until) if isinstance(until, str) else None,
    )


def _entry(refused: SchemaError) -> dict[str, object]:
    entry = refused.entry()
    cast("dict[str, object]", entry["extensions"]).pop("status", None)
    return entry


def _internal(request_id: str) -> dict[str, object]:
    entry = _coded(
        _INTERNAL, "系统内部错误，请凭编号联系管理员。", "Internal error: tell the operator the request's id."
    )
    cast("dict[str, object]", entry["extensions"])["requestId"] = request_id
    return entry


def _coded(code: str, message_zh: str, message: str) -> dict[str, object]:
    return {"message": message_zh, "extensions": {"code": code, "messageEn": message}}
