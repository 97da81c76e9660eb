r"""What a log asks of a witness: to cosign a checkpoint that extends the one of an old size [c2sp.org/tlog-witness].

    "old " old size "\n"
    × (base64(hash(32)) "\n")      the proof that the tree has only grown since; none for an old size of 0, or the same
    "\n"
    checkpoint                     a signed note, to the end of the body

For example, where the witness has cosigned three entries and the log has five:

    old 3
    ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=
    AiNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=

    credit.linzi.example/consent
    5
    Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=

    — credit.linzi.example/consent …

A body has at most 63 hashes, and 1,010,000 bytes.
"""

from dataclasses import dataclass
from typing import Final

from consent.errors import ProofRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import HASH_BYTES, verify_consistency
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signed_notes import MOST_NOTE_BYTES, SignedNote
from consent.ledger.notes.strict_text import (
    LARGEST_NUMBER,
    LONGEST_PATH,
    parse_hash,
    parse_number,
    parse_text,
    to_base64,
)

MOST_BYTES: Final = MOST_NOTE_BYTES + 10_000
_OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class AddCheckpointRequest:
    """A checkpoint as its log has signed it, with the proof that it extends the tree of *old_size*."""

    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote

    def __post_init__(self) -> None:
        """Refuse what could not be read again: ProofRefused."""
        if not 0 <= self.old_size <= LARGEST_NUMBER:
            raise ProofRefused(LedgerFlaw.NUMBER_TOO_LARGE)
        if len(self.proof) > LONGEST_PATH:
            raise ProofRefused(LedgerFlaw.TOO_LONG_PATH)
        if any(len(each) != HASH_BYTES for each in self.proof):
            raise ProofRefused(LedgerFlaw.NOT_A_HASH)

    @classmethod
    def parse(cls, body: bytes) -> "AddCheckpointRequest":
        """Read the body of a request. Raises ProofRefused, and NoteRefused where the checkpoint is no note."""
        head, divider, note = parse_text(body, ProofRefused, MOST_BYTES).partition("\n\n")
        old, *hashes = head.split("\n")
        if not old.startswith(_OLD):
            raise ProofRefused(LedgerFlaw.HEADER)
        if not divider:
            raise ProofRefused(LedgerFlaw.TOO_FEW_LINES)
        if len(hashes) > LONGEST_PATH:
            raise ProofRefused(LedgerFlaw.TOO_LONG_PATH)
        size = parse_number(old.removeprefix(_OLD), ProofRefused)
        return cls(size, tuple(parse_hash(line, ProofRefused) for line in hashes), SignedNote.parse(note.encode()))

    def encode(self) -> bytes:
        """Return the body of the request."""
        lines = (f"{_OLD}{self.old_size}", *map(to_base64, self.proof))
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note.encode()

    def require_consistent(self, old_root: bytes, checkpoint: Checkpoint) -> None:
        """Return nothing if *checkpoint*, that of the note, extends the tree of the old size and this root.

        Raises ProofRefused; with OUT_OF_RANGE where the checkpoint is the smaller one.
        """
        verify_consistency(self.old_size, old_root, checkpoint.size, checkpoint.root, self.proof)
