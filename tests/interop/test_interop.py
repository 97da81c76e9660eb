"""Other implementations verify 10,000 entries of our logs, and we their notes [c2sp.org]. `make peers` installs them.

Each reads the folder alone. That they would notice is shown by damage: one bit of any file, and they refuse.
"""

import json
import subprocess
from functools import cache
from shutil import copytree

import pytest

from consent.ledger.notes.signatures import verified_signatures
from consent.ledger.notes.signed_notes import SignedNote, VerifierKey
from tests.interop.install import HERE, MODULES, PYTHON, VERIFY
from tests.interop.published_log import publish

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]


def packages():
    return {path.name for path in PYTHON.parents[1].glob("lib/python3*/site-packages/*") if path.is_dir()}


def of_python(package):
    return pytest.param(
        [PYTHON, HERE / f"verify_{package}.py"],
        id=package,
        marks=pytest.mark.skipif(
            package not in packages(), reason=f"{package} is not installed: make peers, with Python 3.12 or later"
        ),
    )


PEERS = [
    pytest.param(
        [VERIFY], id="golang.org/x/mod",
        marks=pytest.mark.skipif(not VERIFY.exists(), reason="golang.org/x/mod is not compiled: make peers"),
    ),
    of_python("aics_tlog"),
    of_python("tlog_scales"),
    pytest.param(
        ["node", HERE / "verify_sigstore.mjs"], id="sigstore",
        marks=pytest.mark.skipif(not MODULES.exists(), reason="@sigstore/verify is not installed: make peers"),
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Give logs by their size, each made once."""
    folder = tmp_path_factory.mktemp("logs")

    @cache
    def published(size):
        publish(folder / str(size), size)
        return folder / str(size)

    return published


def run(peer, folder):
    return subprocess.run([*peer, folder], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("peer", PEERS)
def test_another_implementation_verifies_our_log_and_we_verify_its_notes(peer, logs):
    done = run(peer, logs(10_000))
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    if not said:
        return  # It signs no notes.
    keys = [VerifierKey.parse(vkey) for vkey in said.get("vkeys", [said.get("vkey")])]
    note = SignedNote.parse(said["note"].encode())
    assert [it.key for it in verified_signatures(note, keys)] == keys
    assert note.encode() == said["note"].encode()


DAMAGED = ["checkpoint", "tile/0/001", "tile/entries/002.p/88", "proofs.json"]


@pytest.mark.parametrize("peer", PEERS)
def test_it_refuses_one_that_is_damaged(peer, logs, tmp_path):
    read = DAMAGED if peer[0] != "node" else [path for path in DAMAGED if not path.startswith("tile/0/")]
    for number, path in enumerate(read):
        folder = copytree(logs(600), tmp_path / str(number))
        content = bytearray((folder / path).read_bytes())
        # Within the root of the checkpoint, a hash, an entry, or the hash of a proof.
        at = content.index(b"\n600\n") + 20 if path == "checkpoint" else len(content) // 2
        at += 1 if content[at : at + 1] in (b'"', b",", b" ", b"[") else 0
        content[at] ^= 1
        (folder / path).write_bytes(content)
        assert run(peer, folder).returncode != 0, path
