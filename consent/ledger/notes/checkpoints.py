r"""Checkpoints: the head of a log's tree as the text of a signed note [c2sp.org/tlog-checkpoint].

    origin "\n" size "\n" base64(root(32)) "\n" × (extension line "\n")

For example, the tree of a log with one entry:

    credit.linzi.example/consent
    1
    bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=

The origin is the name of the log's key. Our logs write no extension lines.
"""

from dataclasses import dataclass

from consent.errors import CheckpointRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import EMPTY_ROOT, HASH_BYTES
from consent.ledger.notes.strict_text import LARGEST_NUMBER, parse_hash, parse_number, require_text, to_base64

_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the tree of the log *origin*: *size* leaves and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be read again, and another root of the empty tree: CheckpointRefused."""
        for line in (self.origin, *self.extensions):
            require_text(line, CheckpointRefused)
        if not self.origin or "\n" in self.origin:
            raise CheckpointRefused(LedgerFlaw.ORIGIN)
        if not all(self.extensions) or any("\n" in line for line in self.extensions):
            raise CheckpointRefused(LedgerFlaw.EMPTY_LINE)
        if not 0 <= self.size <= LARGEST_NUMBER:
            raise CheckpointRefused(LedgerFlaw.NUMBER_TOO_LARGE)
        if len(self.root) != HASH_BYTES:
            raise CheckpointRefused(LedgerFlaw.NOT_A_HASH)
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointRefused(LedgerFlaw.EMPTY_TREE)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note. Raises CheckpointRefused."""
        if not text.endswith("\n"):
            raise CheckpointRefused(LedgerFlaw.NO_NEWLINE)
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < _LINES:
            raise CheckpointRefused(LedgerFlaw.TOO_FEW_LINES)
        origin, size, root, *extensions = lines
        number = parse_number(size, CheckpointRefused)
        return cls(origin, number, parse_hash(root, CheckpointRefused), tuple(extensions))

    @property
    def text(self) -> str:
        """The text of the note."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)
