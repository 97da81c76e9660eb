"""The entry of a disclosure as its row gives it, and a subject's proof of it, also after an erasure [5.1.6].

`consent.disclosures.stored_sub_leaves` says what an erasure leaves: root, record and commitment are the same as before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from consent.disclosures.formats import (
    AccessContext,
    Part,
    entry,
    ground_bytes,
    part_bytes,
    record_bytes,
    salts,
    sub_leaf,
    sub_leaves,
)
from consent.disclosures.openings import opening
from consent.disclosures.proofs import SubjectProof
from consent.disclosures.stored_sub_leaves import split_opened
from consent.leaves.canonical_form import SALT_BYTES, commitment
from consent.ledger.merkle_tree import inclusion_path, root_of


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
        record_salt, _, leaves = self._hashes()
        return entry(0 if self.is_delayed else len(self.subjects), commitment(record_salt, self._record(leaves)))

    def opening(self, first_index: int) -> tuple[UUID, bytes]:
        """Return source and entry of its opening, where a lawful delay covered it; raises NotCanonical."""
        record_salt, _, leaves = self._hashes()
        return opening(first_index, leaves, record_salt)

    def own_hash(self, subject_id: UUID) -> bytes:
        """Return the sub-leaf of a subject; raises ValueError where it is not in it, and NotCanonical."""
        return self._hashes()[2][list(self.subjects).index(subject_id)]

    def proof(self, subject_id: UUID) -> SubjectProof:
        """Return what the subject holds of it, also after others of the page were erased.

        Raises ValueError where the subject is not in it, and NotCanonical for a row that no disclosure can leave.
        """
        at = list(self.subjects).index(subject_id)
        record_salt, own_salts, leaves = self._hashes()
        ordered = sorted(leaves)
        place = ordered.index(leaves[at])
        return SubjectProof(
            record=self._record(leaves),
            record_salt=record_salt,
            entry_count=0 if self.is_delayed else len(self.subjects),
            part=part_bytes(subject_id, self.parts[at]),
            part_salt=own_salts[at],
            grounds=[ground_bytes(ground) for ground, _ in self.parts[at]],
            place=place,
            path=inclusion_path(ordered, place),
        )

    def _record(self, leaves: Sequence[bytes]) -> bytes:
        return record_bytes(
            self.context, self.disclosure_id, self.request_id, self.at, self.actor_ref,
            len(self.subjects), root_of(sorted(leaves)),
        )  # fmt: skip

    def _hashes(self) -> tuple[bytes, list[bytes], list[bytes]]:
        """Return the salt of the record, each subject's salt, and the sub-leaves, in the order of the page."""
        count = len(self.subjects)
        if self.seed is not None:
            salted = salts(self.seed, count)
            own = [salted[start : start + SALT_BYTES] for start in range(SALT_BYTES, len(salted), SALT_BYTES)]
            return salted[:SALT_BYTES], own, sub_leaves(salted, self.subjects, self.parts)
        own, kept = split_opened(self.opened, count)
        leaves = [
            sub_leaf(salt, part_bytes(subject_id, part)) if known is None else known
            for salt, known, subject_id, part in zip(own, kept, self.subjects, self.parts, strict=True)
        ]
        return (self.opened or b"")[:SALT_BYTES], own, leaves
