"""A log in a folder, as it is published, and every proof beside it.

FOLDER/checkpoint                 signed by the log, cosigned by two witnesses (Ed25519, ML-DSA-44)
FOLDER/tile/…                     hash tiles and tiles of entries [c2sp.org/tlog-tiles]
FOLDER/proofs.json                {"vkey", "witness", "postQuantum": vkeys of the three,
                                   "inclusion": of each entry the path, each hash in base64,
                                   "consistency": × {"old": size, "oldRoot", "path"}}
"""

import json
from itertools import pairwise

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import consistency_subtrees, inclusion_subtrees, node_hash, nodes_of, root_of_nodes
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner
from consent.ledger.notes.signed_notes import KeyKind
from consent.ledger.notes.strict_text import to_base64
from consent.ledger.right_edge import RightEdge
from consent.ledger.tile_growth import grown_bundles, grown_tiles
from consent.ledger.tiles import edge_bundle, edge_tiles

OLD_SIZES = [1, 2, 3, 5, 255, 256, 257, 511, 512, 4096, 4097, 6_543, 8192, 9_984, 9_999, 10_000]
STEPS = [0, 1, 300, 5_000, 9_000, 10_000]
"""The log grows in these steps, as a sequencer lets it grow."""
TIME = 1_772_672_585


def publish(folder, end):
    """Write a log of *end* entries to *folder*."""
    entries = [_entry(number) for number in range(end)]
    leaves = list(map(leaf_hash, entries))
    for size, grown in pairwise([*(step for step in STEPS if step < end), end]):
        edge = {tile: (folder / tile.path).read_bytes() for tile in edge_tiles(size)}
        bundle = edge_bundle(size)
        partial = (folder / bundle.path).read_bytes() if bundle else b""
        for tile, content in (
            *grown_bundles(size, partial, entries[size:grown]),
            *grown_tiles(size, edge, leaves[size:grown]),
        ):
            path = folder / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    signer = NoteSigner("credit.linzi.example/access", bytes(32))
    witness = CheckpointCosigner("witness.zichuan.example", bytes([1]) * 32)
    other = CheckpointCosigner("witness.zhoucun.example", bytes([2]) * 32, KeyKind.COSIGNER_ML_DSA_44)
    checkpoint = Checkpoint(signer.key.name, end, RightEdge().append(leaves).root)
    cosigned = [each.cosign(checkpoint, TIME) for each in (witness, other)]
    note = signer.signed(checkpoint.text).with_signatures(*cosigned)
    (folder / "checkpoint").write_bytes(note.encode())
    keys = {"vkey": str(signer.key), "witness": str(witness.key), "postQuantum": str(other.key)}
    (folder / "proofs.json").write_text(json.dumps(keys | _proofs(leaves)))


def _entry(number):
    """Return an entry of 34 bytes, of 32, or a readable one, as the three logs have them."""
    commitment = leaf_hash(number.to_bytes(4, "big"))
    return [b"\0\x14" + commitment, commitment, json.dumps({"n": number}).encode()][number % 3]


def _proofs(leaves):
    levels, end = [leaves], len(leaves)
    while len(levels[-1]) > 1:
        each = iter(levels[-1])
        levels.append([node_hash(left, right) for left, right in zip(each, each, strict=False)])

    def hash_of(subtree):
        return root_of_nodes([levels[node.level][node.index] for node in nodes_of(subtree)])

    def path(subtrees):
        return [to_base64(hash_of(each)) for each in subtrees]

    return {
        "inclusion": [path(inclusion_subtrees(index, end)) for index in range(end)],
        "consistency": [
            {
                "old": old,
                "oldRoot": to_base64(RightEdge().append(leaves[:old]).root),
                "path": path(consistency_subtrees(old, end)),
            }
            for old in OLD_SIZES
            if old <= end
        ],
    }
