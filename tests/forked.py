"""Processes that tests kill, or let run at the same time: forked from a server that has imported the product once.

async with forked(main, "argument") as process: ...      # runs `asyncio.run(main("argument"))`, or `main("argument")`
process = start_chengxin(["serve", "--port", "8000"], environment, log)                   # runs `chengxin serve …`

To import the product takes a new process two and a half seconds of computing.
"""

import asyncio
import inspect
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import gateway.cli

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    ["gateway.server", "gateway.import_export.importing.importers", "tests.drill.ledger_processes"]
)


@dataclass(frozen=True, slots=True)
class Forked:
    """A process, and what it writes to its standard output."""

    process: ForkServerProcess
    stdout: asyncio.StreamReader

    def kill(self) -> None:
        self.process.kill()

    async def wait(self) -> int | None:
        """Wait for its end; gives its exit status, negative for a signal."""
        await asyncio.to_thread(self.process.join)
        return self.process.exitcode


@asynccontextmanager
async def forked(
    main: Callable[..., object], *arguments: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Forked]:
    """Call *main* of an importable module in a process of its own; *environment* is added to that of the tests."""
    reader, writer = SERVER.Pipe(duplex=False)
    process = SERVER.Process(target=_run, args=(writer, main, arguments, environment or {}))
    await asyncio.to_thread(process.start)
    writer.close()
    stdout = asyncio.StreamReader()
    pipe = os.fdopen(os.dup(reader.fileno()), "rb", 0)
    reader.close()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stdout), pipe
    )
    try:
        yield Forked(process, stdout)
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        transport.close()


def start_chengxin(words: Sequence[str], environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """Run the command line in a process with this *environment*, which writes what it prints to *log*."""
    process = SERVER.Process(target=_chengxin, args=(tuple(words), dict(environment), str(log)))
    process.start()
    return process


def _chengxin(words: Sequence[str], environment: Mapping[str, str], log: str) -> None:
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(written, stream.fileno())
    os.close(written)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = words
    gateway.cli.main()


def _run(
    stdout: Connection, main: Callable[..., object], arguments: tuple[str, ...], environment: Mapping[str, str]
) -> None:
    os.dup2(stdout.fileno(), 1)
    stdout.close()
    os.environ.update(environment)
    result = main(*arguments)
    if inspect.iscoroutine(result):
        asyncio.run(result)
