"""The chain of one recorder: it numbers its commit groups, and each tag covers the one before.

So that whoever deletes a group leaves a gap, and whoever changes one breaks every tag after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from consent.disclosures.pending_groups import NO_TAG, Tag, joined_leaves, joined_sources, tagged_bytes


@dataclass(frozen=True, slots=True)
class NumberedGroup:
    """A group that may be committed next: the row of `pending_entries`, and its tag."""

    recorder: UUID
    number: int
    sources: bytes
    leaves: bytes
    tag: bytes | None

    def row(self) -> tuple[object, ...]:
        """Return the columns in the order of `storage.access_log.insert.PENDING`."""
        return self.recorder, self.number, "access", self.sources, self.leaves, self.tag


@dataclass(slots=True)
class RecorderChain:
    """Numbers groups. *new_id* gives a recorder's id, *tag* makes tags; without it the column stays empty.

    INVARIANT: the next group is made only after the outcome of the last one is stated.
    """

    new_id: Callable[[], UUID]
    tag: Tag | None
    _recorder: UUID = field(init=False)
    _number: int = field(init=False)
    _last: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin a new recorder: at the start, and where it is not known whether the last group was committed."""
        self._recorder, self._number, self._last = self.new_id(), 0, NO_TAG

    def group(self, entries: Sequence[tuple[UUID, bytes]]) -> NumberedGroup:
        """Return the next group, of the sources and entries given. One that is refused takes no number."""
        sources = joined_sources([source for source, _ in entries])
        leaves = joined_leaves([entry for _, entry in entries])
        tag = None
        if self.tag is not None:
            tag = self.tag(tagged_bytes("access", sources, leaves, self._recorder, self._number, self._last))
        return NumberedGroup(self._recorder, self._number, sources, leaves, tag)

    def committed(self, group: NumberedGroup) -> None:
        """State that *group* is durable."""
        self._number, self._last = group.number + 1, group.tag or NO_TAG
