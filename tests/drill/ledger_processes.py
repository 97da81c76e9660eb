"""What the drill of the ledger kills: a recorder under load, and sequencers that end at a step of their own choice."""

import asyncio
import hmac
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import NoteSigner
from consent.ledger.notes.signed_notes import SignedNote
from consent.ports import LOG_CODES, Log
from gateway.jobs.job_lease import JobLease
from gateway.ledger.publisher import LogPublisher
from gateway.ledger.sequencer import JOB, LOGS, Sequencer
from gateway.ledger.sequencer_alarm import SequencerAlarm
from gateway.ledger.stores.file_store import FileStore
from gateway.ledger.stores.tile_store import Stored
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.integrate import Integrator
from storage.ledger.read_entries import read_entries
from storage.ledger.recomputed_entries import recomputed
from tests.consent.samples import OTHER_SUBJECT_ID, SUBJECT_ID
from tests.storage.access_log.pages import BY_STATUTE, page

MOST_PAGES = 40


def tag(written: bytes) -> bytes:
    return hmac.digest(b"the recorder key", written, "sha256")


def signer(log: Log) -> NoteSigner:
    return NoteSigner(f"log.example/{log}", bytes([LOG_CODES[log]]) * 32)


class NoWitnesses:
    """The policy that asks for none."""

    async def last_cosigned(self) -> Sequence[Checkpoint]:
        return []

    async def witnessed(self, note: SignedNote, _: Checkpoint) -> SignedNote:
        return note


class Fate:
    """Counts the steps of a process, and kills it at one of them. 0: it lives."""

    def __init__(self, last: int) -> None:
        self._left = last

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class FatedDatabase(Database):
    """A database whose transactions have three steps: before, before the commit, and after it."""

    fate = Fate(0)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Session]:
        self.fate.step()
        async with super().writing() as session:
            yield session
            self.fate.step()
        self.fate.step()

    writing = _writing  # type: ignore[assignment] # the same promise


class FatedStore(FileStore):
    """A store whose operations have two steps: before and after."""

    fate = Fate(0)

    async def write_all_new(self, files: dict[str, bytes]) -> None:  # type: ignore[override] # a mapping of ours
        """Write the first half, then the rest: a crash leaves some."""
        names = list(files)
        for some in (names[: len(names) // 2], names[len(names) // 2 :]):
            self.fate.step()
            await super().write_all_new({name: files[name] for name in some})
        self.fate.step()

    async def replace(self, path: str, content: bytes, expected: str | None) -> str:
        self.fate.step()
        version = await super().replace(path, content, expected)
        self.fate.step()
        return version

    async def read(self, path: str) -> Stored | None:
        self.fate.step()
        return await super().read(path)


def sequencer_of(database: Database, store: FileStore) -> Sequencer:
    """Return a sequencer that may publish at every round."""
    seconds = iter(range(0, 10**9, 2))

    def publisher(log: Log) -> LogPublisher:
        async def read(first: int, end: int) -> Sequence[bytes]:
            return await read_entries(database, log, first, end)

        return LogPublisher(log, store, signer(log), read, NoWitnesses())

    return Sequencer(
        Integrator(database, recomputed, uuid4),
        {log: publisher(log) for log in LOGS},
        JobLease(database, JOB, uuid4()),
        SequencerAlarm(lambda: next(seconds)),
        lambda: datetime.now(UTC),
        lambda: next(seconds),
    )


async def sequence(url: str, folder: str, last_step: str) -> None:
    """Integrate and publish, until the step at which this process ends. It takes no lease: so may several at once."""
    database, store = FatedDatabase.open(url, tag=tag), FatedStore(Path(folder))
    database.fate = store.fate = Fate(int(last_step))
    sequencer = sequencer_of(database, store)
    while True:
        await sequencer.round()
        await asyncio.sleep(0.002)


async def record(url: str, acknowledged: str, seed: str) -> None:
    """Record groups of pages for ever; write down each entry once it is durable."""
    chance, database = Random(seed), Database.open(url, tag=tag)  # noqa: S311 - sizes of groups
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    handle = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, b"\n")  # the recorder before may have been killed in the middle of a line
    while True:
        pages = [
            page(SUBJECT_ID, OTHER_SUBJECT_ID, ground=BY_STATUTE, disclosure_id=uuid4())
            for _ in range(chance.randint(1, MOST_PAGES))
        ]
        await recorder.record(pages)
        os.write(handle, b"".join(each.entry().hex().encode() + b"\n" for each in pages))
        await asyncio.sleep(chance.uniform(0, 0.01))
