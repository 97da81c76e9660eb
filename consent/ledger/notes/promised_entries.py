"""What the readers of one commit get: their entries, each with its way to the root that the log has promised.

`consent.ledger.notes.log_promises` shows the promise, byte for byte.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import path_within, tree_levels
from consent.ledger.notes.strict_text import to_base64


class PromisedGroup:
    """The entries of one commit and the promise for them, from which each of its readers gets its own part."""

    __slots__ = ("_levels", "note")

    note: str
    """The promise as its log has signed it."""

    def __init__(self, entries: Sequence[bytes], sign: Callable[[int, bytes], str]) -> None:
        """Let *sign* promise so many entries under a root: it gives the note."""
        self._levels = tree_levels([leaf_hash(each) for each in entries])
        self.note = sign(len(entries), self._levels[-1][0])

    def path(self, index: int) -> list[bytes]:
        """Return the way from entry *index* to the promised root."""
        return path_within(self._levels, index)


@dataclass(frozen=True, slots=True)
class PromisedEntries:
    """What one reader holds: its entries, which are those of *group* from the place *first* on."""

    group: PromisedGroup
    first: int
    entries: Sequence[bytes]

    def as_json(self) -> dict[str, object]:
        """Return it for an answer, with entries in small hexadecimal and hashes in base64, the lowest first.

        {"entries":[{"entry":"0014…","index":0,"path":["…"]}],"promise":"chengxin/promise/1…"}
        """
        entries = [
            {"entry": entry.hex(), "index": at, "path": [to_base64(each) for each in self.group.path(at)]}
            for at, entry in enumerate(self.entries, start=self.first)
        ]
        return {"entries": entries, "promise": self.group.note}
