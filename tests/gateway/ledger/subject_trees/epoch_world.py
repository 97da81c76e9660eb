"""Subjects with keys, secrets and entries in both logs, and what makes epochs of them."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert

from consent.disclosures.formats import Disclosure
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.system_entries import EpochRoot, parse_system_entry
from consent.ports import LOG_CODES
from gateway.ledger.stores.file_store import FileStore
from gateway.ledger.subject_trees.epoch_store import EpochStore
from gateway.ledger.subject_trees.epochs import EpochMaker
from gateway.ledger.subject_trees.subject_secrets import give_secrets
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage import tables
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.repositories.ledger_leaves import append_entry
from storage.unit_of_work import SqlUnitOfWork
from tests.storage.ledger.integrated import integrate
from tests.storage.ledger.test_subject_fold import page
from tests.storage.reference_fixtures import lay, settle
from tests.storage.rows import key

NOW = datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)
PEOPLE = [key(f"person {at}") for at in range(5)]


class EpochWorld:
    """A database with subjects, a key file and a store, and a clock that tests move."""

    def __init__(self, database: Database, folder: os.PathLike[str], keyring: Keyring) -> None:
        self.database, self.keyring, self.now, self.pages = database, keyring, NOW, list[Disclosure]()
        self.tiles = FileStore(folder)
        self.store = EpochStore(self.tiles)
        self.runtime = Runtime(
            now=lambda: self.now,
            today=lambda at: at.date(),
            random=os.urandom,
            new_id=uuid4,
            new_entry_id=lambda _: uuid4(),
        )
        self.maker = EpochMaker(database, self.store, keyring, self.runtime)
        self.consent: dict[UUID, list[tuple[int, bytes]]] = {each: [] for each in PEOPLE}
        self._consent_size = 0

    async def begin(self) -> None:
        """Put the subjects on record, with keys and secrets, whose entries they have in `consent`."""
        await lay(self.database)
        await settle(self.database, PEOPLE)
        rows = [
            {"subject_id": each, "wrapped": self.keyring.new_key(each), "kek": self.keyring.kek_id, "created_at": NOW}
            for each in PEOPLE
        ]
        await self.database.write((insert(tables.subject_keys), rows))
        await give_secrets(self.database, self.keyring, self.runtime)
        await self.integrate()

    async def read(self, *pages: Disclosure) -> None:
        """Record reads of subjects."""
        recorder = GroupCommitRecorder(self.database, granted=granted_by_its_row)
        await asyncio.gather(*(recorder.record([each]) for each in pages))  # in this order
        await recorder.close()
        self.pages += pages
        await self.integrate()

    async def agree(self, subject_id: UUID) -> None:
        """Append an entry about one subject to `consent`."""
        async with SqlUnitOfWork(self.database) as work:
            append_entry(work.session, "consent", uuid4(), os.urandom(32), subject_id)
            await work.commit()
        await self.integrate()

    async def integrate(self) -> None:
        """Move all that waits into the logs, and note what is about whom."""
        await integrate(self.database)
        table = tables.ledger_entries.c
        wanted = (
            tables.ledger_entries.select()
            .with_only_columns(table.leaf_index, table.owner, table.leaf)
            .where(table.log == LOG_CODES["consent"], table.leaf_index >= self._consent_size)
            .order_by(table.leaf_index)
        )
        for place, owner, leaf in await self.database.fetch(wanted):
            if owner in self.consent:
                self.consent[owner].append((place, leaf_hash(bytes(leaf))))
            self._consent_size = place + 1

    def access(self, subject_id: UUID) -> list[tuple[int, bytes]]:
        """Give the subject's entries in `access`."""
        return [
            (at, own)
            for at, each in enumerate(self.pages)
            if each.counted
            for one, own in zip(each.subjects, each.sub_leaves, strict=True)
            if one == subject_id
        ]

    async def published(self) -> list[EpochRoot]:
        """Give the epochs in the log `system`."""
        await self.integrate()
        table = tables.ledger_entries.c
        wanted = (
            tables.ledger_entries.select()
            .with_only_columns(table.leaf)
            .where(table.log == LOG_CODES["system"])
            .order_by(table.leaf_index)
        )
        found = [parse_system_entry(bytes(leaf)) for (leaf,) in await self.database.fetch(wanted)]
        return [each for each in found if isinstance(each, EpochRoot)]

    def later(self, **by: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**by)


def pages_of(count: int, start: int = 0) -> list[Disclosure]:
    """Give so many reads, each of one to three subjects."""
    return [page(at, *PEOPLE[at % 3 : at % 3 + at % 3 + 1]) for at in range(start, start + count)]
