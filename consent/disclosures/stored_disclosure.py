"""The entry of a disclosure as its row gives it, also after an erasure [5.1.6].

An erasure takes the seed away, from which every salt follows. The column `opened` keeps the salts of the others:

    opened = salt 0 ‖ per subject (0x00 ‖ salt(16) | 0x01 ‖ sub-leaf hash(32))

The sub-leaf hash stands for a subject that was erased: its part, its salt and its id are gone, and root, record and
commitment are the same as before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from consent.disclosures.formats import (
    AccessContext,
    Part,
    entry,
    part_bytes,
    record_bytes,
    salts,
    sub_leaf,
    sub_leaves,
)
from consent.errors import NotCanonical
from consent.leaves.canonical_form import SALT_BYTES, commitment
from consent.ledger.merkle_tree import root_of

_SALT: Final = 0
_SUB_LEAF: Final = 1
_HASH: Final = 32


@dataclass(frozen=True, slots=True)
class StoredDisclosure:
    """A row of `disclosures` with its context and grounds. One of *seed* and *opened* is None."""

    disclosure_id: UUID
    request_id: UUID
    at: datetime
    actor_ref: str
    context: AccessContext
    subjects: Sequence[UUID]
    parts: Sequence[Part]
    seed: bytes | None = field(repr=False)
    opened: bytes | None = field(repr=False)
    is_delayed: bool

    def entry(self) -> bytes:
        """Return its entry in the log `access`; raises NotCanonical for a row that no disclosure can leave."""
        record_salt, leaves = self._leaves()
        record = record_bytes(
            self.context, self.disclosure_id, self.request_id, self.at, self.actor_ref,
            len(self.subjects), root_of(sorted(leaves)),
        )  # fmt: skip
        return entry(0 if self.is_delayed else len(self.subjects), commitment(record_salt, record))

    def _leaves(self) -> tuple[bytes, list[bytes]]:
        """Return the salt of the record and the sub-leaves, in the order of the page."""
        if self.seed is not None:
            salted = salts(self.seed, len(self.subjects))
            return salted[:SALT_BYTES], sub_leaves(salted, self.subjects, self.parts)
        opened, at = self.opened or b"", SALT_BYTES
        leaves: list[bytes] = []
        for subject_id, part in zip(self.subjects, self.parts, strict=True):
            kind, at = opened[at : at + 1], at + 1
            end = at + (_HASH if kind == bytes([_SUB_LEAF]) else SALT_BYTES)
            value, at = opened[at:end], end
            if kind not in {bytes([_SALT]), bytes([_SUB_LEAF])} or len(opened) < end:
                raise NotCanonical
            leaves.append(value if kind == bytes([_SUB_LEAF]) else sub_leaf(value, part_bytes(subject_id, part)))
        if at != len(opened):
            raise NotCanonical
        return opened[:SALT_BYTES], leaves
