"""The port between subscriptions and the transports that carry them: a stream of whole GraphQL answers, and its end.

opened = await subscriptions.open(request, subscriber)
if isinstance(opened, GraphQLResponse):     # refused, or a query or mutation, which has one answer
    …
async for answer in opened:                 # {"data":…,"errors":…,"extensions":…}, to be sent as it is
    …
opened.ended                                # why it ended by itself; None where it was closed
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

from policy.actors import Actor
from schema.core.ports import GraphQLRequest, GraphQLResponse

Identify = Callable[[], Awaitable[Actor]]
"""Gives the caller as it is now: asked again before each event and every few seconds.

Raises IdentityEnded where the token has expired, the login was revoked or the role is not held any more.
"""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who subscribes: *identify* authenticates anew; *connection* is the same for all streams of one connection."""

    identify: Identify
    connection: Hashable


class SubscriptionEnd(NamedTuple):
    """Why a subscription ended by itself: the *code*, both messages, and the whole answer `{"errors": […]}`."""

    code: str
    message_zh: str
    message: str
    body: bytes


class Subscription(Protocol):
    """One running subscription. It belongs to one task, which asks for one answer after the other.

    Each answer was authorised, and is recorded, when it is given out. What happens while nobody asks becomes one later
    answer: nothing piles up. A task that waits may be cancelled; then close the subscription.
    """

    @property
    def ended(self) -> SubscriptionEnd | None:
        """Why it ended by itself; None while it runs, and where it was closed."""
        ...

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> bytes:
        """Wait for the next answer. Raises StopAsyncIteration at the end; `ended` says why."""
        ...

    async def close(self) -> None:
        """End it, and free everything that it holds; it may be closed twice. A waiting `__anext__` ends."""
        ...


class Subscriptions(Protocol):
    """What opens subscriptions."""

    async def open(self, request: GraphQLRequest, subscriber: Subscriber) -> Subscription | GraphQLResponse:
        """Return the subscription that *request* asks for, after it was admitted, planned and charged like a request.

        Returns the response in its place where the request is refused, and for a query or a mutation. Never raises.
        """
        ...
