"""Merkle trees over leaf hashes [RFC 6962 section 2.1]: a root, the path from one leaf to it, and its check."""

from collections.abc import Sequence
from hashlib import sha256


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return MTH, the root over *leaf_hashes* in this order; of none, SHA-256 of nothing."""
    if not leaf_hashes:
        return sha256(b"").digest()
    # Pairs from the left, an odd last one moves up: the same tree as the split at the largest power of two below n.
    level = list(leaf_hashes)
    while len(level) > 1:
        each, odd = iter(level), level[-1:] if len(level) % 2 else []
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=False)]
        level += odd
    return level[0]


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return PATH(index), the hashes beside the way from the leaf to the root, the lowest first."""
    path: list[bytes] = []
    level, at = list(leaf_hashes), index
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):
            path.append(level[beside])
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level += odd
        at //= 2
    return path


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
            found = sha256(b"\x01" + beside + found).digest()
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + beside).digest()
        at, last = at >> 1, last >> 1
    return found if last == 0 else None
