"""The formats of subjects' trees and of epochs once more, from their description alone."""

import hashlib
import hmac

from tests.consent.disclosures.independent import mth, sha


def subject_leaf(leaf_index, own_hash):
    return sha(b"\x00", leaf_index.to_bytes(8, "big"), own_hash)


def blinded(secret, epoch, consent, access):
    """Label and node of a head; *consent* and *access* are (leaf index, own hash) in order."""
    keys = hmac.new(secret, b"chengxin/epoch/1" + b"\x00" + epoch.to_bytes(8, "big"), "sha512").digest()
    label, blind = keys[:32], keys[32:]
    counts = len(consent).to_bytes(8, "big") + len(access).to_bytes(8, "big")
    roots = [mth([subject_leaf(*each) for each in entries]) for entries in (consent, access)]
    return label, counts + sha(b"\x00", label, sha(b"\x00", label, blind, counts, *roots))


def node(left, right):
    sums = [int.from_bytes(left[at : at + 8], "big") + int.from_bytes(right[at : at + 8], "big") for at in (0, 8)]
    return b"".join(each.to_bytes(8, "big") for each in sums) + sha(b"\x01", left, right)


def _split(nodes):
    k = 1
    while 2 * k < len(nodes):
        k *= 2
    return nodes[:k], nodes[k:]


def top(nodes):
    """The node over *nodes*, by the recursive definition: the left part is the largest power of two below all."""
    if not nodes:
        return bytes(16) + hashlib.sha256(b"").digest()
    return nodes[0] if len(nodes) == 1 else node(*map(top, _split(nodes)))


def path(nodes, at):
    if len(nodes) == 1:
        return []
    left, right = _split(nodes)
    if at < len(left):
        return [*path(left, at), top(right)]
    return [*path(right, at - len(left)), top(left)]
