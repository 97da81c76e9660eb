"""Merkle trees over leaf hashes [RFC 6962 section 2.1]: roots, and proofs of inclusion and of consistency.

    leaf hash         SHA-256(0x00 ‖ entry)
    node              SHA-256(0x01 ‖ left(32) ‖ right(32))
    root of no leaf   SHA-256 of nothing: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    proof             × 32 bytes: the hashes of subtrees, in the order in which the check needs them

A proof is made in two steps. `inclusion_subtrees` and `consistency_subtrees` say of which subtrees the hashes are
needed; `nodes_of` takes each apart into nodes with all their leaves, which tiles hold. Who has the leaf hashes at hand
takes `inclusion_path` and `consistency_path`. Checks are those of [RFC 9162 sections 2.1.3.2 and 2.1.4.2].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from consent.errors import ProofRefused
from consent.ledger.flaws import LedgerFlaw

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without leaves."""
_BEFORE_NODE: Final = sha256(b"\x01")
"""Copied for each node, which takes less time than a new hash."""


class Subtree(NamedTuple):
    """The leaves from *start* to *end*, *end* not among them."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Node:
    """The node over the 2^*level* leaves from *index*·2^*level* on. All of them are there."""

    level: int
    index: int


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right)."""
    node = _BEFORE_NODE.copy()
    node.update(left + right)
    return node.digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return MTH, the root over *leaf_hashes* in this order; of none, SHA-256 of nothing."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return PATH(index), the hashes beside the way from the leaf to the root, the lowest first."""
    return path_within(tree_levels(leaf_hashes), index)


def tree_levels(leaf_hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the levels of the tree, from the leaves to the root, for the paths of several leaves."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        levels.append(_next_level(levels[-1]))
    return levels


def path_within(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return PATH(index) in the tree with these levels."""
    beside = [(level, (index >> height) ^ 1) for height, level in enumerate(levels)]
    return [level[at] for level, at in beside[:-1] if at < len(level)]


def consistency_path(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return PROOF(old_size): what shows that the tree over the first *old_size* of the leaves has only grown."""
    needed = consistency_subtrees(old_size, len(leaf_hashes))
    return [root_of(leaf_hashes[start:end]) for start, end in needed]


def _next_level(level: list[bytes]) -> list[bytes]:
    # Pairs from the left, an odd last one moves up: the same tree as the split at the largest power of two below n.
    each, odd = iter(level), level[-1:] if len(level) % 2 else []
    return [*map(node_hash, each, each), *odd]


def inclusion_subtrees(index: int, size: int) -> list[Subtree]:
    """Return the subtrees whose hashes are PATH(index) in a tree of *size*, in its order.

    Raises ProofRefused where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofRefused(LedgerFlaw.OUT_OF_RANGE)
    found: list[Subtree] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_size(end - start)
        if index < middle:
            found.append(Subtree(middle, end))
            end = middle
        else:
            found.append(Subtree(start, middle))
            start = middle
    return found[::-1]


def consistency_subtrees(old_size: int, new_size: int) -> list[Subtree]:
    """Return the subtrees whose hashes are PROOF(old_size) in a tree of *new_size*, in its order.

    None are needed where the old tree is empty or both are the same. Raises ProofRefused where the old one is larger.
    """
    if not 0 <= old_size <= new_size:
        raise ProofRefused(LedgerFlaw.OUT_OF_RANGE)
    if old_size in {0, new_size}:
        return []
    found: list[Subtree] = []
    start, end, is_of_old_tree = 0, new_size, True
    while end != old_size:
        middle = start + _left_size(end - start)
        if old_size <= middle:
            found.append(Subtree(middle, end))
            end = middle
        else:
            found.append(Subtree(start, middle))
            start, is_of_old_tree = middle, False
    if not is_of_old_tree:  # Else it is the old root itself, which the check knows.
        found.append(Subtree(start, end))
    return found[::-1]


def nodes_of(subtree: Subtree) -> list[Node]:
    """Return the nodes with all their leaves that make up a subtree of a tree, the largest first."""
    start, rest = subtree.start, subtree.end - subtree.start
    found: list[Node] = []
    while rest:
        level = rest.bit_length() - 1
        found.append(Node(level, start >> level))
        start, rest = start + (1 << level), rest - (1 << level)
    return found


def root_of_nodes(hashes: Sequence[bytes]) -> bytes:
    """Return the hash of a subtree from the hashes of its `nodes_of`; of none, SHA-256 of nothing."""
    if not hashes:
        return EMPTY_ROOT
    *larger, found = hashes
    for each in reversed(larger):
        found = node_hash(each, found)
    return found


def _left_size(size: int) -> int:
    """Return the largest power of two that is smaller than *size*."""
    return 1 << (size - 1).bit_length() - 1


def verify_inclusion(leaf_hash: bytes, index: int, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Return nothing if *path* shows that the leaf is in the tree at this place. Raises ProofRefused."""
    _must_be_hashes(leaf_hash, root, *path)
    if root_from_path(leaf_hash, index, size, path) != root:
        raise ProofRefused(LedgerFlaw.NOT_INCLUDED)


def root_from_path(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that *path* leads to, or None where it is no path of leaf *index* in a tree of *size*.

    This is the check of [RFC 9162 section 2.1.3.2].
    """
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf_hash
    for beside in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            found = node_hash(beside, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Return nothing if *path* shows that the new tree is the old one with leaves appended. Raises ProofRefused.

    An empty tree grows into any other, and two trees of one size have one root: for both, the path is empty.
    """
    _must_be_hashes(old_root, new_root, *path)
    if not 0 <= old_size <= new_size:
        raise ProofRefused(LedgerFlaw.OUT_OF_RANGE)
    if old_size == 0:
        holds = not path and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    elif old_size == new_size:
        holds = not path and old_root == new_root
    else:
        holds = _roots_from_path(old_size, old_root, new_size, path) == (old_root, new_root)
    if not holds:
        raise ProofRefused(LedgerFlaw.NOT_CONSISTENT)


def _roots_from_path(
    old_size: int, old_root: bytes, new_size: int, path: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Return the roots of both trees that *path* leads to [RFC 9162 section 2.1.4.2], or None where it does not fit."""
    hashes = list(path)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return None
    at, last = old_size - 1, new_size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return None
        if at % 2 or at == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        at, last = at >> 1, last >> 1
    return (old, new) if last == 0 else None


def _must_be_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofRefused(LedgerFlaw.NOT_A_HASH)
