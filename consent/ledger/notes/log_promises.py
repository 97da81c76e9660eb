r"""Promises: a log says by when the entries of one commit will be in it, before they are. The receipt of a read.

    "chengxin/promise/1\n" origin "\n" size "\n" base64(root(32)) "\n" seconds "\n"      the text of a signed note

    size      how many entries the group has
    root      MTH over their leaf hashes, in the order of the group [RFC 6962 section 2.1]
    seconds   since 1970-01-01 UTC: from then on the entries must be in the log

For example, of a group of three, signed by the key of the log:

    chengxin/promise/1
    credit.linzi.example/access
    3
    rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8ynga3c=
    1772672585

    — credit.linzi.example/access …

Whoever reads gets the promise, the place of its own entry in the group, and the path to the root. If the entry is not
in the log when the time has come, the promise proves that the log has dropped it. No checkpoint looks like a promise:
where that has its size, a promise has the origin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consent.errors import LogPromiseRefused, ProofRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import HASH_BYTES, inclusion_path, root_of, verify_inclusion
from consent.ledger.notes.signatures import verified_signatures
from consent.ledger.notes.signed_notes import SignedNote, VerifierKey, require_key_name
from consent.ledger.notes.strict_text import LARGEST_NUMBER, parse_hash, parse_number, to_base64

HEADER: Final = "chengxin/promise/1"
_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class LogPromise:
    """The log *origin* promises *size* entries under *root* for the time *due*, in seconds since 1970 UTC."""

    origin: str
    size: int
    root: bytes
    due: int

    def __post_init__(self) -> None:
        """Refuse what could not be read again: LogPromiseRefused; NoteRefused for an origin that no key can have."""
        require_key_name(self.origin)
        if self.size < 1 or not 0 <= self.due <= LARGEST_NUMBER or self.size > LARGEST_NUMBER:
            raise LogPromiseRefused(LedgerFlaw.VALUE)
        if len(self.root) != HASH_BYTES:
            raise LogPromiseRefused(LedgerFlaw.NOT_A_HASH)

    @classmethod
    def of_group(cls, origin: str, leaf_hashes: Sequence[bytes], due: int) -> "LogPromise":
        """Return the promise for the entries with these leaf hashes, in their order."""
        return cls(origin, len(leaf_hashes), root_of(leaf_hashes), due)

    @classmethod
    def parse(cls, text: str) -> "LogPromise":
        """Read the text of a note. Raises LogPromiseRefused, NoteRefused."""
        if not text.endswith("\n"):
            raise LogPromiseRefused(LedgerFlaw.NO_NEWLINE)
        lines = text.removesuffix("\n").split("\n")
        if lines[0] != HEADER:
            raise LogPromiseRefused(LedgerFlaw.HEADER)
        if len(lines) != _LINES:
            raise LogPromiseRefused(LedgerFlaw.LINE)
        _, origin, size, root, due = lines
        return cls(
            origin,
            parse_number(size, LogPromiseRefused),
            parse_hash(root, LogPromiseRefused),
            parse_number(due, LogPromiseRefused),
        )

    @property
    def text(self) -> str:
        """The text of the note."""
        return f"{HEADER}\n{self.origin}\n{self.size}\n{to_base64(self.root)}\n{self.due}\n"


@dataclass(frozen=True, slots=True)
class PromisedEntry:
    """What the reader of one entry holds: the promise as its log has signed it, and the way to its root."""

    note: SignedNote
    index: int
    path: tuple[bytes, ...]

    @classmethod
    def of_group(cls, note: SignedNote, leaf_hashes: Sequence[bytes], index: int) -> "PromisedEntry":
        """Return what proves the promise for entry *index* of the group."""
        return cls(note, index, tuple(inclusion_path(leaf_hashes, index)))

    def verified(self, leaf_hash: bytes, log: VerifierKey) -> LogPromise:
        """Return the promise that *log* has made for the entry with this leaf hash.

        Raises NoteRefused where the log has not signed it, and LogPromiseRefused where it is no promise of this log or
        does not cover the entry.
        """
        verified_signatures(self.note, [log])
        promise = LogPromise.parse(self.note.text)
        if promise.origin != log.name:
            raise LogPromiseRefused(LedgerFlaw.OTHER_LOG)
        try:
            verify_inclusion(leaf_hash, self.index, promise.size, promise.root, self.path)
        except ProofRefused as error:
            raise LogPromiseRefused(error.flaw) from error
        return promise
