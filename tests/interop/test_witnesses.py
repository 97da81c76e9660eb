"""Our log with another author's witness, and our witness with another author's log: aics-witness. `make peers`.

Each refuses a split view and a rollback of the other.
"""

import json
import subprocess
import time
from base64 import b64encode
from contextlib import contextmanager
from socket import socket

import httpx
import pytest

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import consistency_path, root_of
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner
from consent.ledger.notes.signed_notes import SignedNote, VerifierKey
from gateway.ledger.errors import QuorumMissing, StoreBehind
from gateway.ledger.witness.witness import Witness
from gateway.ledger.witness.witness_app import witness_app
from gateway.ledger.witness.witness_state import WitnessState
from gateway.ledger.witness_panel import WitnessPanel
from tests.gateway.fakes import ServerThread, wait_until
from tests.interop.install import HERE, PYTHON

PROGRAM = PYTHON.with_name("aics-witness")
pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.slow,
    pytest.mark.skipif(
        not PROGRAM.exists(), reason="aics-witness is not installed: make peers, with Python 3.12 or later"
    ),
]

LOG = NoteSigner("log.example/access", bytes(32))
HASHES = [leaf_hash(bytes([index])) for index in range(40)]
FORKED = [*HASHES[:3], leaf_hash(b"another"), *HASHES[4:]]


def head(size, hashes=HASHES):
    return Checkpoint(LOG.key.name, size, root_of(hashes[:size]))


@contextmanager
def running_aics(folder):
    """Run another author's witness; give its address and its key."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = ["--config", folder / "witness.json"]

    def call(verb, *words):
        done = subprocess.run([PROGRAM, verb, *config, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = call("init", "--name", "witness.example/aics")
    vkey = next(word for word in said.split() if word.startswith("witness.example/aics+"))
    call("add-log", "--origin", LOG.key.name, "--vkey", str(LOG.key))
    with subprocess.Popen(
        [PROGRAM, "serve", *config, "--listen", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(lambda: is_healthy(f"http://{address}"))
            yield f"http://{address}", VerifierKey.parse(vkey)
        finally:
            process.terminate()


def is_healthy(url):
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


async def test_another_authors_witness_cosigns_our_log_and_refuses_what_does_not_continue_it(tmp_path):
    with running_aics(tmp_path) as (url, key):
        policy = LogPolicy((PolicyLog(LOG.key),), (PolicyWitness("aics", key, url),), (), "aics")

        async def cosigned(size, hashes=HASHES):
            async def prove(old, new):
                return consistency_path(hashes[: new.size], old) if 0 < old < new.size else []

            async with httpx.AsyncClient() as client:
                panel, made = WitnessPanel(policy, LOG.key, client, prove), head(size, hashes)
                note = await panel.witnessed(LOG.signed(made.text), made)
                assert [each.size for each in await panel.last_cosigned()] == [size]
                return policy.verified(note).checkpoint.size

        # Each is asked by a panel that knows nothing: the witness tells its size by a 409.
        assert [await cosigned(size) for size in (5, 5, 6, 33)] == [5, 5, 6, 33]
        with pytest.raises(QuorumMissing):
            await cosigned(33, FORKED)
        with pytest.raises(QuorumMissing):
            await cosigned(40, FORKED)
        with pytest.raises(StoreBehind):
            await cosigned(20)
        assert await cosigned(40) == 40


def asked(size, hashes=HASHES):
    made = head(size, hashes)
    proofs = {
        old: [b64encode(each).decode() for each in (consistency_path(hashes[:size], old) if 0 < old < size else [])]
        for old in range(size + 1)
    }
    return {"note": LOG.signed(made.text).encode().decode(), "proofs": proofs}


def test_our_witness_cosigns_for_another_authors_client_and_refuses_what_does_not_continue(tmp_path):
    cosigner = CheckpointCosigner("witness.example/ours", bytes([7]) * 32)
    with WitnessState(tmp_path) as state:
        app = witness_app(Witness(LogPolicy((PolicyLog(LOG.key),)), [cosigner], state, lambda: int(time.time())))
        with ServerThread(app, {"log_level": "error", "access_log": False}) as running:
            steps = [asked(5), asked(5), asked(33), asked(33, FORKED), asked(40, FORKED), asked(20), asked(40)]
            done = subprocess.run(
                [PYTHON, HERE / "feed_aics_witness.py", running.url, str(cosigner.key)],
                input=json.dumps(steps), capture_output=True, text=True, check=False,
            )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert answers[3:6] == ["WitnessRejected 422", "WitnessRejected 422", "WitnessAhead"]
    policy = LogPolicy((PolicyLog(LOG.key),), (PolicyWitness("ours", cosigner.key),), (), "ours")
    for step, size in ((0, 5), (1, 5), (2, 33), (6, 40)):
        note = SignedNote.parse(steps[step]["note"].encode() + answers[step].encode())
        assert policy.verified(note).checkpoint.size == size
