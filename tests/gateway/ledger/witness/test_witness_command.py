"""`chengxin ledger witness` as a process of its own, stopped and started again [c2sp.org/tlog-witness]."""

import os
import signal
import socket
from contextlib import contextmanager

import httpx
import pytest

from consent.ledger.notes.log_policy import LogPolicy, PolicyLog
from consent.ledger.notes.signatures import verified_signatures
from consent.ledger.notes.signed_notes import SignatureLine, VerifierKey
from gateway.cli import run
from tests.forked import start_chengxin
from tests.gateway.fakes import wait_until
from tests.gateway.ledger.witness.test_witness import LOG, note, request


@pytest.fixture
def words(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "policy").write_bytes(LogPolicy((PolicyLog(LOG.key),)).encode())
    seed = tmp_path / "seed"
    seed.write_text("ab" * 32)
    seed.chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return {
        "--listen": address, "--policy": str(tmp_path / "policy"), "--state": str(tmp_path / "state"),
        "--name": "witness.example", "--seed-file": str(seed),
    }  # fmt: skip


def line(words):
    return ["ledger", "witness", *(part for pair in words.items() for part in pair)]


@contextmanager
def running(words, log):
    """Give the address and the keys that the process prints."""
    process = start_chengxin(line(words), os.environ, log)
    try:
        wait_until(lambda: log.exists() and "listening" in log.read_text())
        keys = [VerifierKey.parse(each.split()[2]) for each in log.read_text().splitlines() if each[:8] == "witness "]
        client = httpx.Client(base_url=f"http://{words['--listen']}", transport=httpx.HTTPTransport(retries=6))
        with client:
            yield client, keys
    finally:
        process.terminate()
        process.join(20)
        assert process.exitcode in {0, -signal.SIGTERM}


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_process_cosigns_and_the_next_one_remembers(words, tmp_path):
    with running(words, tmp_path / "first.log") as (client, keys):
        answer = client.post("/add-checkpoint", content=request(0, 5))
        assert answer.status_code == 200
        lines = [SignatureLine.parse(each) for each in answer.text.splitlines()]
        assert [it.key for it in verified_signatures(note(5).with_signatures(*lines), keys)] == keys
    with running(words, tmp_path / "second.log") as (client, again):
        assert again == keys
        assert client.post("/add-checkpoint", content=request(0, 9)).text == "5\n"
        assert client.post("/add-checkpoint", content=request(5, 9)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"--listen": "here"}, 2),
        ({"--listen": "127.0.0.1:99999"}, 2),
        ({"--name": "a name"}, 2),
        ({"--key-file": "kek.key"}, 2),
        ({"--policy": "none"}, 2),
        ({"--state": "/nowhere"}, 1),
        ({"--seed-file": "/nowhere"}, 1),
    ],
)
def test_what_cannot_be_a_witness_is_refused_in_two_lines(words, changed, code, capsys):
    assert run(line(words | changed)) == code
    assert "hint: " in capsys.readouterr().err


@pytest.mark.parametrize(("content", "mode"), [("ab" * 31, 0o600), ("ab" * 32, 0o644)])
def test_a_key_that_is_none_or_that_others_may_read_is_refused(words, content, mode, tmp_path):
    seed = tmp_path / "other"
    seed.write_text(content)
    seed.chmod(mode)
    assert run(line(words | {"--seed-file": str(seed)})) == 1
