r"""Proofs that an entry is in a log, to be kept and verified without it [c2sp.org/tlog-proof].

    "c2sp.org/tlog-proof@v1\n"
    "extra " base64(bytes) "\n"            absent where there are none; nothing vouches for them
    "index " number "\n"                   the place of the entry, from 0
    × (base64(hash(32)) "\n")              the path, the lowest hash first
    "\n"
    checkpoint                             a signed note, to the end of the proof

For example, of the third entry of a log with five, in a file whose name ends in `.tlog-proof`:

    c2sp.org/tlog-proof@v1
    index 2
    ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=
    AiNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=
    AyNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=

    credit.linzi.example/consent
    5
    Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=

    — credit.linzi.example/consent …

A proof has at most 63 hashes, as that of the largest tree, and 2,000,000 bytes.
"""

from dataclasses import dataclass
from typing import Final

from consent.errors import ProofRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import HASH_BYTES, verify_inclusion
from consent.ledger.notes.log_policy import LogPolicy, WitnessedCheckpoint
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.notes.strict_text import (
    LARGEST_NUMBER,
    LONGEST_PATH,
    parse_base64,
    parse_hash,
    parse_number,
    parse_text,
    to_base64,
)

HEADER: Final = "c2sp.org/tlog-proof@v1"
MOST_BYTES: Final = 2_000_000
_EXTRA: Final = "extra "
_INDEX: Final = "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof: the place of an entry, the path to the root, and the checkpoint as its log has signed it."""

    index: int
    path: tuple[bytes, ...]
    note: SignedNote
    extra: bytes = b""

    def __post_init__(self) -> None:
        """Refuse what could not be read again: ProofRefused."""
        if not 0 <= self.index <= LARGEST_NUMBER:
            raise ProofRefused(LedgerFlaw.NUMBER_TOO_LARGE)
        if len(self.path) > LONGEST_PATH:
            raise ProofRefused(LedgerFlaw.TOO_LONG_PATH)
        if any(len(each) != HASH_BYTES for each in self.path):
            raise ProofRefused(LedgerFlaw.NOT_A_HASH)

    @classmethod
    def parse(cls, proof: bytes) -> "TlogProof":
        """Read a proof. Raises ProofRefused, and NoteRefused where its checkpoint is no note."""
        head, divider, note = parse_text(proof, ProofRefused, MOST_BYTES).partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER:
            raise ProofRefused(LedgerFlaw.HEADER)
        if not divider:
            raise ProofRefused(LedgerFlaw.TOO_FEW_LINES)
        extra, lines = _extra(lines)
        if not lines:
            raise ProofRefused(LedgerFlaw.TOO_FEW_LINES)
        if not lines[0].startswith(_INDEX):
            raise ProofRefused(LedgerFlaw.LINE)
        if len(lines) - 1 > LONGEST_PATH:
            raise ProofRefused(LedgerFlaw.TOO_LONG_PATH)
        index = parse_number(lines[0].removeprefix(_INDEX), ProofRefused)
        path = tuple(parse_hash(line, ProofRefused) for line in lines[1:])
        return cls(index, path, SignedNote.parse(note.encode()), extra)

    def encode(self) -> bytes:
        """Return the proof as a file."""
        lines = [HEADER, *([_EXTRA + to_base64(self.extra)] if self.extra else []), f"{_INDEX}{self.index}"]
        head = "".join(f"{line}\n" for line in (*lines, *map(to_base64, self.path)))
        return head.encode() + b"\n" + self.note.encode()

    def verified(self, leaf_hash: bytes, policy: LogPolicy, now: float | None = None) -> WitnessedCheckpoint:
        """Return the checkpoint that proves the entry with this leaf hash to be in the log, in place `index`.

        *now*, in seconds since 1970 UTC: a checkpoint from the future is refused; None: times are not compared.
        Raises ProofRefused where the path does not lead to the root, and NoteRefused and CheckpointRefused where the
        policy does not accept the checkpoint. `extra` remains unproved.
        """
        witnessed = policy.verified(self.note, now)
        checkpoint = witnessed.checkpoint
        verify_inclusion(leaf_hash, self.index, checkpoint.size, checkpoint.root, self.path)
        return witnessed


def _extra(lines: list[str]) -> tuple[bytes, list[str]]:
    """Return the extra bytes and the lines after them."""
    if not lines or not lines[0].startswith(_EXTRA):
        return b"", lines
    extra = parse_base64(lines[0].removeprefix(_EXTRA), ProofRefused)
    if not extra:  # A line that says nothing is left out.
        raise ProofRefused(LedgerFlaw.LINE)
    return extra, lines[1:]
