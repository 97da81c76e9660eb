"""The two small trees of each subject: what the logs `consent` and `access` say of it, in their order.

    own hash   of an entry of 34 bytes, in `access`: the subject's sub-leaf [consent/disclosures/formats.py]
               of an entry of 32 bytes, which counts for one subject: its leaf hash, SHA-256(0x00 ‖ entry)
    leaf       u64 leaf_index ‖ own hash(32): the place of the entry in its log, and what the entry says of the subject
    leaf hash  SHA-256(0x00 ‖ leaf), per [RFC 6962 section 2.1]
    block      256 leaves in order, from a multiple of 256 on; its hash is that of the node over them

Integers are big-endian. A subject that holds its own entries computes both roots itself.
`tests/vectors/subject_trees.json` has examples.

A page of a subject's entries is a range of its tree. The range is proved by the nodes beside it, those before it and
those after it, from left to right:

    before     the nodes that make up the leaves before the range: the largest first
    after      the nodes that make up the leaves after it
    check      append the nodes before, the leaves, and the nodes after; the root must be that of the tree

So whoever gets a page and the root knows that nothing between its first and its last entry was left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from consent.errors import EdgeRefused, ProofRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import (
    HASH_BYTES,
    Node,
    consistency_subtrees,
    node_hash,
    nodes_of,
    root_of,
    root_of_nodes,
)

BLOCK_LEVEL: Final = 8
BLOCK: Final = 1 << BLOCK_LEVEL
"""How many leaves of a subject's tree make a block, whose hash storage keeps."""
_MOST_INDEX: Final = 1 << 63

NodeHash = Callable[[Node], bytes]
"""Gives the hash of a node with all its leaves."""


def subject_leaf_hash(leaf_index: int, own_hash: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ u64 leaf_index ‖ own hash)."""
    return subject_leaf_hashes(leaf_index, [own_hash])[0]


def subject_leaf_hashes(leaf_index: int, own_hashes: Sequence[bytes]) -> list[bytes]:
    """Return the leaf hashes of one entry in the trees of all its subjects, given what it says of each."""
    copy, found = sha256(b"\x00" + leaf_index.to_bytes(8, "big")).copy, []
    for own_hash in own_hashes:
        leaf = copy()
        leaf.update(own_hash)
        found.append(leaf.digest())
    return found


def appended(size: int, edge: bytes, leaf_hash: bytes) -> tuple[bytes, bytes | None]:
    """Return the edge of a tree of *size* with one leaf more, and the hash of the block that the leaf completes.

    The edge is that of `consent.ledger.right_edge`. One leaf at a time, and without an object for a tree: most subjects
    gain one entry, and there are many of them.
    """
    block, rest, level, end = None, size, 0, len(edge)
    while rest & 1:
        end -= HASH_BYTES
        leaf_hash = node_hash(edge[end : end + HASH_BYTES], leaf_hash)
        rest, level = rest >> 1, level + 1
        if level == BLOCK_LEVEL:
            block = leaf_hash
    return edge[:end] + leaf_hash, block


def require_edge(size: int, edge: bytes) -> None:
    """Return nothing if *edge* can be that of a tree of *size*; raises EdgeRefused."""
    if size < 0 or size.bit_count() * HASH_BYTES != len(edge):
        raise EdgeRefused(LedgerFlaw.NOT_OF_ITS_SIZE)


def range_nodes(start: int, end: int) -> list[Node]:
    """Return the largest nodes with all their leaves that make up the leaves from *start* to *end*, from the left."""
    found: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append(Node(level, start >> level))
        start += 1 << level
    return found


@dataclass(frozen=True, slots=True)
class RangeProof:
    """The hashes of the nodes before and after a range of leaves, each from left to right."""

    before: Sequence[bytes]
    after: Sequence[bytes]


def range_proof(start: int, end: int, size: int, node: NodeHash) -> RangeProof:
    """Return the proof for the leaves from *start* to *end* in a tree of *size*, *end* not among them.

    Raises ProofRefused for a range that is empty or that the tree does not have.
    """
    if not 0 <= start < end <= size:
        raise ProofRefused(LedgerFlaw.OUT_OF_RANGE)
    return RangeProof([node(each) for each in range_nodes(0, start)], [node(each) for each in range_nodes(end, size)])


def verify_range(leaf_hashes: Sequence[bytes], start: int, size: int, root: bytes, proof: RangeProof) -> None:
    """Return nothing if *leaf_hashes* are all the leaves from *start* on in the tree of *size*. Raises ProofRefused."""
    end = start + len(leaf_hashes)
    if not 0 <= start < end <= size < _MOST_INDEX:
        raise ProofRefused(LedgerFlaw.OUT_OF_RANGE)
    before, after = range_nodes(0, start), range_nodes(end, size)
    if len(before) != len(proof.before) or len(after) != len(proof.after):
        raise ProofRefused(LedgerFlaw.NOT_INCLUDED)
    hashes = [*proof.before, *leaf_hashes, *proof.after, root]
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofRefused(LedgerFlaw.NOT_A_HASH)
    edge = _Joined()
    for each, found in zip(before, proof.before, strict=True):
        edge.join(each.level, found)
    for found in leaf_hashes:
        edge.join(0, found)
    for each, found in zip(after, proof.after, strict=True):
        edge.join(each.level, found)
    if edge.root != root:
        raise ProofRefused(LedgerFlaw.NOT_INCLUDED)


class _Joined:
    """Nodes from left to right, two of one level joined into the one above: an edge of a tree that starts at leaf 0."""

    def __init__(self) -> None:
        self._nodes: list[tuple[int, bytes]] = []

    def join(self, level: int, found: bytes) -> None:
        while self._nodes and self._nodes[-1][0] == level:
            found, level = node_hash(self._nodes.pop()[1], found), level + 1
        self._nodes.append((level, found))

    @property
    def root(self) -> bytes:
        return root_of_nodes([found for _, found in self._nodes])


def root_at(size: int, node: NodeHash) -> bytes:
    """Return the root of the tree when it had *size* leaves."""
    return root_of_nodes([node(each) for each in range_nodes(0, size)])


def growth_nodes(old_size: int, new_size: int) -> list[Node]:
    """Return the nodes whose hashes `growth_proof` needs; raises ProofRefused where the old tree is larger."""
    return [each for subtree in consistency_subtrees(old_size, new_size) for each in nodes_of(subtree)]


def growth_proof(old_size: int, new_size: int, node: NodeHash) -> list[bytes]:
    """Return PROOF(old_size): what shows that the tree of *new_size* is the old one with leaves appended.

    `consent.ledger.merkle_tree.verify_consistency` checks it. Raises ProofRefused where the old one is larger.
    """
    needed = consistency_subtrees(old_size, new_size)
    return [root_of_nodes([node(each) for each in nodes_of(subtree)]) for subtree in needed]


class BlockTree:
    """A subject's tree by the hashes of its complete blocks and the leaves of a few blocks: enough for proofs.

    *leaves* are the leaf hashes of some blocks by their number; the last one may be incomplete.
    """

    def __init__(self, blocks: Sequence[bytes], leaves: Mapping[int, Sequence[bytes]]) -> None:
        self._blocks, self._leaves = blocks, leaves

    def node(self, node: Node) -> bytes:
        """Return the hash of a node; raises KeyError or IndexError where its leaves are not at hand."""
        level, index = node.level, node.index
        if level >= BLOCK_LEVEL:
            width = 1 << level - BLOCK_LEVEL
            hashes = self._blocks[index * width : (index + 1) * width]
        else:
            width, each_block = 1 << level, BLOCK >> level
            start = index % each_block * width
            hashes = self._leaves[index // each_block][start : start + width]
        if len(hashes) != width:
            raise IndexError(node)
        return root_of(hashes)


def needed_blocks(nodes: Iterable[Node]) -> set[int]:
    """Return the numbers of the blocks whose leaves `BlockTree` needs for *nodes*."""
    return {each.index >> BLOCK_LEVEL - each.level for each in nodes if each.level < BLOCK_LEVEL}
