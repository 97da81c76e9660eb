"""What the sequencer does in a second: from entries that wait to leaves in a published log, with every write durable.

    python -m bench.ledger.sequencer [--leaves 100000] [--only sqlite]

Groups of 16 entries wait, as the recorder leaves them under load. Integration is the transactions alone; publication
is what follows: tiles, made durable in a folder, and a checkpoint. Processor time is that of this process alone.
"""

import argparse
import asyncio
import hmac
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from rich.console import Console
from rich.table import Table as Grid

from consent.disclosures.pending_groups import NO_TAG, joined_leaves, joined_sources, tagged_bytes
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signatures import NoteSigner
from consent.ports import LOG_CODES
from gateway.ledger.build_sequencer import build_sequencer
from gateway.ledger.stores.file_store import FileStore
from storage.database.database import Database
from storage.database.migrate import migrate
from tests.postgresql import running_server

OF_A_GROUP, ROWS_AT_ONCE = 16, 1_000
INSERT = {
    "sqlite": "INSERT INTO pending_entries (recorder, number, log, sources, leaves, tag) VALUES (?, ?, ?, ?, ?, ?)",
    "postgresql": (
        "INSERT INTO pending_entries (recorder, number, log, sources, leaves, tag) VALUES ($1, $2, $3, $4, $5, $6)"
    ),
}


def tag(written: bytes) -> bytes:
    """Return the tag as a key file makes it."""
    return hmac.digest(b"the recorder key", written, "sha256")


async def let_wait(database: Database, leaves: int) -> None:
    """Let so many entries wait, as one recorder leaves them."""
    recorder, last, rows = uuid4(), NO_TAG, list[Sequence[object]]()
    for number in range(leaves // OF_A_GROUP):
        sources = joined_sources([uuid4() for _ in range(OF_A_GROUP)])
        joined = joined_leaves([b"\0\x14" + os.urandom(32) for _ in range(OF_A_GROUP)])
        last = tag(tagged_bytes("access", sources, joined, recorder, number, last))
        whose: UUID | bytes = recorder.bytes if database.dialect.name == "sqlite" else recorder
        rows.append((whose, number, "access", sources, joined, last))
    for at in range(0, len(rows), ROWS_AT_ONCE):
        await database.write_text([(INSERT[database.dialect.name], rows[at : at + ROWS_AT_ONCE])])


async def measure(url: str, folder: Path, leaves: int) -> dict[str, tuple[float, float]]:
    """Return seconds and processor seconds of each part."""
    await asyncio.to_thread(migrate, url)
    database, store = Database.open(url, tag=tag), FileStore(folder)
    signers = {log: NoteSigner(f"bench.example/{log}", os.urandom(32)) for log in LOG_CODES}
    async with httpx.AsyncClient() as client:
        sequencer = build_sequencer(
            database, store, signers, LogPolicy(()), client, new_id=uuid4, now=lambda: datetime.now(UTC)
        )
        await let_wait(database, leaves)
        spent = {}
        began = time.perf_counter(), time.process_time()
        trees = await sequencer.integrator.read_trees()
        while (done := await sequencer.integrator.integrate(trees, datetime.now(UTC))).groups:
            trees = done.trees
        spent["integration"] = time.perf_counter() - began[0], time.process_time() - began[1]
        began = time.perf_counter(), time.process_time()
        await sequencer.publish_all()
        spent["publication"] = time.perf_counter() - began[0], time.process_time() - began[1]
    await store.close()
    await database.close()
    return spent


def main() -> None:
    """Measure, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--leaves", type=int, default=100_000)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    table = Grid("database", "part", "leaves a second", "µs of processor a leaf", title=f"{chosen.leaves:,} leaves")
    for name in ("sqlite", "postgresql"):
        if chosen.only not in {None, name}:
            continue
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "store"
            store.mkdir()
            if name == "sqlite":
                spent = asyncio.run(measure(f"sqlite:///{folder}/chengxin.db", store, chosen.leaves))
            else:
                with running_server(fsync="on", full_page_writes="on") as server:
                    spent = asyncio.run(measure(f"{server}/postgres", store, chosen.leaves))
        for part, (seconds, processor) in spent.items():
            table.add_row(name, part, f"{chosen.leaves / seconds:,.0f}", f"{processor / chosen.leaves * 1e6:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
