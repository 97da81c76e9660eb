"""The tree of an epoch in pieces that are kept outside the database, so that a subject's path needs three of them.

    level 0     up to 1,024 heads in ascending order of their labels: × (label(32) ‖ node(48))
    level 1     up to 1,024 × node(48): the nodes over the pieces of level 0, in their order
    level 2     the same over the pieces of level 1
    labels      × 32 bytes: the first label of each piece of level 0

The topmost level has one piece; the node over it is the root. Of a million heads there are 977 pieces of level 0, one
of level 1 and the labels: 80 MB. Formats of labels and nodes: `consent.ledger.epochs`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from consent.errors import NotCanonical
from consent.ledger.epochs import LABEL_BYTES, NO_HEADS, NODE_BYTES, HeadPath, node_path, split_nodes, top_node

WIDTH: Final = 1_024
"""How many heads or nodes a piece has, but for the last one."""
LABELS: Final = -1
"""The level of the piece with the first labels."""
_RECORD: Final = LABEL_BYTES + NODE_BYTES


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the tree of an epoch, by its level and its number in the level."""

    level: int
    number: int
    contents: bytes


class EpochTree:
    """Makes the pieces of a tree, given label ‖ node of every head in ascending order of the labels.

    *root* and *heads* are known once all pieces were taken. It holds one piece, and the nodes over the others.
    """

    def __init__(self, heads: Iterable[bytes]) -> None:
        self._heads = heads
        self.heads = 0
        self.root = NO_HEADS

    def pieces(self) -> Iterator[Piece]:
        """Yield every piece; raises NotCanonical for a sum of 2^63 or more."""
        first_labels, nodes = bytearray(), bytearray()
        for number, records in enumerate(_in_pieces(self._heads)):
            self.heads += len(records)
            first_labels += records[0][:LABEL_BYTES]
            nodes += top_node([each[LABEL_BYTES:] for each in records])
            yield Piece(0, number, b"".join(records))
        yield Piece(LABELS, 0, bytes(first_labels))
        level = 1
        while len(nodes) > NODE_BYTES:
            above = bytearray()
            for number, at in enumerate(range(0, len(nodes), WIDTH * NODE_BYTES)):
                contents = bytes(nodes[at : at + WIDTH * NODE_BYTES])
                above += top_node(split_nodes(contents))
                yield Piece(level, number, contents)
            nodes, level = above, level + 1
        if nodes:
            self.root = bytes(nodes)


def _in_pieces(heads: Iterable[bytes]) -> Iterator[list[bytes]]:
    waiting: list[bytes] = []
    for each in heads:
        waiting.append(each)
        if len(waiting) == WIDTH:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


@dataclass(frozen=True, slots=True)
class FoundHead:
    """A head that was found in the tree of an epoch: its node, and its way to the root."""

    node: bytes
    way: HeadPath


def piece_of(label: bytes, labels: bytes) -> int | None:
    """Return the number of the piece of level 0 that has *label* if any has it, given the piece of first labels."""
    if len(labels) % LABEL_BYTES or len(label) != LABEL_BYTES:
        raise NotCanonical
    number = bisect_right(range(len(labels) // LABEL_BYTES), label, key=lambda at: _label(labels, at, LABEL_BYTES)) - 1
    return number if number >= 0 else None


def find_head(
    label: bytes, heads: int, piece: int, contents: bytes, nodes: Callable[[int, int], bytes]
) -> FoundHead | None:
    """Return the head under *label*, or None where the piece of level 0 with this number and *contents* has none.

    *nodes* gives the piece of nodes by level and number. *heads* is how many the epoch has. Raises NotCanonical for
    contents that are no piece.
    """
    if len(contents) % _RECORD:
        raise NotCanonical
    count = len(contents) // _RECORD
    at = bisect_right(range(count), label, key=lambda each: _label(contents, each, _RECORD)) - 1
    if at < 0 or _label(contents, at, _RECORD) != label:
        return None
    own = [contents[start + LABEL_BYTES : start + _RECORD] for start in range(0, len(contents), _RECORD)]
    return FoundHead(own[at], HeadPath(piece * WIDTH + at, [*node_path(own, at), *_upper_path(piece, heads, nodes)]))


def _upper_path(piece: int, heads: int, nodes: Callable[[int, int], bytes]) -> Sequence[bytes]:
    path: list[bytes] = []
    level, at, count = 1, piece, -(-heads // WIDTH)
    while count > 1:
        path += node_path(split_nodes(nodes(level, at // WIDTH)), at % WIDTH)
        level, at, count = level + 1, at // WIDTH, -(-count // WIDTH)
    return path


def _label(contents: bytes, at: int, width: int) -> bytes:
    return contents[at * width : at * width + LABEL_BYTES]
