"""Processes that tests kill, or let run at the same time: forked from a server that has imported the product once.

async with forked(main, "argument") as process: ...      # runs `asyncio.run(main("argument"))`, or `main("argument")`
"""

import asyncio
import inspect
import multiprocessing
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["gateway.wiring", "gateway.import_export.importing.importers"])


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


def _run(
    stdout: Connection, main: Callable[..., object], arguments: tuple[str, ...], environment: Mapping[str, str]
) -> None:
    os.dup2(stdout.fileno(), 1)
    stdout.close()
    os.environ.update(environment)
    result = main(*arguments)
    if inspect.iscoroutine(result):
        asyncio.run(result)
