"""Where the files of a log come from: another gateway over HTTP, or a copy in a folder or a bucket.

    GET URL/log/NAME/checkpoint · /tile/… · /proof/<64 hex digits>

Nothing that comes from a source is trusted. An answer is read up to the size that its file can have; a source that has
no time or is not there is asked a few times, then LogUnchecked is raised.
"""

import asyncio
from http import HTTPStatus
from typing import Final, Protocol

import httpx

from consent.errors import TileRefused
from consent.ledger.notes.signed_notes import MOST_NOTE_BYTES
from consent.ledger.notes.tlog_proofs import MOST_BYTES as MOST_PROOF_BYTES
from consent.ledger.tiles import ENTRIES, FULL, Tile, cut, tile_at
from consent.ports import Log
from gateway.ledger.errors import LedgerStoreError
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction, LogUnchecked
from gateway.ledger.stores.tile_store import CHECKPOINT, MOST_BYTES, TileStore

REQUESTS_AT_ONCE: Final = 8
TRIES: Final = 5
PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 20.0
_HASH_TILE_BYTES: Final = FULL * 32
_COMMITTED_BYTES: Final = FULL * (2 + 34)
_AGAIN: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE})


class LogSource(Protocol):
    """The files of one log. Raises LogUnchecked, and LogContradiction for a file that is too large to be one."""

    @property
    def log(self) -> Log:
        """Which log it is."""
        ...

    async def checkpoint(self) -> bytes | None:
        """Return the signed note, or None where nothing was published."""
        ...

    async def file(self, tile: Tile) -> bytes | None:
        """Return the content of a tile, or None."""
        ...


async def read_tile(source: LogSource, tile: Tile, size: int) -> bytes:
    """Return a tile of *source*, whose tree has *size* leaves. A partial one may be cut from what it has grown into.

    Raises LogContradiction where it is missing or has not its width.
    """
    last = tile_at(tile.level, tile.index, size) or tile
    for each in dict.fromkeys((last, tile.full)):
        found = await source.file(each)
        if found is not None:
            try:
                return found if each == tile else cut(tile, each, found)
            except TileRefused:
                raise LogContradiction(ContradictionWord.TILE_MALFORMED, source.log, {"tile": each.path}) from None
    raise LogContradiction(ContradictionWord.TILE_MISSING, source.log, {"tile": tile.path})


class HttpLog:
    """The log *log* of the gateway at *url*, such as `https://credit.linzi.example`.

    The client of threads takes a third of the time that the asynchronous one takes for many small files.
    """

    def __init__(self, client: httpx.Client, url: str, log: Log) -> None:
        self.log = log
        self._client, self._prefix = client, f"{url.rstrip('/')}/log/{log}"
        self._admission = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def checkpoint(self) -> bytes | None:
        """Return the signed note."""
        return await self._get(CHECKPOINT, MOST_NOTE_BYTES)

    async def file(self, tile: Tile) -> bytes | None:
        """Return the content of a tile."""
        entries = MOST_BYTES if self.log == "system" else _COMMITTED_BYTES
        return await self._get(tile.path, entries if tile.level == ENTRIES else _HASH_TILE_BYTES)

    async def proof(self, commitment: bytes) -> bytes | None:
        """Return the proof of the entry with this commitment, as a file."""
        return await self._get(f"proof/{commitment.hex()}", MOST_PROOF_BYTES)

    async def _get(self, path: str, most: int) -> bytes | None:
        async with self._admission:
            for number in range(TRIES):
                pause = PAUSE_SECONDS * 2**number
                try:
                    answer = await asyncio.to_thread(_answer, self._client, f"{self._prefix}/{path}", most)
                except httpx.HTTPError as error:
                    reason = type(error).__name__
                else:
                    if answer.status_code == HTTPStatus.OK:
                        if len(answer.content) > most:
                            raise LogContradiction(ContradictionWord.TILE_MALFORMED, self.log, {"file": path})
                        return answer.content
                    if answer.status_code == HTTPStatus.NOT_FOUND:
                        return None
                    reason = f"status {answer.status_code}"
                    if answer.status_code not in _AGAIN:
                        break
                    pause = max(pause, _retry_after(answer))
                if number + 1 < TRIES:
                    await asyncio.sleep(pause)
        raise LogUnchecked(f"{self.log}/{path} could not be read: {reason}.")


def _answer(client: httpx.Client, url: str, most: int) -> httpx.Response:
    """Return the answer, read up to one byte more than *most*."""
    with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}, timeout=ANSWER_SECONDS) as answer:
        read = bytearray()
        for piece in answer.iter_bytes():
            read += piece
            if len(read) > most:
                break
        return httpx.Response(answer.status_code, headers=_without_encoding(answer.headers), content=bytes(read))


def _without_encoding(headers: httpx.Headers) -> list[tuple[str, str]]:
    # The content was decoded already, and its length is another.
    return [(name, value) for name, value in headers.items() if name == "retry-after"]


def _retry_after(answer: httpx.Response) -> float:
    written = answer.headers.get("retry-after", "")
    return min(float(written), LONGEST_PAUSE_SECONDS) if written.isascii() and written.isdigit() else 0.0


class StoredLog:
    """The log *log* in a store: a copy that somebody follows it with, or the gateway's own store."""

    def __init__(self, store: TileStore, log: Log) -> None:
        self.log = log
        self._store = store

    async def checkpoint(self) -> bytes | None:
        """Return the signed note."""
        return await self._read(CHECKPOINT)

    async def file(self, tile: Tile) -> bytes | None:
        """Return the content of a tile."""
        return await self._read(tile.path)

    async def _read(self, path: str) -> bytes | None:
        try:
            found = await self._store.read(f"{self.log}/{path}")
        except LedgerStoreError as error:
            raise LogUnchecked(f"{self.log}/{path} could not be read: {type(error).__name__}.") from None
        return None if found is None else found.content
