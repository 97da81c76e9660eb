"""A store in memory, with faults: it counts what is read, and lies or fails as a test says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count

from gateway.ledger.errors import LedgerStoreError, StoreConflict
from gateway.ledger.stores.tile_store import Stored, require_path


class MemoryStore:
    """A TileStore of one process. *written_at* is the time of its clock."""

    written_at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __init__(self) -> None:
        self.files: dict[str, Stored] = {}
        self.reads: list[str] = []
        self.failure: LedgerStoreError | None = None
        self._versions = count()

    async def check(self) -> None:
        self._fail()

    async def read(self, path: str) -> Stored | None:
        require_path(path)
        self._fail()
        self.reads.append(path)
        return self.files.get(path)

    async def write_new(self, path: str, content: bytes) -> None:
        require_path(path)
        self._fail()
        if self.files.setdefault(path, self._stored(content)).content != content:
            raise StoreConflict

    async def write_all_new(self, files: Mapping[str, bytes]) -> None:
        for each in files.items():
            await self.write_new(*each)

    async def replace(self, path: str, content: bytes, expected: str | None) -> str:
        require_path(path)
        self._fail()
        found = self.files.get(path)
        if found is None or found.content != content:
            if (found and found.version) != expected:
                raise StoreConflict
            self.files[path] = found = self._stored(content)
        return found.version

    async def remove_partials(self, path: str) -> None:
        require_path(path)
        self.files = {name: each for name, each in self.files.items() if not name.startswith(f"{path}.p/")}

    async def close(self) -> None:
        """Nothing is held."""

    def put(self, path: str, content: bytes) -> None:
        """Put other bytes there, as somebody does who can write into the store."""
        self.files[path] = self._stored(content)

    def _stored(self, content: bytes) -> Stored:
        return Stored(content, str(next(self._versions)), self.written_at)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
