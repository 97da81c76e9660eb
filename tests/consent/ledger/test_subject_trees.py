"""A subject's tree proves its pages and that it only grows; `independent_epochs.py` wrote the vectors [5.1.6]."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import EdgeRefused, ProofRefused
from consent.ledger.merkle_tree import root_of, verify_consistency
from consent.ledger.right_edge import RightEdge
from consent.ledger.subject_trees import (
    BLOCK,
    BlockTree,
    RangeProof,
    appended,
    growth_nodes,
    growth_proof,
    needed_blocks,
    range_nodes,
    range_proof,
    require_edge,
    root_at,
    subject_leaf_hash,
    verify_range,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "subject_trees.json").read_text(encoding="utf-8"))
LEAVES = [subject_leaf_hash(3 * at, bytes([at % 251]) * 32) for at in range(2_000)]


@pytest.mark.parametrize("vector", VECTORS["trees"], ids=lambda vector: vector["why"])
def test_a_tree_to_the_byte(vector):
    made = [subject_leaf_hash(index, bytes.fromhex(own)) for index, own in vector["entries"]]
    assert [each.hex() for each in made] == vector["leaf_hashes"]
    assert root_of(made).hex() == vector["root"]


def stored(size, blocks):
    """Return the tree as storage has it: hashes of complete blocks, and the leaves of *blocks* alone."""
    starts = range(0, size, BLOCK)
    hashes = [root_of(LEAVES[at : at + BLOCK]) for at in starts if at + BLOCK <= size]
    return BlockTree(hashes, {each: LEAVES[each * BLOCK : min(size, (each + 1) * BLOCK)] for each in blocks})


@given(st.integers(0, len(LEAVES) - 300), st.integers(0, 300))
def test_a_tree_grows_by_its_edge_and_names_each_block(size, more):
    edge, blocks = RightEdge().append(LEAVES[:size]).encode(), []
    for at in range(size, size + more):
        edge, block = appended(at, edge, LEAVES[at])
        blocks.append(block)
    require_edge(size + more, edge)
    assert edge == RightEdge().append(LEAVES[: size + more]).encode()
    assert [(at, block) for at, block in enumerate(blocks, size + 1) if block is not None] == [
        (at, root_of(LEAVES[at - BLOCK : at])) for at in range(size + 1, size + more + 1) if at % BLOCK == 0
    ]


SIZES = st.integers(1, len(LEAVES)) | st.sampled_from([255, 256, 257, 511, 512, 513, 1_023, 1_024, 1_025])


@given(SIZES, st.data())
def test_a_page_is_proved_by_the_blocks_of_its_ends_and_of_the_tree_s(size, data):
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, min(size, start + 40)))
    needed = needed_blocks([*range_nodes(0, start), *range_nodes(end, size)])
    assert needed <= {start // BLOCK, (end - 1) // BLOCK, size // BLOCK}
    proof = range_proof(start, end, size, stored(size, needed).node)
    verify_range(LEAVES[start:end], start, size, root_of(LEAVES[:size]), proof)


@given(SIZES, SIZES)
def test_a_tree_only_grows(one, other):
    old, new = sorted((one, other))
    tree = stored(new, needed_blocks([*growth_nodes(old, new), *range_nodes(0, old)]))
    assert root_at(old, tree.node) == root_of(LEAVES[:old])
    proof = growth_proof(old, new, tree.node)
    verify_consistency(old, root_of(LEAVES[:old]), new, root_of(LEAVES[:new]), proof)


PAGE = range_proof(300, 310, 700, stored(700, {1, 2}).node)


@pytest.mark.parametrize(
    ("why", "leaves", "start", "size", "proof"),
    [
        ("an entry is missing", LEAVES[300:304] + LEAVES[305:310], 300, 700, PAGE),
        ("an entry is missing, and the proof is of the page without it", LEAVES[300:309], 300, 700, PAGE),
        ("an entry too many", LEAVES[300:311], 300, 700, PAGE),
        ("two entries changed places", [*LEAVES[300:308], LEAVES[309], LEAVES[308]], 300, 700, PAGE),
        ("another place", LEAVES[300:310], 301, 700, PAGE),
        ("another size", LEAVES[300:310], 300, 701, PAGE),
        ("no entries", [], 300, 700, PAGE),
        ("before the first", LEAVES[300:310], -1, 700, PAGE),
        ("after the last", LEAVES[300:310], 695, 700, PAGE),
        ("a size beyond all", LEAVES[300:310], 300, 1 << 70, PAGE),
        ("a node less", LEAVES[300:310], 300, 700, RangeProof(PAGE.before[1:], PAGE.after)),
        ("a node more", LEAVES[300:310], 300, 700, RangeProof(PAGE.before, [*PAGE.after, bytes(32)])),
        ("a node on the other side", LEAVES[300:310], 300, 700, RangeProof(PAGE.after, PAGE.before)),
        ("a node of another length", LEAVES[300:310], 300, 700, RangeProof(PAGE.before, [*PAGE.after[1:], b"short"])),
    ],
)  # fmt: skip
def test_what_is_no_page_of_the_tree_is_refused(why, leaves, start, size, proof):
    with pytest.raises(ProofRefused):
        verify_range(leaves, start, size, root_of(LEAVES[:700]), proof)


@given(st.sampled_from(["before", "after", "leaves", "root"]), st.integers(0, 1 << 12))
def test_any_flipped_bit_proves_nothing(what, bit):
    values = {"before": list(PAGE.before), "after": list(PAGE.after), "leaves": LEAVES[300:310]}
    values["root"] = [root_of(LEAVES[:700])]
    each = values[what]
    at = bit // 256 % len(each)
    each[at] = (int.from_bytes(each[at], "big") ^ 1 << bit % 256).to_bytes(32, "big")
    proof = RangeProof(values["before"], values["after"])
    with pytest.raises(ProofRefused):
        verify_range(values["leaves"], 300, 700, values["root"][0], proof)


@pytest.mark.parametrize(("start", "end", "size"), [(0, 0, 5), (3, 3, 5), (4, 3, 5), (-1, 2, 5), (3, 6, 5)])
def test_a_range_that_the_tree_has_not_is_not_proved(start, end, size):
    with pytest.raises(ProofRefused):
        range_proof(start, end, size, stored(5, {0}).node)


@pytest.mark.parametrize(("size", "edge"), [(0, bytes(32)), (1, b""), (3, bytes(32)), (1, bytes(31)), (-1, bytes(32))])
def test_an_edge_of_another_size_is_refused(size, edge):
    with pytest.raises(EdgeRefused):
        require_edge(size, edge)
