"""SQL implements `consent.ports`: the checks that the fakes pass, on both databases, and a few more."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from consent.delegation import Delegation
from consent.errors import VERSION_CONFLICT
from consent.leaves.consent_events import ConsentEvent, Event
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import provenance_of
from storage.database.database import Database
from storage.tables import authorisations, consent_events, delegations, outbox, pending_entries
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.ports_contract import CONTRACT
from tests.consent.samples import AUTHORISATION_ID, NOW, SUBJECT_ID, live, used
from tests.refusals import refuses
from tests.storage.reference_fixtures import count, lay, settle


class SqlStores:
    """The contract's Stores over a database; its unit of work commits on a clean exit, as the fakes do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def work(self) -> AsyncIterator[SqlUnitOfWork]:
        async with SqlUnitOfWork(self._database) as work:
            yield work
            await work.commit()

    async def delegate(self, delegation: Delegation) -> None:
        await self._database.write((insert(delegations), asdict(delegation)))

    async def count_use(self, subject_id: UUID, authorisation_id: UUID) -> None:
        this = authorisations.c.subject_id == subject_id, authorisations.c.authorisation_id == authorisation_id
        counted = update(authorisations).where(*this).values(uses_made=authorisations.c.uses_made + 1)
        await self._database.write((counted, None))

    async def rows(self) -> Mapping[str, int]:
        tables = consent_events, pending_entries, outbox
        return {table.name: await count(self._database, table) for table in tables}


@pytest.fixture
async def stores(database):
    await lay(database)
    await settle(database)
    return SqlStores(database)


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_sql_satisfies_the_contract(check, stores):
    await check(stores)


async def test_narrowing_below_what_was_used_meanwhile_comes_too_late(stores):
    async with stores.work() as work:
        await work.authorisations.save(live(), 0)
    for _ in range(2):
        await stores.count_use(SUBJECT_ID, AUTHORISATION_ID)
    with refuses(VERSION_CONFLICT):
        async with stores.work() as work:
            await work.authorisations.save(replace(live(), uses_allowed=1, version=3), 2)
    async with stores.work() as work:
        assert await work.authorisations.load(SUBJECT_ID, AUTHORISATION_ID) == used(live(), 2)


EVENT = ConsentEvent(
    SUBJECT_ID, UUID(int=20), AUTHORISATION_ID, NOW, "account-1", "subject", Event.GRANTED,
    {"groups": ["IDENTITY"], "means": "窗口查询", "application_id": None, "version": 2}, bytes(range(16)),
)  # fmt: skip


async def test_an_event_comes_back_as_it_was_committed_to(stores, database):
    async with stores.work() as work:
        await work.authorisations.append_event(EVENT)
    rows = await database.fetch(select(consent_events))
    row = dict(zip(consent_events.c.keys(), rows[0], strict=True))
    stored = ConsentEvent(**{name: row[name] for name in row if name not in PROVENANCE}, request=provenance_of(row))
    assert stored.commitment() == EVENT.commitment()


async def test_an_event_is_never_changed_but_can_be_erased(stores, database):
    async with stores.work() as work:
        await work.authorisations.append_event(EVENT)
    with pytest.raises(DBAPIError, match="appended only"):
        await database.write((update(consent_events).values(actor_ref="somebody else"), None))
    assert await database.fetch(select(consent_events.c.actor_ref)) == [("account-1",)]
    await database.write((delete(consent_events), None))
    assert await count(database, consent_events) == 0
