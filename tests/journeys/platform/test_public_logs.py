"""Anybody verifies the logs of a running gateway over HTTP, and keeps a proof of an entry [5.1.6]."""

from hashlib import sha256

import httpx
from sqlalchemy import select

from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.tile_proofs import require_tiles
from consent.ledger.tiles import ENTRIES, new_tiles
from consent.ports import LOG_CODES
from gateway.ledger.build_sequencer import build_sequencer
from gateway.ledger.factory import LOGS, ledger
from gateway.runtime import runtime
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.tables import ledger_entries
from tests.databases import on_both
from tests.journeys.running_server import RunningServer


async def publish(server: RunningServer) -> None:
    """Do what the sequencer of the gateway does."""
    keyring = Keyring.load(server.settings.kek_file, bytes)
    ours, parts = ledger(server.settings, keyring), runtime(server.clock)
    database = Database.open(server.settings.database_url, tag=keyring.pending_tag)
    async with httpx.AsyncClient() as client:
        sequencer = build_sequencer(
            database, ours.store, ours.signers, ours.policy, client, new_id=parts.new_id, now=server.clock
        )
        await sequencer.publish_all()
    await ours.store.close()
    await database.close()


@on_both
async def test_anybody_verifies_the_logs_and_a_subject_its_entry(server: RunningServer) -> None:
    server.ask("person-1", "query @purpose(is: SELF_ACCESS) { mySubject { id name } }")
    await publish(server)
    get = server.client.get
    policy = LogPolicy.parse(get("/log/policy").content)
    seen = set()
    for log in LOGS:
        rows = await server.database.fetch(
            select(ledger_entries.c.leaf).where(ledger_entries.c.log == LOG_CODES[log]).order_by("leaf_index")
        )
        if not rows:
            assert get(f"/log/{log}/checkpoint").status_code == 404
            continue
        seen.add(log)
        head = policy.verified(SignedNote.parse(get(f"/log/{log}/checkpoint").content)).checkpoint
        assert head.size == len(rows)
        tiles = {
            tile: get(f"/log/{log}/{tile.path}").content for tile in new_tiles(0, head.size) if tile.level != ENTRIES
        }
        require_tiles(head.size, head.root, tiles)
        for index in (0, head.size - 1):
            (leaf,) = rows[index]
            named = sha256(leaf).digest() if log == "system" else leaf[-32:]
            proof = TlogProof.parse(get(f"/log/{log}/proof/{named.hex()}").content)
            assert proof.index == index
            proof.verified(sha256(b"\0" + leaf).digest(), policy)
    assert seen >= {"consent", "access"}
