r"""What a log sends to a witness to have a checkpoint cosigned [c2sp.org/tlog-witness].

    "old " size "\n"                the size of the last checkpoint that the witness has cosigned, as the log knows it
    × (base64(hash(32)) "\n")       the proof that the tree extends the one of that size, at most 63 hashes
    "\n"
    checkpoint                      a signed note, to the end of the request

For example, the request for the first checkpoint of a log:

    old 0

    credit.linzi.example/consent
    1
    bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=

    — credit.linzi.example/consent …
"""

from dataclasses import dataclass
from typing import Final

from consent.errors import ProofRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.signed_notes import MOST_NOTE_BYTES, SignedNote
from consent.ledger.notes.strict_text import parse_hash, parse_number, parse_text, to_base64
from consent.ledger.notes.tlog_proofs import LONGEST_PATH

_OLD: Final = "old "
_HASH_LINE: Final = 45
MOST_BYTES: Final = MOST_NOTE_BYTES + LONGEST_PATH * _HASH_LINE + 64
"""Of a request: its note, its proof, and its first line."""


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """A request to cosign: the size that the witness should know, the proof from there, and the signed checkpoint."""

    old_size: int
    path: tuple[bytes, ...]
    note: SignedNote

    @classmethod
    def parse(cls, body: bytes) -> "WitnessRequest":
        """Read a request. Raises ProofRefused, and NoteRefused where its checkpoint is no note."""
        head, divider, note = parse_text(body, ProofRefused, MOST_BYTES).partition("\n\n")
        first, *lines = head.split("\n")
        if not divider:
            raise ProofRefused(LedgerFlaw.TOO_FEW_LINES)
        if not first.startswith(_OLD):
            raise ProofRefused(LedgerFlaw.LINE)
        if len(lines) > LONGEST_PATH:
            raise ProofRefused(LedgerFlaw.TOO_LONG_PATH)
        old_size = parse_number(first.removeprefix(_OLD), ProofRefused)
        path = tuple(parse_hash(line, ProofRefused) for line in lines)
        return cls(old_size, path, SignedNote.parse(note.encode()))

    def encode(self) -> bytes:
        """Return the request as bytes."""
        hashes = "".join(f"{to_base64(each)}\n" for each in self.path)
        return f"{_OLD}{self.old_size}\n{hashes}\n".encode() + self.note.encode()
