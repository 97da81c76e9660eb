"""A client of HTTP that sends bytes as they are given."""

import re
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson

from tests.gateway.fakes import HttpServer

SLOW, QUICK = ({"query": query} for query in ("{ slow }", "{ hello }"))


def head(*lines: str, method: str = "POST", path: str = "/graphql") -> bytes:
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *lines, "", ""]
    ).encode()


def whole(body: object, *lines: str) -> bytes:
    text = orjson.dumps(body)
    return head(f"Content-Length: {len(text)}", *lines) + text


HEALTHZ = head(method="GET", path="/healthz")


class Raw:
    """A connection of our own."""

    def __init__(self, server: HttpServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        self._socket.settimeout(10)
        self._received = b""

    def send(self, data: bytes) -> "Raw":
        self._socket.sendall(data)
        return self

    def answer(self) -> tuple[int, str]:
        """Return status and code of the next answer; 0 where the connection is closed."""
        if not self._receive_until(lambda received: b"\r\n\r\n" in received):
            return 0, ""
        before, _, _ = self._received.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", before)
        assert found is not None
        end = len(before) + 4 + int(found[1])
        assert self._receive_until(lambda received: len(received) >= end)
        body, self._received = self._received[len(before) + 4 : end], self._received[end:]
        self.headers = before.decode().lower()
        code = re.search(r'"code":"(\w+)"', body.decode())
        return int(before.split()[1]), code[1] if code else ""

    def read_head(self) -> bytes:
        """Return the head of the next response."""
        assert self._receive_until(lambda received: b"\r\n\r\n" in received)
        return self._received.partition(b"\r\n\r\n")[0]

    def _receive_until(self, is_enough: Callable[[bytes], bool]) -> bool:
        while not is_enough(self._received):
            more = self._socket.recv(65536)
            if not more:
                return False
            self._received += more
        return True

    def fill(self, data: bytes, most: int) -> int:
        """Send *data* again and again, and read nothing; return how many bytes the server takes, at *most*."""
        taken, sent = 0, data * 1_000
        while taken < most and select.select([], [self._socket], [], 0.5)[1]:
            taken += self._socket.send(sent[taken % len(sent) :])
        return taken

    @property
    def is_closed(self) -> bool:
        return self._socket.recv(1) == b""

    def close(self) -> None:
        self._socket.close()


@contextmanager
def opened(server: HttpServer) -> Iterator[Raw]:
    raw = Raw(server)
    try:
        yield raw
    finally:
        raw.close()


def figure(server: HttpServer, name: str) -> float:
    shown = re.search(rf"^{re.escape(name)} (\S+)$", server.client.get("/metrics").text, re.MULTILINE)
    assert shown is not None, name
    return float(shown[1])
