"""One running subscription: waits, authenticates its subscriber anew, looks, and gives out one answer after the other.

    wait ──> who is it now? ──> is there something new? ──> answer
      ^            │ ended           │ no, or not now: later
      └────────────┴─────────────────┘

It is driven by whoever carries the answers away: while nobody asks for one, nothing is read and nothing is recorded.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, Self

import orjson

from queryplan.plan import StoreUnavailable
from schema.core.errors import IdentityEnded, ShuttingDown
from schema.core.limits import SubscriptionLimits
from schema.core.ports import GraphQLResponse
from schema.core.subscription_ports import Subscriber, SubscriptionEnd
from schema.execution.responses import Failed, error_entry, internal_error
from schema.execution.subscriptions.hub import Listener, wait_for
from schema.execution.subscriptions.watched_operation import WatchedOperation, WatchedOperations

PASSING: Final = frozenset({429, 503})
"""The statuses of refusals that pass: what could not be shown now is looked for again."""
MOST_FAILURES: Final = 10
"""After so many of them in a row, a subscription ends with the last one."""


class RunningSubscription:
    """Implements `Subscription`. *sent* is called for each answer, and *released* once, when it is over."""

    def __init__(
        self,
        subscriber: Subscriber,
        watched: WatchedOperation,
        listener: Listener,
        operations: WatchedOperations,
        *,
        limits: SubscriptionLimits,
        sent: Callable[["RunningSubscription"], None],
        released: Callable[["RunningSubscription"], None],
        now: Callable[[], datetime],
        reads: asyncio.Semaphore,
        failed: Failed,
    ) -> None:
        self.subscriber, self.watched, self.listener = subscriber, watched, listener
        self.ended: SubscriptionEnd | None = None
        self._operations = operations
        self._limits, self._now, self._reads, self._failed = limits, now, reads, failed
        self._sent, self._released = sent, released
        self._over = asyncio.Event()
        self._failures = 0
        self._clock = asyncio.get_running_loop().time
        began = self._clock()
        self._may_look_at = began
        """Not before this time of the loop: a pause after each look."""
        self._must_look_at = began + limits.look_seconds * (0.5 + 0.5 * listener.phase)
        self._was_checked_at = began

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while not self._over.is_set():
            await self._wait()
            if self._over.is_set():
                break
            try:
                answer = await self._answer()
            except IdentityEnded as ended:
                self._refused(ended)
            except Exception as bug:  # noqa: BLE001 - reported, and not shown
                self._failed(self.watched.request.request_id, bug)
                self._end(internal_error(self.watched.request.request_id))
            else:
                if answer is not None:
                    self._sent(self)
                    return answer
        raise StopAsyncIteration

    async def close(self) -> None:
        self._finish()

    def shut_down(self) -> None:
        """End it, because this process stops."""
        if not self._over.is_set():
            self._end(error_entry(ShuttingDown()))

    async def _wait(self) -> None:
        """Wait until a look or a check is due, or it is over."""
        while not self._over.is_set():
            now = self._clock()
            is_wanted = self.listener.has_heard or self.watched.is_more
            look_at = max(self._may_look_at, now if is_wanted else self._must_look_at)
            due_at = min(look_at, self._was_checked_at + self._limits.check_seconds)
            if due_at <= now:
                return
            await (wait_for(self._over, due_at - now) if is_wanted else self.listener.wait(due_at - now))

    async def _answer(self) -> bytes | None:
        """Check who subscribes, and look if that is due; return the answer with what is new. Raises IdentityEnded."""
        self._was_checked_at = self._clock()
        try:
            actor = await self.subscriber.identify()
        except StoreUnavailable:
            self._fail_for_now(None)
            return None
        if actor != self.watched.request.actor:  # another account, role, department, sector or area
            raise IdentityEnded
        now = self._clock()
        is_wanted = self.listener.has_heard or self.watched.is_more or now >= self._must_look_at
        if self._over.is_set() or not is_wanted or now < self._may_look_at:
            return None
        self.listener.forget()  # before the look: what happens during it is heard
        async with self._reads:
            response = await self._operations.look(self.watched, actor)
        now = self._clock()
        self._may_look_at = now if self.watched.is_more else now + self._limits.pause_seconds
        self._must_look_at = now + self._limits.look_seconds
        return self._outcome(response)

    def _outcome(self, response: GraphQLResponse | None) -> bytes | None:
        """Return the answer to send; a refusal ends the subscription, unless it passes."""
        if response is None or response.executed:
            self._failures = 0
            return None if response is None else response.body
        if response.status in PASSING:
            self._fail_for_now(response.retry_at)
        if response.status not in PASSING or self._failures >= MOST_FAILURES:
            self._end(orjson.loads(response.body)["errors"][0], response.body)
        return None

    def _refused(self, ended: IdentityEnded) -> None:
        """End it, or try again later where the identity could not be looked at now."""
        if ended.facts.get("status", ended.status) in PASSING:
            self._fail_for_now(None)
            if self._failures < MOST_FAILURES:
                return
        self._end(error_entry(ended))

    def _fail_for_now(self, retry_at: datetime | None) -> None:
        """Look again after a while: nothing was sent, so what is new stays new."""
        self._failures += 1
        seconds = self._limits.check_seconds
        if retry_at is not None:
            seconds = max(0.0, (retry_at - self._now()).total_seconds())
        self._may_look_at = self._clock() + seconds
        self._must_look_at = min(self._must_look_at, self._may_look_at)

    def _end(self, error: dict[str, object], body: bytes | None = None) -> None:
        extensions = error["extensions"]
        assert isinstance(extensions, dict)  # noqa: S101 - each of our errors has them
        self.ended = SubscriptionEnd(
            str(extensions["code"]),
            str(error["message"]),
            str(extensions.get("messageEn", error["message"])),
            body or orjson.dumps({"errors": [error]}),
        )
        self._finish()

    def _finish(self) -> None:
        if not self._over.is_set():
            self._over.set()
            self._released(self)
            self.listener.hear()
