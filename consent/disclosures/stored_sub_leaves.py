"""The sub-leaves of a disclosure from its columns, as long as it is whole and after some of its subjects were erased.

    column seed    16 bytes, from which every salt follows [consent/disclosures/formats.py]; null after an erasure
    column opened  salt 0 ‖ per subject (0x00 ‖ salt(16) | 0x01 ‖ sub-leaf(32)); null before an erasure

An erased subject keeps its sub-leaf and loses its salt, its id and its part: the nil UUID stands in `subjects`, and 0
in `parts`. So the root, the record, the commitment and everybody else's proof stay what they were, and nobody can find
out by trial whose sub-leaf it was.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from consent.disclosures.formats import salts, sub_leaves_of_ends, uses_end
from consent.disclosures.stored_parts import decode_parts, encode_stored_parts
from consent.errors import NotCanonical
from consent.leaves.canonical_form import SALT_BYTES

ERASED: Final = bytes(16)
"""What stands for the id of a subject that was erased."""
_SALT, _SUB_LEAF = 0, 1
_HASH: Final = 32


class DisclosureColumns:
    """The columns of a disclosure that say of whom it is and why, as the database has them; ids are their 16 bytes."""

    __slots__ = ("ground_id", "opened", "parts", "seed", "subjects")

    def __init__(
        self,
        subjects: Sequence[bytes],
        ground_id: int | None,
        parts: bytes | None,
        seed: bytes | None,
        opened: bytes | None,
    ) -> None:
        self.subjects = subjects
        self.ground_id = ground_id
        self.parts = parts
        self.seed = seed
        self.opened = opened

    def sub_leaves(self, digests: Mapping[int, bytes]) -> list[bytes]:
        """Return the sub-leaf of each subject, in the order of the page; raises NotCanonical.

        *digests* has the digest of each ground by its id in the database.
        """
        count = len(self.subjects)
        ends = self._ends(digests)
        if self.seed is not None:
            return sub_leaves_of_ends(salts(self.seed, count), self.subjects, ends)
        own_salts, kept = split_opened(self.opened, count)
        made = sub_leaves_of_ends(bytes(SALT_BYTES) + b"".join(own_salts), self.subjects, ends)
        return [own if old is None else old for own, old in zip(made, kept, strict=True)]

    def record_salt(self) -> bytes:
        """Return salt 0; raises NotCanonical."""
        if self.seed is not None:
            return salts(self.seed, 0)
        if self.opened is None:
            raise NotCanonical
        return self.opened[:SALT_BYTES]

    def without(self, subject_id: bytes, digests: Mapping[int, bytes]) -> "DisclosureColumns":
        """Return the columns once *subject_id* is erased; raises NotCanonical where they are not well formed."""
        places = [at for at, each in enumerate(self.subjects) if each == subject_id]
        if self.seed is not None:
            drawn = salts(self.seed, len(self.subjects))
            own_salts = [drawn[at : at + SALT_BYTES] for at in range(SALT_BYTES, len(drawn), SALT_BYTES)]
            kept: list[bytes | None] = [None] * len(self.subjects)
        else:
            own_salts, kept = split_opened(self.opened, len(self.subjects))
        sub_leaves = self.sub_leaves(digests)
        for at in places:
            kept[at] = sub_leaves[at]
        opened = b"".join(
            bytes([_SALT]) + salt if old is None else bytes([_SUB_LEAF]) + old
            for salt, old in zip(own_salts, kept, strict=True)
        )
        parts = decode_parts(self.ground_id, self.parts, len(self.subjects))
        return DisclosureColumns(
            [ERASED if at in places else each for at, each in enumerate(self.subjects)],
            None,
            encode_stored_parts([[] if at in places else each for at, each in enumerate(parts)]),
            None,
            self.record_salt() + opened,
        )

    def _ends(self, digests: Mapping[int, bytes]) -> list[bytes]:
        count = len(self.subjects)
        if self.parts is None:
            uses = [] if self.ground_id is None else [(digests[self.ground_id], None)]
            return [uses_end(uses)] * count
        parts = decode_parts(self.ground_id, self.parts, count)
        return [uses_end([(digests[ground_id], used) for ground_id, used in part]) for part in parts]


def split_opened(opened: bytes | None, subjects: int) -> tuple[list[bytes], list[bytes | None]]:
    """Return each subject's salt, zeros for an erased one; and the sub-leaf of each erased one. Raises NotCanonical."""
    written, own_salts, kept = opened or b"", list[bytes](), list[bytes | None]()
    at = SALT_BYTES
    for _ in range(subjects):
        is_erased = written[at : at + 1] == bytes([_SUB_LEAF])
        end = at + 1 + (_HASH if is_erased else SALT_BYTES)
        if end > len(written) or written[at] not in {_SALT, _SUB_LEAF}:
            raise NotCanonical
        own_salts.append(bytes(SALT_BYTES) if is_erased else written[at + 1 : end])
        kept.append(written[at + 1 : end] if is_erased else None)
        at = end
    if at != len(written):
        raise NotCanonical
    return own_salts, kept
