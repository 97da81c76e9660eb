"""What each epoch publishes of all subjects' trees: one root, how many heads, and two sums.

    k_e     HMAC-SHA512(secret(32), "chengxin/epoch/1" ‖ 0x00 ‖ u64 epoch)
    label   the first 32 bytes of k_e; blind: the last 32
    head    SHA-256(0x00 ‖ label ‖ SHA-256(0x00 ‖ label ‖ blind ‖ u64 cc ‖ u64 ac ‖ consent root ‖ access root))
    node    u64 cc ‖ u64 ac ‖ hash(32), 48 bytes
              of a head: its counts, and the hash above
              of two nodes: the sums of their counts, and SHA-256(0x01 ‖ left node(48) ‖ right node(48))
    tree    the heads' nodes in ascending order of their labels; pairs from the left, an odd last one moves up
    path    × 48 bytes: the nodes beside the way from a head to the root, the lowest first; 960 bytes of 10^6 heads

cc and ac count the leaves of the subject's trees of the logs `consent` and `access` [consent/ledger/subject_trees.py].
Integers are big-endian. A count or a sum of 2^63 or more is refused, so that no sum can wrap around. The root of no
heads is two zeros and SHA-256 of nothing.

The subject's secret blinds its head anew in each epoch: who does not have it can neither find the head of a subject nor
follow it from one epoch to the next. A path shows the subject the sums beside its own, and not of whom they are. Since
all counts add up to sums that the entries of both logs state too, nobody's entries can be left out unseen.
`tests/vectors/epochs.json` has examples.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from struct import Struct
from typing import Final

from consent.errors import NotCanonical, ProofRefused
from consent.ledger.flaws import LedgerFlaw

SECRET_BYTES: Final = 32
NODE_BYTES: Final = 48
LABEL_BYTES: Final = 32
KEYS_BYTES: Final = 64
"""Label and blind."""
MOST: Final = (1 << 63) - 1
"""The largest count or sum."""
NO_HEADS: Final = bytes(16) + sha256(b"").digest()

_EPOCH: Final = b"chengxin/epoch/1\x00"
_COUNTS: Final = Struct(">QQ")
_SUMS: Final = 16
_TOO_LARGE: Final = 1 << 127 | 1 << 63
"""The highest bits of two sums that stand beside each other."""
_BEFORE_LEAF: Final = sha256(b"\x00")
_BEFORE_NODE: Final = sha256(b"\x01")
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))
_INNER_REST, _OUTER_REST = b"\x36" * 96, b"\x5c" * 96  # the rest of a block of SHA-512 after a key of 32 bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What an epoch commits to of one subject: how many entries its two trees have, and their roots."""

    consent_count: int
    access_count: int
    consent_root: bytes
    access_root: bytes


@dataclass(frozen=True, slots=True)
class BlindedHead:
    """A head as it stands in the tree of an epoch: under a label that says nothing of its subject."""

    label: bytes
    node: bytes


class Blinding:
    """Blinds the heads of one epoch: what is the same for all of them is prepared once."""

    def __init__(self, epoch: int) -> None:
        if not 0 <= epoch <= MOST:
            raise NotCanonical
        message = _EPOCH + epoch.to_bytes(8, "big")
        self._inner_end = _INNER_REST + message

    def keys(self, secret: bytes) -> bytes:
        """Return k_e. It is HMAC-SHA512 [RFC 2104], written out: an epoch needs it of every subject."""
        if len(secret) != SECRET_BYTES:
            raise NotCanonical
        inner = sha512(secret.translate(_INNER) + self._inner_end).digest()
        return sha512(secret.translate(_OUTER) + _OUTER_REST + inner).digest()

    def label(self, secret: bytes) -> bytes:
        """Return the label under which the subject's head stands."""
        return self.keys(secret)[:LABEL_BYTES]

    def head(self, secret: bytes, head: Head) -> BlindedHead:
        """Return the blinded head of the subject with this secret; raises NotCanonical."""
        return self.blind(secret, head.consent_count, head.access_count, head.consent_root, head.access_root)

    def blind(
        self, secret: bytes, consent_count: int, access_count: int, consent_root: bytes, access_root: bytes
    ) -> BlindedHead:
        """Return the blinded head, as `head` does, without an object for it."""
        return _blinded(self.keys(secret), consent_count, access_count, consent_root, access_root)


def blinded_head(keys: bytes, head: Head) -> BlindedHead:
    """Return the head under the *keys* of one epoch, which `Blinding.keys` gives; raises NotCanonical."""
    if len(keys) != KEYS_BYTES:
        raise NotCanonical
    return _blinded(keys, head.consent_count, head.access_count, head.consent_root, head.access_root)


def _blinded(
    keys: bytes, consent_count: int, access_count: int, consent_root: bytes, access_root: bytes
) -> BlindedHead:
    if not (0 <= consent_count <= MOST and 0 <= access_count <= MOST):
        raise NotCanonical
    counts = _COUNTS.pack(consent_count, access_count)
    label = keys[:LABEL_BYTES]
    hidden = _BEFORE_LEAF.copy()
    hidden.update(keys + counts + consent_root + access_root)
    shown = _BEFORE_LEAF.copy()
    shown.update(label + hidden.digest())
    return BlindedHead(label, counts + shown.digest())


def joined_node(left: bytes, right: bytes) -> bytes:
    """Return the node over two nodes; raises NotCanonical for a sum of 2^63 or more."""
    # Two sums at once: none of the four is 2^63 or more, so that nothing is carried from one to the other.
    sums = int.from_bytes(left[:_SUMS], "big") + int.from_bytes(right[:_SUMS], "big")
    if sums & _TOO_LARGE:
        raise NotCanonical
    node = _BEFORE_NODE.copy()
    node.update(left + right)
    return sums.to_bytes(_SUMS, "big") + node.digest()


def sums_of(node: bytes) -> tuple[int, int]:
    """Return the sums of a node: entries of `consent`, entries of `access`."""
    consent_sum, access_sum = _COUNTS.unpack_from(node)
    return consent_sum, access_sum


def top_node(nodes: Sequence[bytes]) -> bytes:
    """Return the node over *nodes*, in this order; raises NotCanonical for a sum of 2^63 or more."""
    if not nodes:
        return NO_HEADS
    level = list(nodes)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def node_path(nodes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the nodes beside the way from one of *nodes* to the node over all, the lowest first."""
    path: list[bytes] = []
    level, at = list(nodes), index
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, at = _next_level(level), at // 2
    return path


def _next_level(level: list[bytes]) -> list[bytes]:
    each, odd = iter(level), level[-1:] if len(level) % 2 else []
    return [*map(joined_node, each, each), *odd]


def split_nodes(joined: bytes) -> list[bytes]:
    """Return the nodes that were written one after the other; raises NotCanonical for other bytes."""
    if len(joined) % NODE_BYTES:
        raise NotCanonical
    return [joined[at : at + NODE_BYTES] for at in range(0, len(joined), NODE_BYTES)]


@dataclass(frozen=True, slots=True)
class HeadPath:
    """The way from a head to the root of its epoch: its place among the heads, and the nodes beside the way."""

    place: int
    path: Sequence[bytes] = field(repr=False)


def verify_head(blinded: BlindedHead, way: HeadPath, heads: int, root: bytes) -> None:
    """Return nothing if the head is one of so many in the epoch whose root node is *root*. Raises ProofRefused.

    *root* is the whole node, with the sums that the epoch announced: a path cannot hide a count in them.
    """
    if any(len(each) != NODE_BYTES for each in (blinded.node, root, *way.path)):
        raise ProofRefused(LedgerFlaw.NOT_A_HASH)
    if not 0 <= way.place < heads <= MOST:
        raise ProofRefused(LedgerFlaw.OUT_OF_RANGE)
    try:
        found = _root_from_path(blinded.node, way, heads)
    except NotCanonical as error:
        raise ProofRefused(LedgerFlaw.NUMBER_TOO_LARGE) from error
    if found != root:
        raise ProofRefused(LedgerFlaw.NOT_INCLUDED)


def _root_from_path(node: bytes, way: HeadPath, heads: int) -> bytes | None:
    if any(int.from_bytes(each[:_SUMS], "big") & _TOO_LARGE for each in (node, *way.path)):
        raise NotCanonical
    at, last, found, path = way.place, heads - 1, node, iter(way.path)
    while last:
        if at % 2 or at < last:
            beside = next(path, None)
            if beside is None:
                return None
            found = joined_node(beside, found) if at % 2 else joined_node(found, beside)
        at, last = at // 2, last // 2
    return found if next(path, None) is None else None


class HeadsInOrder:
    """The blinded heads of an epoch, kept in little memory until all are there: about 90 bytes each.

    Heads go into 256 arrays by the first byte of their label. Labels are random, so each array gets about as many, and
    only one at a time is taken apart to be sorted.
    """

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(256)]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, head: BlindedHead) -> None:
        """Add a head, in any order."""
        part = self._parts[head.label[0]]
        part += head.label
        part += head.node
        self._count += 1

    def take(self) -> Iterator[bytes]:
        """Yield label ‖ node of each head in ascending order of the labels, and forget it; raises NotCanonical.

        Two heads under one label are refused: one of two subjects would be counted, and could be shown to both.
        """
        width, before = LABEL_BYTES + NODE_BYTES, b""
        for number, part in enumerate(self._parts):
            whole = bytes(part)
            part.clear()
            for each in sorted([whole[at : at + width] for at in range(0, len(whole), width)]):
                if each[:LABEL_BYTES] == before[:LABEL_BYTES]:
                    raise NotCanonical
                before = each
                yield each
            self._parts[number] = bytearray()
        self._count = 0
