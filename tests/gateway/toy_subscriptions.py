"""Subscriptions of the toy service: each gives what a test says has happened, and ends when a test says so."""

from __future__ import annotations

import asyncio
from typing import Self

import orjson

from schema.core.errors import IdentityEnded
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.core.subscription_ports import Subscriber, SubscriptionEnd
from tests.gateway.fakes import ToyService, wait_until


class ToySubscription:
    """One running subscription."""

    def __init__(self, loop: asyncio.AbstractEventLoop, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        self.ended: SubscriptionEnd | None = None
        self.is_closed = False
        self.given = 0
        """How many answers were asked for and given."""
        self._loop = loop
        self._answers: asyncio.Queue[bytes | None] = asyncio.Queue()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        answer = await self._answers.get()
        if answer is None:
            raise StopAsyncIteration
        try:
            await self.subscriber.identify()
        except IdentityEnded as over:
            self.ended = _end(over.code, over.message_zh, over.message)
            raise StopAsyncIteration from None
        self.given += 1
        return answer

    async def close(self) -> None:
        self.is_closed = True
        self._answers.put_nowait(None)

    def happen(self, what: str) -> None:
        """Let something happen; called from the thread of the test."""
        self._put(orjson.dumps({"data": {"happened": what}}))

    def end(self, code: str | None) -> None:
        """Let it end by itself, for the reason *code*; without one, as one that has nothing more to say."""
        self.ended = None if code is None else _end(code, "已结束。", "It is over.")
        self._put(None)

    def _put(self, answer: bytes | None) -> None:
        self._loop.call_soon_threadsafe(self._answers.put_nowait, answer)


def _end(code: str, chinese: str, english: str) -> SubscriptionEnd:
    body = {"errors": [{"message": chinese, "extensions": {"code": code, "messageEn": english}}]}
    return SubscriptionEnd(code, chinese, english, orjson.dumps(body))


class ToySubscriptions:
    """Opens subscriptions of the toy; answers everything else by the toy service."""

    def __init__(self, service: ToyService) -> None:
        self._service = service
        self.opened: list[ToySubscription] = []
        service.subscriptions = self

    async def open(self, request: GraphQLRequest, subscriber: Subscriber) -> ToySubscription | GraphQLResponse:
        if not (request.query or "").lstrip().startswith("subscription"):
            return await self._service.execute(request)
        self._service.seen.append(request)
        if "refused" in (request.query or ""):
            return await self._service.execute(request._replace(query="{ refused }"))
        if "brief" in (request.query or ""):
            await asyncio.sleep(0.3)
        subscription = ToySubscription(asyncio.get_running_loop(), subscriber)
        self.opened.append(subscription)
        return subscription

    def newest(self, count: int) -> ToySubscription:
        """Return the newest subscription, once there were *count* of them."""
        wait_until(lambda: len(self.opened) >= count)
        return self.opened[-1]
