"""Verifies a receipt without the ledger, with a policy and the time [5.1.6].

seal ─> the controller's log has written the receipt      proof ─> the log of the policy has the entry
salt and record ─> the entry                              part ─> it is about this subject
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from consent.disclosures.formats import entry as counted_entry
from consent.disclosures.proofs import SubjectProof
from consent.disclosures.proofs import verify as verify_part
from consent.errors import NotCanonical, ReceiptRefused
from consent.leaves.canonical_form import canonical_bytes, commitment, leaf_hash
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signatures import verified_signatures
from consent.receipts.receipts import Entry, PlainRecord, Receipt, seal_text
from consent.receipts.statements import LOG_OF_RECORD, require_of_record


@dataclass(frozen=True, slots=True)
class ProvedReceipt:
    """What a valid receipt says. *cosigned* gives each witness's name with its time, in seconds since 1970 UTC."""

    origin: str
    index: int
    size: int
    cosigned: Sequence[tuple[str, int]]
    subject_id: UUID
    record: Mapping[str, Any]
    grounds: Sequence[tuple[Mapping[str, Any], UUID | None]]
    statement: Mapping[str, Any]


def verify_receipt(content: bytes, policy: LogPolicy, now: int, subject_id: UUID | None = None) -> ProvedReceipt:
    """Return what the receipt proves at *now*, in seconds since 1970 UTC, of *subject_id* if one is named.

    Raises ReceiptRefused, ProofRefused, NoteRefused and CheckpointRefused, each with its flaw.
    """
    receipt = Receipt.parse(content)
    record = record_of(receipt.entry)
    found = _subject(receipt.entry, record)
    if subject_id is not None and found != subject_id:
        raise ReceiptRefused(LedgerFlaw.OTHER_SUBJECT)
    leaf = entry_leaf(receipt.entry)
    witnessed = receipt.proof.verified(leaf, policy, now)
    checkpoint = witnessed.checkpoint
    if checkpoint.origin.rpartition("/")[2] != LOG_OF_RECORD.get(str(record.get("type"))):
        raise ReceiptRefused(LedgerFlaw.OTHER_LOG)
    names = {each.key: each.name for each in policy.witnesses}
    cosigned = [(names[each.key], each.time or 0) for each in witnessed.cosignatures]
    _require_sealed(receipt, checkpoint.origin, policy)
    grounds: Sequence[tuple[Mapping[str, Any], UUID | None]] = ()
    if isinstance(receipt.entry, SubjectProof):
        grounds = verify_part(receipt.entry, found, leaf).grounds
    require_of_record(receipt.statement, record, found)
    return ProvedReceipt(
        checkpoint.origin, receipt.proof.index, checkpoint.size, cosigned, found, record, grounds, receipt.statement
    )


def entry_leaf(entry: Entry) -> bytes:
    """Return the leaf hash of the entry in the log. Raises ReceiptRefused for a count that no entry has."""
    try:
        if isinstance(entry, PlainRecord):
            return leaf_hash(commitment(entry.salt, entry.record))
        return leaf_hash(counted_entry(entry.entry_count, commitment(entry.record_salt, entry.record)))
    except NotCanonical as error:
        raise ReceiptRefused(LedgerFlaw.VALUE) from error


def record_of(entry: Entry) -> dict[str, Any]:
    """Return the record of an entry. Raises ReceiptRefused for one that is not canonical."""
    try:
        record = json.loads(entry.record)
        is_canonical = isinstance(record, dict) and canonical_bytes(record) == entry.record
    except (ValueError, RecursionError, NotCanonical) as error:
        raise ReceiptRefused(LedgerFlaw.NOT_JSON) from error
    if not is_canonical:
        raise ReceiptRefused(LedgerFlaw.NOT_CANONICAL)
    return dict(record)


def _subject(entry: Entry, record: Mapping[str, Any]) -> UUID:
    """Return whom the entry is about: a record says it itself, a disclosure in the subject's part."""
    try:
        if isinstance(entry, PlainRecord):
            return UUID(record["subject_id"])
        return UUID(bytes=entry.part[:16])
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise ReceiptRefused(LedgerFlaw.FIELDS) from error


def _require_sealed(receipt: Receipt, origin: str, policy: LogPolicy) -> None:
    keys = [each.key for each in policy.logs if each.key.name == origin]
    verified_signatures(receipt.seal, keys)
    if receipt.seal.text != seal_text(origin, receipt.digest):
        raise ReceiptRefused(LedgerFlaw.NOT_SEALED)
