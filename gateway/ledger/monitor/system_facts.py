"""What the log `system` states of the other two: epochs, restores, erasures. Nothing is believed yet."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from consent.errors import SystemEntryRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.system_entries import (
    AttestationClosed,
    EpochRoot,
    ErasedSubject,
    RestoredLog,
    RowsAttested,
    parse_system_entry,
)
from consent.ports import Log
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction


@dataclass(frozen=True, slots=True)
class EpochLine:
    """What an epoch accounts for in one log: heads, erased and lost together are the subjects of the first *size*."""

    epoch: int
    log: Log
    size: int
    summed: int
    erased: int
    lost: int

    @property
    def accounted(self) -> int:
        """How many subjects the entries below *size* must state."""
        return self.summed + self.erased + self.lost


@dataclass(slots=True)
class SystemFacts:
    """Collects what the entries state, in their order. *last_epoch* and *sizes* are those of the epoch before.

    *erased* are the entries of erased subjects, as the erasures so far state them; *is_closed*, whether an entry said
    that no row is taken over any more.
    """

    last_epoch: int | None = None
    sizes: dict[Log, int] = field(default_factory=dict)
    erased: dict[Log, int] = field(default_factory=dict)
    is_closed: bool = False
    epochs: list[tuple[int, EpochLine]] = field(default_factory=list)
    """The leaf index of each epoch's entry, with a line for each log."""
    restores: list[RestoredLog] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    """How many entries there are of each type; `later` are types that this release does not know."""

    def add(self, first: int, entries: Iterable[bytes]) -> None:
        """Read entries from the leaf index *first* on. Raises LogContradiction."""
        for index, entry in enumerate(entries, first):
            self._add(index, entry)

    def _add(self, index: int, entry: bytes) -> None:
        try:
            stated = parse_system_entry(entry)
        except SystemEntryRefused as error:
            if error.flaw is not LedgerFlaw.UNKNOWN_TYPE:
                facts: dict[str, int | str] = {"index": index, "flaw": str(error.flaw)}
                raise LogContradiction(ContradictionWord.ENTRY_MALFORMED, "system", facts) from None
            self.kinds["later"] += 1
            return
        self.kinds[stated.TYPE] += 1
        if isinstance(stated, RestoredLog):
            self.restores.append(stated)
        elif isinstance(stated, ErasedSubject):
            counts: tuple[tuple[Log, int], ...] = ("consent", stated.consent_count), ("access", stated.access_count)
            for log, count in counts:
                self.erased[log] = self.erased.get(log, 0) + count
        elif isinstance(stated, EpochRoot):
            self._add_epoch(index, stated)
        elif isinstance(stated, RowsAttested | AttestationClosed):
            if self.is_closed:
                raise LogContradiction(ContradictionWord.TAKEN_OVER_AGAIN, "system", {"index": index})
            self.is_closed = isinstance(stated, AttestationClosed)

    def _add_epoch(self, index: int, stated: EpochRoot) -> None:
        lines = (
            EpochLine(stated.epoch, "consent", stated.consent_size, stated.consent_sum, stated.consent_erased,
                      stated.consent_lost),
            EpochLine(stated.epoch, "access", stated.access_size, stated.access_sum, stated.access_erased,
                      stated.access_lost),
        )  # fmt: skip
        is_later = self.last_epoch is None or stated.epoch > self.last_epoch
        if not is_later or any(line.size < self.sizes.get(line.log, 0) for line in lines):
            raise LogContradiction(ContradictionWord.EPOCH_ORDER, "system", {"index": index, "epoch": stated.epoch})
        self.last_epoch = stated.epoch
        for line in lines:
            self.sizes[line.log] = line.size
            self.epochs.append((index, line))
