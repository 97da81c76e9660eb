"""Sends prepared requests over real connections, and says how many were answered, and how soon.

It runs in a process of its own, so that its work is not counted as the server's:

    python -m bench.load < spec.json > result.json

The specification names host, port, requests (whole HTTP requests in base64), connections, seconds and warm_up seconds.
Each connection sends the requests in turn, the next one as soon as it has the answer to the last.
"""

import asyncio
import base64
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvloop

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"transfer-encoding: *chunked", re.IGNORECASE)


@dataclass(slots=True)
class Tally:
    """What was answered while it counted: seconds of each answer, and how often each status came."""

    counts: bool = False
    seconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    """Connections that the server closed."""


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: list[bytes], first: int, tally: Tally) -> None:
        self._requests, self._next, self._tally = requests, first, tally
        self._buffer, self._started = bytearray(), 0.0
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        request = self._requests[self._next % len(self._requests)]
        self._next += 1
        self._started = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = LENGTH.search(self._buffer, 0, head)
        if length is not None:
            if len(self._buffer) < head + 4 + int(length[1]):
                return
        elif CHUNKED.search(self._buffer, 0, head) and not self._buffer.endswith(b"0\r\n\r\n"):
            return
        if self._tally.counts:
            status = bytes(self._buffer[9:12]).decode()
            self._tally.statuses[status] = self._tally.statuses.get(status, 0) + 1
            self._tally.seconds.append(time.perf_counter() - self._started)
        self._buffer.clear()
        self._ask()

    def connection_lost(self, _: Exception | None) -> None:
        self._tally.lost += 1

    def close(self) -> None:
        self._transport.abort()


async def load(spec: dict[str, Any]) -> dict[str, Any]:
    requests = [base64.b64decode(one) for one in spec["requests"]]
    tally, loop = Tally(), asyncio.get_running_loop()
    clients = []
    for at in range(spec["connections"]):
        first = at * len(requests) // spec["connections"]
        _, client = await loop.create_connection(
            lambda first=first: Client(requests, first, tally),  # type: ignore[misc]
            spec["host"],
            spec["port"],
        )
        clients.append(client)
    await asyncio.sleep(spec["warm_up"])
    print("counting", file=sys.stderr, flush=True)
    tally.counts, started = True, time.perf_counter()
    await asyncio.sleep(spec["seconds"])
    tally.counts = False
    elapsed = time.perf_counter() - started
    print("counted", file=sys.stderr, flush=True)
    lost = tally.lost
    for client in clients:
        client.close()
    ordered = sorted(tally.seconds) or [0.0]
    return {
        "answered": len(tally.seconds),
        "seconds": elapsed,
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[len(ordered) * 99 // 100],
        "statuses": tally.statuses,
        "lost": lost,
    }


def main() -> None:
    spec = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(load(spec))))


if __name__ == "__main__":
    main()
