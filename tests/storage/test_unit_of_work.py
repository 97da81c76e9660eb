"""A unit of work is saved when it commits, and only then."""

import pytest

from consent.errors import VERSION_CONFLICT, Collision
from consent.ports import Work
from storage.errors import SessionOver
from storage.tables import authorisations, outbox
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.ports_contract import write_everything
from tests.consent.samples import live
from tests.refusals import refuses
from tests.storage.reference_fixtures import count, lay, settle
from tests.work_of_adults import WorkOfAdults


@pytest.fixture(autouse=True)
async def settled(database):
    await lay(database)
    await settle(database)


async def test_a_commit_is_visible_to_others_before_the_unit_of_work_is_left(database):
    async with SqlUnitOfWork(database) as work:
        await write_everything(work)
        assert await count(database, outbox) == 0
        await work.commit()
        assert await count(database, outbox) == 1
    assert await count(database, authorisations) == 1


async def test_leaving_without_a_commit_keeps_nothing(database):
    async with SqlUnitOfWork(database) as work:
        await write_everything(work)
    assert await count(database, outbox) == await count(database, authorisations) == 0


async def test_a_refusal_keeps_nothing_and_rises_as_it_is(database):
    with refuses(VERSION_CONFLICT):
        async with SqlUnitOfWork(database) as work:
            await write_everything(work)
            await work.authorisations.save(live(), 7)
    assert await count(database, outbox) == await count(database, authorisations) == 0


async def test_after_the_commit_nothing_more_can_be_said(database):
    async with SqlUnitOfWork(database) as work:
        await work.commit()
        with pytest.raises(SessionOver):
            await work.authorisations.save(live(), 0)
        with pytest.raises(SessionOver):
            await work.recall("actor", "key")
        with pytest.raises(SessionOver):
            await work.commit()
    assert await count(database, authorisations) == 0


async def test_a_repository_is_made_when_it_is_first_used_and_once(database):
    async with SqlUnitOfWork(database) as work:
        assert "applications" not in vars(work)
        assert work.applications is work.applications
        assert "applications" in vars(work)


async def test_a_repository_that_is_first_used_after_the_commit_refuses_too(database):
    async with SqlUnitOfWork(database) as work:
        await work.commit()
        with pytest.raises(SessionOver):
            await work.cases.all_of(live().subject_id)


async def test_what_happened_after_the_commit_does_not_undo_it(database):
    with refuses(VERSION_CONFLICT):
        async with SqlUnitOfWork(database) as work:
            await write_everything(work)
            await work.commit()
            raise Collision(VERSION_CONFLICT)
    assert await count(database, outbox) == 1


def test_it_is_the_work_that_consent_asks_for(database):
    work: Work = WorkOfAdults(database)  # the type checker's test
    assert work
