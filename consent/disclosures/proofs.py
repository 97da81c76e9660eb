"""What one subject holds of a disclosure, and its check, which needs nothing of anybody else in the page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from consent.disclosures.formats import Disclosure, ground_bytes, ground_hash, part_bytes, sub_leaf
from consent.errors import NotCanonical, ProofRefused
from consent.leaves.canonical_form import SALT_BYTES, canonical_bytes, commitment, leaf_hash
from consent.ledger.merkle_tree import inclusion_path, root_from_path

_COUNT: Final = 2
_ID: Final = 16
_GROUND: Final = 32


@dataclass(frozen=True, slots=True)
class SubjectProof:
    """The record with its salt, the subject's part with its own salt and its grounds, and the way to the record's root.

    *entry_count* is the count before the commitment in the entry, and *place* the place of the sub-leaf among the
    sorted ones, which says nothing of the page. With the leaf index and an inclusion proof of the log it is complete:
    about two kilobytes for a page of twenty.
    """

    record: bytes
    record_salt: bytes = field(repr=False)
    entry_count: int
    part: bytes
    part_salt: bytes = field(repr=False)
    grounds: Sequence[bytes]
    place: int
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class ProvedPart:
    """What a valid proof says: the record, and each ground with the authorisation that was used, if any."""

    record: dict[str, Any]
    grounds: Sequence[tuple[dict[str, Any], UUID | None]]


def subject_proof(disclosure: Disclosure, subject_id: UUID) -> SubjectProof:
    """Return what the subject holds of *disclosure*; raises ValueError where it is not in it."""
    at = list(disclosure.subjects).index(subject_id)
    part, start = disclosure.parts[at], SALT_BYTES * (at + 1)
    salts, sub_leaves = disclosure.salts, disclosure.sub_leaves
    sorted_leaves = sorted(sub_leaves)
    place = sorted_leaves.index(sub_leaves[at])
    return SubjectProof(
        record=disclosure.record,
        record_salt=salts[:SALT_BYTES],
        entry_count=disclosure.counted,
        part=part_bytes(subject_id, part),
        part_salt=salts[start : start + SALT_BYTES],
        grounds=[ground_bytes(ground) for ground, _ in part],
        place=place,
        path=inclusion_path(sorted_leaves, place),
    )


def verify(proof: SubjectProof, subject_id: UUID, leaf: bytes) -> ProvedPart:
    """Return what *proof* says of the subject, given the hash of the leaf in the log `access`. Raises ProofRefused."""
    try:
        return _verified(proof, subject_id, leaf)
    except (NotCanonical, ValueError, IndexError, OverflowError) as error:
        raise ProofRefused from error


def _verified(proof: SubjectProof, subject_id: UUID, leaf: bytes) -> ProvedPart:
    record, size = _record(proof.record)
    _must(proof.entry_count in {0, size})
    entry = proof.entry_count.to_bytes(_COUNT, "big") + commitment(proof.record_salt, proof.record)
    _must(leaf_hash(entry) == leaf)
    _must(len(proof.part_salt) == SALT_BYTES)
    root = root_from_path(sub_leaf(proof.part_salt, proof.part), proof.place, size, proof.path)
    _must(root is not None and root.hex() == record["root"])
    return ProvedPart(record, _grounds(proof, subject_id))


def _record(written: bytes) -> tuple[dict[str, Any], int]:
    """Return the record and how many subjects it says it shows."""
    record = json.loads(written)
    _must(isinstance(record, dict) and canonical_bytes(record) == written and record.get("type") == "disclosure/1")
    size = record.get("subjects")
    _must(type(size) is int and "root" in record)
    return record, int(size or 0)


def _grounds(proof: SubjectProof, subject_id: UUID) -> Sequence[tuple[dict[str, Any], UUID | None]]:
    part, each = proof.part, _GROUND + _ID
    _must(part[:_ID] == subject_id.bytes and len(part) == _ID + 1 + part[_ID] * each)
    _must(len(proof.grounds) == part[_ID])
    found = []
    for at, written in enumerate(proof.grounds):
        start = _ID + 1 + at * each
        _must(ground_hash(written) == part[start : start + _GROUND])
        used = UUID(bytes=part[start + _GROUND : start + each])
        found.append((json.loads(written), used if used.int else None))
    return found


def _must(holds: bool) -> None:  # noqa: FBT001 - the claim itself
    if not holds:
        raise ProofRefused
