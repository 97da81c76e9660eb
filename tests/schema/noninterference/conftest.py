"""One gateway with its worlds for all tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.schema.noninterference.bench import Bench, open_bench


@pytest.fixture(scope="package")
async def bench(migrated_sqlite: Path, kek: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """Give the gateway with its worlds."""
    async with open_bench(tmp_path_factory.mktemp("worlds"), migrated_sqlite, kek) as found:
        yield found
