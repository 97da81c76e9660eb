"""Subscribers of a service under test: they ask for one answer after the other, as a transport does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from policy.actors import Actor
from schema.core.errors import IdentityEnded
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.core.subscription_ports import Subscriber
from schema.execution.subscriptions.running_subscription import RunningSubscription
from tests.schema.service import ServiceUnderTest

PATIENCE: float = 20
"""Seconds after which an event that does not come is a failure; none of them is ever waited for."""
QUICK: Mapping[str, str] = {"SUBSCRIPTION_PAUSE_SECONDS": "0.05", "SUBSCRIPTION_CHECK_SECONDS": "0.5"}
"""Settings of a gateway whose subscribers need not wait."""
Opened = RunningSubscription | GraphQLResponse


@dataclass(slots=True)
class Identity:
    """Who a subscriber is now. A test replaces the actor, or lets its token end."""

    actor: Actor
    refusal: IdentityEnded | None = None
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> Actor:
        self.was_asked.set()
        if self.refusal is not None:
            raise self.refusal
        return self.actor


@dataclass(slots=True)
class Listening:
    """A subscription of *service*, and who subscribes."""

    service: ServiceUnderTest
    running: RunningSubscription
    identity: Identity

    async def event(self) -> dict[str, Any]:
        """Give out what was committed, and wait for the next answer."""
        async with asyncio.timeout(PATIENCE):
            answer = asyncio.ensure_future(anext(self.running))
            await give_out(self.service)
            return dict(orjson.loads(await answer))

    async def nodes(self, *fields: str) -> list[Any]:
        """Wait for the next answer, and give the *fields* of its rows; of one field its values."""
        answer = await self.event()
        assert "data" in answer, answer
        (shown,) = answer["data"].values()
        rows = [tuple(node[name] for name in fields) for node in shown["nodes"]]
        return [row[0] for row in rows] if len(fields) == 1 else rows

    async def hears(self) -> dict[str, Any] | None:
        """Look once more, whether or not there was a signal; give the answer that would be sent, or None."""
        found = await self.running._operations.look(self.running.watched, self.identity.actor)
        return None if found is None else dict(orjson.loads(found.body))

    async def end(self) -> str:
        """Wait for the end, and give its code."""
        async with asyncio.timeout(PATIENCE):
            async for answer in self.running:
                raise AssertionError(answer)
        assert self.running.ended is not None
        return self.running.ended.code


async def open_subscription(
    service: ServiceUnderTest, document: str, who: str | Actor, *, connection: object = "one", **more: Any
) -> tuple[Opened, Identity]:
    """Open a subscription as *who*; *more* goes into the request."""
    actor = service.world.actor(who) if isinstance(who, str) else who
    identity = Identity(actor)
    request = GraphQLRequest(query=document, actor=actor, request_id="00000000-0000-4000-8000-000000000001", **more)
    opened = await service.services.subscriptions.open(request, Subscriber(identity, connection))
    assert isinstance(opened, Opened)
    return opened, identity


async def listen(service: ServiceUnderTest, document: str, who: str | Actor, **more: Any) -> Listening:
    """Open a subscription that is not refused."""
    opened, identity = await open_subscription(service, document, who, **more)
    assert isinstance(opened, RunningSubscription), opened
    return Listening(service, opened, identity)


async def refused(service: ServiceUnderTest, document: str, who: str | Actor, **more: Any) -> tuple[str, int]:
    """Open a subscription that is refused; give the code and the status."""
    opened, _ = await open_subscription(service, document, who, **more)
    assert isinstance(opened, GraphQLResponse), opened
    return str(opened.code), opened.status


async def give_out(service: ServiceUnderTest) -> None:
    """Give out what this process has committed, as the job beside the requests does."""
    services = service.services
    await services.database.signal_exchange(services.subscriptions.hub.publish).give_out()
