"""Clients of streams that send what they are told, for tests of what is not as it should be."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import httpx
import orjson
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

SUBPROTOCOL = "graphql-transport-ws"
SUBSCRIPTION = "subscription { happened }"
PATIENCE = 20.0
TOKEN = "X-GraphQL-Event-Stream-Token"


class Addressed(Protocol):
    """A server."""

    @property
    def url(self) -> str: ...


class Socket:
    """A WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **message: Any) -> Socket:
        self.connection.send(orjson.dumps(message).decode())
        return self

    def send_text(self, text: str | bytes) -> Socket:
        self.connection.send(text)
        return self

    def initialise(self, headers: Mapping[str, str]) -> Socket:
        self.send(type="connection_init", payload=dict(headers))
        assert self.receive() == {"type": "connection_ack"}
        return self

    def subscribe(self, operation: str = "1", query: str = SUBSCRIPTION, **more: Any) -> Socket:
        return self.send(id=operation, type="subscribe", payload={"query": query, **more})

    def receive(self) -> Any:
        """Return the next message, but for signs of life."""
        until = time.monotonic() + PATIENCE
        while (message := orjson.loads(self.connection.recv(until - time.monotonic())))["type"] == "ping":
            continue
        return message

    def closed(self) -> tuple[int, str]:
        """Return the code and the reason with which the server closes the connection."""
        until = time.monotonic() + PATIENCE
        try:
            while True:
                self.connection.recv(until - time.monotonic())
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


@contextmanager
def socket_of(server: Addressed, headers: Mapping[str, str] | None = None, **options: Any) -> Iterator[Socket]:
    options = {"subprotocols": [SUBPROTOCOL], "proxy": None, "close_timeout": 0.2, **options}
    with connect(f"{server.url.replace('http', 'ws', 1)}/graphql", additional_headers=headers, **options) as connection:
        yield Socket(connection)


class Events:
    """An event stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.headers = response.headers
        self._lines = response.iter_lines() if response.status_code == httpx.codes.OK else iter(())

    def next(self) -> tuple[str, Any]:
        """Return name and data of the next event; an empty name where the stream is over."""
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data:"):
                text = line.removeprefix("data:").strip()
                return name, orjson.loads(text) if text else None
        return "", None

    def signs_of_life(self, count: int) -> None:
        """Wait for so many comments."""
        while count:
            count -= next(self._lines) == ":"


@contextmanager
def events_of(
    server: Addressed, headers: Mapping[str, str], method: str = "POST", path: str = "/graphql", **request: Any
) -> Iterator[Events]:
    """Open a stream, over a connection of its own."""
    if method == "POST" and not request:
        request = {"json": {"query": SUBSCRIPTION}}
    named = {"Accept": "text/event-stream", **headers}
    with httpx.stream(method, f"{server.url}{path}", headers=named, timeout=30, **request) as response:
        yield Events(response)
