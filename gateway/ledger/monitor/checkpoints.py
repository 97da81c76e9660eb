"""A log's checkpoint as a policy accepts it, compared with the last one that was seen."""

from dataclasses import dataclass

from consent.errors import CheckpointRefused, LedgerRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import EMPTY_ROOT
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signed_notes import SignedNote
from consent.ports import Log
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction


@dataclass(frozen=True, slots=True)
class SeenCheckpoint:
    """A checkpoint with the bytes of its note and the names of the witnesses who cosigned it."""

    note: bytes
    checkpoint: Checkpoint
    cosigned_by: tuple[str, ...] = ()


def nothing_published(log: Log) -> SeenCheckpoint:
    """Return what stands for a log that has published nothing yet."""
    return SeenCheckpoint(b"", Checkpoint(log, 0, EMPTY_ROOT))


def accepted(content: bytes, log: Log, policy: LogPolicy, now: float | None) -> SeenCheckpoint:
    """Return the checkpoint that *content* is at *now*, in seconds since 1970 UTC; None: it was accepted before.

    Raises LogContradiction where *policy* does not accept it as *log*'s, and for one from the future.
    """
    try:
        note = SignedNote.parse(content)
        witnessed = policy.verified(note, now)
    except LedgerRefused as error:
        lacks_quorum = isinstance(error, CheckpointRefused) and error.flaw is LedgerFlaw.NO_QUORUM
        word = ContradictionWord.NO_QUORUM if lacks_quorum else ContradictionWord.BAD_CHECKPOINT
        raise LogContradiction(word, log, {"flaw": str(error.flaw)}, (content,)) from None
    if witnessed.checkpoint.origin.rpartition("/")[2] != log:
        raise LogContradiction(ContradictionWord.BAD_CHECKPOINT, log, {"flaw": str(LedgerFlaw.OTHER_LOG)}, (content,))
    cosigners = {each.key for each in witnessed.cosignatures}
    names = tuple(each.name for each in policy.witnesses if each.key in cosigners)
    return SeenCheckpoint(content, witnessed.checkpoint, names)


def require_later(log: Log, old: SeenCheckpoint, new: SeenCheckpoint) -> None:
    """Raise LogContradiction where *new* is smaller than *old*, has another root for its size, or another origin."""
    before, now, evidence = old.checkpoint, new.checkpoint, (old.note, new.note)
    if now.origin != before.origin:
        raise LogContradiction(ContradictionWord.BAD_CHECKPOINT, log, {"flaw": str(LedgerFlaw.OTHER_LOG)}, evidence)
    facts: dict[str, int | str] = {"old_size": before.size, "size": now.size}
    if now.size < before.size:
        raise LogContradiction(ContradictionWord.ROLLBACK, log, facts, evidence)
    if now.size == before.size and now.root != before.root:
        raise LogContradiction(ContradictionWord.SPLIT_VIEW, log, facts, evidence)
