"""A store in a bucket of S3, or of a service with its interface: conditional writes, checked before they are trusted.

    If-None-Match: *       a new file, which replaces nothing
    If-Match: <ETag>       a checkpoint, over the version that was read

The extra `s3` installs obstore, which signs and sends the requests. It writes an object whole or not at all. Nothing
is sent a second time by itself: whether a write without an answer took place is told by the next read.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from gateway.ledger.errors import StoreConflict, StoreCorrupt, StoreFull, StoreUnfit, StoreUnreachable
from gateway.ledger.stores.tile_store import MOST_BYTES, STORE_SECONDS, Stored, require_path

if TYPE_CHECKING:
    from obstore import PutMode
    from obstore.store import S3Store

OBJECTS_AT_ONCE: Final = 16
PROBE: Final = "conditional-write"
"""The name of an object that a check writes: it shows that the service refuses what it must refuse."""
_NO_SPACE: Final = ("XMinioStorageFull", "QuotaExceeded", "InsufficientStorage", "507 Insufficient Storage")
_NO_BUCKET: Final = "NoSuchBucket"
_NEVER: Final = f'"{"0" * 32}"'
"""The ETag of no object."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the objects lie. Without a key the requests are signed with what the platform gives the process."""

    name: str
    prefix: str
    endpoint: str | None = None
    region: str = "us-east-1"
    key: tuple[str, str] | None = field(default=None, repr=False)


class BucketStore:
    """A TileStore in a bucket. Raises ModuleNotFoundError where the extra `s3` is not installed."""

    def __init__(self, bucket: Bucket, seconds: float = STORE_SECONDS) -> None:
        import obstore  # noqa: PLC0415 - an optional extra

        self._objects = obstore
        self._seconds = seconds
        self._store = _opened(bucket, seconds)

    async def check(self) -> None:
        """Write one object twice, and once over a version that never was: a fit service refuses the last two."""
        await self._put(PROBE, b"", None)
        if await self._put(PROBE, b"", None) or await self._put(PROBE, b"", _NEVER):
            raise StoreUnfit("The bucket of the ledger does not support conditional writes.")

    async def read(self, path: str) -> Stored | None:
        """Return the object and its ETag."""
        require_path(path)
        async with self._named_errors():
            try:
                found = await self._objects.get_async(self._store, path)
            except FileNotFoundError as error:
                if _NO_BUCKET in str(error):
                    raise
                return None
            if found.meta["size"] > MOST_BYTES:
                raise StoreCorrupt(f"{path} is too large for a log.")
            content, meta = bytes(await found.bytes_async()), found.meta
            return Stored(content, _version(meta["e_tag"]), meta["last_modified"])

    async def write_new(self, path: str, content: bytes) -> None:
        """Write the object where there is none."""
        require_path(path)
        if await self._put(path, content, None) is None:
            found = await self.read(path)
            if found is None or found.content != content:
                raise StoreConflict(f"{path} is there with other bytes.")

    async def write_all_new(self, files: Mapping[str, bytes]) -> None:
        """Write the objects, some at once."""
        waiting = iter(files.items())
        while some := list(islice(waiting, OBJECTS_AT_ONCE)):
            found = await asyncio.gather(*(self.write_new(*each) for each in some), return_exceptions=True)
            for each in found:
                if isinstance(each, BaseException):
                    raise each

    async def replace(self, path: str, content: bytes, expected: str | None) -> str:
        """Replace the object whose ETag is *expected*."""
        require_path(path)
        version = await self._put(path, content, expected)
        if version is not None:
            return version
        found = await self.read(path)
        if found is None or found.content != content:
            raise StoreConflict(f"{path} was replaced by somebody else.")
        return found.version

    async def remove_partials(self, path: str) -> None:
        """Remove the objects below the path."""
        require_path(path)
        async with self._named_errors():
            async for some in self._objects.list(self._store, prefix=f"{path}.p"):
                await self._objects.delete_async(self._store, [each["path"] for each in some])

    async def close(self) -> None:
        """Nothing is held."""

    async def _put(self, path: str, content: bytes, expected: str | None) -> str | None:
        """Write the object over the version *expected*, or over none; return its version, None where refused."""
        refused = (self._objects.exceptions.AlreadyExistsError, self._objects.exceptions.PreconditionError)
        mode: PutMode = "create" if expected is None else {"e_tag": expected}
        async with self._named_errors():
            try:
                put = await self._objects.put_async(self._store, path, content, mode=mode)
            except refused as error:
                if _NO_BUCKET in str(error):
                    raise
                return None
            return _version(put["e_tag"])

    @asynccontextmanager
    async def _named_errors(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except (OSError, self._objects.exceptions.BaseError) as error:  # a time-out is an OSError
            if any(each in str(error) for each in _NO_SPACE):
                raise StoreFull("The bucket of the ledger has no space.") from None
            # The library's text has the address of the service.
            raise StoreUnreachable("The bucket of the ledger gives no answer, or an error.") from None


def _opened(bucket: Bucket, seconds: float) -> "S3Store":
    from obstore.store import S3Store  # noqa: PLC0415 - an optional extra

    key_id, secret = bucket.key or (None, None)
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        endpoint=bucket.endpoint,
        region=bucket.region,
        access_key_id=key_id,
        secret_access_key=secret,
        disable_bulk_delete=True,  # not every service has it
        client_options={
            "allow_http": (bucket.endpoint or "").startswith("http:"),
            "connect_timeout": timedelta(seconds=seconds),
            "timeout": timedelta(seconds=seconds),
        },
        retry_config={"max_retries": 0},
    )


def _version(e_tag: str | None) -> str:
    if not e_tag:
        raise StoreUnfit("The bucket of the ledger gives no versions.")
    return e_tag
