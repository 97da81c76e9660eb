"""Event streams of many operations (the "single connection mode"), at `/graphql/stream`.

    PUT                                         201, and the token of a reservation as text
    GET     X-GraphQL-Event-Stream-Token: …     the stream; one for each reservation
    POST    X-GraphQL-Event-Stream-Token: …     an operation with `extensions.operationId`: 202, and its answers there
    DELETE  X-GraphQL-Event-Stream-Token: …     ?operationId=…: ends that operation

Each request is authenticated by itself, and finds the streams of its own account alone. The token stands in the header
and never in an address. What an operation is refused for is the response of its POST, as on `/graphql`.
"""

import asyncio
from contextlib import ExitStack, suppress
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from gateway.http.content_negotiation import JSON, TEXT
from gateway.http.errors import Code, HttpRefusal, refusal_of
from gateway.http.graphql_endpoint import HttpAnswer
from gateway.http.limits.body_limits import ClientGone
from gateway.http.named_origins import STREAM_TOKEN
from gateway.http.request_headers import RequestHeaders
from gateway.http.request_reader import RequestReader
from gateway.http.request_reports import RequestReports
from gateway.http.subscriptions.event_stream import EventStream, is_accepted
from gateway.http.subscriptions.operations import STOPPING, OperationOpener
from gateway.http.subscriptions.shared_stream import LONGEST_ID, SharedStream, SharedStreams
from gateway.http.subscriptions.streams import Streams, Transport
from gateway.telemetry.logging import REQUEST_ID, report_failure
from schema.core.ports import GraphQLResponse
from schema.core.subscription_ports import Subscription

TOKEN: Final = STREAM_TOKEN.lower()
OK, CREATED, ACCEPTED = 200, 201, 202


class SharedStreamEndpoint:
    """The endpoint of `/graphql/stream`. Raises HttpRefusal and ClientGone before a stream has begun."""

    def __init__(
        self,
        reader: RequestReader,
        opener: OperationOpener,
        streams: Streams,
        reports: RequestReports,
        shared: SharedStreams,
    ) -> None:
        self._reader = reader
        self._opener = opener
        self._streams = streams
        self._reports = reports
        self._shared = shared

    async def __call__(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> HttpAnswer | None:
        """Return the answer where it is no stream; None after a stream."""
        sent = QueryParams(scope["query_string"])
        if "token" in sent or TOKEN in sent:
            raise HttpRefusal(Code.STREAM_TOKEN_IN_ADDRESS)
        match scope["method"]:
            case "PUT":
                return await self._reserve(headers)
            case "GET":
                await self._open(scope, headers, receive, send)
                return None
            case "POST":
                return await self._begin(scope, headers, receive)
            case "DELETE":
                return await self._stop(scope, headers, sent)
        raise HttpRefusal(Code.STREAM_METHOD)

    async def _reserve(self, headers: RequestHeaders) -> HttpAnswer:
        actor = await self._reader.authenticate(headers)
        with ExitStack() as place:
            place.enter_context(self._streams.held(Transport.SHARED_EVENTS))
            place.enter_context(self._streams.held_for(actor))
            token = self._shared.reserve(SharedStream(actor.account, place.pop_all()))
        return HttpAnswer(CREATED, TEXT, token.encode(), {})

    async def _open(self, scope: Scope, headers: RequestHeaders, receive: Receive, send: Send) -> None:
        if not is_accepted(headers):
            raise HttpRefusal(Code.STREAM_NOT_ACCEPTED)
        shared, token = await self._find(scope, headers)
        if shared.events is not None:
            raise HttpRefusal(Code.STREAM_IN_USE)
        shared.events = EventStream(scope, receive, send, self._streams)
        try:
            async with shared.events.opened():
                self._reports.opened(scope)
                shared.is_open.set()
                await asyncio.Event().wait()  # until the client goes, or we stop
        finally:
            await self._shared.end(token)

    async def _begin(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> HttpAnswer:
        shared, token = await self._find(scope, headers)
        request = await self._reader.from_http(scope, headers, receive)
        operation = _operation_id((request.extensions or {}).get("operationId"))
        shared.claim(operation)
        try:
            opened = await self._opener.open(scope, headers, request, token, receive)
        except BaseException:
            shared.operations.pop(operation, None)
            raise
        if isinstance(opened, GraphQLResponse) and not opened.executed:
            shared.operations.pop(operation, None)
            return HttpAnswer(opened.status, JSON, opened.body, {})
        if shared.begin(operation, _send_all(shared, operation, opened)):
            return HttpAnswer(ACCEPTED, TEXT, b"", {})
        if isinstance(opened, GraphQLResponse):  # it was done; its stream is over meanwhile
            return HttpAnswer(OK, JSON, opened.body, {})
        await opened.close()
        raise HttpRefusal(Code.STREAM_UNKNOWN)

    async def _stop(self, scope: Scope, headers: RequestHeaders, sent: QueryParams) -> HttpAnswer:
        shared, _ = await self._find(scope, headers)
        shared.stop(_operation_id(sent.get("operationId")))
        return HttpAnswer(OK, TEXT, b"", {})

    async def _find(self, scope: Scope, headers: RequestHeaders) -> tuple[SharedStream, str]:
        """Return the stream of the token that is sent, and the token. Raises HttpRefusal."""
        actor = await self._reader.authenticate(headers)
        scope["facts"].update(role=actor.role, department=actor.department)
        sent = headers.getlist(TOKEN)
        found = self._shared.find(sent[0], actor.account) if len(sent) == 1 else None
        if found is None:
            raise HttpRefusal(Code.STREAM_UNKNOWN)
        return found, sent[0]


def _operation_id(given: Any) -> str:  # noqa: ANN401 - the client sent it
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST_ID:
        raise HttpRefusal(Code.OPERATION_ID_REQUIRED)
    return given


async def _send_all(shared: SharedStream, operation: str, opened: Subscription | GraphQLResponse) -> None:
    """Send every answer of an operation, and then that there is none any more."""
    with suppress(ClientGone):
        if isinstance(opened, GraphQLResponse):
            await shared.next(operation, opened.body)
        elif not await _send_until_its_end(shared, operation, opened):
            return
        await shared.complete(operation)


async def _send_until_its_end(shared: SharedStream, operation: str, opened: Subscription) -> bool:
    """Send what a subscription gives, and why it ended; return whether nothing follows elsewhere either."""
    try:
        async for answer in opened:
            await shared.next(operation, answer)
    except ClientGone:
        raise
    except Exception as error:  # noqa: BLE001 - no exception may leave the service with its message
        request_id = REQUEST_ID.get() or ""
        report_failure(request_id, error)
        await shared.next(operation, refusal_of(error).body(request_id))
        return True
    finally:
        await opened.close()
    ended = opened.ended
    if ended is not None and ended.code == STOPPING:
        return False
    if ended is not None:
        await shared.next(operation, ended.body)
    return True
