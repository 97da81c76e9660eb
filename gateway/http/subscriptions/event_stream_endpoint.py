"""Event streams of one operation each (the "distinct connections mode"): `/graphql` with `Accept: text/event-stream`.

A request is read, authenticated, counted and refused as any other. What the service refuses before it executes is an
event of the stream, since a browser's `EventSource` shows nothing of a response that is none; a rate that is used up,
and what is not available, keep their status and `Retry-After`.
"""

from starlette.types import Receive, Scope, Send

from gateway.http.content_negotiation import JSON
from gateway.http.graphql_endpoint import HttpAnswer
from gateway.http.request_headers import RequestHeaders
from gateway.http.request_reader import RequestReader
from gateway.http.request_reports import RequestReports
from gateway.http.subscriptions.event_stream import EventStream
from gateway.http.subscriptions.operations import REFUSED_IN_STREAM, STOPPING, OperationOpener
from gateway.http.subscriptions.streams import Streams, Transport
from schema.core.ports import GraphQLResponse
from schema.core.subscription_ports import Subscription


class EventStreamEndpoint:
    """Answers one operation by a stream. Raises HttpRefusal and ClientGone before it has begun."""

    def __init__(
        self, reader: RequestReader, opener: OperationOpener, streams: Streams, reports: RequestReports
    ) -> None:
        self._reader = reader
        self._opener = opener
        self._streams = streams
        self._reports = reports

    async def __call__(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> HttpAnswer | None:
        """Return the answer where it is no stream; None after a stream."""
        request = await self._reader.from_http(scope, headers, receive)
        # Held before anything is done: what has changed something is not refused for want of a place.
        with self._streams.held(Transport.EVENTS):
            opened = await self._opener.open(scope, headers, request, scope["request_id"], receive)
            stream = EventStream(scope, receive, send, self._streams)
            if isinstance(opened, GraphQLResponse):
                return await _answer(stream, opened)
            try:
                with self._streams.held_for(request.actor):
                    async with stream.opened():
                        self._reports.opened(scope)
                        await _send_all(stream, opened)
            finally:
                await opened.close()
        return None


async def _answer(stream: EventStream, response: GraphQLResponse) -> HttpAnswer | None:
    """Send the one answer of an operation, or return it where it is none of the stream."""
    if not response.executed and response.status not in REFUSED_IN_STREAM:
        return HttpAnswer(response.status, JSON, response.body, {})
    async with stream.opened():
        await stream.next(response.body)
        await stream.complete()
    return None


async def _send_all(stream: EventStream, subscription: Subscription) -> None:
    async for answer in subscription:
        await stream.next(answer)
    ended = subscription.ended
    if ended is not None and ended.code == STOPPING:
        return
    if ended is not None:
        await stream.next(ended.body)
    await stream.complete()
