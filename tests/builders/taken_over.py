"""Rows that a test lays down without acts, taken over as `chengxin ledger attest` does: so decisions can rest on them.

The take-over is not closed, so that a test can lay down more.
"""

from uuid import UUID

from sqlalchemy import Table

from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel, KnownBy
from gateway.ledger.audit.attester import Attester
from gateway.runtime import runtime
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.attestation.attestable_rows import attestable_tables
from storage.ledger.attestation.attested_rows import attest
from storage.unit_of_work import SqlUnitOfWork
from tests.builders.district import NOW

PROVENANCE = Provenance(Channel.COMMAND_LINE, KnownBy.OPERATOR, UUID(int=7))
ROWS = 1_000


async def take_over(database: Database, *tables: Table) -> None:
    """Take over every row of *tables*, or of every table, that nobody began by an act, with an entry each."""
    async with SqlUnitOfWork(database, PROVENANCE) as work:
        await take_over_in(work.session, database, *tables)
        await work.commit()


async def take_over_in(session: Session, database: Database, *tables: Table) -> None:
    """Take over these rows in the transaction of *session*."""
    attester = Attester(database, runtime(lambda: NOW), "operator/head-1")
    every = attestable_tables(database.dialect)
    for table in [each for each in every if each.table in tables] or every:
        found, end = await table.page(session, None, ROWS)
        assert end is None, f"more than {ROWS} {table.table.name}"
        await attest(session, attester.attested(table, found))
