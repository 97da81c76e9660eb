"""A TCP proxy before a server that freezes its connections: it forwards nothing more, and closes nothing.

So a connection looks whose peer was lost without a word: a machine without power, a firewall that forgot it.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import make_url

T = TypeVar("T")


class FreezableProxy:
    """Forwards connections to the server of *url*. `url` is the way through the proxy.

    It has a thread and an event loop of its own, so that a test may block its own.
    """

    def __init__(self, url: str) -> None:
        self._to = make_url(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._running: dict[asyncio.Task[None], asyncio.Event] = {}
        self._is_frozen = False
        """Whether new connections are frozen from their beginning."""
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return self._to.set(port=self._port).render_as_string(hide_password=False)

    async def start(self) -> None:
        """Accept connections, at the same address as before."""
        if not self._thread.is_alive():
            self._thread.start()
        await self._there(self._start())

    async def stop(self) -> None:
        """Cut every connection, and accept no more."""
        await self._there(self._stop())

    async def freeze(self, *, new_ones: bool = False) -> int:
        """Forward nothing more on the connections of this moment; new ones work, or freeze too with *new_ones*.

        Returns how many there are now.
        """
        return await self._there(self._freeze(new_ones=new_ones))

    async def thaw(self) -> None:
        """Forward everything again, also what came meanwhile."""
        await self._there(self._thaw())

    async def close(self) -> None:
        """Stop, and end the thread."""
        await self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for flows in self._running.values():
            flows.set()
        for writer in self._writers:
            writer.transport.abort()
        if self._running:
            await asyncio.wait([*self._running])

    async def _freeze(self, *, new_ones: bool) -> int:
        self._is_frozen = new_ones
        for flows in self._running.values():
            flows.clear()
        return len(self._running)

    async def _thaw(self) -> None:
        self._is_frozen = False
        for flows in self._running.values():
            flows.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, flows = asyncio.current_task(), asyncio.Event()
        assert task is not None
        if not self._is_frozen:
            flows.set()
        self._running[task] = flows
        far_reader, far_writer = await asyncio.open_connection(self._to.host, self._to.port)
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_forward(reader, far_writer, flows))
                both.create_task(_forward(far_reader, writer, flows))
        except* (OSError, EOFError):
            pass
        finally:
            del self._running[task]
            self._writers -= ends
            for each in ends:
                each.transport.abort()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event) -> None:
    while data := await reader.read(65536):
        await flows.wait()
        writer.write(data)
        await writer.drain()
    raise EOFError


@asynccontextmanager
async def proxy_before(url: str) -> AsyncIterator[FreezableProxy]:
    proxy = FreezableProxy(url)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
