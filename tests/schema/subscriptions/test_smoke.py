from collections.abc import AsyncIterator
from pathlib import Path
import pytest
from tests.builders import NOW
from tests.builders.restraints import put_case
from tests.databases import on_both
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.subscriptions.listeners import QUICK, listen, refused

@pytest.fixture
async def service(database_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    async with open_service(settings_for(kek, database_url, **QUICK)) as fresh:
        yield fresh
        assert fresh.failures == []

WORK = "subscription @purpose(is: DETERMINATION) { worklistChanged(first: 50) { nodes { step case { number } } total { count } } }"
TARGETS = "subscription @purpose(is: FOCUSED_CHECK) { targetChanged { nodes { kind subjectId subject { name } } } }"
READS = "subscription @purpose(is: SELF_ACCESS) { accessRecorded { nodes { actor fieldsShown { field } } } }"
NOTES = "subscription @purpose(is: SELF_ACCESS) { notificationArrived { nodes { topic text } } }"

@on_both
async def test_it(service: ServiceUnderTest) -> None:
    work = await listen(service, WORK, "handler")
    targets = await listen(service, TARGETS, "regulator")
    reads = await listen(service, READS, "person-1")
    notes = await listen(service, NOTES, "person-1")
    assert await work.hears() is None
    assert await targets.hears() is None
    assert await reads.hears() is None
    assert await notes.hears() is None
    await put_case(service.services.database, service.world, service.world.party("person-1"), "案-1", published_on=None, collected_at=NOW, changed_at=NOW, determined_on=None, ends_on=None)
    print(await work.event())
    print(await reads.event())
    await put_case(service.services.database, service.world, service.world.party("person-1"), "案-2", changed_at=NOW)
    print(await targets.event())
    print(await reads.event())
    print(await targets.hears())
