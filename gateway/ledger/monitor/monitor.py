"""Verifies the three logs of a gateway over HTTP, with nothing but a policy and what was seen before.

    checkpoints     signed by a log of the policy, cosigned by its quorum, in the past, and no older than the last one
                    seen
    tiles           the entries give the tiles of hashes, and these the root; the tree continues the one seen before
    system          each entry is well formed; epochs come in order; what they account for is what the entries of
                    `consent` and `access` state, what restores state as lost is what their entries state, and no
                    more is erased than erasures state
    samples         for some entries, the proof that the log gives out leads to a checkpoint of the policy

What nobody can know from outside is a read that was never recorded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from consent.errors import LedgerRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ports import Log
from gateway.ledger.monitor.checkpoints import SeenCheckpoint, accepted, nothing_published, require_later
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction, LogUnchecked
from gateway.ledger.monitor.log_growth import GrownPiece, LogGrowth
from gateway.ledger.monitor.log_source import LogSource
from gateway.ledger.monitor.monitor_state import MonitorState, RememberedLog
from gateway.ledger.monitor.subject_counts import SubjectCounts
from gateway.ledger.monitor.system_facts import EpochLine, SystemFacts

SAMPLES: Final = 16
"""How many proofs of each of the logs `consent` and `access` are asked for."""
COUNTED: Final[tuple[Log, ...]] = ("consent", "access")
_COMMITMENT: Final = 32

Choose = Callable[[int], int]
"""Gives a number from 0 to before another, by chance."""


class ProvingLog(LogSource, Protocol):
    """A log that gives out proofs too."""

    async def proof(self, commitment: bytes) -> bytes | None:
        """Return the proof of the entry with this commitment, or None."""
        ...


@dataclass(slots=True)
class LogReport:
    """What was checked of one log."""

    origin: str
    size: int
    root: str
    cosigned_by: Sequence[str]
    first: int = 0
    entries: int = 0
    hash_tiles: int = 0
    proofs: int = 0


@dataclass(slots=True)
class MonitorReport:
    """What was checked. *waiting* epochs and restores are of entries that no checkpoint covers yet."""

    logs: dict[Log, LogReport] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    epochs: int = 0
    restores: int = 0
    waiting: int = 0

    def facts(self) -> dict[str, Any]:
        """Return it for machines."""
        logs = {
            name: {field: getattr(each, field) for field in LogReport.__slots__} for name, each in self.logs.items()
        }
        return {
            "logs": logs,
            "system_entries": dict(self.kinds),
            "epochs": self.epochs,
            "restores": self.restores,
            "waiting": self.waiting,
        }


@dataclass(slots=True)
class LogMonitor:
    """Verifies the logs *sources*; *now* gives seconds since 1970 UTC. Raises LogContradiction and LogUnchecked."""

    sources: Mapping[Log, ProvingLog]
    policy: LogPolicy
    choose: Choose
    now: Callable[[], float]
    samples: int = SAMPLES
    report: MonitorReport = field(default_factory=MonitorReport)

    async def verify(self, state: MonitorState, since: int | None = None) -> MonitorState:
        """Return what to remember after *state*; *since* is the leaf index from which every entry is read again."""
        # That of `system` first: what it states of the other two, they have published by then, or soon will.
        heads = {log: await self._head(log, state) for log in ("system", *COUNTED)}
        if not any(head.note for head in heads.values()):
            raise LogUnchecked("No log has published anything at this address; is it that of the gateway?")
        facts = SystemFacts(state.last_epoch, dict(state.epoch_sizes), dict(state.erased), state.is_closed)
        start = min(state.system_read, heads["system"].checkpoint.size if since is None else since)
        await self._read("system", heads, state, start, lambda piece: _add_system(facts, state.system_read, piece))
        self.report.kinds = facts.kinds

        after = MonitorState(lost=dict(state.lost))
        after.logs["system"] = RememberedLog(heads["system"].note)
        for log in COUNTED:
            after.logs[log] = await self._counted(log, heads, state, facts, since, after.lost)
        _close(after, state, facts, heads, self.report)
        after.logs = {log: it for log, it in after.logs.items() if it.note}
        return after

    async def _head(self, log: Log, state: MonitorState) -> SeenCheckpoint:
        content, remembered = await self.sources[log].checkpoint(), state.logs.get(log)
        if content is None:
            if remembered is not None:
                raise LogContradiction(ContradictionWord.CHECKPOINT_GONE, log, evidence=(remembered.note,))
            return nothing_published(log)
        head = accepted(content, log, self.policy, self.now())
        if remembered is not None:
            require_later(log, self._before(log, remembered), head)
        return head

    def _before(self, log: Log, remembered: RememberedLog) -> SeenCheckpoint:
        # The witnesses of the policy may be others by now; the log's own signature is what binds it.
        return accepted(remembered.note, log, replace(self.policy, quorum="none"), None)

    async def _read(
        self,
        log: Log,
        heads: Mapping[Log, SeenCheckpoint],
        state: MonitorState,
        start: int,
        see: Callable[[GrownPiece], None],
    ) -> None:
        """Verify every entry and tile from *start* on, and that the tree continues the one that was seen."""
        seen = heads[log]
        head, remembered = seen.checkpoint, state.logs.get(log)
        growth = LogGrowth(self.sources[log], head)
        report = LogReport(head.origin, head.size, head.root.hex(), seen.cosigned_by, min(start, head.size))
        self.report.logs[log] = report
        if remembered is not None:
            before = self._before(log, remembered)
            tree = await growth.tree_at(before.checkpoint.size)
            if tree.root != before.checkpoint.root:
                facts: dict[str, int | str] = {"old_size": before.checkpoint.size, "size": head.size}
                raise LogContradiction(ContradictionWord.NOT_CONSISTENT, log, facts, (before.note, seen.note))
        edge = await growth.edge_at(report.first)
        try:
            async for piece in growth.pieces(edge):
                see(piece)
                report.entries += len(piece.entries)
                report.hash_tiles += await growth.require_tiles(piece.full_tiles)
                edge = piece.edge
        except LogContradiction as found:
            found.evidence = found.evidence or (seen.note,)
            raise
        report.hash_tiles += await growth.require_tiles(edge.tiles)

    async def _counted(
        self,
        log: Log,
        heads: Mapping[Log, SeenCheckpoint],
        state: MonitorState,
        facts: SystemFacts,
        since: int | None,
        lost: dict[Log, int],
    ) -> RememberedLog:
        size, remembered = heads[log].checkpoint.size, state.logs.get(log) or RememberedLog(b"")
        lines = [line for _, line in facts.epochs if line.log == log and line.size <= size]
        restores = [each for each in facts.restores if each.log == log and each.end <= size]
        start = min([remembered.counted_size, *(each.first for each in restores)])
        if remembered.counted_size > size:
            raise LogUnchecked("The state file does not fit the log; name another one, or move it away.")
        ends = [at for each in restores for at in (each.first, each.end)]
        counts = SubjectCounts(log, [remembered.counted_size, *ends, *(line.size for line in lines)], start, 0)
        sampled = _Sample(self.samples, self.choose)
        first = start if since is None else min(start, since)

        def see(piece: GrownPiece) -> None:
            sampled.see(piece)
            counts.add(piece.entries[max(0, start - piece.first) :])

        await self._read(log, heads, state, first, see)
        # Counting began at zero: what the entries before state is known up to the remembered place.
        shift = remembered.counted_sum - counts.at[remembered.counted_size]
        for each in restores:
            _require_restore(each.first, each.end, each.subjects, counts, log)
            lost[log] = lost.get(log, 0) + each.subjects
        for line in lines:
            _require_sums(line, counts.at[line.size] + shift, lost.get(log, 0), facts.erased.get(log, 0))
        await self._require_proofs(log, sampled)
        self.report.restores += len(restores)
        counted = max([remembered.counted_size, *(line.size for line in lines)])
        return RememberedLog(heads[log].note, counted, counts.at[counted] + shift)

    async def _require_proofs(self, log: Log, sample: "_Sample") -> None:
        for index, entry in sample.kept:
            content = await self.sources[log].proof(entry[-_COMMITMENT:])
            if content is None:
                raise LogContradiction(ContradictionWord.PROOF_MISSING, log, {"index": index})
            try:
                proof = TlogProof.parse(content)
                proof.verified(leaf_hash(entry), self.policy, self.now())
            except LedgerRefused as error:
                facts: dict[str, int | str] = {"index": index, "flaw": str(error.flaw)}
                raise LogContradiction(ContradictionWord.PROOF_REFUSED, log, facts, (content,)) from None
            self.report.logs[log].proofs += 1


class _Sample:
    """Keeps some of the entries that it sees, each with the same chance."""

    def __init__(self, size: int, choose: Choose) -> None:
        self._size, self._choose, self._seen = size, choose, 0
        self.kept: list[tuple[int, bytes]] = []

    def see(self, piece: GrownPiece) -> None:
        for index, entry in enumerate(piece.entries, piece.first):
            self._seen += 1
            if len(self.kept) < self._size:
                self.kept.append((index, entry))
            elif self._size and (at := self._choose(self._seen)) < self._size:
                self.kept[at] = (index, entry)


def _add_system(facts: SystemFacts, read: int, piece: GrownPiece) -> None:
    skipped = max(0, read - piece.first)
    facts.add(piece.first + skipped, piece.entries[skipped:])


def _require_restore(first: int, end: int, subjects: int, counts: SubjectCounts, log: Log) -> None:
    if first >= end or counts.at[end] - counts.at[first] != subjects:
        raise LogContradiction(
            ContradictionWord.RESTORE_DIFFERS, log, {"first": first, "end": end, "subjects": subjects}
        )


def _require_sums(line: EpochLine, stated: int, lost: int, erased: int) -> None:
    facts: dict[str, int | str] = {"epoch": line.epoch, "size": line.size, "stated": stated}
    if line.accounted != stated:
        raise LogContradiction(ContradictionWord.SUMS_DIFFER, line.log, facts | {"accounted": line.accounted})
    if line.lost > lost:
        raise LogContradiction(
            ContradictionWord.LOST_NOT_STATED, line.log, facts | {"lost": line.lost, "restores": lost}
        )
    if line.erased > erased:
        raise LogContradiction(
            ContradictionWord.ERASED_NOT_STATED, line.log, facts | {"erased": line.erased, "erasures": erased}
        )


def _close(
    after: MonitorState, before: MonitorState, facts: SystemFacts, heads: Mapping[Log, SeenCheckpoint],
    report: MonitorReport,
) -> None:  # fmt: skip
    """Remember up to which entry of `system` everything was compared; the rest is read again next time."""
    waiting = [index for index, line in facts.epochs if line.size > heads[line.log].checkpoint.size]
    waiting_restores = [each for each in facts.restores if each.end > heads[each.log].checkpoint.size]
    report.waiting = len(set(waiting)) + len(waiting_restores)
    report.epochs = len({index for index, _ in facts.epochs} - set(waiting))
    is_whole = not waiting and not waiting_restores
    after.system_read = heads["system"].checkpoint.size if is_whole else before.system_read
    after.last_epoch = facts.last_epoch if is_whole else before.last_epoch
    after.epoch_sizes = facts.sizes if is_whole else dict(before.epoch_sizes)
    after.erased = facts.erased if is_whole else dict(before.erased)
    after.is_closed = facts.is_closed if is_whole else before.is_closed
    if not is_whole:
        # Their restores and epochs are counted again from where the last complete look ended.
        after.lost = dict(before.lost)
        for log in COUNTED:
            remembered = before.logs.get(log)
            after.logs[log].counted_size = remembered.counted_size if remembered else 0
            after.logs[log].counted_sum = remembered.counted_sum if remembered else 0
