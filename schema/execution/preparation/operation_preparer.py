"""From the text of a request to a prepared operation: each is parsed, planned and prepared once, then cached."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast

from graphql.execution.values import VariableValues

from consent.vocabulary import Purpose
from policy.actors import Role
from queryplan.plan import QueryRunner
from schema.core.errors import BadArgument, DocumentBudget
from schema.core.ports import GraphQLRequest, Runtime
from schema.execution.planning.field_collector import FieldCollector
from schema.execution.planning.operation_plan import OperationPlan, PlanContext
from schema.execution.planning.operation_planner import OperationPlanner
from schema.execution.preparation.budget import PreparationBudget
from schema.execution.preparation.byte_cache import ByteCache
from schema.execution.preparation.documents import DocumentCache, InvalidDocument, ParsedOperation, formatted
from schema.execution.preparation.id_values import BAD_USER_INPUT, malformed_ids
from schema.execution.preparation.prepared_operation import PreparedOperation, prepare
from schema.execution.preparation.source_locations import SourceLocations
from schema.execution.preparation.variables import coerced_variables

AT_ONCE: Final = 4
"""How many statements are prepared without leaving the event loop: each takes milliseconds."""
PlanKey = tuple[str, str | None, Role, Purpose | None, tuple[object, ...]]
"""The document, the operation, who asks for what, and what of the variables the plan depends on."""


@dataclass(slots=True)
class OperationPreparer:
    """Plans and prepares what is not known, within its sender's budget; *cache* holds documents and plans.

    A plan is known as long as the policy is the same.
    """

    plan_context: PlanContext
    query_runner: QueryRunner
    runtime: Runtime
    budget: PreparationBudget
    documents: DocumentCache
    cache: ByteCache
    hide_suggestions: bool
    _preparing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One large plan is prepared at a time, in a thread of its own."""

    def operation(self, request: GraphQLRequest) -> ParsedOperation:
        """Return the operation that *request* asks for; raises BadArgument, DocumentBudget, InvalidDocument."""
        if not request.query:
            raise BadArgument(argument="query")
        known = self.documents.known(request.query, request.operation_name)
        if known is not None:
            return known
        with self.spending(request):
            return self.documents.read(request.query, request.operation_name)

    def locations(self, request: GraphQLRequest) -> SourceLocations:
        """Return where the nodes of the document of *request* stand in its text."""
        return self.documents.locations(request.query or "")

    @contextmanager
    def spending(self, request: GraphQLRequest) -> Iterator[None]:
        """Spend the caller's budget for what is done within; raises DocumentBudget where it is used up."""
        client = _client(request)
        wait = self.budget.wait(client)
        if wait > 0:
            until = self.runtime.now() + timedelta(seconds=math.ceil(wait))
            raise DocumentBudget(until=until.isoformat())
        with self.budget.spent_by(client):
            yield

    def variables(self, operation: ParsedOperation, request: GraphQLRequest) -> VariableValues:
        """Return the variables of *request* as *operation* declares them; raises InvalidDocument."""
        found = coerced_variables(
            self.plan_context.schema,
            operation.node.variable_definitions or (),
            operation.leaf_variables,
            request.variables or {},
            hide_suggestions=self.hide_suggestions,
        )
        errors = found if isinstance(found, list) else malformed_ids(operation.id_variables, request.variables or {})
        if errors:
            places = self.locations(request)
            raise InvalidDocument(tuple(formatted(error, places, BAD_USER_INPUT) for error in errors))
        return cast("VariableValues", found)

    def known(self, key: PlanKey) -> PreparedOperation | None:
        """Return the authorised and planned operation, from the cache where the policy is the same."""
        found: PreparedOperation | None = self.cache.get(key)
        return found if found is not None and found.policy_version == self.plan_context.policy.version else None

    async def plan_and_prepare(
        self,
        key: PlanKey,
        operation: ParsedOperation,
        variables: VariableValues,
        request: GraphQLRequest,
        purpose: Purpose | None,
    ) -> PreparedOperation:
        """Plan the operation and prepare its statements; many statements in a thread, where they stall nobody."""
        with self.spending(request):
            plan = self.make_plan(operation, variables, request.actor.role, purpose)
            version = self.plan_context.policy.version
            if len(plan.builders) <= AT_ONCE:
                return self.keep(key, prepare(plan, self.query_runner, version))

        def prepare_aside() -> tuple[PreparedOperation, float]:
            before = self.budget.processor()
            prepared = prepare(plan, self.query_runner, version)
            return prepared, self.budget.processor() - before

        async with self._preparing:
            known = self.known(key)
            if known is not None:
                return known
            prepared, taken = await asyncio.to_thread(prepare_aside)
        self.budget.spend(_client(request), taken)
        return self.keep(key, prepared)

    def note_use(self, key: PlanKey, prepared: PreparedOperation, request: GraphQLRequest) -> None:
        """Make the code that answers *prepared* when it is used for the second time."""
        if prepared.code is None:
            with self.budget.spent_by(_client(request)):
                if prepared.note_use():
                    self.keep(key, prepared)

    def keep(self, key: PlanKey, prepared: PreparedOperation) -> PreparedOperation:
        """Cache *prepared*, or measure it again after it has grown; return it."""
        self.cache.put(key, prepared)
        return prepared

    def make_plan(
        self,
        operation: ParsedOperation,
        variables: VariableValues,
        role: Role,
        purpose: Purpose | None,
        *,
        explaining: bool = False,
    ) -> OperationPlan:
        """Authorise and plan *operation*. *explaining*: its rows will not be read."""
        selections = FieldCollector(self.plan_context.schema, operation.fragments, variables, lenient=explaining)
        planner = OperationPlanner(self.plan_context, selections, variables, role, purpose, explaining=explaining)
        return planner.operation(operation.node)


def plan_key(operation: ParsedOperation, variables: VariableValues, role: Role, purpose: Purpose | None) -> PlanKey:
    """Return what a plan depends on, besides the policy."""
    coerced = variables.coerced
    depends = tuple(read(coerced.get(name)) for name, read in operation.depends)
    name = operation.node.name.value if operation.node.name else None
    return operation.text_hash, name, role, purpose, depends


def _client(request: GraphQLRequest) -> str:
    """Return whose budget a request spends: that of the account, or of the network of a caller without a token."""
    return f"network:{request.network()}" if request.actor.role is Role.ANONYMOUS else request.actor.ref
