"""The heads that a fold wrote, for the next step of the same fold: reading them again would cost as much as hashing.

They hold while the log stands where this fold left it: another fold, an erasure and a restore each change that.
"""

from collections.abc import Iterator, Sequence
from typing import Final

MOST_BYTES: Final = 32 << 20
HEAD_BYTES: Final = 330
"""What a head takes in memory besides its edge: its objects and its place in a dictionary."""

Head = tuple[int, bytes, int | None, int | None]
"""How many leaves, the edge, and the milliseconds of the unfinished block's first disclosure and of the last of all."""


class RememberedHeads:
    """Heads of one log by the 16 bytes of their subjects' ids, of at most so many bytes.

    Those that did not grow for longest are given up, half of them at once.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._half = most_bytes // 2
        self._new: dict[bytes, Head] = {}
        self._old: dict[bytes, Head] = {}
        self._new_bytes = 0
        self._left: object = None

    def hold_at(self, left: object) -> None:
        """Forget every head unless the log stands where `keep` was told that it was left."""
        if self._left != left:
            self._new, self._old, self._new_bytes, self._left = {}, {}, 0, None

    def find(self, ids: Sequence[bytes]) -> Iterator[Head | None]:
        """Give the head of each of *ids*, or None."""
        new, old = self._new.get, self._old.get
        return (new(each) or old(each) for each in ids)

    def keep(self, heads: Iterator[tuple[bytes, Head]], left: object) -> None:
        """Remember *heads*, with which the log was left at *left*."""
        new, size = self._new, self._new_bytes
        for key, head in heads:
            before = new.get(key)
            size += len(head[1]) + HEAD_BYTES if before is None else len(head[1]) - len(before[1])
            new[key] = head
        self._new_bytes, self._left = size, left
        if size > self._half:
            self._new, self._old, self._new_bytes = {}, new, 0
