"""Verifies a published log with aics-tlog: `verify_aics_tlog.py FOLDER`. It runs in the environment of the peers.

All tiles and bundles are checked against the root, all proofs of inclusion and consistency are checked, and some are
made again from the tiles. It prints a checkpoint that it signed and cosigned itself.
"""

import json
import sys
from base64 import b64decode
from pathlib import Path

import aics_tlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MADE_AGAIN = 97


def main(folder):
    made = json.loads((folder / "proofs.json").read_text())
    note = aics_tlog.parse_note((folder / "checkpoint").read_bytes())
    witness = aics_tlog.parse_vkey(made["witness"])
    accepted = aics_tlog.verify_checkpoint(note, aics_tlog.parse_vkey(made["vkey"]), [witness], quorum=1)
    assert accepted.ok, accepted
    checkpoint = aics_tlog.parse_checkpoint(note.text)
    reader = aics_tlog.FileSystemTileReader(folder)
    aics_tlog.audit_tiles(reader, checkpoint.size, checkpoint.root)
    tiles = aics_tlog.VerifiedTileReader(reader, checkpoint.size, checkpoint.root)
    assert len(made["inclusion"]) == checkpoint.size
    for index, written in enumerate(made["inclusion"]):
        path = [b64decode(each) for each in written]
        entry = tiles.entry(index)
        assert aics_tlog.verify_leaf_inclusion(entry, index, checkpoint.size, path, checkpoint.root), index
        if index % MADE_AGAIN == 0:
            assert aics_tlog.inclusion_proof_from_tiles(tiles, index, checkpoint.size) == path
    for each in made["consistency"]:
        path, root = [b64decode(it) for it in each["path"]], b64decode(each["oldRoot"])
        assert aics_tlog.verify_consistency(each["old"], checkpoint.size, root, checkpoint.root, path), each["old"]
        assert aics_tlog.consistency_proof_from_tiles(tiles, each["old"], checkpoint.size) == path
    print(json.dumps(signed()))


def signed():
    log, witness = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    tree = aics_tlog.MerkleTree([b"one", b"two", b"three"])
    checkpoint = aics_tlog.Checkpoint("aics.example/log", 3, tree.root())
    note = aics_tlog.sign_checkpoint(checkpoint, log, "aics.example/log")
    _, line = aics_tlog.sign_cosignature(witness, "aics.example/w", 1772672585, "aics.example/log", 3, tree.root())
    keys = (
        aics_tlog.vkey_from_ed25519("aics.example/log", log.public_key()),
        aics_tlog.cosignature_vkey("aics.example/w", witness.public_key()),
    )
    both = aics_tlog.Note(text=note.text, signatures=(*note.signatures, line))
    return {"vkeys": [aics_tlog.format_vkey(key) for key in keys], "note": both.to_bytes().decode()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
