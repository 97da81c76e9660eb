"""`ledger verify`: what a monitor finds from outside, by its word, and what it remembers [5.1.6]."""

import random
from pathlib import Path

import httpx
import pytest

from consent.ledger.notes.signatures import CLOCK_SECONDS, NoteSigner
from consent.ledger.system_entries import AttestationClosed, ErasedSubject, RestoredLog, RowsAttested, SystemEntry
from gateway.ledger.monitor import log_source
from gateway.ledger.monitor.errors import LogContradiction, LogUnchecked
from gateway.ledger.monitor.monitor import LogMonitor
from gateway.ledger.monitor.monitor_state import MonitorState, keep_evidence
from tests.gateway.ledger.monitor.shown_logs import (
    COSIGNERS,
    NOW,
    POLICY,
    SECONDS,
    SIGNERS,
    ShownLogs,
    cosigned_later,
    counted,
    epoch,
    not_there_yet,
    whole_logs,
)


def monitor(logs: ShownLogs, samples: int = 2) -> LogMonitor:
    chance = random.Random(1)  # noqa: S311 - a sample
    return LogMonitor(logs.sources(), POLICY, chance.randrange, lambda: SECONDS, samples)


async def verified(logs: ShownLogs, state: MonitorState | None = None, since: int | None = None):
    found = monitor(logs)
    return await found.verify(state or MonitorState(), since), found.report


async def contradiction(logs: ShownLogs, state: MonitorState | None = None) -> LogContradiction:
    with pytest.raises(LogContradiction) as found:
        await verified(logs, state)
    return found.value


async def test_a_log_that_holds_is_verified_whole():
    state, report = await verified(whole_logs())
    access = report.logs["access"]
    assert (access.size, access.entries, access.hash_tiles, access.proofs) == (700, 700, 4, 2)
    assert (report.epochs, report.waiting, list(access.cosigned_by)) == (1, 0, ["w0", "w1"])
    assert (state.logs["access"].counted_size, state.last_epoch, state.system_read) == (695, 1, 1)


async def test_an_address_without_any_log_is_not_called_verified():
    with pytest.raises(LogUnchecked):
        await verified(ShownLogs())


@pytest.mark.parametrize("steps", [(0,), (1, 1), (255, 1, 1), (256, 300), (4096, 5000)])
async def test_only_what_is_new_since_the_last_epoch_is_read_again(steps, tmp_path):
    logs, file = whole_logs(), tmp_path / "state.json"
    state, _ = await verified(logs)
    for number, more in enumerate(steps, 2):
        state.write(file)
        state = MonitorState.read(file)
        logs.fill("access", more)
        logs.fill("consent", 1)
        size = len(logs.entries["access"])
        logs.append("system", epoch(number, logs, len(logs.entries["consent"]), size))
        logs.publish()
        before = state.logs["access"].counted_size
        state, report = await verified(logs, state)
        assert report.logs["access"].entries == size - before
        assert state.logs["access"].counted_sum == logs.stated("access", size)


async def test_an_epoch_of_entries_that_no_checkpoint_covers_waits():
    logs = whole_logs()
    logs.fill("access", 30)
    logs.append("system", epoch(2, logs, 300, 730))
    logs.publish("system")
    state, report = await verified(logs)
    assert (report.epochs, report.waiting, state.system_read) == (1, 1, 0)
    logs.publish("access")
    state, report = await verified(logs, state)
    assert (report.epochs, report.waiting, state.system_read, state.last_epoch) == (2, 0, 2, 2)


async def test_every_entry_is_read_again_from_the_index_that_is_named():
    logs = whole_logs()
    state, _ = await verified(logs)
    _, report = await verified(logs, state, since=0)
    assert [report.logs[log].entries for log in ("consent", "access", "system")] == [300, 700, 1]


def bend(logs: ShownLogs, path: str, at: int = 40) -> None:
    content = bytearray(logs.files[path])
    content[at] ^= 1
    logs.files[path] = bytes(content)


def signed_by_another(logs: ShownLogs) -> None:
    text = logs.note("access").decode().partition("\n\n")[0] + "\n"
    logs.files["access/checkpoint"] = NoteSigner("credit.linzi.example/access", bytes([9]) * 32).signed(text).encode()


def published_with(log: str, **other: int):
    def change(logs: ShownLogs) -> None:
        logs.append("system", epoch(2, logs, 300, 700, **{f"{log}_{name}": value for name, value in other.items()}))
        logs.publish("system")

    return change


def restored(first: int, end: int, subjects: int):
    def change(logs: ShownLogs) -> None:
        logs.append("system", RestoredLog(NOW, "access", first, end, subjects).encode())
        logs.publish("system")

    return change


def attested(later: SystemEntry):
    def change(logs: ShownLogs) -> None:
        logs.append("system", AttestationClosed(NOW, 3, bytes(32)).encode())
        logs.append("system", later.encode())
        logs.publish("system")

    return change


def two_epochs_alike(logs: ShownLogs) -> None:
    logs.append("system", epoch(1, logs, 300, 700))
    logs.publish("system")


def smaller_epoch(logs: ShownLogs) -> None:
    logs.append("system", epoch(2, logs, 292, 700))
    logs.publish("system")


def system_entry(entry: bytes):
    def change(logs: ShownLogs) -> None:
        logs.append("system", entry)
        logs.publish("system")

    return change


def other_length(logs: ShownLogs) -> None:
    logs.append("access", bytes(33))
    logs.publish("access")


def dropped_entry(logs: ShownLogs) -> None:
    """Publish an access log that never had its third entry, and the epochs as they are."""
    del logs.entries["access"][3]
    logs._edges["access"] = type(logs._edges["access"])()
    logs.publish("access")


def other_proof(logs: ShownLogs) -> None:
    one = logs.proof("consent", logs.entries["consent"][0])
    logs.files |= {f"consent/proof/{each.hex()}": one for each in logs.entries["consent"][1:]}


def no_proof(logs: ShownLogs) -> None:
    logs.proof = lambda *_: None


CONTRADICTIONS = [
    ("another key", signed_by_another, "BAD_CHECKPOINT"),
    ("a flipped bit of the checkpoint", lambda it: bend(it, "access/checkpoint", 3), "BAD_CHECKPOINT"),
    ("the checkpoint of another log", lambda it: it.files.update({"access/checkpoint": it.note("consent")}),
     "BAD_CHECKPOINT"),
    ("a checkpoint from the future", cosigned_later(CLOCK_SECONDS + 1), "BAD_CHECKPOINT"),
    ("a checkpoint of entries that are not there yet", not_there_yet, "TILE_MISSING"),
    ("no note", lambda it: it.files.update({"access/checkpoint": b"<html>"}), "BAD_CHECKPOINT"),
    ("one witness of two", lambda it: it.publish("access", cosigners=COSIGNERS[:1]), "NO_QUORUM"),
    ("a flipped bit of an entry", lambda it: bend(it, "access/tile/entries/001"), "TILE_DIFFERS"),
    ("a flipped bit of a hash", lambda it: bend(it, "access/tile/0/001"), "TILE_DIFFERS"),
    ("a flipped bit of a higher hash", lambda it: bend(it, "access/tile/1/000.p/2"), "TILE_DIFFERS"),
    ("a flipped bit of a last entry", lambda it: bend(it, "access/tile/entries/002.p/188"), "ROOT_DIFFERS"),
    ("a flipped bit of a last hash", lambda it: bend(it, "access/tile/0/002.p/188"), "TILE_DIFFERS"),
    ("a cut tile", lambda it: it.files.update({"access/tile/entries/001": b"\0\x20"}), "TILE_MALFORMED"),
    ("a long tile", lambda it: it.files.update({"access/tile/0/001": bytes(9000)}), "TILE_MALFORMED"),
    ("a missing tile", lambda it: it.files.pop("access/tile/0/001"), "TILE_MISSING"),
    ("a missing last tile", lambda it: it.files.pop("access/tile/entries/002.p/188"), "TILE_MISSING"),
    ("an entry of 33 bytes", other_length, "ENTRY_MALFORMED"),
    ("an entry of `system` that is no JSON", system_entry(b"hello"), "ENTRY_MALFORMED"),
    ("an entry of `system` in another form", system_entry(b'{"type": "epoch-root/1"}'), "ENTRY_MALFORMED"),
    ("two epochs with one number", two_epochs_alike, "EPOCH_ORDER"),
    ("an epoch of a smaller log", smaller_epoch, "EPOCH_ORDER"),
    ("a second end of taking over", attested(AttestationClosed(NOW, 0, bytes(32))), "TAKEN_OVER_AGAIN"),
    ("a row that is taken over afterwards", attested(RowsAttested(NOW, "restraint_cases", 1)), "TAKEN_OVER_AGAIN"),
    ("a sum too large", published_with("access", sum=7001), "SUMS_DIFFER"),
    ("a sum of consent too small", published_with("consent", sum=293), "SUMS_DIFFER"),
    ("some erased whom nobody states", published_with("consent", erased=1), "SUMS_DIFFER"),
    ("lost without a restore", published_with("consent", sum=284, lost=10), "LOST_NOT_STATED"),
    ("erased without an erasure", published_with("consent", sum=293, erased=1), "ERASED_NOT_STATED"),
    ("a restore of other numbers", restored(10, 12, 22), "RESTORE_DIFFERS"),
    ("a restore of nothing", restored(12, 12, 0), "RESTORE_DIFFERS"),
    ("a dropped entry", dropped_entry, "SUMS_DIFFER"),
    ("no proof", no_proof, "PROOF_MISSING"),
    ("the proof of another entry", other_proof, "PROOF_REFUSED"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "word"), [each[1:] for each in CONTRADICTIONS], ids=[each[0] for each in CONTRADICTIONS]
)
async def test_a_contradiction_is_named(change, word):
    logs = whole_logs()
    change(logs)
    assert (await contradiction(logs)).word == word


async def test_what_restores_lost_and_erasures_took_is_stated_and_adds_up(tmp_path):
    logs = whole_logs()
    lost = sum(index % 21 for index in range(10, 30))
    logs.append("system", RestoredLog(NOW, "access", 10, 30, lost).encode())
    total = logs.stated("access", 700)
    logs.append("system", *(ErasedSubject(NOW, 1, bytes([n]) * 32, 0, n).encode() for n in (1, 3)))
    logs.append("system", epoch(2, logs, 300, 700, access_sum=total - lost - 4, access_lost=lost, access_erased=4))
    logs.publish("system")
    state, report = await verified(logs)
    assert (report.restores, state.lost, state.erased["access"]) == (1, {"access": lost}, 4)
    state.write(tmp_path / "state")
    again, report = await verified(logs, MonitorState.read(tmp_path / "state"))
    assert (report.restores, again) == (0, state)


async def test_a_clock_of_a_witness_may_be_a_little_ahead():
    logs = whole_logs()
    cosigned_later(CLOCK_SECONDS)(logs)
    await verified(logs)


async def test_entries_of_a_later_release_are_counted_and_not_refused():
    logs = whole_logs()
    logs.append("system", b'{"at":"2026-11-20T08:00:00.000000Z","type":"later/9"}')
    logs.publish("system")
    _, report = await verified(logs)
    assert report.kinds["later"] == 1


def rolled_back(logs: ShownLogs) -> None:
    logs.files["access/checkpoint"] = logs.note("access", 600)


def split(logs: ShownLogs) -> None:
    logs.files["access/checkpoint"] = logs.note("access", 700, root=bytes([7]) * 32)


def rewritten(logs: ShownLogs) -> None:
    logs.entries["access"][3] = counted("access", 999, 3)
    logs.fill("access", 40)
    logs._edges["access"] = type(logs._edges["access"])()
    logs.publish("access")


def gone(logs: ShownLogs) -> None:
    del logs.files["access/checkpoint"]


@pytest.mark.parametrize(
    ("change", "word", "notes"),
    [
        (rolled_back, "ROLLBACK", 2),
        (split, "SPLIT_VIEW", 2),
        (rewritten, "NOT_CONSISTENT", 2),
        (gone, "CHECKPOINT_GONE", 1),
    ],
)
async def test_another_log_than_the_one_seen_before_is_named_and_both_checkpoints_are_kept(
    change, word, notes, tmp_path: Path
):
    logs, file = whole_logs(), tmp_path / "state.json"
    state, _ = await verified(logs)
    state.write(file)
    change(logs)
    found = await contradiction(logs, MonitorState.read(file))
    assert found.word == word
    assert len(found.evidence) == notes
    evidence = keep_evidence(file, found)
    assert evidence.parent == tmp_path
    assert all(note.decode() in evidence.read_text("utf-8").replace("\\n", "\n") for note in found.evidence)
    assert MonitorState.read(file) == state


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"type":"chengxin-log-monitor/1"}', b"\xff"])
async def test_another_file_is_no_state(content, tmp_path):
    file = tmp_path / "state.json"
    file.write_bytes(content)
    with pytest.raises(LogUnchecked):
        MonitorState.read(file)


@pytest.mark.parametrize("status", [500, 403, 503, 302])
async def test_a_log_that_does_not_answer_is_unchecked(status, monkeypatch):
    monkeypatch.setattr(log_source, "PAUSE_SECONDS", 0)
    logs = whole_logs()
    logs.answer = lambda _: httpx.Response(status)
    with pytest.raises(LogUnchecked):
        await verified(logs)


async def test_a_busy_log_is_asked_again(monkeypatch):
    monkeypatch.setattr(log_source, "PAUSE_SECONDS", 0)
    logs, busy = whole_logs(), iter(range(10**6))
    answer = logs.answer
    logs.answer = lambda asked: httpx.Response(503, headers={"Retry-After": "0"}) if next(busy) % 2 else answer(asked)
    await verified(logs)


async def test_checkpoints_of_the_same_key_for_the_policy_of_one_log(monkeypatch):
    """A checkpoint that is signed by another log of the policy is not the one that was asked for."""
    logs = whole_logs()
    logs.files["consent/checkpoint"] = (
        SIGNERS["access"]
        .signed("credit.linzi.example/access\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
        .encode()
    )
    assert (await contradiction(logs)).word == "NO_QUORUM"
