"""Measures the gateway at several times its capacity, over real connections, on both databases.

    python -m bench.overload              --only sqlite, --subjects N, --seconds S, --times 4

First the peak: 16 connections, each with one request after the other. Then requests at so many times that rate, whether
or not the earlier ones are answered, each on a free connection or a new one. Then 1,024 clients that never wait, first
on connections that they keep, then on a new one after each refusal; and 1,024 that wait for a second after a refusal,
as they are told. Beside each, `/healthz` is asked every tenth of a second. The requests come from a further process.
"""

import argparse
import asyncio
import base64
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from bench.__main__ import Arena, Contender
from bench.issuer import Issuer
from bench.load import LENGTH
from bench.questions import GATEWAY, QUESTIONS
from bench.servers import ROOT, memory, processor_seconds
from tests.postgresql import running_server

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
PEAK_CONNECTIONS = 16
CROWD = 1_024
REFUSED = "503"
console = Console(width=150)


class Connection(asyncio.Protocol):
    """One connection, with one request at a time."""

    def __init__(self) -> None:
        self._buffer, self._answered = bytearray(), None
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    async def ask(self, request: bytes) -> str:
        """Return the status of the answer; `lost` if the server closed the connection."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        length = None if head < 0 else LENGTH.search(self._buffer, 0, head)
        if length is not None and len(self._buffer) >= head + 4 + int(length[1]):
            status = bytes(self._buffer[9:12]).decode()
            self._buffer.clear()
            self._settle(status)

    def connection_lost(self, _: Exception | None) -> None:
        self._settle("lost")

    def _settle(self, status: str) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(status)

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def close(self) -> None:
        self._transport.abort()


class Load:
    """Requests to one server, and how soon each status came."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self._request = base64.b64decode(spec["request"])
        self._until = 0.0
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._connections: list[Connection] = []

    async def open(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self._spec["port"])
        self._connections.append(connection)
        return connection

    async def one(self, connection: Connection, request: bytes, name: str = "") -> str:
        started = time.perf_counter()
        status = await connection.ask(request)
        self._seconds[name + status].append(time.perf_counter() - started)
        return status

    async def endless(self) -> None:
        connection = await self.open()
        while time.perf_counter() < self._until:
            status = await self.one(connection, self._request)
            if status == REFUSED and self._spec.get("reconnects"):
                connection.close()
            if status == REFUSED and self._spec.get("waits"):
                await asyncio.sleep(1)
            if not connection.is_open:
                connection = await self.open()

    async def look(self) -> None:
        while time.perf_counter() < self._until:
            connection = await self.open()
            await self.one(connection, HEALTH, "healthz ")
            connection.close()
            await asyncio.sleep(0.1)

    async def at_a_rate(self, rate: float) -> None:
        free: list[Connection] = []
        under_way: set[asyncio.Task[None]] = set()

        async def arrive() -> None:
            connection = free.pop() if free else await self.open()
            await self.one(connection, self._request)
            if connection.is_open:
                free.append(connection)

        started, sent = time.perf_counter(), 0
        while (now := time.perf_counter()) < self._until:
            while sent < (now - started) * rate:
                task = asyncio.ensure_future(arrive())
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                sent += 1
            await asyncio.sleep(0.002)
        await asyncio.gather(*under_way)

    async def run(self) -> dict[str, Any]:
        seconds = self._spec["seconds"]
        started = time.perf_counter()
        self._until = started + seconds
        if rate := self._spec.get("rate"):
            work = [self.at_a_rate(rate)]
        else:
            work = [self.endless() for _ in range(self._spec["connections"])]
        await asyncio.gather(self.look(), *work)
        elapsed = time.perf_counter() - started
        for connection in self._connections:
            connection.close()
        return {
            "elapsed": elapsed,
            "connections": len(self._connections),
            "statuses": {status: summary(seconds) for status, seconds in self._seconds.items()},
        }


def summary(seconds: list[float]) -> dict[str, float]:
    """Return how many answers there were, and how soon they came."""
    ordered = sorted(seconds)
    count = len(ordered)
    return {"count": count, "p50": ordered[count // 2], "p99": ordered[count * 99 // 100], "longest": ordered[-1]}


def send(contender: Contender, **spec: object) -> dict[str, Any]:
    """Run a load in a process of its own; return what came of it, with the server's processor time and memory."""
    question = QUESTIONS["page"]
    request = base64.b64encode(contender.request(question, contender.subjects[0])).decode()
    before = processor_seconds(contender.process.pid)
    command = [sys.executable, "-m", "bench.overload", "--send"]
    given = orjson.dumps({**spec, "port": contender.port, "request": request})
    done = subprocess.run(command, check=False, cwd=ROOT, input=given, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    found["cpu"] = processor_seconds(contender.process.pid) - before
    found["memory"] = memory(contender.process.pid)
    return found


def measure(database: str, chosen: argparse.Namespace) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        if database == "PostgreSQL":
            server = stack.enter_context(running_server(fsync="on", full_page_writes="on"))
        url = f"{server}/postgres" if server else f"sqlite:///{folder}/bench.db"
        arena = Arena(folder, stack)
        arena.add_gateway(GATEWAY, ROOT, url, Issuer(), chosen.subjects, folder / "kek.key")
        (gateway,) = arena.contenders
        gateway.check(QUESTIONS["page"])
        send(gateway, connections=PEAK_CONNECTIONS, seconds=2.0)
        peak = send(gateway, connections=PEAK_CONNECTIONS, seconds=chosen.seconds)
        rate = peak["statuses"]["200"]["count"] / peak["elapsed"]
        rows = {"peak, 16 connections": peak}
        rows[f"{chosen.times} times the peak"] = send(gateway, rate=chosen.times * rate, seconds=chosen.seconds)
        rows[f"{CROWD:,} that never wait"] = send(gateway, connections=CROWD, seconds=chosen.seconds)
        rows["… and reconnect"] = send(gateway, connections=CROWD, seconds=chosen.seconds, reconnects=True)
        rows[f"{CROWD:,} that wait a second"] = send(gateway, connections=CROWD, seconds=chosen.seconds, waits=True)
        rows["peak again"] = send(gateway, connections=PEAK_CONNECTIONS, seconds=chosen.seconds)
        _print(database, rate, rows)


def _print(database: str, peak: float, rows: dict[str, dict[str, Any]]) -> None:
    grid = Table(title=database)
    columns = ("", "answered/s", "of the peak", "p99", "refused/s", "p50 of refusals", "p99 of refusals", "other")
    for column in (*columns, "healthz p50, longest", "connections", "CPU", "memory"):
        grid.add_column(column, justify="left" if not column else "right")
    nothing = {"count": 0.0, "p50": 0.0, "p99": 0.0, "longest": 0.0}
    for name, found in rows.items():
        statuses, elapsed = dict(found["statuses"]), found["elapsed"]
        healthz, answered = statuses.pop("healthz 200", nothing), statuses.pop("200", nothing)
        refused = statuses.pop(REFUSED, nothing)
        other = ", ".join(f"{each['count']} {status}" for status, each in statuses.items())
        grid.add_row(
            name,
            f"{answered['count'] / elapsed:.0f}",
            f"{answered['count'] / elapsed / peak:.2f}",
            f"{answered['p99'] * 1e3:.0f} ms",
            f"{refused['count'] / elapsed:.0f}",
            f"{refused['p50'] * 1e3:.0f} ms",
            f"{refused['p99'] * 1e3:.0f} ms",
            other or "–",
            f"{healthz['p50'] * 1e3:.0f}, {healthz['longest'] * 1e3:.0f} ms",
            str(found["connections"]),
            f"{found['cpu'] / elapsed:.2f}",
            f"{found['memory']:.0f} MiB",
        )
    console.print(grid)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--send", action="store_true", help="send the load of standard input; used by this program")
    arguments.add_argument("--subjects", type=int, default=20_000)
    arguments.add_argument("--seconds", type=float, default=10.0)
    arguments.add_argument("--times", type=int, default=4)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    if chosen.send:
        sys.stdout.buffer.write(orjson.dumps(uvloop.run(Load(orjson.loads(sys.stdin.buffer.read())).run())))
        return
    for database in ("PostgreSQL", "SQLite"):
        if chosen.only in {None, database.lower()}:
            measure(database, chosen)


if __name__ == "__main__":
    main()
