"""Opens subscriptions, within the limits of a connection, of an account and of this process, and counts them."""

import asyncio
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from policy.actors import Actor, Role
from queryplan.signals import Signal
from schema.core.errors import ShuttingDown, SubscriptionLimit
from schema.core.limits import SubscriptionLimits
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.core.subscription_ports import Subscriber, Subscription
from schema.execution.service import GraphQLService
from schema.execution.subscriptions.hub import SignalHub
from schema.execution.subscriptions.running_subscription import RunningSubscription
from schema.execution.subscriptions.watched_operation import WatchedOperation, WatchedOperations

Places = Sequence[Hashable]


@dataclass(slots=True)
class SubscriptionService:
    """Implements `Subscriptions` for one process. What its hub is given wakes the subscriptions."""

    graphql: GraphQLService
    limits: SubscriptionLimits = field(default_factory=SubscriptionLimits)
    hub: SignalHub = field(default_factory=SignalHub)
    events: Counter[str] = field(default_factory=Counter)
    """How many answers were given out, by root field."""
    ended: Counter[str] = field(default_factory=Counter)
    """How many subscriptions ended by themselves, by code."""
    _running: set[RunningSubscription] = field(default_factory=set)
    _taken: Counter[Hashable] = field(default_factory=Counter)
    """The places that are taken: of each connection, of each account, and of the process."""
    _operations: WatchedOperations = field(init=False)
    _reads: asyncio.Semaphore = field(init=False)
    _is_closing: bool = False

    def __post_init__(self) -> None:
        self._operations = WatchedOperations(self.graphql)
        self._reads = asyncio.Semaphore(self.limits.reads_at_once)

    @property
    def running(self) -> int:
        """How many run."""
        return len(self._running)

    async def open(self, request: GraphQLRequest, subscriber: Subscriber) -> Subscription | GraphQLResponse:
        """Return the subscription that *request* asks for, or the response; see `Subscriptions`."""
        places = _places(request.actor, subscriber)
        has_place = False

        def admit() -> None:
            nonlocal has_place
            self._take(places)
            has_place = True

        watched: WatchedOperation | GraphQLResponse | None = None
        try:
            watched = await self._operations.begin(request, admit)
        finally:
            if has_place and not isinstance(watched, WatchedOperation):
                self._give_back(places)
        return watched if isinstance(watched, GraphQLResponse) else self._run(subscriber, watched)

    def close(self) -> None:
        """End all subscriptions, and begin no other: this process stops."""
        self._is_closing = True
        for each in list(self._running):
            each.shut_down()

    def _take(self, places: Places) -> None:
        """Take a place in each of three numbers; raises SubscriptionLimit, ShuttingDown."""
        if self._is_closing:
            raise ShuttingDown
        limits = self.limits
        allowed = ("connection", limits.per_connection), ("actor", limits.per_actor), ("process", limits.per_process)
        for place, (limit, most) in zip(places, allowed, strict=True):
            if self._taken[place] >= most:
                raise SubscriptionLimit(limit=limit, allowed=most)
        self._taken.update(places)

    def _give_back(self, places: Places) -> None:
        self._taken.subtract(places)
        for place in places:
            if not self._taken[place]:
                del self._taken[place]

    def _run(self, subscriber: Subscriber, watched: WatchedOperation) -> RunningSubscription:
        actor, wakes = watched.request.actor, watched.sent.watch.source.wakes
        listener = self.hub.listen(Signal(wakes, actor.subject if actor.role is Role.SUBJECT else None))
        listener.hear()  # what happened since the first look is looked for at once
        running = RunningSubscription(
            subscriber,
            watched,
            listener,
            self._operations,
            limits=self.limits,
            sent=self._count,
            released=self._release,
            now=self.graphql.runtime.now,
            reads=self._reads,
            failed=self.graphql.failed,
        )
        self._running.add(running)
        return running

    def _count(self, running: RunningSubscription) -> None:
        self.events[running.watched.sent.watch.root] += 1

    def _release(self, running: RunningSubscription) -> None:
        self._running.discard(running)
        self.hub.leave(running.listener)
        self._give_back(_places(running.watched.request.actor, running.subscriber))
        if running.ended is not None:
            self.ended[running.ended.code] += 1


def _places(actor: Actor, subscriber: Subscriber) -> Places:
    return ("connection", subscriber.connection), ("actor", actor.account), ("process", None)
