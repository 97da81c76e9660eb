"""A gateway that is killed in the middle of writing loses nothing acknowledged, and leaves no half of a read."""

from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import select, text

from storage.database.database import Database
from storage.tables import disclosures
from tests.forked import forked
from tests.storage.access_log import crash
from tests.storage.access_record import pending
from tests.storage.reference_fixtures import lay, settle

pytestmark = pytest.mark.subprocess


@pytest.mark.sampled
@pytest.mark.parametrize("acknowledged", [1, 40, 200])
async def test_what_was_acknowledged_survives_a_kill(database_url, acknowledged):
    database = Database.open(database_url)
    await lay(database)
    await settle(database)
    await database.close()

    async with forked(crash.main, database_url) as gateway:
        heard = [await gateway.stdout.readline() for _ in range(acknowledged)]
        gateway.kill()
        heard += (await gateway.stdout.read()).splitlines(keepends=True)
        assert await gateway.wait() == -9
    promised = {UUID(line.decode().strip()) for line in heard if line.endswith(b"\n") and len(line) == 37}
    assert len(promised) >= acknowledged

    database = Database.open(database_url)
    if database.dialect.name == "sqlite":
        assert await database.fetch(text("PRAGMA integrity_check")) == [("ok",)]
    found = Counter(row[0] for row in await database.fetch(select(disclosures.c.request_id)))
    assert promised <= found.keys()
    assert set(found.values()) == {2}  # both subjects of each read, or neither
    assert len(await pending(database)) == found.total()
    await database.close()
