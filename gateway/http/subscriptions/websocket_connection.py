"""One connection of graphql-transport-ws, from its first message to its close.

One task reads messages; each operation is a task of its own, which is cancelled by `complete`, and at the end of the
connection. Everything is sent within the patience that a client gets: nothing is queued, since a subscription is asked
for its next answer only after the one before was taken.

Who opened the connection is authenticated at `connection_init`, and anew at each operation; whoever is not who it was
any more gets 4403, so that clients connect again with a new token.
"""

import asyncio
import time
from contextlib import ExitStack, suppress
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

from gateway.http.errors import Code, HttpRefusal, refusal_of
from gateway.http.limits.body_limits import ClientGone
from gateway.http.request_headers import RequestHeaders
from gateway.http.request_reader import RequestReader
from gateway.http.request_reports import WEBSOCKET, RequestReports
from gateway.http.subscriptions.operations import STOPPING, OperationOpener, ends_connection
from gateway.http.subscriptions.streams import MOST_OPERATIONS, Streams
from gateway.http.subscriptions.websocket_messages import (
    ACK,
    PING,
    PONG,
    ClientMessage,
    Close,
    InvalidMessage,
    complete_message,
    error_message,
    next_message,
    read_message,
)
from gateway.telemetry.logging import REQUEST_ID, report_failure
from schema.core.ports import GraphQLResponse
from schema.core.subscription_ports import Subscription

STATED: Final = ("authorization", "acting-role", "access-purpose", "prefer", "x-csrf-token")
"""The headers that `connection_init` may state: a browser can set none of them in a handshake."""
UNAUTHENTICATED = 401
LOOK_SECONDS: Final = 0.1
CLOSES: Final = {429: Close.LATER, 503: Close.LATER, 500: Close.BROKEN}
"""How a refusal of the whole connection closes it, by its status; by any other status, as forbidden."""


class WebSocketConnection:
    """A connection that was accepted."""

    def __init__(
        self,
        scope: Scope,
        headers: RequestHeaders,
        receive: Receive,
        send: Send,
        *,
        reader: RequestReader,
        opener: OperationOpener,
        streams: Streams,
        reports: RequestReports,
    ) -> None:
        self._scope = scope
        self._headers = headers
        self._receive = receive
        self._outgoing = send
        self._reader = reader
        self._opener = opener
        self._streams = streams
        self._reports = reports
        self._is_initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        """Those of the operations, and of those that are completed and not over yet."""
        self._one_answer: set[asyncio.Task[None]] = set()
        """Those that may be finished before the server stops: all that are no subscription, as far as known."""
        self._is_over = False

    async def run(self, init_seconds: float) -> None:
        """Serve the connection until it is closed; *init_seconds* is how long its initialisation may take."""
        beside = [asyncio.create_task(each) for each in (self._keep_alive(), self._close_when_stopping())]
        with ExitStack() as held:
            try:
                goes_on = True
                async with asyncio.timeout(init_seconds):
                    while goes_on and not self._is_initialised:
                        goes_on = await self._take(held)
                while goes_on:
                    goes_on = await self._take(held)
            except ClientGone:
                pass
            except TimeoutError:
                self._streams.closed["silent"] += 1
                await self._close(Close.SILENT)
            finally:
                self._is_over = True
                await _ended([*beside, *self._tasks])

    async def _take(self, held: ExitStack) -> bool:
        """Take one message; return whether there may be another."""
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            return False
        try:
            message = read_message(received.get("text"))
        except InvalidMessage:
            await self._close(Close.BAD_MESSAGE)
            return False
        match message.kind:
            case "connection_init":
                await self._initialise(message, held)
            case "ping":
                await self._send(PONG)
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                self._complete(message.operation)
        return not self._is_over

    async def _initialise(self, message: ClientMessage, held: ExitStack) -> None:
        if self._is_initialised:
            await self._close(Close.INITIALISED_TWICE)
            return
        self._is_initialised = True
        try:
            self._headers = _with_stated(self._headers, message.payload)
            actor = await self._reader.authenticate(self._headers)
            held.enter_context(self._streams.held_for(actor))
        except HttpRefusal as refusal:
            await self._close_for(refusal)
            return
        except Exception as error:  # noqa: BLE001 - no exception may leave the service with its message
            report_failure(self._scope["request_id"], error)
            await self._close_for(refusal_of(error))
            return
        self._scope["facts"].update(role=actor.role, department=actor.department)
        await self._send(ACK)

    async def _subscribe(self, message: ClientMessage) -> None:
        operation = message.operation
        if not self._is_initialised:
            await self._close(Close.NOT_INITIALISED)
        elif operation in self._operations:
            await self._close(Close.SAME_ID)
        elif self._streams.stopping.is_set():
            return  # the connection is closed in a moment
        elif len(self._operations) >= MOST_OPERATIONS:
            refusal = HttpRefusal(Code.TOO_MANY_OPERATIONS, limit=MOST_OPERATIONS)
            await self._send(error_message(operation, refusal.body(self._scope["request_id"])))
        else:
            task = asyncio.create_task(self._run(operation, message))
            self._operations[operation] = task
            self._one_answer.add(task)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _complete(self, operation: str) -> None:
        task = self._operations.pop(operation, None)
        if task is not None:
            task.cancel()

    async def _run(self, operation: str, message: ClientMessage) -> None:
        """Run one operation, as a request of its own."""
        facts: dict[str, Any] = {"status": 499, "bytes": 0, "count": 0}
        scope = {**self._scope, "method": WEBSOCKET, "request_id": self._reports.request_id(), "facts": facts}
        scope["started"] = time.perf_counter()
        del scope["opened_after"]  # that of the connection
        REQUEST_ID.set(scope["request_id"])
        self._reports.begin_trace(scope, self._headers)
        try:
            await self._answer(scope, operation, message)
        except ClientGone:
            pass
        except HttpRefusal as refusal:
            await self._refuse(scope, operation, refusal)
        except Exception as error:  # noqa: BLE001 - no exception may leave the service with its message
            report_failure(scope["request_id"], error)
            await self._refuse(scope, operation, refusal_of(error))
        finally:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine runs in a task
            if self._operations.get(operation) is task:
                del self._operations[operation]
            self._one_answer.discard(task)
            self._reports.record(scope)

    async def _answer(self, scope: Scope, operation: str, message: ClientMessage) -> None:
        request = await self._reader.from_parameters(scope, self._headers, message.payload)
        opened = await self._opener.open(scope, self._headers, request, self)
        if isinstance(opened, GraphQLResponse):
            scope["facts"]["status"] = opened.status
            if opened.executed:
                await self._send_answer(scope, operation, opened.body)
                await self._send(complete_message(operation))
            else:
                await self._send(error_message(operation, opened.body))
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._one_answer.discard(task)
        scope["facts"]["status"] = 200
        self._reports.opened(scope)
        try:
            async for answer in opened:
                await self._send_answer(scope, operation, answer)
        finally:
            await opened.close()
        await self._end(scope, operation, opened)

    async def _refuse(self, scope: Scope, operation: str, refusal: HttpRefusal) -> None:
        scope["facts"].update(status=refusal.status, code=str(refusal.code))
        if refusal.status == UNAUTHENTICATED:
            await self._close_for(refusal)
            return
        with suppress(ClientGone):
            await self._send(error_message(operation, refusal.body(scope["request_id"])))

    async def _end(self, scope: Scope, operation: str, subscription: Subscription) -> None:
        """Tell the client why the subscription ended by itself."""
        ended = subscription.ended
        if ended is None:
            await self._send(complete_message(operation))
            return
        scope["facts"]["code"] = ended.code
        if ended.code == STOPPING:
            await self._close(Close.STOPPING)
        elif ends_connection(ended):
            await self._close(Close.FORBIDDEN, ended.code)
        else:
            await self._send(error_message(operation, ended.body))

    async def _send_answer(self, scope: Scope, operation: str, answer: bytes) -> None:
        await self._send(next_message(operation, answer))
        scope["facts"]["bytes"] += len(answer)
        scope["facts"]["count"] += 1

    async def _send(self, text: str) -> None:
        await self._send_message({"type": "websocket.send", "text": text})

    async def _close_for(self, refusal: HttpRefusal) -> None:
        await self._close(CLOSES.get(refusal.status, Close.FORBIDDEN), str(refusal.code))

    async def _close(self, close: Close, word: str = "") -> None:
        if self._is_over:
            return
        self._scope["facts"]["code"] = word or close.word
        with suppress(ClientGone):
            await self._send_message({"type": "websocket.close", "code": close.code, "reason": word or close.word})
        self._is_over = True

    async def _send_message(self, message: Message) -> None:
        """Send a message. A client that does not take it is cut off, since not even a close would reach it.

        Raises ClientGone: then nothing more may be read for this client.
        """
        if self._is_over:
            raise ClientGone
        try:
            async with asyncio.timeout(self._streams.patience):
                await self._outgoing(message)
        except TimeoutError:
            self._is_over = True
            self._scope["facts"]["code"] = Close.SLOW.word
            self._streams.closed["slow"] += 1
            self._scope["abort"]()
            raise ClientGone from None
        except (OSError, RuntimeError):  # the connection is closed; its disconnect comes next
            self._is_over = True
            raise ClientGone from None

    async def _keep_alive(self) -> None:
        """Send a sign of life now and then: a page cannot see the pings of RFC 6455."""
        with suppress(ClientGone):
            while True:
                await asyncio.sleep(self._streams.heartbeat)
                await self._send(PING)

    async def _close_when_stopping(self) -> None:
        """When the server stops, let what has one answer finish, and close: clients then connect elsewhere."""
        await self._streams.stopping.wait()
        while self._one_answer:  # one that proves to be a subscription leaves them without an end
            await asyncio.wait(set(self._one_answer), timeout=LOOK_SECONDS)
        await self._close(Close.STOPPING)


def _with_stated(headers: RequestHeaders, payload: Any) -> RequestHeaders:  # noqa: ANN401 - JSON of the client
    """Return the *headers* of the handshake with those that *payload* states, by their names in any case.

    Raises HttpRefusal for one that is no text. One that stands in both is there twice, as if it was sent twice.
    """
    stated = []
    for name, value in payload.items():
        if name.lower() not in STATED:
            continue
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise HttpRefusal(Code.BAD_REQUEST)
        stated.append((name.lower().encode(), value.encode()))
    return RequestHeaders([*((name, value) for name, value in headers.raw), *stated])


async def _ended(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
