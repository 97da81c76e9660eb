"""One subscribed operation: a planned read that is made again, by the engine of queries, and sent where it has more.

Each look is refused or admitted like a request of its own: document, purpose, policy, plan, rates. Its rows are read
under the actor's scopes and binds of that moment, and recorded before they are given out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from graphql import OperationType

from consent.vocabulary import Channel
from policy.actors import Actor
from schema.core.errors import BadArgument
from schema.core.ports import GraphQLRequest, GraphQLResponse, RequestOrigin
from schema.execution.planning.operation_plan import PlannedWatch
from schema.execution.preparation.documents import ParsedOperation
from schema.execution.read_executor import Read
from schema.execution.service import GraphQLService, PlannedRequest, cost_note
from schema.execution.subscriptions.sent_rows import SentRows, sent_rows


@dataclass(slots=True)
class WatchedOperation:
    """The operation of one subscriber, with the text of its document, and what it was sent."""

    request: GraphQLRequest
    sent: SentRows
    is_more: bool = False
    """Whether more waits to be sent, so that the next look has something."""


@dataclass(frozen=True, slots=True)
class WatchedOperations:
    """Begins subscribed operations, and looks for what is new to them."""

    graphql: GraphQLService

    async def begin(self, request: GraphQLRequest, admit: Callable[[], None]) -> WatchedOperation | GraphQLResponse:
        """Return the subscribed operation of *request*, to which only what comes after it is new. Never raises.

        Calls *admit* for a subscription that is authorised, which may refuse it. Returns the response to a request that
        is refused, and to a query or a mutation.
        """

        async def answer(admitted: GraphQLRequest) -> WatchedOperation | GraphQLResponse:
            return await self._begin(admitted, request, admit)

        return await self.graphql.answered(request, answer)

    async def look(self, watched: WatchedOperation, actor: Actor) -> GraphQLResponse | None:
        """Return the answer to *actor* with what is new, or the refusal; None where nothing is. Never raises.

        An event counts against the rates like a request; a look that finds nothing does not.
        """
        rates, uncounted = watched.request.rates, watched.request._replace(actor=actor, rates=None, trace=None)

        async def answer(admitted: GraphQLRequest) -> GraphQLResponse | None:
            return await self._look(watched, admitted._replace(rates=rates))

        return await self.graphql.answered(uncounted, answer)

    async def _begin(
        self, request: GraphQLRequest, sent_request: GraphQLRequest, admit: Callable[[], None]
    ) -> WatchedOperation | GraphQLResponse:
        operation = self.graphql.operation(request)
        if operation.node.operation is not OperationType.SUBSCRIPTION:
            return await self.graphql.execute_admitted(request)
        planned = await self.graphql.planned(request, operation)
        watch = _watch_of(planned)
        admit()
        await self.graphql.charge(request, operation, planned.prepared)
        executor = self.graphql.read_executor
        sent = sent_rows(watch, executor.visible_within)
        read = _read(request, operation, planned)
        read.extra = sent.binds(executor.runtime.now())
        sent.begin(await executor.look(read, sent.unsent))
        # With its text: a client may have sent the id alone of one that is forgotten later.
        return WatchedOperation(sent_request._replace(query=request.query), sent)

    async def _look(self, watched: WatchedOperation, request: GraphQLRequest) -> GraphQLResponse | None:
        graphql, sent = self.graphql, watched.sent
        operation = graphql.operation(request)
        planned = await graphql.planned(request, operation)
        sent.watch = _watch_of(planned)
        read = _read(request, operation, planned)
        read.extra = sent.binds(graphql.read_executor.runtime.now())
        look = await graphql.read_executor.look(read, sent.unsent)
        if not sent.is_new(look):
            return None
        if request.rates is not None and (wait := request.rates.admit(request.actor, request.network)) is not None:
            await wait
        await graphql.charge(request, operation, planned.prepared)
        data, places = await graphql.read_executor.show(read, look)
        watched.is_more = sent.note(look)
        prepared, purpose = planned.prepared, planned.purpose
        notes = cost_note(request, prepared.plan.cost)
        body = prepared.withheld.body(data, places, request.withheld, read.promised, notes)
        return GraphQLResponse(body, executed=True, status=200, purpose=purpose)


def _watch_of(planned: PlannedRequest) -> PlannedWatch:
    """Return what a subscription follows; raises BadArgument for one whose only field is skipped."""
    watch = planned.prepared.plan.watch
    if watch is None:
        raise BadArgument(argument="query")
    return watch


def _read(request: GraphQLRequest, operation: ParsedOperation, planned: PlannedRequest) -> Read:
    origin = replace(RequestOrigin.of(request, operation.hash), channel=Channel.SUBSCRIPTION)
    return Read(planned.prepared, request.actor, planned.purpose, origin, planned.variables, request.withheld)
