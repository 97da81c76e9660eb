"""Counts the subjects that the entries of a log state, up to each place where somebody accounts for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from consent.errors import NotCanonical
from consent.ledger.entry_counts import stated_subjects
from consent.ports import Log
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction


@dataclass(slots=True)
class SubjectCounts:
    """The subjects stated by the entries of *log*: *at[size]* for each of the *wanted* sizes that was reached.

    Counting begins at the leaf index *position*, before which the entries state *total*.
    """

    log: Log
    wanted: Sequence[int]
    position: int
    total: int
    at: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the sizes in order, and note that of the beginning."""
        self.wanted = sorted({each for each in self.wanted if each >= self.position}, reverse=True)
        self._note([])

    def add(self, entries: Iterable[bytes]) -> None:
        """Count the next entries. Raises LogContradiction for an entry that states no number."""
        counts = []
        for entry in entries:
            try:
                counts.append(stated_subjects(self.log, entry))
            except NotCanonical:
                index = self.position + len(counts)
                raise LogContradiction(ContradictionWord.ENTRY_MALFORMED, self.log, {"index": index}) from None
        self._note(counts)

    def _note(self, counts: Sequence[int]) -> None:
        sums = list(accumulate(counts, initial=self.total))
        wanted = list(self.wanted)
        while wanted and wanted[-1] - self.position < len(sums):
            size = wanted.pop()
            self.at[size] = sums[size - self.position]
        self.wanted = wanted
        self.position, self.total = self.position + len(counts), sums[-1]
