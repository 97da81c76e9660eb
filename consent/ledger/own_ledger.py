"""What the gateway gives a subject of its own trees: its head in an epoch, pages of a tree, and how a tree has grown.

The subject checks all of it by `consent.ledger.completeness` and `consent.ledger.subject_trees`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from consent.disclosures.proofs import SubjectProof
from consent.ledger.completeness import OwnHead
from consent.ports import Log


@dataclass(frozen=True, slots=True)
class OwnTree:
    """One of the two trees of a subject as an epoch commits to it: the first *size* of its leaves."""

    log: Log
    size: int
    root: bytes
    log_size: int


@dataclass(frozen=True, slots=True)
class OwnLedger:
    """A subject's head in the newest epoch that has one, with its secret and its trees.

    *generation* rises where a restored database made a tree shorter. *heads* and *root* are the epoch's; *root* is the
    whole node, with the sums.
    """

    subject_id: UUID
    secret: bytes = field(repr=False)
    own: OwnHead
    made_at: datetime
    heads: int
    root: bytes
    generation: int
    trees: Sequence[OwnTree]


@dataclass(frozen=True, slots=True)
class OwnLedgerEntry:
    """A leaf of a subject's tree: the entry of the log, the subject's own hash, and what it holds of a disclosure.

    *source* is the id of the record. *opened_from* is the place of the entry that counted for nobody, where a lawful
    delay, or the time before the notice of a case, came before this one.
    """

    leaf_index: int
    source: UUID
    entry: bytes
    own_hash: bytes
    proof: SubjectProof | None = None
    opened_from: int | None = None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Leaves of a subject's tree from *start* on, with the nodes that prove that none is missing between them."""

    start: int
    entries: Sequence[OwnLedgerEntry]
    before: Sequence[bytes]
    after: Sequence[bytes]
