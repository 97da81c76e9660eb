"""The commands of outsiders, over real HTTP: what they print, and how they end [5.1.6]."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.cli import run
from gateway.ledger.monitor.monitor_state import MonitorState
from tests.gateway.fakes import ServerThread
from tests.gateway.ledger.monitor.shown_logs import POLICY, ShownLogs, whole_logs

FINE, CONTRADICTION, UNCHECKED = 0, 1, 2


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[ShownLogs, str]]:
    logs = whole_logs(20, 300)

    async def answer(request: Request) -> Response:
        if request.url.path == "/log/policy":
            return Response(POLICY.encode())
        log, _, rest = request.url.path.removeprefix("/log/").partition("/")
        found = (
            logs.proof(log, bytes.fromhex(rest[6:])) if rest.startswith("proof/") else logs.files.get(f"{log}/{rest}")
        )
        return Response(status_code=404) if found is None else Response(found)

    app = Starlette(routes=[Route("/{path:path}", answer)])
    with ServerThread(app, {"log_level": "error", "access_log": False}) as server:
        yield logs, server.url


@pytest.fixture
def policy(tmp_path: Path) -> str:
    file = tmp_path / "policy"
    file.write_bytes(POLICY.encode())
    return str(file)


def test_verify_says_what_it_checked_and_what_it_cannot_know(shown, policy, tmp_path, capsys):
    state = tmp_path / "state.json"
    assert run(["ledger", "verify", shown[1], "--policy", policy, "--state", str(state)]) == FINE
    said = capsys.readouterr().out
    for each in (
        "access: 300 entries, root ", "cosigned by w0, w1", "read 300 entries from 0 on, 3 tiles of hashes, 16 proofs",
        "epochs: 1 add up", "nothing contradicts", "cannot be known from outside: a read that was never recorded",
        "policy: the gateway shows the same as your file",
    ):  # fmt: skip
        assert each in said
    assert MonitorState.read(state).last_epoch == 1

    assert run(["ledger", "verify", shown[1], "--policy", policy, "--state", str(state), "--json"]) == FINE
    facts = json.loads(capsys.readouterr().out)
    assert (facts["result"], facts["logs"]["access"]["entries"], facts["epochs"]) == ("fine", 5, 0)


def test_verify_names_a_contradiction_and_keeps_its_evidence(shown, policy, tmp_path, capsys):
    logs, url = shown
    state = tmp_path / "state.json"
    words = ["ledger", "verify", url, "--policy", policy, "--state", str(state)]
    assert run(words) == FINE
    kept, before = logs.files["access/checkpoint"], state.read_bytes()
    logs.files["access/checkpoint"] = logs.note("access", 290)
    capsys.readouterr()
    assert run([*words, "--json"]) == CONTRADICTION
    facts = json.loads(capsys.readouterr().out)
    assert (facts["word"], facts["log"], facts["facts"]) == ("ROLLBACK", "access", {"old_size": 300, "size": 290})
    assert len(json.loads(Path(facts["evidence"]).read_bytes())["notes"]) == 2
    assert run(words) == CONTRADICTION
    assert "ROLLBACK: access：日志比此前所见的小 · the log is smaller than it was" in capsys.readouterr().out
    assert state.read_bytes() == before
    logs.files["access/checkpoint"] = kept


def test_verify_that_cannot_check_says_so(policy, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gateway.ledger.monitor.log_source.PAUSE_SECONDS", 0)
    words = ["ledger", "verify", "http://127.0.0.1:1", "--policy", policy]
    assert run(words) == UNCHECKED
    assert "not checked: system/checkpoint could not be read: ConnectError." in capsys.readouterr().out
    assert run([*words, "--state", policy]) == UNCHECKED
    assert run(["ledger", "verify", "log.example", "--policy", policy]) == UNCHECKED
    assert run(["ledger", "verify", "http://127.0.0.1:1", "--policy", str(tmp_path / "none")]) == UNCHECKED
    assert "hint: " in capsys.readouterr().err


def test_a_copy_is_followed_and_given_back(shown, policy, tmp_path, capsys):
    copy, store = tmp_path / "copy", tmp_path / "store"
    assert run(["ledger", "follow", shown[1], "--policy", policy, "--to", f"file:{copy}", "--once"]) == 1
    copy.mkdir()
    store.mkdir()
    assert run(["ledger", "follow", shown[1], "--policy", policy, "--to", f"file:{copy}", "--once"]) == FINE
    assert "access: 300 entries, 300 of them new" in capsys.readouterr().out
    for source in (f"file:{copy}", shown[1]):
        words = ["ledger", "restore-store", "--from", source, "--policy", policy, "--to", f"file:{store}", "--json"]
        assert run(words) == FINE
        facts = json.loads(capsys.readouterr().out)
        assert facts["logs"]["access"]["after"] == 300
    assert (store / "access" / "checkpoint").read_bytes() == shown[0].files["access/checkpoint"]


def test_a_copy_of_another_log_is_refused_and_its_evidence_stays(shown, policy, tmp_path, capsys):
    copy = tmp_path / "copy"
    copy.mkdir()
    words = ["ledger", "follow", shown[1], "--policy", policy, "--to", f"file:{copy}", "--once", "--json"]
    assert run(words) == FINE
    kept = shown[0].files["access/checkpoint"]
    shown[0].files["access/checkpoint"] = shown[0].note("access", 300, root=bytes(32))
    capsys.readouterr()
    assert run(words) == CONTRADICTION
    assert json.loads(capsys.readouterr().out)["word"] == "SPLIT_VIEW"
    assert len(list(copy.glob("evidence/*.json"))) == 1
    shown[0].files["access/checkpoint"] = kept
