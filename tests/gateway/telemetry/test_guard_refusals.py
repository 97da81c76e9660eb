"""What the guard refuses is counted by caller and hour; its counts are in the log of reads and attempts [5.1.6]."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from consent.leaves.guard_refusals import GuardRefusals
from storage.tables import guard_refusals
from tests.builders import NOW
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.storage.access_record import pending

HOUR = NOW.replace(minute=0, second=0, microsecond=0)
NO_PURPOSE = '{ subjectByIdentifier(kind: ID_NUMBER, number: "110105194912310021") { name } }'
CLOCK = [NOW]


@pytest.fixture
async def service(kek: Path, database_url: str) -> AsyncIterator[ServiceUnderTest]:
    CLOCK[0] = NOW
    async with open_service(settings_for(kek, database_url), now=lambda: CLOCK[0]) as opened:
        yield opened


async def rows(service: ServiceUnderTest) -> list[GuardRefusals]:
    """Give the counts that are on record."""
    found = await service.services.database.fetch(select(*guard_refusals.c).order_by(guard_refusals.c.hour))
    return [GuardRefusals(**dict(zip(guard_refusals.c.keys(), row, strict=True))) for row in found]


async def test_refusals_are_counted_by_the_hour_and_entered_when_it_is_over(service: ServiceUnderTest) -> None:
    counter = service.services.refusals
    for _ in range(3):
        assert (await service.ask(NO_PURPOSE, "clerk")).codes == ["PURPOSE_REQUIRED"]
    assert await counter.write(before=HOUR) == 0, "the hour is not over"
    CLOCK[0] = NOW + timedelta(hours=1)
    await service.ask(NO_PURPOSE, "clerk")
    await service.ask("{ nonsense }", "clerk")  # no document: the guard was not asked
    before = await pending(service.services.database)
    assert await counter.write(before=HOUR + timedelta(hours=1)) == 1
    (row,) = await rows(service)
    assert (row.hour, row.role, row.code, row.count) == (HOUR, "clerk", "PURPOSE_REQUIRED", 3)
    actor = service.world.actor("clerk")
    assert row.caller == service.services.keyring.tag("caller", actor.ref) != actor.ref
    entered = [each for each in await pending(service.services.database) if each not in before]
    assert entered == [("access", row.entry_id, row.entry())]
    assert row.entry()[:2] == b"\0\0", "it is about nobody"
    assert await counter.write() == 1, "an orderly stop enters the hour that is not over"
    assert await counter.write() == 0


async def test_what_cannot_be_written_is_counted_on(service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = service.services.refusals
    await service.ask(NO_PURPOSE, "clerk")

    def fail() -> datetime:
        raise OSError("no database")

    with monkeypatch.context() as broken:
        broken.setattr(service.services.database, "writing", fail)
        with pytest.raises(OSError, match="no database"):
            await counter.write()
    await service.ask(NO_PURPOSE, "clerk")
    assert await counter.write() == 1
    assert [each.count for each in await rows(service)] == [2]
