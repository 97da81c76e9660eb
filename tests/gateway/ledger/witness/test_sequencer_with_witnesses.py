"""A sequencer whose checkpoints need two of three witnesses [5.1.6]."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyGroup, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner
from consent.ledger.notes.signed_notes import SignedNote
from consent.ports import LOG_CODES, Log
from gateway.ledger.errors import StoreBehind
from gateway.ledger.log_reader import LogReader
from gateway.ledger.publisher import LogPublisher
from gateway.ledger.sequencer import LOGS, Sequencer
from gateway.ledger.sequencer_alarm import PATIENCE_SECONDS
from gateway.ledger.stores.file_store import FileStore
from gateway.ledger.witness.witness import Witness
from gateway.ledger.witness.witness_app import witness_app
from gateway.ledger.witness.witness_state import WitnessState
from gateway.ledger.witness_panel import WitnessPanel
from storage.database.database import Database
from storage.ledger.read_entries import read_entries
from storage.tables import ledger_entries
from tests.gateway.ledger.test_sequencer import Clock, restore, sequencer_of
from tests.storage.ledger.test_integrate import database, record
from tests.storage.reference_fixtures import count

__all__ = ["database"]

SIGNERS = {log: NoteSigner(f"log.example/{log}", bytes([LOG_CODES[log]]) * 32) for log in LOGS}
COSIGNERS = [CheckpointCosigner(f"witness.example/{n}", bytes([n + 9]) * 32) for n in range(3)]
POLICY = LogPolicy(
    tuple(PolicyLog(each.key) for each in SIGNERS.values()),
    tuple(PolicyWitness(f"w{n}", each.key, f"http://w{n}") for n, each in enumerate(COSIGNERS)),
    (PolicyGroup("two", 2, ("w0", "w1", "w2")),),
    "two",
)


class Network(httpx.AsyncBaseTransport):
    """The three witnesses, of whom some are not reached."""

    def __init__(self, folder: Path) -> None:
        self.down: set[str] = set()
        self._apps = {}
        for n, cosigner in enumerate(COSIGNERS):
            (folder / str(n)).mkdir()
            witness = Witness(POLICY, [cosigner], WitnessState(folder / str(n)), lambda: 1_700_000_000)
            self._apps[f"w{n}"] = httpx.ASGITransport(witness_app(witness))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in self.down:
            raise httpx.ConnectError("refused")
        return await self._apps[request.url.host].handle_async_request(request)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    folder = tmp_path / "witnesses"
    folder.mkdir()
    return Network(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "ledger"
    made.mkdir()
    return made


@pytest.fixture
def new_sequencer(database: Database, folder: Path, network: Network) -> Callable[[], Sequencer]:
    def make() -> Sequencer:
        clock, store, client = Clock(), FileStore(folder), httpx.AsyncClient(transport=network)
        reader = LogReader(store, {log: each.key for log, each in SIGNERS.items()})

        def publisher(log: Log) -> LogPublisher:
            async def read(first: int, end: int) -> Sequence[bytes]:
                return await read_entries(database, log, first, end)

            async def prove(old: int, head: Checkpoint) -> Sequence[bytes]:
                return await reader.consistency(log, old, head)

            panel = WitnessPanel(POLICY, SIGNERS[log].key, client, prove)
            return LogPublisher(log, store, SIGNERS[log], read, panel)

        return sequencer_of(database, publisher, clock)

    return make


async def head(folder: Path) -> Checkpoint:
    return POLICY.verified(SignedNote.parse((folder / "access" / "checkpoint").read_bytes())).checkpoint


async def test_without_a_quorum_the_last_checkpoint_stays_and_an_alarm_comes_after_a_minute(
    database, new_sequencer, network, folder
):
    sequencer = new_sequencer()
    await record(database, 3)
    await sequencer.publish_all()
    network.down = {"w0", "w1"}
    with capture_logs() as logged:
        for _ in range(int(PATIENCE_SECONDS) // 2 + 2):
            await record(database, 1)
            await sequencer.round()

    assert (await head(folder)).size == 3
    integrated = await count(database, ledger_entries)
    assert integrated == int(PATIENCE_SECONDS) // 2 + 5
    assert "ledger.not-published" in {each["event"] for each in logged}

    network.down = {"w2"}
    await sequencer.publish_all()
    assert (await head(folder)).size == integrated


async def test_a_store_and_a_database_that_were_put_back_are_found_before_anything_is_signed(
    database, new_sequencer, folder, tmp_path
):
    sequencer = new_sequencer()
    await record(database, 300)
    await sequencer.publish_all()
    shutil.copytree(folder, tmp_path / "backup")
    await record(database, 20)
    await sequencer.publish_all()

    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)
    await restore(database, "access", 300)
    await record(database, 30)
    with pytest.raises(StoreBehind):
        await new_sequencer().publish_all()
    assert (await head(folder)).size == 300
