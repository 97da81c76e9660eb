"""Verifies a published log with tlog-scales: `verify_tlog_scales.py FOLDER`. It runs in the environment of the peers.

Entries, proofs of inclusion and of consistency are checked, some are made again from the tiles, and the signatures of
all three kinds verified. It prints a checkpoint that it signed and cosigned itself, with ML-DSA-44.
"""

import json
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from tlog_scales import signing, tiles, tlog
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

MADE_AGAIN = 97


def main(folder):
    made = json.loads((folder / "proofs.json").read_text())
    reader = TilesReader(LocalBackend(folder))
    checkpoint = reader.get_checkpoint()
    for vkey in (made["vkey"], made["witness"], made["postQuantum"]):
        checkpoint.verify(signing.Vkey.from_string(vkey))
    assert reader.calculate_root_hash() == checkpoint.root_hash
    assert len(made["inclusion"]) == checkpoint.size
    for index, written in enumerate(made["inclusion"]):
        path = [b64decode(each) for each in written]
        proof = tlog.InclusionProof(index, checkpoint.size, path)
        proof.check(tiles.leaf_hash(reader.get_entry(index)), checkpoint.root_hash)
        if index % MADE_AGAIN == 0:
            assert reader.get_inclusion_proof(index, checkpoint.size).node_hashes == path
    for each in made["consistency"]:
        path, root = [b64decode(it) for it in each["path"]], b64decode(each["oldRoot"])
        tlog.ConsistencyProof(each["old"], checkpoint.size, path).check(root, checkpoint.root_hash)
        assert reader.get_consistency_proof(each["old"], checkpoint.size).node_hashes == path
    print(json.dumps(signed()))


def signed():
    log, witness = Ed25519PrivateKey.generate(), MLDSA44PrivateKey.generate()
    signers = [
        signing.PlainEd25519Signer("scales.example/log", log),
        signing.MLDSA44CosignatureSigner("scales.example/w", witness),
    ]
    note = tlog.Checkpoint.make_signed("scales.example/log", 1, sha256(b"\x00one").digest(), signers)
    keys = (
        signing.Vkey("scales.example/log", None, 1, log.public_key().public_bytes_raw()),
        signing.Vkey("scales.example/w", None, 6, witness.public_key().public_bytes_raw()),
    )
    return {"vkeys": [key.serialize() for key in keys], "note": note.serialize()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
