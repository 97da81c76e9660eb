"""Trees and proofs as RFC 6962 section 2.1 defines them, by recursion: slow, and written apart from the product."""

from hashlib import sha256


def largest_power_below(size):
    return 1 << (size - 1).bit_length() - 1


def tree_root(leaf_hashes):
    if not leaf_hashes:
        return sha256(b"").digest()
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    k = largest_power_below(len(leaf_hashes))
    return sha256(b"\1" + tree_root(leaf_hashes[:k]) + tree_root(leaf_hashes[k:])).digest()


def path(index, leaf_hashes):
    if len(leaf_hashes) == 1:
        return []
    k = largest_power_below(len(leaf_hashes))
    if index < k:
        return [*path(index, leaf_hashes[:k]), tree_root(leaf_hashes[k:])]
    return [*path(index - k, leaf_hashes[k:]), tree_root(leaf_hashes[:k])]


def consistency(old, leaf_hashes, *, whole=True):
    if old == len(leaf_hashes):
        return [] if whole else [tree_root(leaf_hashes)]
    k = largest_power_below(len(leaf_hashes))
    if old <= k:
        return [*consistency(old, leaf_hashes[:k], whole=whole), tree_root(leaf_hashes[k:])]
    return [*consistency(old - k, leaf_hashes[k:], whole=False), tree_root(leaf_hashes[:k])]
