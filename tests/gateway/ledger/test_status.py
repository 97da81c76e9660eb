"""`ledger status`: what the figures are, what alarms, and how the command ends [5.1.6]."""

import asyncio
import json
import os
from dataclasses import replace
from datetime import timedelta
from functools import partial
from math import isnan
from pathlib import Path

import pytest
import structlog
from sqlalchemy import insert, update

from consent.ledger.notes.log_policy import LogPolicy, PolicyGroup, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CheckpointCosigner
from consent.ports import LOG_CODES
from gateway.cli import run
from gateway.ledger.sequencer import LOGS
from gateway.ledger.status import LATE, LedgerStatus, PublishedState, StatusWord, read_published, read_status
from gateway.ledger.stores.file_store import FileStore
from gateway.telemetry.lookup_alarms import LookupSnapshot
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import read_queue_metrics
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.audit.positions import AuditProgress, keep_audit
from storage.ledger.epoch_heads import StoredEpoch
from storage.ledger.ledger_state import LedgerState, LogState
from storage.tables import pending_entries, subject_secrets
from tests.consent.samples import NOW, SUBJECT_ID
from tests.databases import on_sqlite
from tests.gateway.ledger.test_sequencer import folder, new_sequencer, restore
from tests.storage.ledger.test_integrate import append, database, record, source

__all__ = ["database", "folder", "new_sequencer"]

HOUR, DAY, MINUTES = timedelta(hours=1), timedelta(days=1), timedelta(minutes=2)
W0 = CheckpointCosigner("witness.example/0", bytes(32))
FINE, ALARM, UNSEEN = 0, 1, 2


def words(status: LedgerStatus, audits: timedelta = DAY) -> set[tuple[str, str | None]]:
    return {(str(each.word), each.log) for each in status.alarms(HOUR, audits)}


async def no_lookups(_: Session) -> LookupSnapshot:
    return LookupSnapshot()


async def figures(database: Database, store: FileStore, policy: LogPolicy, name: str) -> dict[str, float]:
    """Give a figure of `/metrics` by log."""
    metrics, read = Metrics(), partial(read_published, store, policy)
    metrics.update_queues(await read_queue_metrics(database, lambda: NOW, lambda: None, no_lookups, dict, read)())
    found = {log: metrics.registry.get_sample_value(f"chengxin_ledger_{name}", {"log": log}) for log in LOGS}
    return {log: value for log, value in found.items() if value is not None and not isnan(value)}


async def test_the_figures_are_those_of_the_database_and_the_store(database, new_sequencer, folder):
    sequencer, store = new_sequencer(), FileStore(folder)
    policy = LogPolicy(tuple(PolicyLog(sequencer.publishers[log].signer.key) for log in LOGS))

    async def status(later: timedelta = timedelta(0), by: LogPolicy = policy) -> LedgerStatus:
        return await read_status(database, store, by, NOW + later)

    secret = {"subject_id": SUBJECT_ID, "secret_id": source(1), "secret": b"", "digest": bytes(32), "salt": bytes(16)}
    await database.write((insert(subject_secrets), secret | {"at": NOW - MINUTES}))
    await append(database, "consent", (source(1), bytes(32)))
    await record(database, 3, 2)
    waiting = await status()
    assert words(waiting) == {("NOT_INTEGRATED", "consent")}
    assert {log: (each.size, each.waiting, each.oldest_waiting) for log, each in waiting.state.logs.items()} == {
        "consent": (0, 1, NOW - MINUTES), "access": (0, 2, NOW), "system": (0, 0, None),
    }  # fmt: skip

    await sequencer.integrator.integrate({}, NOW)
    integrated = await status()
    assert words(integrated) == {("NOT_PUBLISHED", "consent")}
    assert integrated.unpublished_since == {"consent": NOW - MINUTES, "access": NOW}
    assert words(await status(MINUTES)) == {("NOT_PUBLISHED", "consent"), ("NOT_PUBLISHED", "access")}

    await sequencer.publish_all()
    published = await status(MINUTES)
    assert words(published) == set()
    assert [(published.state.logs[log].size, published.published[log].size) for log in LOGS] == [(1, 1), (5, 5), (0, 0)]
    written = (folder / "access/checkpoint").stat().st_mtime
    assert published.published["access"].written_at.timestamp() == pytest.approx(written)
    assert await figures(database, store, policy, "published") == {"consent": 1, "access": 5, "system": 0}
    checkpoints = await figures(database, store, policy, "checkpoint_timestamp_seconds")
    assert checkpoints == {"consent": pytest.approx(written, abs=9), "access": pytest.approx(written)}

    witnessed = replace(policy, witnesses=(PolicyWitness("w0", W0.key),), groups=(PolicyGroup("g", 1, ("w0",)),))
    of_two = await status(by=replace(witnessed, quorum="g"))
    assert words(of_two) == {("NO_QUORUM", "consent"), ("NO_QUORUM", "access")}
    assert (of_two.published["access"].cosigned_by, of_two.published["access"].not_cosigned_by) == ((), ("w0",))
    assert words(await status(by=witnessed)) == set(), "no quorum is asked for"

    await record(database, 1)
    await database.write((update(pending_entries).values(leaves=b"\x00\x20" + bytes(32)), None))
    await sequencer.publish_all()
    held = await status()
    assert words(held) == {("HELD", "access")}
    assert (held.state.logs["access"].held, held.state.begun_at) == ({"TAG": 1}, NOW)

    await restore(database, "access", 3)
    assert words(await status()) == {("HELD", "access"), ("BEHIND_THE_STORE", "access")}
    await new_sequencer().publish_all()
    lost = await status()
    assert words(lost) == {("HELD", "access"), ("LOST_IN_A_RESTORE", "access")}
    assert (lost.state.logs["access"].lost, lost.state.logs["access"].lost_subjects) == (2, 4)
    assert ("LOST_IN_A_RESTORE", "access") not in words(await status(2 * DAY))

    (folder / "access/checkpoint").write_bytes((folder / "consent/checkpoint").read_bytes())
    assert ("BAD_CHECKPOINT", "access") in words(await status())
    folder.rename(folder.with_name("gone"))
    unseen = await status()
    assert (unseen.published, str(folder) in str(unseen.unseen)) == (None, False)
    assert str(unseen.unseen).startswith("StoreUnreachable: ")
    assert await figures(database, store, policy, "published") == {}
    await store.close()


EPOCH = StoredEpoch(7, source(1), NOW, 1, 2, 3, bytes(48), None)
AUDIT = AuditProgress(NOW, None, finished_at=NOW, finished_findings=0)


@pytest.mark.parametrize(
    ("case", "state", "audits", "found"),
    [
        ("all is as it should be", {"epoch": EPOCH, "audit": AUDIT}, DAY, ""),
        ("the last epoch is old", {"epoch": replace(EPOCH, made_at=NOW - 3 * HOUR), "audit": AUDIT}, DAY, "EPOCH_LATE"),
        ("an epoch was never made", {"begun_at": NOW - 3 * HOUR, "audit": AUDIT}, DAY, "EPOCH_LATE"),
        ("the ledger has just begun", {"begun_at": NOW - HOUR}, DAY, ""),
        ("the ledger has not begun", {}, DAY, ""),
        ("the last audit is old", {"epoch": EPOCH, "audit": replace(AUDIT, finished_at=NOW - 3 * DAY)}, DAY,
         "AUDIT_LATE"),
        ("an audit never ended", {"epoch": EPOCH, "begun_at": NOW - 3 * DAY}, DAY, "AUDIT_LATE"),
        ("there are no audits in the background", {"epoch": EPOCH, "begun_at": NOW - 3 * DAY}, timedelta(0), ""),
        ("the last audit found something", {"audit": replace(AUDIT, finished_findings=1)}, DAY, "AUDIT_FOUND"),
        ("the one under way has found something", {"audit": replace(AUDIT, findings=2)}, DAY, "AUDIT_FOUND"),
    ],
)  # fmt: skip
def test_what_comes_late_alarms_after_twice_its_interval(case, state, audits, found):
    logs = {log: LogState() for log in LOG_CODES}
    status = LedgerStatus(NOW, LedgerState(logs, **state), {log: PublishedState() for log in LOG_CODES})
    assert LATE == 2
    assert words(status, audits) == ({(found, None)} if found else set()), case


@on_sqlite
async def test_the_command_ends_by_what_it_saw(database_url, tmp_path: Path, capsys, monkeypatch):
    store = tmp_path / "store"
    for name, value in (
        ("DATABASE_URL", database_url),
        ("KEK_FILE", tmp_path / "kek"),
        ("LEDGER_STORE", f"file:{store}"),
    ):
        monkeypatch.setenv(f"CHENGXIN_{name}", str(value))
    structlog.reset_defaults()

    async def status(*words: str) -> int:
        return await asyncio.to_thread(run, ["ledger", "status", *words])

    assert await status() == UNSEEN, "there is no key file"
    assert "hint: CHENGXIN_KEK_FILE names the file" in capsys.readouterr().err
    assert await status("--json") == UNSEEN
    assert json.loads(capsys.readouterr().out)["result"] == "unseen"

    Keyring.create(tmp_path / "kek", os.urandom)
    assert await status() == UNSEEN
    assert "the store could not be read: StoreUnreachable" in capsys.readouterr().out
    store.mkdir()
    assert await status() == FINE
    assert capsys.readouterr().out.splitlines() == [
        "consent: 0 entries; 0 published", "  0 groups wait", "access: 0 entries; 0 published", "  0 groups wait",
        "system: 0 entries; 0 published", "  0 groups wait", "epoch: none yet", "audit: none has ended yet",
        "nothing alarms",
    ]  # fmt: skip
    await check_the_last_audit(database_url, capsys)
    (store / "access").mkdir()
    (store / "access/checkpoint").write_bytes(b"another")
    assert await status() == ALARM
    said = capsys.readouterr().out
    assert "BAD_CHECKPOINT: access：存储中的检查点不是本日志签署的 · the checkpoint in the store is not one" in said
    assert await status("--json") == ALARM
    facts = json.loads(capsys.readouterr().out)
    assert (facts["result"], facts["alarms"][0]["word"]) == ("alarm", "BAD_CHECKPOINT")
    assert facts["logs"]["access"]["published"] == 0


async def check_the_last_audit(database_url: str, capsys) -> None:
    """`ledger audit --since last` goes on from the last audit that found nothing, and says where there is none."""

    async def audit(since: str) -> tuple[int, str]:
        return await asyncio.to_thread(run, ["ledger", "audit", "--since", since]), capsys.readouterr().err

    for since, refusal in (("yesterday", "that is no time"), ("last", "no audit in the background has ended without")):
        code, said = await audit(since)
        assert (code, f"error: {refusal}" in said) == (2, True)
    database = Database.open(database_url)
    await keep_audit(database, AuditProgress(NOW, "groups").finished(NOW + HOUR))
    await database.close()
    code, said = await audit("last")
    assert (code, f"note: compared since {NOW:%Y-%m-%dT%H:%M} UTC" in said) == (0, True)


def test_operators_read_what_each_word_says():
    text = (Path(__file__).parents[3] / "docs/operations.md").read_text("utf-8")
    rows = text.split("\n## How the ledger stands\n")[1].split("\n## ")[0].splitlines()
    assert [row.split("`")[1] for row in rows if row.startswith("| `")] == [str(word) for word in StatusWord]
