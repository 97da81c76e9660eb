"""Keeps the trees of all subjects: one process folds what was integrated, and makes an epoch when it is due.

    lease ─> secrets for subjects of before ─> round ─> round ─> …
    round:  fold; where an epoch is due: open delayed reads, look again for the erased, make the epoch

What fails is tried again, and reads never wait for it. That the counts do not add up is an alarm, and nothing is
published until they do: `chengxin ledger audit` names what was changed.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.jobs.job_lease import JobLease
from gateway.ledger.stores.tile_store import TileStore
from gateway.ledger.subject_trees.epoch_store import EpochStore
from gateway.ledger.subject_trees.epochs import EpochDoesNotAddUp, EpochMaker
from gateway.ledger.subject_trees.subject_secrets import give_secrets
from gateway.subjects.erase import SubjectEraser
from gateway.telemetry.logging import where
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.ledger.epoch_heads import last_epoch
from storage.ledger.subject_trees.subject_fold import SubjectFold
from storage.repositories.access_record.openings import OpeningRepository
from storage.unit_of_work import SqlUnitOfWork

JOB: Final = "subject-trees"
PAUSE_SECONDS: Final = 1.0
AGAIN_AFTER: Final = timedelta(minutes=5)
"""When an epoch that failed is tried again."""


@dataclass(slots=True)
class SubjectTreeKeeper:
    """Folds, and makes an epoch every *every*."""

    database: Database
    fold: SubjectFold
    maker: EpochMaker
    eraser: SubjectEraser
    lease: JobLease
    every: timedelta
    _not_before: datetime | None = None

    async def keep_running(self) -> None:
        """Work until cancelled: as long as this process has the lease, else wait for it."""
        while True:
            async with self.lease.for_a_round() as is_ours:
                if is_ours:
                    await give_secrets(self.database, self.maker.keyring, self.maker.runtime)
                while is_ours and self.lease.is_held:
                    await self.round()
                    await asyncio.sleep(PAUSE_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)

    async def round(self) -> None:
        """Fold what was integrated, and make an epoch if it is due. Raises what the database raises."""
        await self.fold.fold()
        now = self.maker.runtime.now()
        if self._not_before is not None and now < self._not_before:
            return
        newest = await last_epoch(self.database)
        if newest is not None and now < newest.made_at + self.every:
            self._not_before = newest.made_at + self.every
            return
        self._not_before = now + min(self.every, AGAIN_AFTER)  # unless it is made
        try:
            await self._make_epoch(now)
        except EpochDoesNotAddUp as failure:
            for log, count in failure.missing.items():
                structlog.get_logger().error(
                    "ledger.epoch-does-not-add-up", log=log, count=count, headless=failure.headless
                )
        except Exception as error:  # noqa: BLE001 - a store that is down; its message may name an address
            structlog.get_logger().warning("ledger.epoch-failed", **where(error))
        else:
            self._not_before = now + self.every

    async def _make_epoch(self, now: datetime) -> None:
        today, opened = self.maker.runtime.today(now), 1
        while opened:
            async with SqlUnitOfWork(self.database) as work:
                opened = await OpeningRepository(work.session).open_due(today, now)
                await work.commit()
        await self.eraser.look_again()
        await self.maker.make()


def subject_tree_keeper(
    database: Database, store: TileStore, keyring: Keyring, runtime: Runtime, eraser: SubjectEraser, *, every: timedelta
) -> SubjectTreeKeeper:
    """Return what keeps the trees of *database*."""
    lease = JobLease(database, JOB, runtime.new_id())
    maker = EpochMaker(database, EpochStore(store), keyring, runtime)
    return SubjectTreeKeeper(database, SubjectFold(database), maker, eraser, lease, every)
