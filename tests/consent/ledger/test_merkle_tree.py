"""Trees, their right edge, and proofs of inclusion and consistency [RFC 6962 section 2.1] [RFC 9162 section 2.1]."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import EdgeRefused, ProofRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import (
    EMPTY_ROOT,
    consistency_path,
    consistency_subtrees,
    inclusion_path,
    inclusion_subtrees,
    nodes_of,
    root_of,
    root_of_nodes,
    verify_consistency,
    verify_inclusion,
)
from consent.ledger.right_edge import RightEdge
from tests.consent.disclosures import independent

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "merkle_trees.json").read_text(encoding="utf-8"))
LEAVES = [leaf_hash(bytes.fromhex(each)) for each in VECTORS["leaves"]]
HASHES = [leaf_hash(number.to_bytes(2, "big")) for number in range(70)]
sizes = st.integers(0, len(HASHES))


def flipped(content, bit):
    """Return bytes with one bit changed."""
    at = bit % (8 * len(content))
    return content[: at // 8] + bytes([content[at // 8] ^ 1 << at % 8]) + content[at // 8 + 1 :]


@pytest.mark.parametrize(("size", "root"), list(enumerate(VECTORS["roots"])))
def test_published_roots(size, root):
    assert root_of(LEAVES[:size]).hex() == root
    assert RightEdge().append(LEAVES[:size]).root.hex() == root


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda it: f"leaf {it['index']} of {it['size']}")
def test_published_inclusion_proofs(vector):
    index, size = vector["index"], vector["size"]
    path = inclusion_path(LEAVES[:size], index)
    assert [each.hex() for each in path] == vector["path"]
    verify_inclusion(LEAVES[index], index, size, bytes.fromhex(VECTORS["roots"][size]), path)


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda it: f"{it['old']} to {it['new']}")
def test_published_consistency_proofs(vector):
    old, new = vector["old"], vector["new"]
    path = consistency_path(LEAVES[:new], old)
    assert [each.hex() for each in path] == vector["path"]
    verify_consistency(old, root_of(LEAVES[:old]), new, root_of(LEAVES[:new]), path)


def test_every_tree_up_to_35_leaves_extends_every_one_before():
    for new in range(36):
        for old in range(new + 1):
            path = consistency_path(HASHES[:new], old)
            verify_consistency(old, root_of(HASHES[:old]), new, root_of(HASHES[:new]), path)


@given(sizes, sizes, st.data())
def test_an_edge_that_grows_is_that_of_the_whole_tree(one, other, data):
    first, size = sorted((one, other))
    edge = RightEdge().append(HASHES[:first])
    middle = data.draw(st.integers(first, size))
    edge = RightEdge.decode(edge.size, edge.encode()).append(HASHES[first:middle]).append(HASHES[middle:size])
    assert (edge.size, edge.root) == (size, independent.mth(HASHES[:size]))
    assert edge == RightEdge().append(HASHES[:size])
    # The largest first: with a leaf more, a power of two is one subtree again.
    assert len(edge.encode()) == 32 * size.bit_count()


@pytest.mark.parametrize(
    ("case", "size", "edge"),
    [
        ("an empty tree has no edge", 0, bytes(32)),
        ("eleven leaves have three subtrees", 11, bytes(64)),
        ("and no fourth", 11, bytes(128)),
        ("half a hash", 1, bytes(31)),
        ("a hash too long", 1, bytes(33)),
        ("no size is negative", -1, bytes(32)),
    ],
)
def test_an_edge_of_another_size_is_refused(case, size, edge):
    with pytest.raises(EdgeRefused) as refused:
        RightEdge.decode(size, edge)
    assert refused.value.flaw is LedgerFlaw.NOT_OF_ITS_SIZE


@given(sizes.filter(bool), st.data())
def test_proofs_are_the_hashes_of_the_subtrees_that_they_name(size, data):
    """A reader of tiles makes the same proofs, from nodes with all their leaves."""
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))

    def hash_of(subtree):
        nodes = nodes_of(subtree)
        assert sum(1 << node.level for node in nodes) == subtree.end - subtree.start
        return root_of_nodes(
            [root_of(HASHES[node.index << node.level : node.index + 1 << node.level]) for node in nodes]
        )

    path = inclusion_path(HASHES[:size], index)
    assert path == independent.path(HASHES[:size], index)
    assert [hash_of(each) for each in inclusion_subtrees(index, size)] == path
    assert [hash_of(each) for each in consistency_subtrees(old, size)] == consistency_path(HASHES[:size], old)


@given(sizes.filter(bool), st.data())
def test_a_changed_inclusion_proof_proves_nothing(size, data):
    index, bit = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 255))
    path, root, leaf = inclusion_path(HASHES[:size], index), root_of(HASHES[:size]), HASHES[index]
    changed = [
        (flipped(leaf, bit), index, size, root, path),
        (leaf, index, size, flipped(root, bit), path),
        (leaf, index, size, root, [*path, leaf]),
        (leaf, size, size, root, path),
        (leaf, -1, size, root, path),
        *[(leaf, index, size, root, [*path[:at], flipped(path[at], bit), *path[at + 1 :]]) for at in range(len(path))],
        *[(leaf, index, size, root, [*path[:at], *path[at + 1 :]]) for at in range(len(path))],
        *[(leaf, other, size, root, path) for other in range(size) if other != index],
    ]
    for case in changed:
        with pytest.raises(ProofRefused):
            verify_inclusion(*case)


@given(sizes, sizes, st.data())
def test_a_changed_consistency_proof_proves_nothing(one, other, data):
    (old, new), bit = sorted((one, other)), data.draw(st.integers(0, 255))
    path = consistency_path(HASHES[:new], old)
    before, after = root_of(HASHES[:old]), root_of(HASHES[:new])
    changed = [
        (old, flipped(before, bit), new, after, path),
        (old, before, new, after, [*path, before]),
        (new + 1, after, new, after, path),
        (-1, before, new, after, path),
        *[(old, before, new, after, [*path[:at], flipped(path[at], bit), *path[at + 1 :]]) for at in range(len(path))],
        *[(old, before, new, after, [*path[:at], *path[at + 1 :]]) for at in range(len(path))],
    ]
    if old:  # An empty tree grows into any other.
        changed.append((old, before, new, flipped(after, bit), path))
    for case in changed:
        with pytest.raises(ProofRefused):
            verify_consistency(*case)


ONE, OTHER = HASHES[:2]


@pytest.mark.parametrize(
    ("case", "flaw", "check"),
    [
        ("a short hash in a path", LedgerFlaw.NOT_A_HASH, lambda: verify_inclusion(ONE, 0, 2, OTHER, [b""])),
        ("a short root", LedgerFlaw.NOT_A_HASH, lambda: verify_inclusion(ONE, 0, 1, b"", [])),
        ("a long root", LedgerFlaw.NOT_A_HASH, lambda: verify_consistency(1, bytes(33), 2, ONE, [OTHER])),
        ("no such leaf", LedgerFlaw.OUT_OF_RANGE, lambda: inclusion_subtrees(5, 5)),
        ("a tree that shrank", LedgerFlaw.OUT_OF_RANGE, lambda: consistency_subtrees(6, 5)),
        ("the same, checked", LedgerFlaw.OUT_OF_RANGE, lambda: verify_consistency(2, ONE, 1, ONE, [])),
        ("two roots of one size", LedgerFlaw.NOT_CONSISTENT, lambda: verify_consistency(2, ONE, 2, OTHER, [])),
        ("a root of no leaf", LedgerFlaw.NOT_CONSISTENT, lambda: verify_consistency(0, ONE, 1, OTHER, [])),
        ("another root of no leaf", LedgerFlaw.NOT_CONSISTENT, lambda: verify_consistency(0, EMPTY_ROOT, 0, ONE, [])),
    ],
)
def test_what_no_proof_can_show_is_refused_by_name(case, flaw, check):
    with pytest.raises(ProofRefused) as refused:
        check()
    assert refused.value.flaw is flaw
