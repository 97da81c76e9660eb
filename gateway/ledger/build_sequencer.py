"""Builds the sequencer of a gateway from its parts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import httpx

from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signatures import NoteSigner
from consent.ports import Log
from gateway.jobs.job_lease import JobLease
from gateway.ledger.log_reader import LogReader
from gateway.ledger.publisher import LogPublisher
from gateway.ledger.sequencer import JOB, Sequencer
from gateway.ledger.sequencer_alarm import SequencerAlarm
from gateway.ledger.stores.tile_store import TileStore
from gateway.ledger.witness_panel import WitnessPanel
from storage.database.database import Database
from storage.ledger.integrate import Integrator
from storage.ledger.read_entries import read_entries
from storage.ledger.recomputed_entries import recomputed


def build_sequencer(
    database: Database,
    store: TileStore,
    signers: Mapping[Log, NoteSigner],
    policy: LogPolicy,
    client: httpx.AsyncClient,
    *,
    new_id: Callable[[], UUID],
    now: Callable[[], datetime],
) -> Sequencer:
    """Return the sequencer of *database*; *client* asks the witnesses of *policy*."""
    reader = LogReader(store, {log: signer.key for log, signer in signers.items()})

    def publisher(log: Log) -> LogPublisher:
        async def entries(first: int, end: int) -> Sequence[bytes]:
            return await read_entries(database, log, first, end)

        async def prove(old_size: int, checkpoint: Checkpoint) -> Sequence[bytes]:
            return await reader.consistency(log, old_size, checkpoint)

        panel = WitnessPanel(policy, signers[log].key, client, prove)
        return LogPublisher(log, store, signers[log], entries, panel)

    return Sequencer(
        Integrator(database, recomputed, new_id),
        {log: publisher(log) for log in signers},
        JobLease(database, JOB, new_id()),
        SequencerAlarm(),
        now,
    )
